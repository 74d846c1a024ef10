"""Whole processes are measured with their children, and ended with them."""

from __future__ import annotations

import os
import sys
import time

import pytest
from comparison import processes
from comparison.records import append, done, read

pytestmark = pytest.mark.skipif(not os.path.isdir("/proc/self"), reason="the benchmarks read /proc")


def measure(tmp_path, code, limit=30.0):
    return processes.run(
        [sys.executable, "-c", code], environment={"A": "b"}, log=tmp_path / "log", limit_seconds=limit
    )


def test_output_exit_code_and_environment_are_as_asked(tmp_path):
    result = measure(tmp_path, "import os; print(os.environ['A']); raise SystemExit(3)")
    assert (result.rc, result.timed_out) == (3, False)
    assert (tmp_path / "log").read_text() == "b\n"


def test_the_time_and_memory_of_children_count(tmp_path):
    child = "b = bytearray(200 << 20); import time; e = time.process_time() + 0.6\nwhile time.process_time() < e: pass"
    result = measure(tmp_path, f"import subprocess, sys; subprocess.run([sys.executable, '-c', {child!r}])")
    assert result.cpu_seconds >= 0.6
    assert result.peak_memory_mib >= 200


def test_at_the_limit_the_whole_group_is_killed(tmp_path):
    code = "import subprocess, sys; p = subprocess.Popen(['sleep', '60']); print(p.pid, flush=True); p.wait()"
    result = measure(tmp_path, code, limit=0.7)
    assert result.timed_out
    assert result.rc == -9
    child = int((tmp_path / "log").read_text())
    for _ in range(100):  # its new parent must collect it
        if processes.proportional_set_mib(child) == 0.0:
            return
        time.sleep(0.05)
    pytest.fail("the child outlived the time-out")


def entry(tool, ok):
    return {"timed": True, "tool": tool, "set": "a", "split": 0, "pair": 0, "ok": ok}


def test_failed_runs_are_tried_again_and_the_newest_record_counts(tmp_path):
    path = tmp_path / "results.jsonl"
    append(path, entry("plain", ok=False))
    assert done(read(path)) == set()
    append(path, entry("plain", ok=True))
    assert read(path) == [entry("plain", ok=True)]
    assert done(read(path)) == {(True, "plain", "a", 0, 0)}


def test_a_line_cut_off_by_a_crash_costs_only_itself(tmp_path):
    path = tmp_path / "results.jsonl"
    append(path, entry("plain", ok=True))
    with path.open("a") as stream:
        stream.write('{"timed": tr')
    append(path, entry("tuned", ok=True))
    assert [record["tool"] for record in read(path)] == ["plain", "tuned"]
