"""Typed keys and chained mappings."""

import threading
from typing import Any

import pytest

from aiohttp_fast._base import keys

HERE = __name__
AT_IMPORT = keys.AppKey("first", int)


class Holder:
    key = keys.RequestKey("held", str)


def test_names_tell_where_a_key_was_made():
    assert repr(AT_IMPORT) == f"<AppKey({HERE}.first, type=int)>"
    assert repr(Holder.key) == f"<RequestKey({HERE}.held, type=str)>"


def test_made_where_no_module_is_being_run():
    made = []
    thread = threading.Thread(target=lambda: made.append(keys.ResponseKey("late")))
    thread.start()
    thread.join()
    assert repr(made[0]) == f"<ResponseKey({HERE}.late, type=<<Unknown>>)>"


def test_a_key_is_itself_only():
    assert keys.AppKey("first", int) != AT_IMPORT
    assert {AT_IMPORT: 1}[AT_IMPORT] == 1


def test_order_by_name():
    assert keys.AppKey("a") < keys.RequestKey("b")
    assert not keys.AppKey("b") < keys.RequestKey("a")
    assert keys.AppKey("a") < "text"


@pytest.mark.parametrize(
    ("kind", "shown"),
    [(list[int], "list[int]"), (threading.Event, "threading.Event"), (Any, "typing.Any"), (type(None), "NoneType"),
     (int | None, "int | None"), ("Later", "'Later'")],
)  # fmt: skip
def test_types_are_shown(kind, shown):
    assert repr(keys.AppKey("k", kind)).endswith(f".k, type={shown})>")


def test_the_type_may_stand_in_brackets():
    assert repr(keys.AppKey[int]("k")).endswith(".k, type=int)>")
    assert repr(keys.AppKey("k")).endswith(".k, type=<<Unknown>>)>")


def test_wrong_names():
    with pytest.raises(TypeError):
        keys.AppKey()


def test_mappings_in_a_chain():
    first, second = {"a": 1, "c": 1}, {"z": 2, "a": 2}
    chain = keys.ChainMapProxy([first, second])
    assert (chain["a"], chain["z"], chain.get("y"), chain.get("y", 3)) == (1, 2, None, 3)
    assert list(chain) == ["z", "a", "c"]
    assert len(chain) == 3
    assert "c" in chain
    assert "y" not in chain
    assert dict(chain) == {"a": 1, "c": 1, "z": 2}
    assert chain == {"a": 1, "c": 1, "z": 2}
    assert repr(chain) == f"ChainMapProxy({first!r}, {second!r})"
    with pytest.raises(KeyError, match="y"):
        chain["y"]
    first["y"] = 5
    assert chain["y"] == 5


def test_an_empty_chain():
    assert not keys.ChainMapProxy([{}, {}])
    assert keys.ChainMapProxy([{}, {1: 2}])
    assert not keys.ChainMapProxy([])


def test_no_key_error_of_a_mapping_is_lost():
    class Broken(dict):
        def __missing__(self, key):
            raise RuntimeError("broken")

    with pytest.raises(RuntimeError, match="broken"):
        keys.ChainMapProxy([Broken()])["a"]


def test_chains_are_final():
    with pytest.raises(TypeError, match="Inheritance class Mine from ChainMapProxy is forbidden"):
        type("Mine", (keys.ChainMapProxy,), {})
