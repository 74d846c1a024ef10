"""Neither OpenVINO nor ONNX Runtime opens a connection, and no file appears in the home folder.

Two guards, each shown to work. Python's sockets refuse and write down every attempt, since a library may swallow the
exception or try in a process it forked. The kernel kills a process that asks for an internet socket, which compiled
code cannot swallow (a seccomp filter, Linux only).
"""

from __future__ import annotations

import ast
import os
import platform
import signal
import subprocess
import sys
from pathlib import Path

import pytest

import headstart
from headstart.runtimes.onnx_graph import export
from runtimes.helpers_runtimes import small_backbone

HARNESS = """
import ctypes, os, platform, socket, sys

def refuse(*args, **options):
    with open(os.environ["ATTEMPTS"], "a") as log:
        log.write(repr(args) + "\\n")
    raise OSError("no connections in this test")

class Refused(socket.socket):
    __init__ = refuse

def kill_on_internet_sockets():
    number = {"x86_64": 41, "aarch64": 198}[platform.machine()]  # of the system call "socket"
    load, jump_if_equal, give_back = 0x20, 0x15, 0x06
    allow, kill = 0x7FFF0000, 0x80000000
    steps = [
        (load, 0, 0, 0),  # the call's number
        (jump_if_equal, 0, 3, number),
        (load, 0, 0, 16),  # its first argument, the family
        (jump_if_equal, 2, 0, socket.AF_INET),
        (jump_if_equal, 1, 0, socket.AF_INET6),
        (give_back, 0, 0, allow),
        (give_back, 0, 0, kill),
    ]
    class Step(ctypes.Structure):
        _fields_ = [("code", ctypes.c_uint16), ("yes", ctypes.c_uint8), ("no", ctypes.c_uint8), ("k", ctypes.c_uint32)]
    class Program(ctypes.Structure):
        _fields_ = [("length", ctypes.c_uint16), ("steps", ctypes.POINTER(Step))]
    program = Program(len(steps), (Step * len(steps))(*[Step(*step) for step in steps]))
    libc = ctypes.CDLL(None, use_errno=True)
    if libc.prctl(38, 1, 0, 0, 0) or libc.prctl(22, 2, ctypes.byref(program), 0, 0):  # no new privileges; a filter
        sys.exit(77)

if sys.platform == "linux" and "no_filter" not in sys.argv:
    kill_on_internet_sockets()
if "no_filter" in sys.argv or sys.platform != "linux":
    socket.socket, socket.create_connection, socket.getaddrinfo = Refused, refuse, refuse
"""
BOTH = (
    HARNESS
    + """
from pathlib import Path
import numpy as np
from headstart.runtimes.onnxruntime import open_session
from headstart.runtimes.openvino import compile_graph
graph, pixels = Path(sys.argv[1]), np.zeros((2, 32, 32, 3), np.uint8)
open_session(graph, 1).run(None, {"pixels": pixels})
compile_graph(graph, "float32", 2, 1)(pixels)
assert "openvino_telemetry" not in sys.modules
assert "torch" not in sys.modules
import openvino
assert callable(openvino.convert_model)
"""
)
PYTHON_CONTROL = HARNESS + "import urllib.request; urllib.request.urlopen('http://localhost:9')"
NATIVE_CONTROL = (
    HARNESS + "socket_ = ctypes.CDLL(None).socket; socket_(socket.AF_UNIX, 1, 0); socket_(socket.AF_INET, 1, 0)"
)
CANNOT_FILTER = 77


def in_process(code: str, tmp_path, *arguments: str) -> tuple[int, str, list[str], str]:
    """Exit status, attempts, names of files in the home folder, stderr."""
    home, log = tmp_path / "home", tmp_path / "attempts"
    home.mkdir()
    silencers = ("CI", "TF_BUILD", "JENKINS_URL", "ORT_DISABLE_TELEMETRY", "XDG_CACHE_HOME")  # these silence it too
    kept = {k: v for k, v in os.environ.items() if k not in silencers}
    environment = kept | {"HOME": str(home), "ATTEMPTS": str(log)}
    done = subprocess.run([sys.executable, "-c", code, *arguments], env=environment, capture_output=True, text=True)
    if done.returncode == CANNOT_FILTER:
        pytest.skip("this system does not let a process filter its own calls")
    files = [str(path.relative_to(home)) for path in home.rglob("*")]
    return done.returncode, log.read_text() if log.exists() else "", files, done.stderr


@pytest.mark.parametrize("guard", ["filter", "no_filter"])
def test_running_both_backends_opens_no_connection_and_leaves_nothing_behind(tmp_path, guard):
    graph = export(small_backbone(), 0, 2, tmp_path)
    assert in_process(BOTH, tmp_path, str(graph), guard) == (0, "", [], "")


def test_the_guard_in_python_sees_an_attempt(tmp_path):
    code, log, _, _ = in_process(PYTHON_CONTROL, tmp_path, "no_filter")
    assert code != 0 and "localhost" in log


@pytest.mark.skipif(
    sys.platform != "linux" or platform.machine() not in ("x86_64", "aarch64"), reason="the filter is Linux's"
)
def test_the_guard_in_the_kernel_ends_a_process_that_asks_for_an_internet_socket(tmp_path):
    code, _, _, _ = in_process(NATIVE_CONTROL, tmp_path)
    assert code == -signal.SIGSYS


SWITCHES = {
    "openvino": 'sys.modules.setdefault("openvino_telemetry", None)',
    "onnxruntime": 'os.environ.setdefault("ORT_DISABLE_TELEMETRY", "1")',
}


def test_only_the_file_made_for_it_imports_the_backends_that_report():
    package = Path(headstart.__file__).parent
    for path in package.rglob("*.py"):
        for node in ast.walk(ast.parse(path.read_text())):
            names = [alias.name for alias in node.names] if isinstance(node, ast.Import) else []
            names += [node.module or ""] if isinstance(node, ast.ImportFrom) and not node.level else []
            found = {name.split(".")[0] for name in names} & {"openvino", "onnxruntime", "openvino_telemetry"}
            if found and path.parent.name == "parts":  # of readers that stand alone: each switches it off itself
                before = path.read_text().split(f"import {min(found)}")[0]
                assert SWITCHES[min(found)] in before, f"{path} must switch telemetry off before it imports {found}"
                continue
            assert not found, f"{path} imports {found}; use runtimes/without_telemetry.py"
