"""Futures are resolved once, and keep the cause."""

import asyncio

import pytest

from aiohttp_fast._stream import futures


async def test_noop_may_be_awaited():
    await futures.noop()
    futures.noop()
    with pytest.raises(TypeError):
        futures.noop(1)


async def test_the_first_result_counts():
    future = asyncio.get_running_loop().create_future()
    futures.set_result(future, 1)
    futures.set_result(future, 2)
    futures.set_exception(future, ValueError())
    assert await future == 1


async def test_a_cancelled_future_stays_so():
    future = asyncio.get_running_loop().create_future()
    future.cancel()
    futures.set_result(future, 1)
    futures.set_exception(future, ValueError())
    assert future.cancelled()


async def test_the_cause_is_kept():
    future = asyncio.get_running_loop().create_future()
    cause = KeyError("c")
    futures.set_exception(future, ValueError("v"), cause)
    with pytest.raises(ValueError, match="v") as raised:
        await future
    assert raised.value.__cause__ is cause


async def test_no_cause_given_is_no_cause_set():
    future = asyncio.get_running_loop().create_future()
    error = ValueError("v")
    error.__cause__ = before = KeyError()
    futures.set_exception(future, error)
    assert future.exception() is error
    assert error.__cause__ is before


async def test_a_class_gets_a_cause_of_its_own():
    future = asyncio.get_running_loop().create_future()
    cause = KeyError()
    futures.set_exception(future, ValueError, cause)
    assert isinstance(future.exception(), ValueError)
    assert future.exception().__cause__ is cause


async def test_readers_take_it_too(lib):
    reader = lib.load().StreamReader(lib.load("base_protocol").BaseProtocol(asyncio.get_running_loop()), 1)
    cause = KeyError()
    lib.load("helpers").set_exception(reader, ValueError("v"), cause)
    assert reader.exception().__cause__ is cause
