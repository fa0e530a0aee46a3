"""Compressors and decompressors of aiohttp's API."""

import asyncio
import gzip
import threading
import zlib
from concurrent.futures import ThreadPoolExecutor

import brotli
import pytest

from aiohttp_fast._stream import codecs
from aiohttp_fast._wire import coding

DATA = bytes(range(256)) * 500


@pytest.fixture(params=["zlib", "isal.isal_zlib", "zlib_ng.zlib_ng"])
def backend(request):
    coding.set_zlib_backend(pytest.importorskip(request.param))
    yield request.param
    coding.set_zlib_backend(None)


def bare(data: bytes) -> bytes:
    encoder = zlib.compressobj(wbits=-15)
    return encoder.compress(data) + encoder.flush()


@pytest.mark.parametrize(
    ("arguments", "wbits"),
    [
        ((), 15),
        ((None, True), -15),
        (("gzip",), 31),
        (("gzip", True), 31),
        (("deflate",), 15),
        (("deflate", True), -15),
    ],
)
def test_modes(arguments, wbits):
    assert codecs.encoding_to_mode(*arguments) == wbits


def test_the_backend_has_names(backend):
    names = codecs.ZLibBackend
    assert names.name == backend
    assert (names.MAX_WBITS, names.Z_FINISH, names.Z_SYNC_FLUSH, names.Z_FULL_FLUSH) == (15, 4, 2, 3)
    assert names.decompress(names.compress(DATA)) == DATA
    assert names.Z_BEST_SPEED in (0, 1)
    encoder = names.compressobj(wbits=31)
    assert names.decompressobj(wbits=31).decompress(encoder.compress(DATA) + encoder.flush()) == DATA
    assert backend in repr(names)


def test_a_backend_of_ones_own():
    assert codecs.ZLibBackendWrapper(zlib).name == "zlib"
    assert codecs.ZLibBackendWrapper(5).name == "undefined"


@pytest.mark.parametrize("encoding", [None, "gzip", "deflate"])
@pytest.mark.parametrize("headless", [False, True])
async def test_there_and_back(backend, encoding, headless):
    compressor = codecs.ZLibCompressor(encoding, headless, level=6)
    packed = await compressor.compress(DATA) + compressor.compress_sync(b"x") + compressor.flush()
    decompressor = codecs.ZLibDecompressor(encoding, headless)
    assert not decompressor.eof
    out = await decompressor.decompress(packed[:1000]) + decompressor.decompress_sync(packed[1000:])
    assert out == DATA + b"x"
    assert decompressor.eof
    assert not decompressor.data_available
    assert decompressor.flush() == b""


def test_options_reach_zlib():
    coding.set_zlib_backend(zlib)
    try:
        compressor = codecs.ZLibCompressor(wbits=-15, level=1, strategy=zlib.Z_HUFFMAN_ONLY)
        first = compressor.compress_sync(b"a" * 1000) + compressor.flush(zlib.Z_SYNC_FLUSH)
        assert len(first) > 100, "huffman only: no runs"
        assert zlib.decompressobj(wbits=-15).decompress(first) == b"a" * 1000
    finally:
        coding.set_zlib_backend(None)


def packed_by(name: str) -> tuple[type, bytes]:
    if name == "br":
        return codecs.BrotliDecompressor, brotli.compress(DATA)
    if name == "zstd":
        encoder = coding.make_encoder("zstd")
        return codecs.ZSTDDecompressor, encoder.compress(DATA) + encoder.flush()
    return lambda **options: codecs.ZLibDecompressor("gzip", **options), gzip.compress(DATA)


@pytest.mark.parametrize("name", ["gzip", "br", "zstd"])
async def test_in_bounded_steps(name):
    make, packed = packed_by(name)
    decompressor = make()
    out = decompressor.decompress_sync(packed, 1000)
    assert len(out) <= 1000
    assert decompressor.data_available
    while decompressor.data_available:
        piece = await decompressor.decompress(b"", 5000)
        assert len(piece) <= 5000
        out += piece
    assert out + decompressor.flush() == DATA


@pytest.mark.parametrize("name", ["gzip", "br", "zstd"])
def test_flush_gives_the_rest(name):
    make, packed = packed_by(name)
    decompressor = make()
    first = decompressor.decompress_sync(packed, 10)
    assert first + decompressor.flush() == DATA


@pytest.mark.parametrize("name", ["gzip", "zstd"])
def test_one_after_the_other(name):
    make, packed = packed_by(name)
    assert make().decompress_sync(packed * 3, -1) == DATA * 3


@pytest.mark.parametrize("name", ["gzip", "br", "zstd"])
def test_garbage_raises_the_librarys_error(name):
    make, _ = packed_by(name)
    with pytest.raises(Exception, match=r"(?i)decompress|decoder|Zstandard|header|wrapper") as raised:
        make().decompress_sync(b"garbage!!!!")
    assert type(raised.value).__module__.partition(".")[0] not in ("aiohttp_fast",)


def test_too_many_members():
    with pytest.raises(codecs.TooManyMembersError, match="1024"):
        codecs.ZLibDecompressor("gzip").decompress_sync(gzip.compress(b"") * 5000)
    assert issubclass(codecs.TooManyMembersError, ValueError)


def test_bare_deflate_is_not_guessed():
    with pytest.raises(coding.zlib_backend().error):
        codecs.ZLibDecompressor("deflate").decompress_sync(bare(DATA))
    assert codecs.ZLibDecompressor("deflate", True).decompress_sync(bare(DATA)) == DATA


class Seen(ThreadPoolExecutor):
    """Notes where what it is given runs."""

    calls = 0

    def submit(self, *args, **kwargs):
        self.calls += 1
        return super().submit(*args, **kwargs)


@pytest.mark.parametrize(("limit", "calls"), [(4096, 1), (None, 0), (10**9, 0)])
async def test_large_pieces_are_worked_on_elsewhere(limit, calls):
    with Seen(1) as executor:
        compressor = codecs.ZLibCompressor(executor=executor, max_sync_chunk_size=limit)
        packed = await compressor.compress(DATA) + compressor.flush()
        assert executor.calls == calls
    with Seen(1) as executor:
        make, packed = packed_by("gzip")
        decompressor = make(executor=executor, max_sync_chunk_size=limit and min(limit, len(packed) - 1))
        await decompressor.decompress(packed)
        assert executor.calls == (limit is not None)


async def test_a_cancelled_piece_is_finished_before_the_next():
    free, begun = threading.Event(), threading.Event()

    order = []

    class Slow:
        def compress(self, data):
            begun.set()
            free.wait(10)
            order.append(bytes(data[:1]))
            return b""

    with ThreadPoolExecutor(2) as executor:
        compressor = codecs.ZLibCompressor(executor=executor, max_sync_chunk_size=1)
        compressor._compressor = Slow()
        first = asyncio.create_task(compressor.compress(b"1" * 9))
        second = asyncio.create_task(compressor.compress(b"2" * 9))
        await asyncio.to_thread(begun.wait, 10)
        first.cancel()
        await asyncio.sleep(0)
        assert not second.done()
        free.set()
        await second
        with pytest.raises(asyncio.CancelledError):
            await first
    assert order == [b"1", b"2"]


@pytest.mark.parametrize(("name", "flag"), [("BrotliDecompressor", "HAS_BROTLI"), ("ZSTDDecompressor", "HAS_ZSTD")])
def test_without_a_library(monkeypatch, name, flag):
    monkeypatch.setattr(codecs, flag, False)
    with pytest.raises(RuntimeError, match="is not available"):
        getattr(codecs, name)()


def test_bases_are_abstract():
    with pytest.raises(TypeError, match="abstract"):
        codecs.DecompressionBaseHandler()
