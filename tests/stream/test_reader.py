"""StreamReader: every method gives back what was fed, however it was cut; back-pressure; ends."""

import asyncio
import gc
import logging
import weakref

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st


class Connection:
    """What a reader needs of a protocol; it only counts."""

    transport = "a transport"

    def __init__(self):
        self.paused = False
        self.calls = []

    def pause_reading(self):
        self.paused = True
        self.calls.append("pause")

    def resume_reading(self):
        self.paused = False
        self.calls.append("resume")


@pytest.fixture
def make(lib):
    module = lib.load("_stream.reader")

    def make(limit=16, **options):
        return module.StreamReader(Connection(), limit, **options)

    return make


@pytest.fixture
def too_long(lib):
    return lib.load("_wire.errors").LineTooLong


def fed(reader, *pieces, eof=True):
    for piece in pieces:
        reader.feed_data(piece)
    if eof:
        reader.feed_eof()
    return reader


async def later(reader, pieces):
    """Feed as a connection does: nothing while paused."""
    for piece in pieces:
        while reader._protocol.paused:
            await asyncio.sleep(0)
        reader.feed_data(piece)
        if len(piece) % 2:
            await asyncio.sleep(0)
    reader.feed_eof()


async def read_all(reader):
    return [await reader.read()]


async def read_n(reader):
    out = []
    while piece := await reader.read(7):
        assert len(piece) <= 7
        out.append(piece)
    return out


async def read_any(reader):
    out = []
    while piece := await reader.readany():
        out.append(piece)
    return out


async def read_exactly(reader):
    out = []
    try:
        while True:
            out.append(await reader.readexactly(50))
            assert len(out[-1]) == 50
    except asyncio.IncompleteReadError as exc:
        return [*out, exc.partial]


async def read_lines(reader):
    out = []
    while line := await reader.readline(max_line_length=10**6):
        assert line.find(b"\n") in (-1, len(line) - 1)
        out.append(line)
    return out


async def read_until(reader):
    out = []
    while part := await reader.readuntil(b"\nab", max_size=10**6):
        assert part.find(b"\nab") in (-1, len(part) - 3)
        out.append(part)
    return out


async def read_chunks(reader):
    return [data async for data, _ in reader.iter_chunks()]


async def iter_any(reader):
    return [data async for data in reader.iter_any()]


async def iter_chunked(reader):
    out = [data async for data in reader.iter_chunked(5)]
    assert all(0 < len(data) <= 5 for data in out)
    return out


async def read_nowait(reader):
    out = []
    while not reader.at_eof():
        out.append(reader.read_nowait(3))
        out.append(reader.read_nowait())
        await asyncio.sleep(0)
    return out


async def mixed(reader):
    ways = (
        reader.read(3),
        reader.readany(),
        reader.readline(max_line_length=10**6),
        reader.readuntil(b"a", max_size=10**6),
    )
    out = [await way for way in ways]
    out.append((await reader.readchunk())[0])
    out.append(await reader.read())
    return out


WAYS = [
    read_all,
    read_n,
    read_any,
    read_exactly,
    read_lines,
    read_until,
    read_chunks,
    iter_any,
    iter_chunked,
    read_nowait,
    mixed,
]
pieces_of = st.lists(
    st.one_of(
        st.text("ab\n", min_size=1, max_size=40).map(str.encode),
        st.tuples(st.sampled_from([b"a", b"ab\n", b"\n"]), st.integers(80, 400)).map(lambda pair: pair[0] * pair[1]),
    ),
    max_size=30,
)


@pytest.mark.parametrize("way", WAYS)
def test_every_way_gives_what_was_fed(make, way):
    @settings(max_examples=40, deadline=None, database=None)
    @given(pieces_of, st.sampled_from([1, 16, 65536]))
    def check(pieces, limit):
        async def run():
            reader = make(limit)
            feeder = asyncio.create_task(later(reader, pieces))
            out = await asyncio.wait_for(way(reader), 10)
            await feeder
            assert b"".join(out) == b"".join(pieces)
            assert reader.at_eof()
            assert reader.total_bytes == reader.total_raw_bytes == len(b"".join(pieces))

        asyncio.run(run())

    check()


@pytest.mark.parametrize("way", WAYS)
def test_everything_there_before_the_first_read(make, way):
    pieces = [b"ab\n" * 100, b"x", b"\n", b"ab", b"a" * 70_000, *([b"q"] * 20_000), b"end\n"]

    async def run():
        out = await way(fed(make(), *pieces))
        assert b"".join(out) == b"".join(pieces)

    asyncio.run(run())


async def test_limits(make):
    reader = make()
    assert reader.get_read_buffer_limits() == (16, 32)
    reader.set_read_chunk_size(100)
    assert reader.get_read_buffer_limits() == (100, 200)


async def test_back_pressure_between_the_marks(make):
    reader = make()
    protocol = reader._protocol
    reader.feed_data(b"a" * 32)
    assert not protocol.calls
    assert not reader.is_full
    reader.feed_data(b"a")
    assert reader.is_full
    assert protocol.calls == ["pause"]
    await reader.read(16)
    assert protocol.calls == ["pause"]
    await reader.read(1)
    assert protocol.calls == ["pause", "resume"]
    reader.feed_data(b"a" * 40)
    reader.feed_eof()
    assert protocol.calls[2:] == ["pause", "resume"]
    await reader.read()
    assert len(protocol.calls) == 4


async def test_a_read_that_needs_more_than_the_marks_gets_it(make):
    for way in (lambda reader: reader.readexactly(100), lambda reader: reader.readline(max_line_length=100)):
        reader = make(4)
        reader.feed_data(b"0" * 10)
        assert reader._protocol.paused
        task = asyncio.create_task(way(reader))
        await asyncio.sleep(0)
        for _ in range(9):
            assert not reader._protocol.paused
            reader.feed_data(b"123456789\n" if _ == 8 else b"0123456789")
            await asyncio.sleep(0)
            await asyncio.sleep(0)
        assert len(await task) == 100


async def test_reading_everything_is_never_paused(make):
    reader = make(4)
    task = asyncio.create_task(reader.read())
    await asyncio.sleep(0)
    reader.begin_http_chunk_receiving() if not reader.total_bytes else None
    for _ in range(100):
        reader.feed_data(b"0123456789")
        reader.end_http_chunk_receiving()
        assert not reader.is_full
    reader.feed_eof()
    assert len(await task) == 1000
    assert not reader._protocol.calls


async def test_on_drain_is_called_at_the_low_mark(make):
    reader = make()
    held = [b"b" * 40, b"c" * 3]

    def feed():
        while held and not reader.is_full:
            reader.feed_data(held.pop(0))
        if not held:
            reader.feed_eof()

    reader.feed_data(b"a" * 33)
    reader.on_drain = feed
    assert await reader.read(10) == b"a" * 10
    assert len(held) == 2
    assert await reader.read(20) == b"a" * 20
    assert len(held) == 1
    assert await reader.read() == b"aaa" + b"b" * 40 + b"ccc"


async def test_very_many_chunks_stop_the_connection(make):
    reader = make(400)
    reader.begin_http_chunk_receiving()
    for _ in range(300):
        reader.feed_data(b"x")
        reader.end_http_chunk_receiving()
    assert reader._protocol.paused
    assert await reader.readchunk() == (b"x", True)
    await reader.readexactly(250)
    assert not reader._protocol.paused


async def test_chunk_marks(make):
    reader = make()
    reader.begin_http_chunk_receiving()
    for piece in (b"abc", b"def"):
        reader.feed_data(piece)
    reader.end_http_chunk_receiving()
    reader.end_http_chunk_receiving()
    reader.feed_data(b"gh")
    assert await reader.read(2) == b"ab"
    assert await reader.readchunk() == (b"cdef", True)
    assert await reader.readchunk() == (b"gh", False)
    reader.end_http_chunk_receiving()
    reader.feed_eof()
    assert await reader.readchunk() == (b"", True)
    assert await reader.readchunk() == (b"", False)


async def test_chunk_marks_begin_before_data(make):
    reader = fed(make(), b"x", eof=False)
    with pytest.raises(RuntimeError, match="some data was already fed"):
        reader.begin_http_chunk_receiving()


@pytest.mark.parametrize(
    ("name", "args"),
    [
        ("read", ()),
        ("read", (3,)),
        ("readany", ()),
        ("readexactly", (3,)),
        ("readline", ()),
        ("readuntil", ()),
        ("readchunk", ()),
    ],
)
async def test_only_one_may_wait(make, name, args):
    reader = make()
    task = asyncio.create_task(reader.readany())
    await asyncio.sleep(0)
    with pytest.raises(RuntimeError, match=rf"{name}\(\) called while another coroutine"):
        await getattr(reader, name)(*args)
    with pytest.raises(RuntimeError, match="some coroutine is waiting"):
        reader.read_nowait()
    reader.feed_data(b"x")
    assert await task == b"x"


WAYS = {
    "read": lambda reader: reader.read(),
    "read 3": lambda reader: reader.read(3),
    "readany": lambda reader: reader.readany(),
    "readexactly": lambda reader: reader.readexactly(3),
    "readline": lambda reader: reader.readline(),
    "readuntil": lambda reader: reader.readuntil(b"x"),
    "readchunk": lambda reader: reader.readchunk(),
    "iter_any": lambda reader: anext(aiter(reader.iter_any())),
    "iter_chunked": lambda reader: anext(aiter(reader.iter_chunked(3))),
    "iter_chunks": lambda reader: anext(aiter(reader.iter_chunks())),
    "lines": lambda reader: anext(aiter(reader)),
}


@pytest.mark.parametrize("way", WAYS)
async def test_what_is_being_read_as_a_whole_is_nobody_elses(make, way):
    reader = make(1 << 16)
    reader.feed_data(b"01234")
    whole = asyncio.create_task(reader.read())
    await asyncio.sleep(0)
    with pytest.raises(RuntimeError, match="another coroutine is already waiting"):
        await WAYS[way](reader)
    with pytest.raises(RuntimeError, match="another coroutine"):
        reader.read_nowait()
    reader.feed_data(b"56789")
    reader.feed_eof()
    assert await whole == b"0123456789"


@pytest.mark.parametrize(
    ("name", "args"),
    [
        ("read", ()),
        ("read", (3,)),
        ("readany", ()),
        ("readexactly", (30,)),
        ("readline", ()),
        ("readuntil", (b"xyz",)),
        ("readchunk", ()),
        ("wait_eof", ()),
    ],
)
async def test_a_cancelled_wait_takes_nothing(make, name, args):
    reader = make(1000)
    waits_for_more = name in ("readexactly", "readline", "readuntil", "wait_eof") or (name == "read" and not args)
    before = b"some" if waits_for_more else b""
    reader.feed_data(before)
    task = asyncio.create_task(getattr(reader, name)(*args))
    await asyncio.sleep(0)
    if waits_for_more:
        reader.feed_data(b"more")
        before += b"more"
        await asyncio.sleep(0)
    await asyncio.sleep(0)
    task.cancel()
    with pytest.raises(asyncio.CancelledError):
        await task
    fed(reader, b"rest")
    assert await reader.read() == before + b"rest"


async def test_cancelled_after_it_was_woken(make):
    reader = make()
    task = asyncio.create_task(reader.readany())
    await asyncio.sleep(0)
    reader.feed_data(b"abc")
    task.cancel()
    with pytest.raises(asyncio.CancelledError):
        await task
    assert await reader.readany() == b"abc"


async def test_line_limits(make, too_long):
    reader = fed(make(), b"a" * 33, eof=False)
    with pytest.raises(too_long, match="more than 32 bytes"):
        await reader.readline()
    reader = fed(make(), b"a" * 32 + b"\n")
    with pytest.raises(too_long):
        await reader.readline()
    assert await fed(make(), b"a" * 31 + b"\n").readline() == b"a" * 31 + b"\n"
    with pytest.raises(too_long, match="more than 2 bytes"):
        await fed(make(), b"xyz\n").readline(max_line_length=2)
    with pytest.raises(ValueError, match="at least one-byte"):
        await make().readuntil(b"")


async def test_line_limit_counts_all_pieces(make, too_long):
    reader = make()
    task = asyncio.create_task(reader.readline())
    for _ in range(40):
        await asyncio.sleep(0)
        await asyncio.sleep(0)
        reader.feed_data(b"x")
    with pytest.raises(too_long):
        await task


async def test_asking_for_nothing(make):
    reader = make()
    assert await reader.read(0) == await reader.readexactly(0) == await reader.readexactly(-1) == b""
    assert reader.read_nowait() == b""
    assert reader.feed_data(b"") is False


async def test_the_end(make, caplog):
    reader = fed(make(), b"ab")
    assert reader.is_eof()
    assert not reader.at_eof()
    reader.feed_eof()
    with pytest.raises(RuntimeError, match="after feed_eof"):
        reader.feed_data(b"x")
    with pytest.raises(asyncio.IncompleteReadError) as info:
        await reader.readexactly(5)
    assert info.value.partial == b"ab"
    with caplog.at_level(logging.WARNING, "aiohttp.internal"):
        for _ in range(6):
            assert await reader.read() == b""
    assert "infinite loop" in caplog.text
    assert await reader.readline() == await reader.readany() == b""


async def test_exception_comes_at_once(make):
    reader = fed(make(), b"data", eof=False)
    cause = KeyError("why")
    called = []
    reader.on_eof(lambda: called.append(1))
    waits = [asyncio.create_task(reader.wait_eof()), asyncio.create_task(reader.wait_eof())]
    line = asyncio.create_task(reader.readline())
    await asyncio.sleep(0)
    reader.set_exception(ValueError("boo"), cause)
    for task in (*waits, line):
        with pytest.raises(ValueError, match="boo"):
            await task
    assert reader.exception().__cause__ is cause
    for call in (
        reader.read,
        reader.readany,
        reader.readline,
        reader.readchunk,
        lambda: reader.readexactly(1),
        lambda: anext(reader.iter_any()),
        lambda: anext(reader.iter_chunked(2)),
        lambda: anext(aiter(reader)),
    ):
        with pytest.raises(ValueError, match="boo"):
            await call()
    with pytest.raises(ValueError, match="boo"):
        reader.read_nowait()
    assert not called
    assert "boo" in repr(reader)


async def test_exception_lets_the_connection_go(make):
    reader = fed(make(), b"x" * 100, eof=False)
    reader.set_exception(ValueError())
    assert reader._protocol.calls == ["pause", "resume"]


async def test_eof_callbacks(make, caplog):
    reader = make()
    called = []
    reader.on_eof(lambda: called.append(1))
    reader.on_eof(lambda: 1 // 0)
    reader.on_eof(lambda: called.append(2))
    task = asyncio.create_task(reader.wait_eof())
    await asyncio.sleep(0)
    reader.feed_eof()
    await task
    await reader.wait_eof()
    reader.on_eof(lambda: called.append(3))
    assert called == [1, 2, 3]
    assert "Exception in eof callback" in caplog.text


async def test_a_lost_connection_is_not_waited_for(make):
    reader = make()
    reader._protocol.transport = None
    with pytest.raises(RuntimeError, match="Connection closed"):
        await reader.read()
    assert await fed(reader, b"x").read() == b"x"


async def test_unread(make):
    reader = fed(make(), b"abcdef", b"ghi")
    assert await reader.read(3) == b"abc"
    with pytest.warns(DeprecationWarning, match="unread_data"):
        reader.unread_data(b"XY")
    assert await reader.read() == b"XYdefghi"


async def test_timer_is_entered_around_waits_only(make):
    events = []

    class Timer:
        def __enter__(self):
            events.append("enter")

        def __exit__(self, *exc):
            events.append("exit")

    reader = fed(make(timer=Timer()), b"x", eof=False)
    await reader.readany()
    assert not events
    task = asyncio.create_task(reader.readany())
    await asyncio.sleep(0)
    assert events == ["enter"]
    fed(reader, b"y")
    await task
    assert events == ["enter", "exit"]


async def test_bytes_like_data_is_copied_other_data_refused(make):
    reader = make()
    data = bytearray(b"abc")
    reader.feed_data(data)
    data[0] = 0
    reader.feed_data(memoryview(b"def"))
    assert reader.read_nowait() == b"abcdef"
    with pytest.raises(TypeError, match="bytes-like"):
        reader.feed_data("text")


async def test_complete(lib):
    reader_class = lib.load("_stream.reader").StreamReader
    reader = reader_class.complete(None, b"all of it")
    assert reader.is_eof()
    assert reader.total_bytes == 9
    assert await reader.read() == b"all of it"
    assert reader_class.complete(None, b"").at_eof()


async def test_large_pieces_are_handed_out_as_they_came(make):
    pieces = [bytes(100_000), bytes(70_000)]
    out = [data async for data in fed(make(), *pieces).iter_any()]
    assert [id(data) for data in out] == [id(data) for data in pieces]


async def test_many_tiny_pieces_are_few_objects(make):
    reader = fed(make(), *[b"x"] * 100_000)
    assert len([data async for data in reader.iter_any()]) <= 8


async def test_subclass_and_weak_reference(lib):
    module = lib.load("_stream.reader")

    class Mine(module.StreamReader):
        def feed_data(self, data, size=0):
            self.seen = data
            return super().feed_data(data.upper(), size)

    reader = Mine(Connection(), 10, loop=asyncio.get_running_loop())
    fed(reader, b"abc")
    assert await reader.read() == b"ABC"
    assert reader.seen == b"abc"
    gone = weakref.ref(reader)
    del reader
    gc.collect()
    assert gone() is None


async def test_empty_reader(lib):
    module = lib.load("_stream.reader")
    empty = module.EMPTY_PAYLOAD
    assert isinstance(empty, module.EmptyStreamReader)
    called = []
    empty.on_eof(lambda: called.append(1))
    empty.feed_data(b"xx")
    empty.feed_eof()
    empty.set_exception(ValueError())
    empty.set_read_chunk_size(3)
    assert called == [1]
    assert empty.exception() is None
    assert empty.is_eof()
    assert empty.at_eof()
    assert empty.total_bytes == empty.total_raw_bytes == 0
    for _ in range(3):
        assert await empty.read() == await empty.readany() == await empty.readline() == empty.read_nowait() == b""
        assert await empty.readchunk() == (b"", False)
    await empty.wait_eof()
    with pytest.raises(asyncio.IncompleteReadError):
        await empty.readexactly(2)
    assert [x async for x in empty] == [x async for x in empty.iter_chunks()] == []
    assert repr(empty) == "<EmptyStreamReader>"


async def test_repr(make):
    assert repr(make(65536)) == "<StreamReader>"
    assert repr(fed(make(8), b"abc")) == "<StreamReader 3 bytes eof low=8 high=16>"


# Up to a delimiter


def cuts(data, sizes):
    start = number = 0
    while start < len(data):
        size = sizes[number % len(sizes)]
        yield data[start : start + size]
        start += size
        number += 1


def test_read_before_any_cut(make):
    delimiter = b"\r\n--B"
    piece = st.sampled_from([b"\r", b"\n", b"-", b"B", b"\r\n--", delimiter, b"x", b"x" * 300])

    @settings(max_examples=200, deadline=None)
    @given(st.lists(piece, max_size=30), st.lists(st.integers(1, 400), min_size=1), st.integers(1, 400))
    def check(pieces, sizes, n):
        data = b"".join(pieces)

        async def read():
            reader = make(64)
            feeding = asyncio.create_task(later(reader, cuts(data, sizes)))
            found = [b""]
            while True:
                assert await reader.starts_with(b"\r\n") == data[taken(found) :].startswith(b"\r\n")
                got, ended = await reader.read_before(delimiter, n)
                assert len(got) <= n
                assert got or ended or reader.at_eof()
                found[-1] += got
                if ended:
                    found.append(b"")
                elif not got:
                    break
            await feeding
            assert found == data.split(delimiter)

        def taken(found):
            return len(delimiter.join(found))

        asyncio.run(read())

    check()


async def test_read_before_gives_pieces_as_they_came(make):
    body = b"x" * 1000
    reader = fed(make(1 << 16), body, b"\r\n--B")
    data, ended = await reader.read_before(b"\r\n--B", 1 << 60)
    assert data is body
    assert ended
    assert await reader.read_before(b"\r\n--B", 1) == (b"", False)


async def test_read_before_looks_for_another_delimiter(make):
    reader = fed(make(1 << 16), b"one\r\n--A,two\r\n--B,three")
    assert await reader.read_before(b"\r\n--B", 2) == (b"on", False)
    assert await reader.read_before(b"\r\n--A", 9) == (b"e", True)
    assert (await reader.read_before(b"\r\n--B", 99))[1]
    assert await reader.read() == b",three"


async def test_starts_with_waits_only_until_it_is_sure(make):
    reader = fed(make(), b"ab", eof=False)
    assert not await asyncio.wait_for(reader.starts_with(b"x123456789"), 5)
    waiting = asyncio.create_task(reader.starts_with(b"abc"))
    await asyncio.sleep(0)
    reader.feed_data(b"c")
    assert await waiting
    reader.feed_eof()
    assert not await reader.starts_with(b"abcd")
    assert await reader.read() == b"abc"


async def test_reading_before_raises_what_the_body_failed_with(make):
    reader = fed(make(), b"ab", eof=False)
    reader.set_exception(OSError("gone"))
    with pytest.raises(OSError, match="gone"):
        await reader.read_before(b"\r\n", 5)
    with pytest.raises(OSError, match="gone"):
        await reader.starts_with(b"\r\n")
