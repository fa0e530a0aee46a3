"""What a session says where a request says nothing; typed when compiled, as every request reads it."""

from asyncio import AbstractEventLoop
from collections.abc import Awaitable, Callable, Sequence
from typing import TYPE_CHECKING, Any

from multidict import CIMultiDict
from yarl import URL

from .._base.later import later
from .abc import AbstractCookieJar
from .auth import BasicAuth
from .middlewares import ClientMiddlewareType
from .options import BodyLimits, ClientTimeout, ParserLimits
from .proxies import ProxyChoice
from .request import ClientRequest
from .response import ClientResponse

if TYPE_CHECKING:
    from . import tracing
else:
    tracing = later(".tracing", __name__)

__all__ = ("SessionDefaults", "StatusCheck")

StatusCheck = bool | Callable[[ClientResponse], Awaitable[None]]


class SessionDefaults:
    """The typed root of ``ClientSession``: its attributes that an exchange reads."""

    __slots__ = (
        "_auto_decompress",
        "_base_url",
        "_body_limits",
        "_default_auth",
        "_default_headers",
        "_jar",
        "_jar_is_known",
        "_json_serialize",
        "_json_serialize_bytes",
        "_limits",
        "_loop",
        "_middlewares",
        "_proxies",
        "_raise_for_status",
        "_read_bufsize",
        "_request_class",
        "_request_defaults",
        "_requote_redirect_url",
        "_retry_connection",
        "_timeout",
        "_trace_configs",
        "_trust_env",
    )

    _auto_decompress: bool
    _base_url: URL | None
    _body_limits: BodyLimits | None
    _default_auth: BasicAuth | None
    _default_headers: CIMultiDict[str]
    _jar: AbstractCookieJar
    _jar_is_known: bool  # an empty jar of ours has nothing to say; somebody else's is always asked
    _json_serialize: Callable[[Any], str]
    _json_serialize_bytes: Callable[[Any], bytes] | None  # used instead, where given
    _limits: ParserLimits
    _loop: AbstractEventLoop
    _middlewares: tuple[ClientMiddlewareType, ...] | None
    _proxies: ProxyChoice | None
    _raise_for_status: StatusCheck
    _read_bufsize: int
    _request_class: type[ClientRequest]
    _request_defaults: dict[str, Any]  # options of every ClientRequest
    _requote_redirect_url: bool
    _retry_connection: bool  # a kept connection that proves dead is replaced
    _timeout: ClientTimeout
    _trace_configs: "Sequence[tracing.TraceConfig]"
    _trust_env: bool
