"""DataQueue and FlowControlDataQueue."""

import asyncio

import pytest


@pytest.fixture
def queues(lib):
    return lib.load("_stream.queue")


class Connection:
    paused = False

    def pause_reading(self):
        self.paused = True

    def resume_reading(self):
        self.paused = False


async def test_order_and_end(queues):
    queue = queues.DataQueue(asyncio.get_running_loop())
    queue.feed_data("a", 1)
    queue.feed_data("b", 1)
    queue.feed_eof()
    assert len(queue) == 2
    assert queue.is_eof()
    assert not queue.at_eof()
    assert [await queue.read(), await queue.read()] == ["a", "b"]
    assert queue.at_eof()
    with pytest.raises(queues.EofStream):
        await queue.read()


async def test_iteration(queues):
    queue = queues.DataQueue(asyncio.get_running_loop())
    for item in (b"a", b"", b"b"):
        queue.feed_data(item)
    queue.feed_eof()
    assert [item async for item in queue] == [b"a"]
    assert [item async for item in queue] == [b"b"]


async def test_waiting_and_cancelling(queues):
    queue = queues.DataQueue(asyncio.get_running_loop())
    task = asyncio.create_task(queue.read())
    await asyncio.sleep(0)
    with pytest.raises(RuntimeError, match="already waiting"):
        await queue.read()
    task.cancel()
    with pytest.raises(asyncio.CancelledError):
        await task
    task = asyncio.create_task(queue.read())
    await asyncio.sleep(0)
    queue.feed_data(1)
    assert await task == 1


async def test_exception_after_what_was_fed(queues):
    queue = queues.DataQueue(asyncio.get_running_loop())
    task = asyncio.create_task(queue.read())
    await asyncio.sleep(0)
    queue.feed_data(1)
    queue.feed_data(2)
    cause = KeyError()
    queue.set_exception(ValueError("boo"), cause)
    assert await task == 1
    assert await queue.read() == 2
    with pytest.raises(ValueError, match="boo"):
        await queue.read()
    assert queue.exception().__cause__ is cause


async def test_flow_control(queues):
    connection = Connection()
    queue = queues.FlowControlDataQueue(connection, 5, loop=asyncio.get_running_loop())
    queue.feed_data(1, 10)
    assert not connection.paused
    queue.feed_data(2, 1)
    assert connection.paused
    assert await queue.read() == 1
    assert not connection.paused
    assert await queue.read() == 2
