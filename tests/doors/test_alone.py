"""Every module loads alone, in an interpreter that has seen nothing else of the package."""

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

from tests.conftest import COMPILED
from tests.doors.tree import MODULES_PY, ROOT

NAMES = [module.name for module in MODULES_PY]

# One interpreter loads what the package stands on, then a fork of it loads each module.
FORKING = """
import json, os, sys, importlib, traceback
import asyncio, ssl, yarl, multidict, frozenlist, aiosignal, aiohappyeyeballs, propcache, http.cookies
failed = {}
for name in json.load(sys.stdin):
    read, write = os.pipe()
    child = os.fork()
    if not child:
        try:
            importlib.import_module(name)
            module = sys.modules[name]
            for public in getattr(module, "__all__", ()):
                getattr(module, public)
        except BaseException:
            os.write(write, traceback.format_exc(-2).encode()[-2000:])
        os._exit(0)
    os.close(write)
    with open(read, "rb") as pipe:
        told = pipe.read().decode()
    _, status = os.waitpid(child, 0)
    if told or status:
        failed[name] = told or f"ended with status {status}"
print(json.dumps(failed))
"""


@pytest.mark.slow
@pytest.mark.skipif(not hasattr(os, "fork"), reason="needs fork")
@pytest.mark.parametrize("speed", ["compiled", "pure"])
def test_every_module_loads_alone(speed: str, tmp_path: Path):
    if speed == "compiled" and not COMPILED:
        pytest.skip("the compiled core is not in use")
    done = subprocess.run(
        [sys.executable, "-W", "error", "-c", FORKING],
        input=json.dumps(NAMES),
        capture_output=True,
        text=True,
        cwd=ROOT,
        env=os.environ
        | {
            "AIOHTTP_FAST_PURE": "1" if speed == "pure" else "",
            # Else each of the forks would compile all the sources again.
            "PYTHONDONTWRITEBYTECODE": "",
            "PYTHONPYCACHEPREFIX": str(tmp_path),
        },
        timeout=280,  # one fork for each module, and the machine may be busy
    )
    assert done.returncode == 0, done.stderr
    failed = json.loads(done.stdout)
    assert not failed, "\n\n".join(f"{name}: {told}" for name, told in failed.items())
