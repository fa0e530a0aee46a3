"""Real proxies on the loop-back: tinyproxy, and proxy.py for what is spoken with a proxy over TLS."""

import importlib.util
import os
import shutil
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
import trustme
from yarl import URL

INSTALL = "apt-get install -y tinyproxy"
PATIENCE = 20.0  # seconds for a proxy to come up
USER, PASSWORD = "user", "pass"

TINYPROXY = shutil.which("tinyproxy") or shutil.which("tinyproxy", path="/usr/sbin:/usr/local/sbin:/opt/homebrew/bin")

needs_tinyproxy = pytest.mark.skipif(
    TINYPROXY is None,
    reason=f"TINYPROXY IS NOT INSTALLED, so this was not tried on a real proxy. Install it: {INSTALL}",
)
needs_proxy_py = pytest.mark.skipif(
    importlib.util.find_spec("proxy") is None,
    reason='PROXY.PY IS NOT INSTALLED, so TLS with a proxy was not tried on a real one. Install "proxy.py"',
)

CONFIG = """
{user}
Port {port}
Listen 127.0.0.1
Timeout 30
MaxClients 100
LogFile "{base}/log"
PidFile "{base}/pid"
Allow 127.0.0.1
{auth}
"""


def _free_port() -> int:
    with socket.socket() as sock:
        sock.bind(("127.0.0.1", 0))
        port: int = sock.getsockname()[1]
        return port


def _answers(port: int) -> bool:
    try:
        socket.create_connection(("127.0.0.1", port), 1).close()
    except OSError:
        return False
    return True


@contextmanager
def _running(command: list[str], port: int) -> Iterator[None]:
    """Run *command* until the block ends, its children included; it must listen at *port*."""
    process = subprocess.Popen(
        command, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, start_new_session=True
    )
    deadline = time.monotonic() + PATIENCE
    try:
        while not _answers(port):
            if process.poll() is not None or time.monotonic() > deadline:
                process.kill()
                said = process.communicate()[0].decode(errors="replace")
                raise RuntimeError(f"{command[0]} does not start: {said}")
            time.sleep(0.02)
        yield
    finally:
        process.terminate()
        try:
            process.communicate(timeout=PATIENCE)
        except subprocess.TimeoutExpired:
            pass
        try:
            os.killpg(process.pid, signal.SIGKILL)  # its own session: nobody else is in it
        except ProcessLookupError:
            pass
        process.communicate()


@contextmanager
def tinyproxy(base: Path, with_auth: bool = False) -> Iterator[URL]:
    """Run tinyproxy with its files in *base*; *with_auth* only ``USER`` and ``PASSWORD`` may use it."""
    port = _free_port()
    auth = f"BasicAuth {USER} {PASSWORD}" if with_auth else ""
    user = "User root\nGroup root" if os.geteuid() == 0 else ""
    (base / "conf").write_text(CONFIG.format(base=base, port=port, auth=auth, user=user))
    with _running([str(TINYPROXY), "-d", "-c", str(base / "conf")], port):
        yield URL.build(scheme="http", host="127.0.0.1", port=port)


@contextmanager
def proxy_py(base: Path, authority: trustme.CA, with_auth: bool = False) -> Iterator[URL]:
    """Run proxy.py over TLS, with a certificate for ``localhost``."""
    certificate = authority.issue_cert("localhost")
    certificate.private_key_pem.write_to_path(base / "key.pem")
    for blob in certificate.cert_chain_pems:
        blob.write_to_path(base / "chain.pem", append=True)
    port = _free_port()
    command = [sys.executable, "-m", "proxy", "--hostname", "127.0.0.1", "--port", str(port)]
    command += ["--num-workers", "1", "--num-acceptors", "1", "--data-dir", str(base), "--log-level", "e"]
    command += ["--cert-file", str(base / "chain.pem"), "--key-file", str(base / "key.pem")]
    if with_auth:
        command += ["--basic-auth", f"{USER}:{PASSWORD}"]
    with _running(command, port):
        yield URL.build(scheme="https", host="localhost", port=port)
