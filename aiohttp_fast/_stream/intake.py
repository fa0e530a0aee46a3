"""Intake: the side of a body's reader that a connection feeds, and what holds the connection back.

Decoding is done before (``inflate``), framing in the parser; here are pieces of bytes,
the one coroutine that waits for them, and the marks that switch the connection's
reading off and on.
"""

import asyncio
import sys
from collections import deque
from collections.abc import Callable
from contextlib import AbstractContextManager

from .._base.log import internal_logger
from .._wire.landing import CHEAP, Landing, expect_much
from .pieces import Pieces
from .protocol import RECEIVE_BUFFER_SIZE, BaseProtocol

__all__ = ("NO_CAUSE", "Intake")

NO_CAUSE = BaseException()  # stands for no cause given, as None is one

_ALL = sys.maxsize
_STEP = 1 << 20  # bytes received at a time by who reads everything
_PIECE = 1 << 19  # and by who takes what comes, where much comes: more than _BULK at a time
_BULK = 1 << 16
_FIRST = 1 << 16  # room for a body of unknown length to begin with
_LOW_WATER = 1 << 16
_TRUSTED = 1 << 26  # as much room a declared length gets before anything has come; untouched, it takes no memory


class _NoConnection:
    """Stands for a connection where a reader is fed by hand, or with what is complete already."""

    transport = object()

    def pause_reading(self) -> None: ...

    def resume_reading(self, resume_parser: bool = True) -> None: ...


_NO_CONNECTION = _NoConnection()


class Intake(Pieces):
    """The bytes of one body as they arrive, and the one coroutine that waits for them.

    What each argument means is said by ``StreamReader``; how bytes are read is its business.
    """

    __slots__ = (
        "__weakref__",
        "_bulk",
        "_eof",
        "_eof_callbacks",
        "_eof_reads",
        "_eof_waiters",
        "_exception",
        "_high_water",
        "_landing",
        "_loop",
        "_low_water",
        "_paused",
        "_protocol",
        "_rest",
        "_splits",
        "_sum",
        "_timer",
        "_waiter",
        "_wanted",
        "on_drain",
        "total_bytes",
        "total_compressed_bytes",
    )

    total_bytes: int
    total_compressed_bytes: int | None

    def __init__(
        self,
        protocol: BaseProtocol | None = None,
        limit: int = _LOW_WATER,
        *,
        timer: AbstractContextManager[object] | None = None,
        loop: asyncio.AbstractEventLoop | None = None,
    ) -> None:
        super().__init__()
        self._protocol: BaseProtocol = _NO_CONNECTION if protocol is None else protocol  # type: ignore[assignment]
        self._low_water = limit
        self._high_water = limit * 2
        self._timer = timer
        self._loop = loop
        self._sum: Landing | None = None  # everything that is buffered, while read() waits for all of it
        self._landing: Landing | None = None  # where the next piece is received
        self._bulk = False  # the last read brought much
        self._rest = 0  # bytes still to come, as they are; 0 where that is not known
        self._splits: deque[int] | None = None  # where chunks end, counted as total_bytes is
        self._wanted = 0  # bytes that the waiting reader needs before it is woken
        self._waiter: asyncio.Future[None] | None = None
        self._paused = False  # the connection's reading, by us
        self._eof = False
        self._eof_reads = 0  # reads at the end, counted by the subclass
        self._eof_waiters: list[asyncio.Future[None]] | None = None
        self._eof_callbacks: list[Callable[[], object]] | None = None
        self._exception: BaseException | type[BaseException] | None = None
        self.on_drain: Callable[[], object] | None = None
        self.total_bytes = 0
        self.total_compressed_bytes = None

    # Marks

    @property
    def is_full(self) -> bool:
        """True while more is buffered than the high-water mark and nobody waits for yet more."""
        return self._size > self._high_water and self._size >= self._wanted

    def get_read_buffer_limits(self) -> tuple[int, int]:
        """Return the low-water and high-water marks in bytes."""
        return self._low_water, self._high_water

    def set_read_chunk_size(self, n: int) -> None:
        """Set the low-water mark to *n* bytes and the high-water mark to twice that."""
        self._low_water = n
        self._high_water = n * 2
        self._relieve()

    # Feeding

    def feed_data(self, data: bytes, size: int = 0) -> bool:
        """Add the next piece; *size* means nothing, as in aiohttp. Always return False."""
        length = len(data)
        if not length:
            return False
        if self._eof:
            raise RuntimeError("feed_data() called after feed_eof()")
        if type(data) is not bytes:
            data = _as_bytes(data)
            length = len(data)
        if self._sum is not None:
            self._sum.write(data)
        else:
            self._add(data)
        self._arrived(length)
        return False

    def _arrived(self, length: int) -> None:
        self.total_bytes += length
        self._size += length
        self._rest -= length
        self._bulk = length >= _BULK
        if self._size >= self._wanted:
            if self._waiter is not None:
                self._wake()
            if self._size > self._high_water:
                self._pause()

    def expect(self, rest: int) -> None:
        """Announce *rest* more bytes of the body, exactly as they come from the transport."""
        self._rest = rest
        if rest >= _STEP:
            expect_much()

    def room(self) -> memoryview | None:
        """Lend room that the next bytes may be received into, to be followed by ``landed``.

        None means that they are to be fed: nothing is known of what will come, it does
        not pay, or the end is near. The last bytes of a body are always fed, so that
        what comes right behind them is seen by whoever feeds.
        """
        rest = self._rest
        if rest <= RECEIVE_BUFFER_SIZE:
            return None
        total = self._sum
        if total is not None:
            if total.filled == total.size:
                total.grow(min(total.filled + rest, 2 * total.filled))
            return total.view(min(rest - 1, _STEP))
        if not CHEAP or not self._bulk:
            return None
        landing = self._landing
        if landing is None:
            size = min(_PIECE, max(self._high_water - self._size, _BULK))
            landing = self._landing = Landing(min(size, rest - 1))
        return landing.view(rest - 1)

    def landed(self, n: int) -> None:
        """Take *n* bytes that were received into what ``room`` lent."""
        if self._sum is not None:
            self._sum.land(n)
        else:
            landing: Landing = self._landing  # type: ignore[assignment]
            landing.land(n)
            self._add(landing.take())
            self._landing = None
        self._arrived(n)

    def feed_eof(self) -> None:
        """Note that the body is complete; the connection is left alone from here on."""
        if self._eof:
            return
        self._eof = True
        self._release()
        callbacks, self._eof_callbacks = self._eof_callbacks, None
        for callback in callbacks or ():
            _call(callback)

    def set_exception(self, exc: BaseException, exc_cause: BaseException = NO_CAUSE) -> None:
        """Make every read from now on raise *exc*, whose cause is *exc_cause* if given."""
        if exc_cause is not NO_CAUSE and not isinstance(exc, type):
            exc.__cause__ = exc_cause
        self._exception = exc
        self._eof_callbacks = None
        self._release()

    def take_all(self) -> bytes:
        """Return, and forget, everything that is buffered; for who then ends the body with ``set_exception``."""
        self.on_drain = None
        total = self._sum
        if total is None:
            return self._take(self._size)
        self._size = 0  # so that who waits for all of it takes nothing
        return total.take()

    def _release(self) -> None:
        """Nothing more will come: wake all who wait, let the connection read."""
        if self._waiter is not None:
            self._wake()
        waiters, self._eof_waiters = self._eof_waiters, None
        for waiter in waiters or ():
            if not waiter.done():
                waiter.set_result(None)
        if self._paused:
            self._paused = False
            self._protocol.resume_reading()

    def on_eof(self, callback: Callable[[], object]) -> None:
        """Call *callback* once the body is complete, at once if it is; never after an exception.

        What it raises is logged.
        """
        if self._eof:
            _call(callback)
        elif self._eof_callbacks is None:
            self._eof_callbacks = [callback]
        else:
            self._eof_callbacks.append(callback)

    async def wait_eof(self) -> None:
        """Return once the body is complete, read or not; any number of coroutines may wait."""
        if not self._eof and self._exception is None:
            waiter = self._new_waiter()
            if self._eof_waiters is None:
                self._eof_waiters = []
            self._eof_waiters.append(waiter)
            await waiter
        if self._exception is not None:
            raise self._exception

    def begin_http_chunk_receiving(self) -> None:
        """Note that the body comes in chunks (RFC 9112 7.1); before any data only."""
        if self._splits is None:
            if self.total_bytes:
                raise RuntimeError("Called begin_http_chunk_receiving when some data was already fed")
            self._splits = deque()

    def end_http_chunk_receiving(self) -> None:
        """Note that a chunk ends where the bytes fed so far end."""
        splits = self._splits
        if splits is None:
            splits = self._splits = deque()
        if self._wanted == _ALL:  # whoever reads everything does not ask for chunks
            splits.clear()
        elif self.total_bytes > (splits[-1] if splits else 0):
            splits.append(self.total_bytes)
            if self._size >= self._wanted and len(splits) > max(4, self._high_water // 4):
                self._pause()

    # Waiting and back-pressure

    def _wake(self) -> None:
        """Let the waiting reader run; the one place where it is woken."""
        waiter = self._waiter
        if waiter is not None and not waiter.done():
            waiter.set_result(None)

    def _new_waiter(self) -> "asyncio.Future[None]":
        loop = self._loop
        if loop is None:
            loop = self._loop = asyncio.get_running_loop()
        return loop.create_future()

    def _check(self, name: str) -> None:
        """Raise what every reading method raises before it looks at what is there."""
        if self._exception is not None:
            raise self._exception
        if self._sum is not None:  # the bytes are being assembled for another coroutine
            raise self._taken_by_another(name)

    def _taken_by_another(self, name: str) -> RuntimeError:
        return RuntimeError(f"{name}() called while another coroutine is already waiting for incoming data")

    async def _wait(self, name: str, wanted: int) -> None:
        """Return when *wanted* bytes are buffered or the body is complete; raise what it failed with."""
        if self._waiter is not None and not self._waiter.done():
            raise self._taken_by_another(name)
        self._wanted = wanted
        try:
            if self._paused or self.on_drain is not None:
                self._drain()  # may feed, end, or fail this very reader
            if self._size < wanted and not self._eof and self._exception is None:
                # A transport that is only closing may still deliver; its end is always reported.
                if self._protocol.transport is None:
                    raise RuntimeError("Connection closed.")
                await self._sleep()
        finally:
            self._wanted = 0
        if self._exception is not None:
            raise self._exception

    async def _sleep(self) -> None:
        waiter = self._waiter = self._new_waiter()
        try:
            if self._timer is None:
                await waiter
            else:
                with self._timer:
                    await waiter
        finally:
            if self._waiter is waiter:
                self._waiter = None

    async def _gather(self) -> None:
        """Wait for the whole body, assembled while it comes.

        Where the length is known, there is room for all of it from the start.
        """
        if self._sum is not None or (self._waiter is not None and not self._waiter.done()):
            raise self._taken_by_another("read")
        known = self._rest > 0
        total = Landing(min(self._size + self._rest, _TRUSTED) if known else max(2 * self._size, _FIRST))
        while self._size:  # a take may bring more
            total.write(self._take(self._size))
        self._landing = None
        self._sum = total
        self._size = total.filled
        try:
            while not self._eof:
                await self._wait("read", _ALL)
        finally:
            self._sum = None
            if self._size:
                self._pieces.append(total.take())

    def _pause(self) -> None:
        if not self._paused and self._exception is None:
            self._paused = True
            self._protocol.pause_reading()

    def _taken(self) -> None:
        """Go on receiving if what was read left little enough."""
        if self._paused or self._splits is not None or self.on_drain is not None:
            self._relieve()

    def _relieve(self) -> None:
        splits = self._splits
        if splits:
            cursor = self.total_bytes - self._size
            while splits and splits[0] < cursor:
                splits.popleft()
            if self._paused and len(splits) > max(2, self._low_water // 4):
                return
        if (self._paused or self.on_drain is not None) and self._size <= self._low_water:
            self._drain()

    def _drain(self) -> None:
        if self.on_drain is not None:
            self.on_drain()
        if self._paused and not self.is_full:
            self._paused = False
            self._protocol.resume_reading()


def _as_bytes(data: object) -> bytes:
    if isinstance(data, (bytes, bytearray, memoryview)):
        return bytes(data)
    raise TypeError(f"a bytes-like object is required, not {type(data).__name__!r}")


def _call(callback: Callable[[], object]) -> None:
    try:
        callback()
    except Exception:
        internal_logger.exception("Exception in eof callback")
