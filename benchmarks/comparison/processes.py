"""Run one command as a whole process and measure it: wall and CPU seconds, memory, and what else the machine did."""

from __future__ import annotations

import os
import signal
import subprocess
import threading
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

SAMPLING_SECONDS = 0.5  # of memory, at least
SAMPLING_SHARE = 0.005  # at most this share of one core: a sample of a process of 6 GiB costs 0.1 s


@dataclass(frozen=True)
class Measured:
    """What one process, with all its children, took.

    Attributes:
        rc: Exit code; negative is the signal that ended it.
        timed_out: It was killed at the limit.
        wall_seconds: From start to the end of the process that was started.
        cpu_seconds: User and system time, finished children included.
        peak_memory_mib: Largest proportional set size of the process and its children together, as sampled, or the
            largest resident size of a single one, whichever is more.
        other_cpu_fraction: Share of the machine's CPU time that went to anything else meanwhile (0: quiet machine).
    """

    rc: int
    timed_out: bool
    wall_seconds: float
    cpu_seconds: float
    peak_memory_mib: float
    other_cpu_fraction: float


def run(
    command: Sequence[str | Path], *, environment: Mapping[str, str], log: Path, limit_seconds: float, nice: int = 0
) -> Measured:
    """Run ``command`` with ``environment`` added to this process's; its output goes to ``log``."""
    log.parent.mkdir(parents=True, exist_ok=True)
    machine = _machine_cpu_seconds()
    start = time.perf_counter()
    with log.open("wb") as stream:
        process = subprocess.Popen(
            ["nice", "-n", str(nice), *map(str, command)] if nice else [*map(str, command)],
            stdin=subprocess.DEVNULL,
            stdout=stream,
            stderr=subprocess.STDOUT,
            env={**os.environ, **environment},
            start_new_session=True,  # one group, so that a time-out ends the loader workers too
        )
    expired, ended = threading.Event(), threading.Event()
    peaks = [0.0]
    watcher = threading.Thread(target=_watch, args=(process.pid, limit_seconds, expired, ended, peaks))
    watcher.start()
    try:
        _, status, usage = os.wait4(process.pid, 0)
    except BaseException:  # Ctrl-C: leave nothing running behind
        _kill_group(process.pid)
        raise
    finally:
        ended.set()
        watcher.join()
    wall = time.perf_counter() - start
    process.returncode = os.waitstatus_to_exitcode(status)  # Popen must not wait for it again
    cpu = usage.ru_utime + usage.ru_stime
    _kill_group(process.pid)  # workers that outlived their parent would disturb the next run
    busy, total = (after - before for after, before in zip(_machine_cpu_seconds(), machine, strict=True))
    return Measured(
        rc=process.returncode,
        timed_out=expired.is_set(),
        wall_seconds=wall,
        cpu_seconds=cpu,
        peak_memory_mib=max(peaks[0], usage.ru_maxrss / 1024),
        other_cpu_fraction=max(0.0, busy - cpu) / total if total else 0.0,
    )


def _watch(pid: int, limit: float, expired: threading.Event, ended: threading.Event, peaks: list[float]) -> None:
    deadline = time.monotonic() + limit
    pause = SAMPLING_SECONDS
    while not ended.wait(min(pause, max(0.0, deadline - time.monotonic()))):
        if time.monotonic() >= deadline:
            expired.set()
            _kill_group(pid)
            return
        start = time.thread_time()
        peaks[0] = max(peaks[0], sum(proportional_set_mib(member) for member in tree(pid)))
        pause = max(SAMPLING_SECONDS, (time.thread_time() - start) / SAMPLING_SHARE)


def _kill_group(group: int) -> None:
    try:
        os.killpg(group, signal.SIGKILL)
    except ProcessLookupError:
        pass


def tree(pid: int) -> list[int]:
    """The process and its living descendants."""
    members = [pid]
    for member in members:  # grows while it is read: breadth first
        try:
            for task in os.listdir(f"/proc/{member}/task"):
                members += map(int, Path(f"/proc/{member}/task/{task}/children").read_text().split())
        except OSError:  # it ended meanwhile
            continue
    return members


def proportional_set_mib(pid: int) -> float:
    """Memory of a process, pages shared by m processes counted as 1/m; 0 when it has ended."""
    try:
        for line in Path(f"/proc/{pid}/smaps_rollup").read_text().splitlines():
            if line.startswith("Pss:"):
                return int(line.split()[1]) / 1024
    except OSError:
        pass
    return 0.0


def _machine_cpu_seconds() -> tuple[float, float]:
    """Busy and total CPU seconds of the machine since it started; time stolen by a hypervisor counts as busy."""
    fields = [int(field) for field in Path("/proc/stat").read_text().split("\n", 1)[0].split()[1:9]]
    total = sum(fields)
    idle = fields[3] + fields[4]  # idle, iowait
    ticks = os.sysconf("SC_CLK_TCK")
    return (total - idle) / ticks, total / ticks
