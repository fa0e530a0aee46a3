"""Which TLS context a connection uses, and the two default ones.

Loading the system's certificates takes long enough to be felt by every other task of
the loop. So the default contexts are made once per process, when first wanted, by a
thread that ends with it; all who want one meanwhile wait for the same.
"""

import asyncio
import os
import ssl
import threading
from concurrent.futures import Future
from typing import TypeAlias

from ..._base.warn import deprecated
from ..fingerprint import Fingerprint

__all__ = ("SSLSetting", "context_for", "merge_ssl_params", "prepare", "setting_for")

SSL_ALLOWED_TYPES = (ssl.SSLContext, bool, Fingerprint, type(None))  # of ``ssl=``; None is True

SSLSetting: TypeAlias = bool | Fingerprint | ssl.SSLContext
"""True verifies with the default context, False not at all, a Fingerprint pins the certificate."""

_ALPN = ("http/1.1",)

_lock = threading.Lock()
_defaults: dict[bool, Future[ssl.SSLContext]] = {}


def merge_ssl_params(
    setting: SSLSetting | None,
    verify_ssl: bool | None,
    ssl_context: ssl.SSLContext | None,
    fingerprint: bytes | None,
) -> SSLSetting:
    """Return the one setting that is meant by ``ssl`` and its three deprecated spellings.

    None means True. Raises ``ValueError`` where more than one is given, ``TypeError``
    for what is none of these: anything else must never pass for "do not verify".
    """
    if setting is None:
        setting = True
    given: list[SSLSetting] = []
    if verify_ssl is not None and not verify_ssl:
        deprecated("verify_ssl is deprecated, use ssl=False instead")
        given.append(False)
    if ssl_context is not None:
        deprecated("ssl_context is deprecated, use ssl=context instead")
        given.append(ssl_context)
    if fingerprint is not None:
        deprecated("fingerprint is deprecated, use ssl=Fingerprint(fingerprint) instead")
        given.append(Fingerprint(fingerprint))
    if given:
        if len(given) > 1 or setting is not True:
            raise ValueError("verify_ssl, ssl_context, fingerprint and ssl parameters are mutually exclusive")
        setting = given[0]
    _check(setting)
    return setting


def _check(setting: object) -> None:
    if not isinstance(setting, (bool, Fingerprint, ssl.SSLContext)):
        raise TypeError(f"ssl should be SSLContext, bool, Fingerprint or None, got {setting!r} instead.")


def setting_for(request: SSLSetting | None, connector: SSLSetting) -> SSLSetting:
    """Return which setting counts: the request's, if it says more than the default."""
    return connector if request is True or request is None else request


def context_for(setting: SSLSetting) -> ssl.SSLContext:
    """Return the context for *setting*; makes a default one where ``prepare`` did not.

    A fingerprint takes the place of the chain of certificates, which is not verified then.
    """
    _check(setting)
    if isinstance(setting, ssl.SSLContext):
        return setting
    return _default(setting is True).result()


async def prepare(setting: SSLSetting) -> None:
    """See to it that ``context_for`` does not block; costs nothing from the second time on."""
    _check(setting)
    if isinstance(setting, ssl.SSLContext):
        return
    future = _default(setting is True)
    if not future.done():
        # Running futures cannot be cancelled: whoever is cancelled here harms no one else.
        await asyncio.wrap_future(future)


def _default(verify: bool) -> Future[ssl.SSLContext]:
    future = _defaults.get(verify)
    if future is not None:
        return future
    with _lock:
        future = _defaults.get(verify)
        if future is None:
            future = Future()
            future.set_running_or_notify_cancel()
            _defaults[verify] = future
            name = f"aiohttp-tls-{'verified' if verify else 'unverified'}"
            threading.Thread(target=_fulfil, args=(verify, future), name=name, daemon=True).start()
    return future


def _fulfil(verify: bool, future: Future[ssl.SSLContext]) -> None:
    try:
        context = _make_context(verify)
    except BaseException as exc:
        _defaults.pop(verify, None)  # the next to ask tries again
        future.set_exception(exc)
    else:
        future.set_result(context)


def _make_context(verify: bool) -> ssl.SSLContext:
    if verify:
        context = ssl.create_default_context()
    else:
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
        context.check_hostname = False
        context.verify_mode = ssl.CERT_NONE
        context.options |= ssl.OP_NO_COMPRESSION
    context.set_alpn_protocols(_ALPN)
    return context


def _forget_unfinished() -> None:
    """After a fork no thread is left to finish what was begun."""
    global _lock
    _lock = threading.Lock()
    for verify, future in list(_defaults.items()):
        if not future.done():
            del _defaults[verify]


if hasattr(os, "register_at_fork"):
    os.register_at_fork(after_in_child=_forget_unfinished)
