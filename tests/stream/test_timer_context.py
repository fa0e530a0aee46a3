"""Timers of aiohttp's API."""

import asyncio
import gc

import pytest

from aiohttp_fast._stream import timer, timer_context


@pytest.mark.parametrize(
    ("now", "timeout", "threshold", "expected"),
    [(10.2, 3, 5, 13.2), (10.2, 7.1, 5, 18), (10.2, 5, 5, 15.2), (10.2, 0, 5, 10.2), (10, 6, 5, 16)],
)
def test_when(now, timeout, threshold, expected):
    assert timer_context.calculate_timeout_when(now, timeout, threshold) == pytest.approx(expected)


async def test_call_later():
    loop = asyncio.get_running_loop()
    called = asyncio.Event()
    assert timer_context.call_later(called.set, 0.001, loop) is not None
    await called.wait()
    for never in (None, 0, -1):
        assert timer_context.call_later(called.set, never, loop) is None
    late = timer_context.call_later(called.set, 7.2, loop)
    assert late.when() % 1 == 0
    late.cancel()


async def test_a_weak_handle_calls_what_is_there():
    loop = asyncio.get_running_loop()
    calls = []

    class Thing:
        def done(self):
            calls.append(1)
            raise ValueError("is dropped")

    kept, dropped = Thing(), Thing()
    timer_context.weakref_handle(kept, "done", 0.001, loop)
    timer_context.weakref_handle(dropped, "done", 0.001, loop)
    del dropped
    gc.collect()
    passed = asyncio.Event()
    loop.call_later(0.005, passed.set)
    await passed.wait()
    assert calls == [1]
    assert timer_context.weakref_handle(kept, "done", None, loop) is None


async def test_no_timer():
    with timer_context.TimerNoop() as noop:
        noop.assert_timeout()
    with pytest.raises(ValueError, match="x"), timer_context.TimerNoop():
        raise ValueError("x")


async def test_what_is_in_time():
    context = timer_context.TimerContext(asyncio.get_running_loop())
    with context as same:
        assert same is context
        await asyncio.sleep(0)
    context.assert_timeout()


async def test_time_out():
    loop = asyncio.get_running_loop()
    handle = timer_context.TimeoutHandle(loop, 0.005)
    context = handle.timer()
    assert handle.start() is not None
    with pytest.raises(TimeoutError) as raised, context:
        await asyncio.Event().wait()
    assert isinstance(raised.value.__cause__, asyncio.CancelledError)
    assert asyncio.current_task().cancelling() == 0
    with pytest.raises(TimeoutError):
        context.assert_timeout()
    with pytest.raises(TimeoutError):
        context.__enter__()


async def test_only_what_waits_ends_with_the_context():
    context = timer_context.TimerContext(asyncio.get_running_loop())
    with pytest.raises(TimeoutError), context, context:
        context.timeout()
        context.timeout()
        await asyncio.sleep(0)
    context = timer_context.TimerContext(asyncio.get_running_loop())
    with pytest.raises(ValueError, match="own"), context:
        raise ValueError("own")


async def cancelled_within(context, *, by_timer: bool) -> BaseException | None:
    async def wait():
        with context:
            await asyncio.Event().wait()

    task = asyncio.create_task(wait())
    await asyncio.sleep(0)
    if by_timer:
        context.timeout()
    task.cancel()
    (outcome,) = await asyncio.gather(task, return_exceptions=True)
    return outcome


@pytest.mark.parametrize("by_timer", [True, False])
async def test_a_cancellation_of_others_stays_one(by_timer):
    context = timer_context.TimerContext(asyncio.get_running_loop())
    assert isinstance(await cancelled_within(context, by_timer=by_timer), asyncio.CancelledError)


def test_outside_of_a_task():
    loop = asyncio.new_event_loop()
    with pytest.raises(RuntimeError, match="inside a task"):
        timer_context.TimerContext(loop).__enter__()
    loop.close()


async def test_what_is_registered_is_called_once():
    loop = asyncio.get_running_loop()
    calls = []

    def note(*args, **kwargs):
        calls.append((args, kwargs))

    handle = timer_context.TimeoutHandle(loop, 3, ceil_threshold=1)
    handle.register(note, 1, x=2)
    handle.register(lambda: 1 / 0)
    handle.register(note)
    started = handle.start()
    assert started.when() % 1 == 0
    started.cancel()
    handle()
    handle()
    assert calls == [((1,), {"x": 2}), ((), {})]
    handle.register(note)
    handle.close()
    handle()
    assert len(calls) == 2


@pytest.mark.parametrize("timeout", [None, 0])
async def test_no_limit(timeout):
    handle = timer_context.TimeoutHandle(asyncio.get_running_loop(), timeout)
    assert handle.start() is None
    assert isinstance(handle.timer(), timer_context.TimerNoop)


def test_no_limit_needs_no_loop():
    assert timer.ceil_timeout(None).when() is None
