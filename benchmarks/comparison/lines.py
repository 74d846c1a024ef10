"""Resumable programs with one line per run: what they share."""

from __future__ import annotations

import json
import shutil
import signal
import sys
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from . import environments, processes, records, runs
from .records import Record

RESULTS = environments.BENCHMARKS / "results"
BUILD = environments.BENCHMARKS.parent / "build" / "benchmarks"
LIMIT_SECONDS = 3600.0
NAME = ("name",)


class Lines:
    """Results by name in a file of lines; those that succeeded are not run again."""

    def __init__(self, path: Path) -> None:
        self.path = path

    def read(self) -> list[Record]:
        """The newest of each name."""
        return records.read(self.path, NAME)

    def wants(self, name: str) -> bool:
        """Whether it has to run; says so."""
        wanted = (name,) not in records.done(self.read(), NAME)
        if wanted:
            print(f"{name} ...", flush=True)
        return wanted

    def add(self, record: Record) -> None:
        """Append, and say what came."""
        records.append(self.path, record)
        failure = "" if record["ok"] else f" FAILED: {record['failure']}"
        print(f"    {record.get('wall_seconds', 0):.1f} s{failure}", flush=True)


def stoppable() -> None:
    """Let SIGTERM end the run in progress too, as Ctrl-C does."""
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(143))


def fit(
    out: Path, data: Path, cache: Path, arguments: Sequence[str], threads: int, seed: int = 0
) -> tuple[processes.Measured, str | None]:
    """A watched fit into ``out/run``; what it took, and why it failed or None.

    Splits are as they are: where they leak, as those of magnetic_tile do, that is accepted.
    """
    shutil.rmtree(out, ignore_errors=True)
    out.mkdir(parents=True)
    fixed = ["--out", out / "run", "--threads", threads, "--seed", seed, "--quiet"]
    fixed += ["--accept", "duplicates_across_splits"]
    command = [sys.executable, environments.BENCHMARKS / "watched_fit.py", out / "watched.json", "fit", data, *fixed]
    measured = processes.run(
        [*map(str, command), *arguments],
        environment=runs.environment_of(threads) | {"HEADSTART_CACHE": str(cache)},
        log=out / "log.txt",
        limit_seconds=LIMIT_SECONDS,
    )
    if measured.timed_out:
        return measured, "ran past its limit"
    return measured, None if measured.rc == 0 else f"exit code {measured.rc}: {runs.last_line(out / 'log.txt')}"


def evidence_of(out: Path) -> tuple[dict[str, Any], dict[str, Any]]:
    """``evidence.json`` of a fit of :func:`fit`, and what was watched."""
    return json.loads((out / "run" / "evidence.json").read_text()), json.loads((out / "watched.json").read_text())


def set_options(options: Mapping[str, Any]) -> list[str]:
    """``--set method.KEY=VALUE`` for each.

    >>> set_options({"lr": 0.1})
    ['--set', 'method.lr=0.1']
    """
    return [part for key, value in options.items() for part in ("--set", f"method.{key}={value}")]


def train_methods() -> list[str]:
    """Names of all methods that train a network."""
    from headstart.core import plugins

    return [name for name in plugins.names("methods") if plugins.load("methods", name).kind == "train"]


def write_json(path: Path, document: Mapping[str, Any]) -> None:
    """With ``schema`` 1."""
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(json.dumps({"schema": 1, **document}, indent=1) + "\n")
