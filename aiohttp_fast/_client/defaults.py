"""What a session says where a request says nothing; typed when compiled, as every request reads it."""

from asyncio import AbstractEventLoop
from collections.abc import Awaitable, Callable
from typing import Any

from multidict import CIMultiDict
from yarl import URL

from .abc import AbstractCookieJar
from .auth import BasicAuth
from .options import BodyLimits, ClientTimeout, ParserLimits
from .request import ClientRequest
from .response import ClientResponse

__all__ = ("SessionDefaults", "StatusCheck")

StatusCheck = bool | Callable[[ClientResponse], Awaitable[None]]


class SessionDefaults:
    """The typed root of ``ClientSession``: its attributes that an exchange reads."""

    __slots__ = (
        "_auto_decompress",
        "_base_url",
        "_body_limits",
        "_cookie_jar",
        "_default_auth",
        "_default_headers",
        "_jar_is_known",
        "_json_serialize",
        "_json_serialize_bytes",
        "_limits",
        "_loop",
        "_raise_for_status",
        "_read_bufsize",
        "_request_class",
        "_request_defaults",
        "_requote_redirect_url",
        "_retry_connection",
        "_timeout",
    )

    _auto_decompress: bool
    _base_url: URL | None
    _body_limits: BodyLimits | None
    _cookie_jar: AbstractCookieJar
    _default_auth: BasicAuth | None
    _default_headers: CIMultiDict[str]
    _jar_is_known: bool  # an empty jar of ours has nothing to say; somebody else's is always asked
    _json_serialize: Callable[[Any], str]
    _json_serialize_bytes: Callable[[Any], bytes] | None  # used instead, where given
    _limits: ParserLimits
    _loop: AbstractEventLoop
    _raise_for_status: StatusCheck
    _read_bufsize: int
    _request_class: type[ClientRequest]
    _request_defaults: dict[str, Any]  # options of every ClientRequest
    _requote_redirect_url: bool
    _retry_connection: bool  # a kept connection that proves dead is replaced
    _timeout: ClientTimeout
