"""install(): aiohttp's name leads here, in the whole process; each test is a process of its own."""

import os
import subprocess
import sys

import pytest

from tests.conftest import COMPILED
from tests.doors.tree import ROOT

HIDE = """
import sys
class Hidden:
    def find_spec(self, name, path=None, target=None):
        if name.partition(".")[0] == "aiohttp":
            raise ModuleNotFoundError(f"No module named {name!r}", name=name)
sys.meta_path.insert(0, Hidden())
"""


@pytest.fixture(params=["compiled", "pure"])
def run(request: pytest.FixtureRequest):
    if request.param == "compiled" and not COMPILED:
        pytest.skip("the compiled core is not in use")

    def run(code: str, expected: int = 0) -> str:
        done = subprocess.run(
            [sys.executable, "-W", "error", "-c", code],
            cwd=ROOT,
            env=os.environ | {"AIOHTTP_FAST_PURE": "1" if request.param == "pure" else ""},
            capture_output=True,
            text=True,
            timeout=60,
        )
        assert done.returncode == expected, done.stderr
        return done.stdout if not expected else done.stderr

    return run


@pytest.fixture(params=["alone", "beside the real one"])
def start(request: pytest.FixtureRequest) -> str:
    """The first lines of a process: in one that has no other aiohttp, and in one that has."""
    if request.param == "alone":
        return HIDE + "import aiohttp_fast\n"
    pytest.importorskip("aiohttp")
    return "import aiohttp_fast\n"


def test_every_import_leads_here(run, start):
    run(
        start
        + """
aiohttp_fast.install()
import aiohttp, aiohttp.client, aiohttp.helpers as helpers
from aiohttp import ClientSession, hdrs, http_exceptions
from aiohttp.client_reqrep import ClientResponse
import sys
assert aiohttp is aiohttp_fast
assert ClientSession is aiohttp_fast.ClientSession
assert helpers is aiohttp_fast.helpers is sys.modules["aiohttp.helpers"]
assert aiohttp.client.ClientSession is ClientSession
assert hdrs.ACCEPT is aiohttp_fast.hdrs.ACCEPT
import aiohttp_fast.client
assert aiohttp_fast.client is aiohttp.client
assert aiohttp.client.__spec__.name == "aiohttp_fast.client"
import importlib
importlib.reload(aiohttp.log)
"""
    )


def test_a_submodule_that_comes_later_is_found(run, start):
    """Submodules that are not loaded at once, as web's will be, come through the finder."""
    run(
        start
        + """
import sys
aiohttp_fast.install()
del sys.modules["aiohttp.log"]
spec = aiohttp_fast.log.__spec__
import aiohttp.log
assert sys.modules["aiohttp.log"] is aiohttp_fast.log
assert aiohttp_fast.log.__spec__ is spec
"""
    )


@pytest.mark.parametrize(
    "statement", ["from aiohttp import web", "import aiohttp.web", "from aiohttp.test_utils import TestServer"]
)
def test_what_is_still_to_be_built_is_told(run, start, statement):
    told = run(start + f"aiohttp_fast.install()\n{statement}", expected=1)
    assert "ImportError" in told
    assert "aiohttp_fast does not have aiohttp." in told


def test_what_never_was_is_told(run, start):
    told = run(start + "aiohttp_fast.install()\nimport aiohttp._http_parser", expected=1)
    assert "ModuleNotFoundError: No module named 'aiohttp._http_parser'" in told
    told = run(start + "aiohttp_fast.install()\nfrom aiohttp import nothing_of_the_kind", expected=1)
    assert "cannot import name 'nothing_of_the_kind'" in told


def test_twice_is_once_and_uninstall_takes_it_back(run, start):
    out = run(
        start
        + """
import sys
before = list(sys.meta_path)
version = aiohttp_fast.__version__
module = aiohttp_fast.ClientError.__module__
aiohttp_fast.uninstall()  # nothing to undo
aiohttp_fast.install()
aiohttp_fast.install()
assert aiohttp_fast.ClientError.__module__ == "aiohttp.client_exceptions"
assert aiohttp_fast.__version__.split(".")[0] == "3"
aiohttp_fast.uninstall()
aiohttp_fast.uninstall()
assert sys.meta_path == before
assert not [name for name in sys.modules if name.partition(".")[0] == "aiohttp"]
assert aiohttp_fast.ClientError.__module__ == module
assert aiohttp_fast.__version__ == version
try:
    import aiohttp
except ModuleNotFoundError:
    print("none")
else:
    assert aiohttp is not aiohttp_fast
    print("real")
"""
    )
    assert out.strip() == ("none" if "Hidden" in start else "real")


def test_too_late_is_refused(run):
    pytest.importorskip("aiohttp")
    told = run("import aiohttp, aiohttp_fast\naiohttp_fast.install()", expected=1)
    assert "RuntimeError: aiohttp is already imported" in told


def test_too_late_by_force(run):
    pytest.importorskip("aiohttp")
    run(
        """
import aiohttp as real, aiohttp_fast, sys
client = sys.modules["aiohttp.client"]
aiohttp_fast.install(force=True)
import aiohttp
assert aiohttp is aiohttp_fast is not real
from aiohttp.client import ClientSession
assert ClientSession is aiohttp_fast.ClientSession is not real.ClientSession
aiohttp_fast.uninstall()
import aiohttp
assert aiohttp is real
assert sys.modules["aiohttp.client"] is client
"""
    )


def test_classes_say_that_they_are_aiohttps(run, start):
    run(
        start
        + """
aiohttp_fast.install()
import aiohttp, aiohttp.http_exceptions, aiohttp.helpers
for cls, module in (
    (aiohttp.ClientError, "client_exceptions"),
    (aiohttp.ServerTimeoutError, "client_exceptions"),
    (aiohttp.ClientSession, "client"),
    (aiohttp.ClientTimeout, "client"),
    (aiohttp.ClientRequest, "client_reqrep"),
    (aiohttp.ClientResponse, "client_reqrep"),
    (aiohttp.RequestInfo, "client_reqrep"),
    (aiohttp.TCPConnector, "connector"),
    (aiohttp.CookieJar, "cookiejar"),
    (aiohttp.BasicAuth, "helpers"),
    (aiohttp.ETag, "helpers"),
    (aiohttp.DataQueue, "streams"),
    (aiohttp.BytesPayload, "payload"),
    (aiohttp.HttpVersion, "http_writer"),
    (aiohttp.http_exceptions.BadStatusLine, "http_exceptions"),
):
    assert cls.__module__ == f"aiohttp.{module}", (cls, cls.__module__)
import traceback
text = traceback.format_exception_only(aiohttp.ServerDisconnectedError())[0]
assert text.startswith("aiohttp.client_exceptions.ServerDisconnectedError: "), text
"""
    )


PICKLING = """
import pickle
from aiohttp_fast import *
from aiohttp_fast import http_exceptions
from aiohttp_fast.client_reqrep import ConnectionKey
from multidict import CIMultiDict, CIMultiDictProxy
from yarl import URL
INFO = RequestInfo(URL("http://a/"), "GET", CIMultiDictProxy(CIMultiDict({"A": "b"})))
KEY = ConnectionKey("a", 80, False, True, None, None, None)
ERRORS = [
    ClientError("x"),
    ClientResponseError(INFO, (), status=404, message="no", headers=CIMultiDictProxy(CIMultiDict({"C": "d"}))),
    ClientConnectorError(KEY, OSError(5, "five")),
    ClientConnectorCertificateError(KEY, ValueError("bad")),
    ServerDisconnectedError("gone"),
    ServerFingerprintMismatch(b"1", b"2", "a", 443),
    InvalidURL("u", "because"),
    http_exceptions.InvalidHeader(b"h"),
    http_exceptions.LineTooLong(b"l", 10),
    EofStream(),
]
"""


def test_errors_are_pickled_with_the_name_installed(run, start):
    run(
        start
        + PICKLING
        + """
before = [pickle.dumps(error) for error in ERRORS]
aiohttp_fast.install()
for error, data in zip(ERRORS, before):
    for again in (pickle.loads(pickle.dumps(error)), pickle.loads(data)):
        assert type(again) is type(error)
        assert str(again) == str(error)
        assert repr(again) == repr(error)
during = [pickle.dumps(error) for error in ERRORS]
assert b"aiohttp.client_exceptions" in during[0]
aiohttp_fast.uninstall()
for error in ERRORS:
    assert str(pickle.loads(pickle.dumps(error))) == str(error)
"""
    )


def test_pickles_go_to_a_process_that_has_not_installed_it(run, start):
    """Made without install() they name this package, and need nothing else to be there."""
    sent = run(start + PICKLING + "print(pickle.dumps(ERRORS).hex())").strip()
    run(
        HIDE
        + f"""
import pickle
errors = pickle.loads(bytes.fromhex({sent!r}))
import aiohttp_fast
assert type(errors[0]) is aiohttp_fast.ClientError
assert errors[1].headers["C"] == "d"
"""
    )


def test_pickles_are_exchanged_with_the_real_one(run):
    pytest.importorskip("aiohttp")
    sent = run("import aiohttp, pickle; print(pickle.dumps(aiohttp.ServerDisconnectedError('x')).hex())").strip()
    received = run(
        "import aiohttp_fast, pickle; aiohttp_fast.install()\n"
        f"e = pickle.loads(bytes.fromhex({sent!r}))\n"
        "assert type(e) is aiohttp_fast.ServerDisconnectedError and e.message == 'x'\n"
        "print(pickle.dumps(e).hex())"
    ).strip()
    run(
        f"import pickle; e = pickle.loads(bytes.fromhex({received!r})); import aiohttp\n"
        "assert type(e) is aiohttp.ServerDisconnectedError and str(e) == 'x'"
    )


def test_the_distribution_is_found(run, start):
    out = run(
        start
        + """
import importlib.metadata as metadata
aiohttp_fast.install()
import aiohttp
print(metadata.version("aiohttp"), aiohttp.__version__, metadata.metadata("aiohttp")["Name"])
assert metadata.distribution("aiohttp").files is None
assert not [p for p in metadata.distribution("aiohttp").entry_points]
assert "aiohttp" in {d.metadata["Name"] for d in metadata.distributions()}
assert metadata.version("multidict")
aiohttp_fast.uninstall()
try:
    print(metadata.version("aiohttp"))
except metadata.PackageNotFoundError:
    print("none")
"""
    )
    version, same, name, *_ = out.split()
    assert version == same
    assert version.startswith("3.")
    assert name == "aiohttp"


def test_a_request_under_the_other_name(run, start):
    out = run(
        start
        + """
aiohttp_fast.install()
import aiohttp, asyncio
async def answer(reader, writer):
    await reader.readuntil(b"\\r\\n\\r\\n")
    writer.write(b"HTTP/1.1 404 No\\r\\nContent-Length: 2\\r\\n\\r\\nhi")
    await writer.drain()
    writer.close()
async def main():
    server = await asyncio.start_server(answer, "127.0.0.1", 0)
    port = server.sockets[0].getsockname()[1]
    async with aiohttp.ClientSession() as session:
        async with session.get(f"http://127.0.0.1:{port}/") as resp:
            print(await resp.text())
            try:
                resp.raise_for_status()
            except aiohttp.ClientResponseError as exc:
                print(type(exc).__module__, exc.status)
    server.close()
    await server.wait_closed()
asyncio.run(main())
"""
    )
    assert out.split() == ["hi", "aiohttp.client_exceptions", "404"]
