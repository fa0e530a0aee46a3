"""Names that are part of the API: headers, methods, loggers, the JSON defaults."""

import json
import logging

from multidict import CIMultiDict, istr

from aiohttp_fast._base import hdrs, log, types


def test_header_names_are_istr():
    names = {name: value for name, value in vars(hdrs).items() if name.isupper()}
    fields = [name for name, value in names.items() if isinstance(value, istr)]
    assert len(names) == 144
    assert len(fields) == 144 - 12
    assert names["ETAG"] == "Etag"
    for name in fields:
        assert names[name].replace("-", "_").upper() == name
    assert CIMultiDict({"CONTENT-type": "a/b"})[hdrs.CONTENT_TYPE] == "a/b"


def test_methods():
    assert hdrs.METH_ANY == "*"
    assert {"CONNECT", "DELETE", "GET", "HEAD", "OPTIONS", "PATCH", "POST", "PUT", "TRACE"} == hdrs.METH_ALL


def test_all_spellings_of_host():
    assert len(hdrs.HOST_ALL) == 16
    assert {"host", "HOST", "Host", "hOsT"} <= hdrs.HOST_ALL


def test_loggers():
    for name in ("access", "client", "internal", "server", "web"):
        assert getattr(log, f"{name}_logger") is logging.getLogger(f"aiohttp.{name}")
    assert log.ws_logger is logging.getLogger("aiohttp.websocket")


def test_types():
    assert types.DEFAULT_JSON_ENCODER is json.dumps
    assert types.DEFAULT_JSON_DECODER is json.loads
    assert str(types.sentinel) == "_SENTINEL.sentinel"
