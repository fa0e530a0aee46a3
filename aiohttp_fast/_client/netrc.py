"""Credentials from the user's ``.netrc`` file, for sessions that trust the environment."""

import asyncio
import netrc
import os
import sys
from pathlib import Path
from typing import NamedTuple

from yarl import URL

from .._base.log import client_logger
from .._base.watched import FileState, file_state
from .auth import BasicAuth

__all__ = ("basicauth_from_netrc", "netrc_auth", "netrc_auth_now", "netrc_from_env")


class _Known(NamedTuple):
    """A file as it was read: by its path, and what tells that it has changed since."""

    path: str
    state: FileState | None  # None where there is no such file
    content: netrc.netrc | None  # None for one that could not be read


_known = _Known("", None, None)


def _path() -> str:
    """Return where the file would be; "" for nowhere: ``NETRC`` may be empty to say so."""
    path = os.environ.get("NETRC")
    if path is not None:
        return path
    try:
        home = Path.home()
    except RuntimeError as exc:  # there is no HOME, and no entry for the user either
        client_logger.debug("Could not resolve home directory when trying to look for .netrc file: %s", exc)
        return ""
    return str(home / ("_netrc" if sys.platform == "win32" else ".netrc"))


def _read(path: str, state: FileState | None) -> netrc.netrc | None:
    """Read the file, and remember it; what is wrong with it is logged, once until it changes. Blocks."""
    global _known
    content = None
    try:
        if path and (state is not None or "NETRC" in os.environ):
            content = netrc.netrc(path)
    except netrc.NetrcParseError as exc:
        # Not the parser's own words, which quote what it stumbled over: that may be a password.
        client_logger.warning("Could not parse .netrc file: %s, line %s", path, exc.lineno)
    except UnicodeDecodeError as exc:
        client_logger.warning("Could not read .netrc file: %s is not text in UTF-8, byte %d", path, exc.start)
    except (OSError, ValueError) as exc:
        client_logger.warning("Could not read .netrc file: %s", exc)
    _known = _Known(path, state, content)
    return content


def netrc_from_env() -> netrc.netrc | None:
    """Return the file that ``NETRC`` names, else ``~/.netrc`` (``~/_netrc`` on Windows); None without a readable one.

    Blocks while the file is read, which happens when it is new or has changed. What is
    wrong with it is logged as a warning; that there is none is said only of ``NETRC``.
    """
    path = _path()
    state = file_state(path)
    if (path, state) == _known[:2]:
        return _known.content
    return _read(path, state)


def basicauth_from_netrc(netrc_obj: netrc.netrc | None, host: str) -> BasicAuth:
    """Return the credentials for *host*, or those of ``default``; ``LookupError`` where there are none.

    An ``account`` stands in for a missing login. ``ValueError`` for a login with a colon
    (RFC 7617 2).
    """
    if netrc_obj is None:
        raise LookupError("No .netrc file found")
    found = netrc_obj.authenticators(host)
    if found is None:
        raise LookupError(f"No entry for {host} found in the `.netrc` file.")
    login, account, password = found
    login, password = login or account or "", password or ""
    try:
        (login + password).encode("latin1")
    except UnicodeEncodeError:
        auth = BasicAuth._make((login, password, "utf-8"))
    else:
        auth = BasicAuth._make((login, password, "latin1"))
    auth.encode()
    return auth


def _credentials(content: netrc.netrc | None, url: URL) -> BasicAuth | None:
    host = url.host
    if content is None or host is None:
        return None
    if host not in content.hosts and url.raw_host in content.hosts:
        host = url.raw_host  # a name of other than ASCII letters may stand there in either form
    try:
        found = basicauth_from_netrc(content, host)
    except LookupError:
        return None
    except ValueError as exc:
        client_logger.warning("The entry for %s in the .netrc file can not be used: %s", host, exc)
        return None
    return found if found.login or found.password else None


def netrc_auth_now(url: URL) -> BasicAuth | None:
    """Return the credentials for the host of *url*, None where there are none; blocks as ``netrc_from_env`` does."""
    return _credentials(netrc_from_env(), url)


async def netrc_auth(url: URL) -> BasicAuth | None:
    """Return the credentials for the host of *url*, None where there are none; a file is read in a thread."""
    path = _path()
    state = file_state(path)
    if (path, state) == _known[:2]:
        return _credentials(_known.content, url)
    content = await asyncio.get_running_loop().run_in_executor(None, _read, path, state)
    return _credentials(content, url)
