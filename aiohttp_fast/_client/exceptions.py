"""What can go wrong in the client; each error can be pickled and has a text.

Exception
├── ClientError
│   ├── ClientConnectionError                 the connection, before or after it was made
│   │   ├── ClientConnectionResetError        also ConnectionResetError
│   │   ├── ClientOSError                     also OSError
│   │   │   └── ClientConnectorError          no connection to host and port
│   │   │       ├── ClientConnectorDNSError
│   │   │       ├── ClientProxyConnectionError
│   │   │       ├── UnixClientConnectorError
│   │   │       └── ClientSSLError
│   │   │           ├── ClientConnectorSSLError           also ssl.SSLError
│   │   │           └── ClientConnectorCertificateError   also ssl.SSLCertVerificationError
│   │   └── ServerConnectionError             what the server did to the connection
│   │       ├── ServerDisconnectedError
│   │       ├── ServerFingerprintMismatch     alias FingerprintMismatch
│   │       └── ServerTimeoutError            also TimeoutError
│   │           ├── ConnectionTimeoutError
│   │           └── SocketTimeoutError
│   ├── ClientPayloadError                    the body ended early or cannot be decoded
│   │   └── ClientPayloadSizeError            it is larger than allowed
│   ├── ClientResponseError                   there is a response, but not as wanted
│   │   ├── ClientHttpProxyError
│   │   ├── ContentTypeError
│   │   ├── TooManyRedirects
│   │   └── WSServerHandshakeError
│   ├── InvalidURL                            also ValueError
│   │   └── InvalidUrlClientError
│   │       └── InvalidUrlRedirectClientError     also RedirectClientError
│   ├── NonHttpUrlClientError
│   │   └── NonHttpUrlRedirectClientError     also RedirectClientError
│   ├── RedirectClientError
│   └── UploadAbortedError
├── TotalTimeoutError                         a TimeoutError
├── WSTimeoutError                            a TimeoutError
└── WSMessageTypeError                        a TypeError
"""

import ssl
from typing import Any

from multidict import CIMultiDict, CIMultiDictProxy, MultiMapping

from .._base.types import StrOrURL
from .._base.warn import deprecated
from .circumstances import Circumstances, without_credentials
from .info import CertificateCheck, ConnectionKey, RequestInfo

__all__ = (
    "ClientConnectionError",
    "ClientConnectionResetError",
    "ClientConnectorCertificateError",
    "ClientConnectorDNSError",
    "ClientConnectorError",
    "ClientConnectorSSLError",
    "ClientError",
    "ClientHttpProxyError",
    "ClientOSError",
    "ClientPayloadError",
    "ClientPayloadSizeError",
    "ClientProxyConnectionError",
    "ClientResponseError",
    "ClientSSLError",
    "ConnectionTimeoutError",
    "ContentTypeError",
    "FingerprintMismatch",
    "InvalidURL",
    "InvalidUrlClientError",
    "InvalidUrlRedirectClientError",
    "NonHttpUrlClientError",
    "NonHttpUrlRedirectClientError",
    "RedirectClientError",
    "ServerConnectionError",
    "ServerDisconnectedError",
    "ServerFingerprintMismatch",
    "ServerTimeoutError",
    "SocketTimeoutError",
    "TooManyRedirects",
    "TotalTimeoutError",
    "UnixClientConnectorError",
    "UploadAbortedError",
    "WSMessageTypeError",
    "WSServerHandshakeError",
    "WSTimeoutError",
    "cert_errors",
    "cert_errors_bases",
    "ssl_error_bases",
    "ssl_errors",
)


class ClientError(Circumstances, Exception):
    """Base of the client's errors; ``Circumstances`` tells what else each of them says."""

    _default_text = "Client error"  # shown where an error was made without a text

    def __str__(self) -> str:
        return self._with_circumstances(self._text())

    def _text(self) -> str:
        return super().__str__() or self._default_text


class ClientResponseError(ClientError):
    """The server answered, but not as wanted.

    ``request_info`` says what was asked, ``status``, ``message`` (the reason) and
    ``headers`` what came, ``history`` the responses that led there. Responses hold
    connections, so ``history`` loses them when the error is pickled.
    """

    def __init__(
        self,
        request_info: RequestInfo,
        history: tuple[Any, ...],
        *,
        code: int | None = None,
        status: int | None = None,
        message: str = "",
        headers: MultiMapping[str] | None = None,
    ) -> None:
        """Take the facts; *code* is the old name of *status*, ``ValueError`` if both are given."""
        if code is not None:
            if status is not None:
                raise ValueError("Both code and status arguments are provided; code is deprecated, use status instead")
            deprecated("code argument is deprecated, use status instead")
            status = code
        super().__init__(request_info, history)
        self.request_info = request_info
        self.history = history
        self.status = status or 0
        self.message = message
        self.headers = headers

    @property
    def code(self) -> int:
        """The old name of ``status``."""
        deprecated("code property is deprecated, use status instead")
        return self.status

    @code.setter
    def code(self, value: int) -> None:
        deprecated("code property is deprecated, use status instead")
        self.status = value

    def _text(self) -> str:
        url = getattr(self.request_info, "real_url", None)
        text = f"{self.status}, message={self.message!r}, url={without_credentials(url)!r}"
        hint = self._hint()
        return f"{text} - {hint}" if hint else text

    def _hint(self) -> str:
        """Return what the three facts do not say; "" where that is nothing."""
        return ""

    def __repr__(self) -> str:
        parts = [f"{self.request_info!r}, {self.history!r}"]
        if self.status != 0:
            parts.append(f"status={self.status!r}")
        if self.message:
            parts.append(f"message={self.message!r}")
        if self.headers is not None:
            parts.append(f"headers={self.headers!r}")
        return f"{type(self).__name__}({', '.join(parts)})"

    def __reduce__(self) -> tuple[Any, ...]:
        history = tuple(item for item in self.history if not hasattr(item, "raise_for_status"))
        state = {**self.__dict__, "history": history}
        is_proxy = isinstance(self.headers, CIMultiDictProxy)
        if is_proxy:  # it cannot be pickled, the dict it shows can
            state["headers"] = CIMultiDict(self.headers)
        return _restore_response_error, (type(self), (self.request_info, history), state, is_proxy)


def _restore_response_error(
    cls: type[ClientResponseError], args: tuple[Any, ...], state: dict[str, Any], is_proxy: bool
) -> ClientResponseError:
    error = cls.__new__(cls, *args)
    error.__dict__.update(state)
    if is_proxy:
        error.headers = CIMultiDictProxy(state["headers"])
    return error


class ContentTypeError(ClientResponseError):
    """The response's content type is not the one that was asked for."""

    def _hint(self) -> str:
        return "json(content_type=None) takes any type"


class WSServerHandshakeError(ClientResponseError):
    """The server's answer to a WebSocket handshake is not a valid acceptance (RFC 6455 4.1)."""


class ClientHttpProxyError(ClientResponseError):
    """The proxy answered ``CONNECT`` with something other than success (RFC 9110 9.3.6)."""

    def _hint(self) -> str:
        target = getattr(self.request_info, "url", None)
        wish = "; it wants other credentials, see proxy_auth" if self.status == 407 else ""
        return f"this proxy gave no tunnel to {without_credentials(target)}{wish}"


class TooManyRedirects(ClientResponseError):
    """More redirects than ``max_redirects``; ``history`` has the responses."""

    def _hint(self) -> str:
        place = self.headers.get("Location") if self.headers is not None else None
        last = "" if place is None else f", the last of them to {without_credentials(place)}"
        count = self.limit or len(self.history)  # a pickled error has no history
        return f"gave up after {count} redirect{'' if count == 1 else 's'}{last}"


class ClientConnectionError(ClientError):
    """Base of what goes wrong with a connection."""

    _default_text = "Connection failed"


class ClientConnectionResetError(ClientConnectionError, ConnectionResetError):
    """The connection was reset while it was in use."""

    _default_text = "Connection lost"


class ClientOSError(ClientConnectionError, OSError):
    """The operating system reported an error, see ``errno``."""


class ClientConnectorError(ClientOSError):
    """No connection to ``host`` and ``port``; ``os_error`` says why.

    ``is_of_proxy`` is true where these are a proxy's.
    """

    is_of_proxy = False

    def __init__(self, connection_key: ConnectionKey, os_error: OSError) -> None:
        """Take where the connection should lead and what was raised."""
        self._conn_key = connection_key
        self._os_error = os_error
        super().__init__(os_error.errno, os_error.strerror)
        self.args = (connection_key, os_error)

    @property
    def os_error(self) -> OSError:
        """The error of the operating system, of TLS or of the resolver."""
        return self._os_error

    @property
    def host(self) -> str:
        """The host that the connection should lead to."""
        return self._conn_key.host

    @property
    def port(self) -> int | None:
        """The port that the connection should lead to."""
        return self._conn_key.port

    @property
    def ssl(self) -> "ssl.SSLContext | bool | CertificateCheck":
        """How the peer was to be verified; True for the default way."""
        return self._conn_key.ssl

    def _reason(self) -> str:
        error = self._os_error
        why = error.strerror or str(error)
        if not why:  # asyncio's, when the end comes in the middle of a TLS handshake
            why = "the peer closed the connection" if isinstance(error, ConnectionError) else repr(error)
        return f"ssl:{'default' if self.ssl is True else self.ssl} [{why}]"

    def _peer(self) -> str:
        return f"host {self.host}:{self.port}{' (the proxy)' if self.is_of_proxy else ''}"

    def _text(self) -> str:
        return f"Cannot connect to {self._peer()} {self._reason()}"

    def __reduce__(self) -> tuple[Any, ...]:
        return type(self), (self._conn_key, self._os_error), self.__dict__


class ClientConnectorDNSError(ClientConnectorError):
    """The host's name was not resolved."""


class ClientProxyConnectionError(ClientConnectorError):
    """No connection to the proxy."""

    is_of_proxy = True


class UnixClientConnectorError(ClientConnectorError):
    """No connection to the Unix socket ``path``."""

    def __init__(self, path: str, connection_key: ConnectionKey, os_error: OSError) -> None:
        """Take the socket's path beside what ``ClientConnectorError`` takes."""
        self._path = path
        super().__init__(connection_key, os_error)

    @property
    def path(self) -> str:
        """The path of the socket."""
        return self._path

    def _text(self) -> str:
        return f"Cannot connect to unix socket {self.path} {self._reason()}"

    def __reduce__(self) -> tuple[Any, ...]:
        return type(self), (self._path, self._conn_key, self._os_error), self.__dict__


class ServerConnectionError(ClientConnectionError):
    """Base of what the server does to a connection."""

    _default_text = "Server connection failed"


class ServerDisconnectedError(ServerConnectionError):
    """The server closed the connection before its answer was complete."""

    def __init__(self, message: Any = None) -> None:
        """Take a text, or whatever shows how far the answer had come."""
        if message is None:
            message = "Server disconnected"
        super().__init__(message)
        self.message = message


class ServerTimeoutError(ServerConnectionError, TimeoutError):
    """The server did not do its part in time."""

    _default_text = "Server timeout"


class ConnectionTimeoutError(ServerTimeoutError):
    """No connection within ``ClientTimeout.connect``, ``sock_connect`` or ``pool`` seconds."""

    _default_text = "Connection timeout"


class SocketTimeoutError(ServerTimeoutError):
    """The server did not answer, or take, anything in time.

    ``limit_name`` says which part of ``ClientTimeout`` it was: ``sock_read``, ``first_byte`` or ``sock_write``.
    """

    _default_text = "Timeout on reading data from socket"


class ServerFingerprintMismatch(ServerConnectionError):
    """The server's certificate is not the pinned one; digests are in ``expected`` and ``got``."""

    def __init__(self, expected: bytes, got: bytes, host: str, port: int) -> None:
        """Take both SHA-256 digests and the peer's address."""
        super().__init__(expected, got, host, port)
        self.expected = expected
        self.got = got
        self.host = host
        self.port = port

    def _text(self) -> str:
        return (
            f"The certificate of {self.host}:{self.port} has the SHA-256 fingerprint {self.got.hex()}, "
            f"expected {self.expected.hex()}"
        )

    def __repr__(self) -> str:
        return (
            f"<{type(self).__name__} expected={self.expected!r} got={self.got!r} host={self.host!r} port={self.port!r}>"
        )


FingerprintMismatch = ServerFingerprintMismatch


class ClientPayloadError(ClientError):
    """The response's body ended early or cannot be decoded."""

    _default_text = "Response payload is not completed"


class ClientPayloadSizeError(ClientPayloadError):
    """The response's body is larger than allowed; ``limit`` and ``limit_name`` say what was allowed.

    ``body`` is what was read of it, at most as much as the limit allows.
    """

    _default_text = "Response payload is too large"
    body: bytes = b""


class TotalTimeoutError(Circumstances, TimeoutError):
    """The request, the body of its response included, took longer than ``ClientTimeout.total`` seconds.

    Not a ``ClientError``: programs tell time-outs from other failures by ``TimeoutError``.
    """

    def __str__(self) -> str:
        return self._with_circumstances(TimeoutError.__str__(self) or "Total timeout passed")


class WSTimeoutError(Circumstances, TimeoutError):
    """A WebSocket's peer did not send a message, or did not answer a Close, in time.

    Not a ``ClientError``: programs tell time-outs from other failures by ``TimeoutError``.
    """

    def __str__(self) -> str:
        return self._with_circumstances(TimeoutError.__str__(self) or "WebSocket timeout")


class InvalidURL(ClientError, ValueError):
    """``url`` cannot be requested; ``description`` says why, or is None."""

    _hint = ""  # what its text says where there is no description

    def __init__(self, url: StrOrURL, description: str | None = None) -> None:
        """Take the URL as the user gave it."""
        self._url = url
        self._description = description
        if description:
            super().__init__(url, description)
        else:
            super().__init__(url)

    @property
    def url(self) -> StrOrURL:  # type: ignore[override]
        """The URL as the user gave it."""
        return self._url

    @property
    def description(self) -> str | None:
        """What is wrong with it, where that is known."""
        return self._description

    def _text(self) -> str:
        return self._described(self._description or self._hint)

    def _described(self, why: str | None) -> str:
        url = without_credentials(self._url) or "empty URL"
        return f"{url} - {why}" if why else url

    def __repr__(self) -> str:
        return f"<{type(self).__name__} {self._described(self._description)}>"


class InvalidUrlClientError(InvalidURL):
    """The URL has no host, or cannot be parsed."""

    _hint = "a URL needs a scheme, a host without spaces, and a port up to 65535 if any, as in http://example.org/"

    def _text(self) -> str:
        is_path = not self._description and str(self._url).startswith("/")
        return self._described("a path alone needs a session with a base_url") if is_path else super()._text()


class RedirectClientError(ClientError):
    """Base of what is wrong with the target of a redirect."""

    _default_text = "Cannot follow the redirect"


class NonHttpUrlClientError(ClientError):
    """The URL's scheme is not one that the client speaks."""

    _default_text = "Not an HTTP URL"
    _hint = "its scheme is none that the client speaks, as http and https are"

    def _text(self) -> str:
        return f"{super()._text()} - {self._hint}"


class InvalidUrlRedirectClientError(InvalidUrlClientError, RedirectClientError):
    """``Location`` leads to a URL without a host, or to one that cannot be parsed."""


class NonHttpUrlRedirectClientError(NonHttpUrlClientError, RedirectClientError):
    """``Location`` leads to a scheme that the client does not speak."""

    _hint = "the server redirects there, but its scheme is none that the client speaks, as http and https are"


class UploadAbortedError(ClientError):
    """The request's body was not sent to its end."""

    _default_text = "The request body was never fully sent"


class ClientSSLError(ClientConnectorError):
    """Base of what goes wrong with TLS."""


class ClientConnectorSSLError(ClientSSLError, ssl.SSLError):
    """The TLS handshake failed."""


class ClientConnectorCertificateError(ClientSSLError, ssl.SSLCertVerificationError):
    """The server's certificate is not valid for this host, see ``certificate_error``."""

    def __init__(self, connection_key: ConnectionKey, certificate_error: Exception) -> None:
        """Take where the connection should lead and what the verification raised."""
        self._certificate_error = certificate_error
        super().__init__(connection_key, certificate_error if isinstance(certificate_error, OSError) else OSError())
        self.args = (connection_key, certificate_error)

    @property
    def certificate_error(self) -> Exception:
        """What the verification raised."""
        return self._certificate_error

    def _text(self) -> str:
        error = self._certificate_error
        return f"Cannot connect to {self._peer()} ssl:{self.ssl} [{type(error).__name__}: {error.args}]"

    def __reduce__(self) -> tuple[Any, ...]:
        return type(self), (self._conn_key, self._certificate_error), self.__dict__


class WSMessageTypeError(TypeError):
    """A WebSocket message is not of the type that was asked for."""

    def __str__(self) -> str:
        return super().__str__() or "Unexpected WebSocket message type"


ssl_errors = (ssl.SSLError,)
ssl_error_bases = (ClientSSLError, ssl.SSLError)
cert_errors = (ssl.SSLCertVerificationError,)
cert_errors_bases = (ClientSSLError, ssl.SSLCertVerificationError)
