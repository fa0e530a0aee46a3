"""What ``import aiohttp_fast`` does not load, and that all of it is there once it is asked for."""

import ast
import json
import os
import re
import subprocess
import sys

import pytest

from tests.conftest import COMPILED, Lib
from tests.doors.tree import PACKAGE, ROOT

# Of the standard library and of others: what a plain request can do without. What asyncio loads is not ours to save.
NOT_NEEDED = [
    "aiodns",
    "aiohappyeyeballs",
    "aiosignal",
    "attr",
    "backports.zstd",
    "brotli",
    "calendar",
    "compression.zstd",
    "cgi",
    "configparser",
    "datetime",
    "dns",
    "email",
    "email.message",
    "email.parser",
    "frozenlist",
    "hashlib",
    "hmac",
    "http.client",
    "http.cookies",
    "importlib.metadata",
    "isal",
    "mimetypes",
    "netrc",
    "pickle",
    "pycares",
    "queue",
    "quopri",
    "random",
    "secrets",
    "shlex",
    "shutil",
    "tempfile",
    "typing_extensions",
    "urllib.request",
    "uuid",
    "zlib_ng",
]
# Of our own.
NOT_YET = [
    "_base.cookies",
    "_base.dates",
    "_base.disposition",
    "_base.etag",
    "_base.keys",
    "_base.mime",
    "_base.octet_stream",
    "_base.server_abc",
    "_base.watched",
    "_client.cookie_file",
    "_client.cookie_input",
    "_client.digest_auth",
    "_client.digest_challenge",
    "_client.disposition",
    "_client.dns_https",
    "_client.dns_library",
    "_client.dns_messages",
    "_client.dns_names",
    "_client.dns_questions",
    "_client.dns_resolver",
    "_client.dns_servers",
    "_client.dns_sockets",
    "_client.env_proxies",
    "_client.hosts_file",
    "_client.links",
    "_client.netrc",
    "_client.resolv_conf",
    "_client.shared_tasks",
    "_client.trace_params",
    "_client.tracing",
    "_client.upgrade",
    "_client.upload",
    "_client.websocket",
    "_client.connector.stats",
    "_client.connector.unix",
    "_stream.codecs",
    "_stream.formdata",
    "_stream.inflate",
    "_stream.limiter",
    "_stream.message_parser",
    "_stream.multipart_reader",
    "_stream.multipart_writer",
    "_stream.part_reader",
    "_stream.part_writer",
    "_stream.raw_message",
    "_stream.streamer",
    "_stream.timer_context",
    "_stream.ws_guard",
    "_stream.ws_queue",
    "_stream.ws_receiver",
    "_stream.ws_writer",
    "_wire.coding",
    "_wire.multipart",
    "_wire.transfer",
    "_wire.ws.closing",
    "_wire.ws.deflate",
    "_wire.ws.frame",
    "_wire.ws.handshake",
    "_wire.ws.mask",
    "_wire.ws.models",
    "_wire.ws.reader",
]
COMPILED_ONLY = ["_wire.http.refusals"]  # the pure parser lives by its rules
SPEEDS = [
    pytest.param("compiled", marks=pytest.mark.skipif(not COMPILED, reason="the compiled core is not in use")),
    "pure",
]


def run(speed: str, code: str) -> str:
    done = subprocess.run(
        [sys.executable, "-W", "error", "-c", code],
        cwd=ROOT,
        env=os.environ | {"AIOHTTP_FAST_PURE": "1" if speed == "pure" else ""},
        capture_output=True,
        text=True,
        timeout=60,
    )
    assert done.returncode == 0, done.stderr
    return done.stdout


def loaded_by(speed: str, code: str) -> set[str]:
    """Return the modules that *code* loads beyond what the interpreter and asyncio have."""
    text = f"import sys, asyncio, json\nbefore = set(sys.modules)\n{code}\n"
    return set(json.loads(run(speed, f"{text}print(json.dumps(sorted(set(sys.modules) - before)))")))


@pytest.mark.parametrize("speed", SPEEDS)
def test_what_the_import_does_not_load(speed):
    loaded = loaded_by(speed, "import aiohttp_fast")
    assert "aiohttp_fast._client.session" in loaded
    own = NOT_YET + (COMPILED_ONLY if speed == "compiled" else [])
    assert not loaded & {*NOT_NEEDED, *(f"aiohttp_fast.{name}" for name in own)}


def test_the_list_is_of_modules_that_exist():
    for name in NOT_YET + COMPILED_ONLY:
        assert list(PACKAGE.glob(f"{name.replace('.', '/')}.py")), name


GET = """
import aiohttp_fast
async def serve(reader, writer):
    await reader.readuntil(b"\\r\\n\\r\\n")
    writer.write(b"HTTP/1.1 200 OK\\r\\nContent-Length: 2\\r\\n\\r\\nok")
    await writer.drain()
    await reader.read()
    writer.close()
async def main():
    server = await asyncio.start_server(serve, "127.0.0.1", 0)
    port = server.sockets[0].getsockname()[1]
    async with aiohttp_fast.ClientSession() as session, session.get(f"http://127.0.0.1:{port}/") as response:
        assert await response.read() == b"ok"
    server.close()
    await server.wait_closed()
asyncio.run(main())
"""


@pytest.mark.parametrize("speed", SPEEDS)
def test_a_plain_get_needs_little_more(speed):
    loaded = loaded_by(speed, GET)
    own = {name.partition(".")[2] for name in loaded if name.startswith("aiohttp_fast.")}
    assert not own & set(NOT_YET)
    assert loaded & set(NOT_NEEDED) <= {"aiohappyeyeballs"}


@pytest.mark.parametrize("speed", SPEEDS)
def test_all_names_are_there_in_an_interpreter_that_has_used_none(speed):
    code = """
import aiohttp_fast
missing = set(aiohttp_fast.__all__) - set(dir(aiohttp_fast))
assert not missing, missing
names = {}
exec("from aiohttp_fast import *", names)
assert set(aiohttp_fast.__all__) <= set(names), set(aiohttp_fast.__all__) - set(names)
assert "WSMsgType" in vars(aiohttp_fast)
import pydoc
assert "class FormData" in pydoc.plain(pydoc.render_doc(aiohttp_fast))
"""
    run(speed, code)


def test_type_checkers_read_what_the_table_says():
    tree = ast.parse((PACKAGE / "__init__.py").read_text())
    guarded = next(node for node in tree.body if isinstance(node, ast.If))
    told = {
        alias.name: "." * node.level + (node.module or "")
        for node in guarded.body
        if isinstance(node, ast.ImportFrom)
        for alias in node.names
    }
    code = "import json, aiohttp_fast; print(json.dumps(aiohttp_fast._LATER))"
    assert json.loads(run("pure", code)) == told


def test_a_module_that_comes_later(lib: Lib):
    later = lib.load("_base.later").later
    json_module = later("json")
    assert repr(json_module) == "<'json', loaded when '' needs it>"
    assert json_module.loads("[1]") == [1]
    assert "loads" in vars(json_module)  # found without a detour from now on
    with pytest.raises(AttributeError, match="module 'json' has no attribute 'nothing'"):
        json_module.nothing  # noqa: B018
    beside = later(".hdrs", f"{lib.load().__name__}._base.later")
    assert beside.HOST is lib.load("_base.hdrs").HOST


def test_one_that_is_not_there_says_so_each_time(lib: Lib):
    absent = lib.load("_base.later").later("no_such_module_anywhere")
    for _ in range(2):
        with pytest.raises(ModuleNotFoundError, match="no_such_module_anywhere"):
            absent.name  # noqa: B018


def test_nothing_stands_for_a_module_in_vain():
    """A stand-in that is not used is left over from code that has moved."""
    unused = [
        f"{path.relative_to(PACKAGE)}: {name}"
        for path in sorted(PACKAGE.rglob("*.py"))
        for name in re.findall(r"^ {4}(\w+) = later\(", path.read_text(), re.MULTILINE)
        if path.name != "later.py" and not re.search(rf"\b{name}\.[A-Za-z_]", path.read_text())
    ]
    assert not unused
