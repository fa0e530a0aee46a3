"""What aiohttp keeps in one place; its rooms are in ``_base``, ``_client``, ``_stream`` and ``_wire.http``."""

from ._base.dates import parse_http_date, rfc822_formatted_time
from ._base.etag import ETAG_ANY, LIST_QUOTED_ETAG_RE, QUOTED_ETAG_RE, ETag, validate_etag_value
from ._base.file_name import guess_filename
from ._base.ip import is_canonical_ipv4_address, is_ip_address
from ._base.keys import AppKey, BaseKey, ChainMapProxy, RequestKey, ResponseKey
from ._base.mime import MimeType, parse_content_type, parse_mimetype
from ._base.octet_stream import EnsureOctetStream
from ._base.platform import DEBUG, IS_MACOS, IS_WINDOWS, NO_EXTENSIONS, PY_311
from ._base.reify import reify
from ._base.tokens import CHAR, CTL, QCONTENT, SEPARATORS, TOKEN, not_qtext_re, quoted_string
from ._base.types import sentinel
from ._client.auth import BasicAuth, encode_basic_auth, strip_auth_from_url
from ._client.env_proxies import ProxyInfo, get_env_proxy_for_url, proxies_from_env
from ._client.netrc import basicauth_from_netrc, netrc_from_env
from ._client.options import DEFAULT_BUFSIZE as DEFAULT_CHUNK_SIZE
from ._stream.futures import noop, set_exception, set_result
from ._stream.payload import content_disposition_header
from ._stream.timer import ceil_timeout
from ._stream.timer_context import (
    BaseTimerContext,
    TimeoutHandle,
    TimerContext,
    TimerNoop,
    calculate_timeout_when,
    call_later,
    weakref_handle,
)
from ._wire.http.content import HeadersMixin
from ._wire.http.status import (
    EMPTY_BODY_METHODS,
    EMPTY_BODY_STATUS_CODES,
    must_be_empty_body,
    should_remove_content_length,
)

__all__ = (
    "CHAR",
    "CTL",
    "DEBUG",
    "DEFAULT_CHUNK_SIZE",
    "EMPTY_BODY_METHODS",
    "EMPTY_BODY_STATUS_CODES",
    "ETAG_ANY",
    "IS_MACOS",
    "IS_WINDOWS",
    "LIST_QUOTED_ETAG_RE",
    "NO_EXTENSIONS",
    "PY_311",
    "QCONTENT",
    "QUOTED_ETAG_RE",
    "SEPARATORS",
    "TOKEN",
    "AppKey",
    "BaseKey",
    "BaseTimerContext",
    "BasicAuth",
    "ChainMapProxy",
    "ETag",
    "EnsureOctetStream",
    "HeadersMixin",
    "MimeType",
    "ProxyInfo",
    "RequestKey",
    "ResponseKey",
    "TimeoutHandle",
    "TimerContext",
    "TimerNoop",
    "basicauth_from_netrc",
    "calculate_timeout_when",
    "call_later",
    "ceil_timeout",
    "content_disposition_header",
    "encode_basic_auth",
    "get_env_proxy_for_url",
    "guess_filename",
    "is_canonical_ipv4_address",
    "is_ip_address",
    "must_be_empty_body",
    "netrc_from_env",
    "noop",
    "not_qtext_re",
    "parse_content_type",
    "parse_http_date",
    "parse_mimetype",
    "proxies_from_env",
    "quoted_string",
    "reify",
    "rfc822_formatted_time",
    "sentinel",
    "set_exception",
    "set_result",
    "should_remove_content_length",
    "strip_auth_from_url",
    "validate_etag_value",
    "weakref_handle",
)
