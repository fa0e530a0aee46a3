"""The opening handshake: key, answer, subprotocols, extensions (RFC 6455 4, RFC 7692 7.1)."""

import os
import re
from base64 import b64encode
from collections.abc import Iterable
from hashlib import sha1
from hmac import compare_digest
from typing import NamedTuple

from multidict import MultiMapping

from ..._base import hdrs
from .deflate import MAX_BITS
from .models import WSHandshakeError

__all__ = (
    "WS_KEY",
    "Agreement",
    "accept_of",
    "check_answer",
    "make_key",
    "subprotocols",
    "ws_ext_gen",
    "ws_ext_parse",
)

WS_KEY = b"258EAFA5-E914-47DA-95CA-C5AB0DC85B11"  # RFC 6455 1.3

_MIN_BITS = 9  # zlib compresses with no smaller window; RFC 7692 allows 8
_DEFLATE = "permessage-deflate"
_CLIENT_BITS = "client_max_window_bits"
_SERVER_BITS = "server_max_window_bits"
_CLIENT_FRESH = "client_no_context_takeover"
_SERVER_FRESH = "server_no_context_takeover"
_BITS = re.compile(r"(?:8|9|1[0-5])")  # RFC 7692 7.1.2: no sign, no leading zero
_TOKEN = re.compile(r"[!#$%&'*+\-.^_`|~0-9A-Za-z]+")  # RFC 9110 5.6.2

_Parameters = dict[str, str | None]


class Agreement(NamedTuple):
    """What client and server agreed on; ``compress`` is the bits of the client's window, 0 for no compression.

    ``notakeover`` holds for the client's messages, ``peer_notakeover`` for the server's.
    """

    protocol: str | None = None
    compress: int = 0
    notakeover: bool = False
    peer_notakeover: bool = False


def make_key() -> str:
    """Return a new value for Sec-WebSocket-Key: 16 random bytes (RFC 6455 4.1)."""
    return b64encode(os.urandom(16)).decode()


def accept_of(key: str) -> str:
    """Return the Sec-WebSocket-Accept that answers *key* (RFC 6455 4.2.2)."""
    return b64encode(sha1(key.encode() + WS_KEY, usedforsecurity=False).digest()).decode()


def subprotocols(names: Iterable[str]) -> tuple[str, ...]:
    """Return the subprotocols to ask for; a lone string is one of them.

    ``TypeError`` for what is no text, ``ValueError`` for one that is no token, or twice there (RFC 6455 4.1).
    """
    if isinstance(names, bytes) or not isinstance(names, Iterable):
        raise TypeError(f"protocols must be an iterable of str, not {type(names).__name__}")
    asked = (names,) if isinstance(names, str) else tuple(names)
    for name in asked:
        if not isinstance(name, str):
            raise TypeError(f"each of protocols must be str, not {type(name).__name__}")
        if not _TOKEN.fullmatch(name):
            raise ValueError(f"a WebSocket subprotocol must be a token (RFC 6455 4.1), not {name[:100]!r}")
    if len(set(asked)) < len(asked):
        raise ValueError("WebSocket subprotocols must differ (RFC 6455 4.1)")
    return asked


# The server's answer


def check_answer(
    status: int, headers: MultiMapping[str], key: str, protocols: tuple[str, ...], compress: int, offered: bool
) -> Agreement:
    """Return what the server agreed to in its answer to a handshake with *key*.

    *protocols* are those asked for, *compress* the window bits of our offer, *offered*
    whether there was one. Raises ``WSHandshakeError``, with what is wrong, for any
    answer that does not accept the handshake as RFC 6455 4.1 demands.
    """
    if status != 101:
        raise WSHandshakeError("Invalid response status")
    if headers.get(hdrs.UPGRADE, "").strip().lower() != "websocket":
        raise WSHandshakeError("Invalid upgrade header")
    if "upgrade" not in _tokens(headers.getall(hdrs.CONNECTION, [])):
        raise WSHandshakeError("Invalid connection header")
    accept = headers.getall(hdrs.SEC_WEBSOCKET_ACCEPT, [])
    if len(accept) != 1 or not compare_digest(
        accept[0].strip().encode("utf-8", "surrogateescape"), accept_of(key).encode()
    ):
        raise WSHandshakeError("Invalid challenge response")
    protocol = _chosen(headers.getall(hdrs.SEC_WEBSOCKET_PROTOCOL, []), protocols)
    extensions = headers.getall(hdrs.SEC_WEBSOCKET_EXTENSIONS, [])
    if not extensions:
        return Agreement(protocol)
    if not offered:
        raise WSHandshakeError(f"Extensions that were not asked for: {', '.join(extensions)[:100]!r}")
    return _agreed(", ".join(extensions), compress)._replace(protocol=protocol)


def _tokens(fields: list[str]) -> set[str]:
    return {token.strip().lower() for field in fields for token in field.split(",")}


def _chosen(fields: list[str], protocols: tuple[str, ...]) -> str | None:
    if not fields:
        return None
    if len(fields) > 1 or fields[0].strip() not in protocols:
        asked = ", ".join(protocols) or "none"
        raise WSHandshakeError(f"Subprotocol {', '.join(fields)[:100]!r}, asked for was: {asked}")
    return fields[0].strip()


def _agreed(text: str, compress: int) -> Agreement:
    """Read an answer strictly: one extension, ours, each parameter once and with a value that is allowed."""
    extensions = _parse(text)
    if len(extensions) != 1 or extensions[0][0] != _DEFLATE or extensions[0][1] is None:
        raise WSHandshakeError(f"Extensions that were not asked for: {text[:100]!r}")
    return _settled(extensions[0][1], compress)


def _settled(parameters: _Parameters, compress: int) -> Agreement:
    for name, value in parameters.items():
        is_known = name in (_CLIENT_FRESH, _SERVER_FRESH) if value is None else name in (_CLIENT_BITS, _SERVER_BITS)
        if not is_known or (value is not None and not _BITS.fullmatch(value)):
            raise WSHandshakeError(f"Extension for deflate not supported: {name}{'' if value is None else '=' + value}")
    if compress and int(parameters.get(_SERVER_BITS) or 0) > compress:
        raise WSHandshakeError(f"A window of {parameters[_SERVER_BITS]} bits, asked for was {compress}")
    bits = int(parameters.get(_CLIENT_BITS) or MAX_BITS)
    if bits < _MIN_BITS:
        raise WSHandshakeError(f"A window of {bits} bits, zlib needs {_MIN_BITS}")
    return Agreement(None, min(bits, compress or bits), _CLIENT_FRESH in parameters, _SERVER_FRESH in parameters)


# Extensions


def _parse(text: str) -> list[tuple[str, _Parameters | None]]:
    """Split a Sec-WebSocket-Extensions field; None in place of parameters of which one came twice."""
    found: list[tuple[str, _Parameters | None]] = []
    for extension in text.split(","):
        name, *parts = (part.strip() for part in extension.split(";"))
        parameters: _Parameters = {}
        for part in parts:
            key, equals, value = part.partition("=")
            key = key.strip().lower()
            if key in parameters:
                found.append((name.lower(), None))
                break
            parameters[key] = _unquoted(value.strip()) if equals else None
        else:
            found.append((name.lower(), parameters))
    return found


def _unquoted(value: str) -> str:
    return value[1:-1] if len(value) > 1 and value[0] == value[-1] == '"' else value


def ws_ext_gen(compress: int = MAX_BITS, isserver: bool = False, server_notakeover: bool = False) -> str:
    """Return a Sec-WebSocket-Extensions value: a client's offer, or a server's answer (RFC 7692 7.1).

    *compress* is the window bits of the server, 9 to 15; ``ValueError`` for others.
    """
    if not _MIN_BITS <= compress <= MAX_BITS:
        raise ValueError(
            f"compress is the bits of a window and must be between {_MIN_BITS} and {MAX_BITS}, not {compress}"
        )
    parts = [_DEFLATE]
    if not isserver:
        parts.append(_CLIENT_BITS)
    if compress < MAX_BITS:
        parts.append(f"{_SERVER_BITS}={compress}")
    if server_notakeover:
        parts.append(_SERVER_FRESH)
    return "; ".join(parts)


def ws_ext_parse(extstr: str | None, isserver: bool = False) -> tuple[int, bool]:
    """Return window bits and "no context takeover" for what this side compresses; 0 bits for no compression.

    A server takes the first offer it can agree to. A client raises ``WSHandshakeError``
    for an answer to permessage-deflate that it cannot live with; other extensions it
    passes over, see ``check_answer`` for a reading that does not.
    """
    for name, parameters in _parse(extstr) if extstr else ():
        if name != _DEFLATE:
            continue
        if not isserver:
            if parameters is None:
                raise WSHandshakeError("Extension for deflate not supported: a parameter came twice")
            return _settled(parameters, 0)[1:3]
        if parameters is not None and _is_acceptable(parameters):
            return int(parameters.get(_SERVER_BITS) or MAX_BITS), _SERVER_FRESH in parameters
    return 0, False


def _is_acceptable(parameters: _Parameters) -> bool:
    """Tell whether a server can agree to an offer (RFC 7692 7.1)."""
    for name, value in parameters.items():
        if name in (_CLIENT_FRESH, _SERVER_FRESH):
            if value is not None:
                return False
        elif name == _SERVER_BITS:
            if value is None or not _BITS.fullmatch(value) or int(value) < _MIN_BITS:
                return False
        elif name != _CLIENT_BITS or (value is not None and not _BITS.fullmatch(value)):
            return False
    return True
