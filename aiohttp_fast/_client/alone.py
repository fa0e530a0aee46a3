"""One request, or one WebSocket, with a session of its own."""

import asyncio
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from multidict import MultiDictProxy

from .._base.later import later
from .._base.types import StrOrURL
from .._stream.payload_kinds import StringPayload
from .._wire.http.message import HttpVersion, HttpVersion11
from .connector.base import BaseConnector
from .connector.tcp import TCPConnector
from .context import _SessionRequestContextManager, _WSRequestContextManager
from .session import ClientSession

if TYPE_CHECKING:
    from .._stream import formdata
    from . import websocket
else:
    formdata = later(".._stream.formdata", __name__)

__all__ = ("request", "ws_connect")


def _encoded(data: Any, encoding: str) -> Any:
    if isinstance(data, str):
        return StringPayload(data, encoding=encoding)
    if isinstance(data, Mapping | MultiDictProxy) or (data and isinstance(data, list | tuple)):
        return formdata.FormData(data, charset=encoding)
    return data


def request(
    method: str,
    url: StrOrURL,
    *,
    version: HttpVersion = HttpVersion11,
    connector: BaseConnector | None = None,
    loop: asyncio.AbstractEventLoop | None = None,
    encoding: str = "utf-8",
    **kwargs: Any,
) -> _SessionRequestContextManager:
    """Make one request with a session of its own, in ``async with``; options as of ``ClientSession.request``.

    *encoding* is that of ``data`` which is text or the fields of a form.
    """
    if encoding != "utf-8" and "data" in kwargs:
        kwargs["data"] = _encoded(kwargs["data"], encoding)
    owner = connector is None
    if connector is None:
        connector = TCPConnector(loop=loop, force_close=True)
    session = ClientSession(
        loop=loop, cookies=kwargs.pop("cookies", None), version=version, connector=connector, connector_owner=owner
    )
    return _SessionRequestContextManager(session._request(method, url, **kwargs), session)


def ws_connect(
    url: StrOrURL,
    *,
    connector: BaseConnector | None = None,
    loop: asyncio.AbstractEventLoop | None = None,
    **kwargs: Any,
) -> _WSRequestContextManager:
    """Open one WebSocket without a session; options as of ``ClientSession.ws_connect``."""
    owner = connector is None
    if connector is None:
        connector = TCPConnector(loop=loop, force_close=True)
    session = ClientSession(loop=loop, connector=connector, connector_owner=owner)
    return _WSRequestContextManager(_connect_alone(session, url, kwargs))


async def _connect_alone(
    session: ClientSession, url: StrOrURL, options: dict[str, Any]
) -> "websocket.ClientWebSocketResponse[Any]":
    """Open a WebSocket, and let its session go: the connection keeps what it needs."""
    try:
        opened = await session._ws_connect(url, **options)
    except BaseException:
        await session.close()
        raise
    session.detach()
    return opened
