from __future__ import annotations

import subprocess
import sys

import pytest

from headstart.runtimes.openvino_core import the_core

LET_GO = """
import gc, os, signal, threading
from headstart.runtimes.openvino_core import the_core
told = []
signal.signal(signal.SIGUSR1, lambda *_: told.append("a signal"))
held = [the_core()]
held[0].get_property("CPU", "OPTIMIZATION_CAPABILITIES")
thread = threading.Thread(target=lambda: (held.clear(), gc.collect()))
thread.start()
thread.join()
filled = [bytearray(b"x" * 200_000) for _ in range(100)]
os.kill(os.getpid(), signal.SIGUSR1)
print(*told)
"""


def test_there_is_one():
    pytest.importorskip("openvino")
    assert the_core() is the_core()


def test_a_signal_is_survived_after_another_thread_let_go_of_the_core():
    pytest.importorskip("openvino")
    done = subprocess.run([sys.executable, "-c", LET_GO], capture_output=True, text=True, timeout=120, check=False)
    assert (done.returncode, done.stdout.strip()) == (0, "a signal"), done.stderr
