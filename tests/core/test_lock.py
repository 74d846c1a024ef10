import subprocess
import sys
import time

import pytest

from headstart.core.errors import BusyError
from headstart.core.lock import lock

HOLDER = """
import sys, time
from pathlib import Path
from headstart.core.lock import lock
with lock(Path(sys.argv[1]), "the folder"):
    print("held", flush=True)
    time.sleep(60)
"""


def test_a_second_process_is_refused_and_a_killed_holder_leaves_no_lock(tmp_path):
    path = tmp_path / ".lock"
    with subprocess.Popen([sys.executable, "-c", HOLDER, str(path)], stdout=subprocess.PIPE) as holder:
        assert holder.stdout is not None and holder.stdout.readline() == b"held\n"
        with pytest.raises(BusyError, match="one process at a time"), lock(path, "the folder"):
            pass
        holder.kill()
        holder.wait()
    with lock(path, "the folder"):
        pass


def test_a_waiting_process_gets_the_lock_once_it_is_free(tmp_path):
    path = tmp_path / ".lock"
    code = HOLDER.replace("time.sleep(60)", "time.sleep(0.3)")
    with subprocess.Popen([sys.executable, "-c", code, str(path)], stdout=subprocess.PIPE) as holder:
        assert holder.stdout is not None and holder.stdout.readline() == b"held\n"
        start = time.monotonic()
        with lock(path, "the folder", wait=True):
            assert time.monotonic() - start > 0.1
