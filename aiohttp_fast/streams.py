"""Bodies and messages as they are read; their rooms are ``_stream.reader``, ``queue`` and ``iterators``."""

from ._stream.iterators import AsyncStreamIterator, ChunkTupleAsyncStreamIterator
from ._stream.queue import DataQueue, EofStream, FlowControlDataQueue
from ._stream.reader import EMPTY_PAYLOAD, EmptyStreamReader, StreamReader

__all__ = (
    "EMPTY_PAYLOAD",
    "AsyncStreamIterator",
    "ChunkTupleAsyncStreamIterator",
    "DataQueue",
    "EmptyStreamReader",
    "EofStream",
    "FlowControlDataQueue",
    "StreamReader",
)
