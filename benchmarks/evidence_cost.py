"""What does the evidence of a default fit cost, and which of its parts take the time?

    python benchmarks/evidence_cost.py --data DATA [--sets banking77,clothing_small] [--repeats 3]

A first fit of each set fills the cache; then the same fit runs again, in a process of its own for each repeat, so that
nothing is computed by the network and what is left is reading, solving, evidence, bundle and report. Told are wall and
processor seconds of each step, and of the evidence's parts. Medians over the repeats go to
``results/evidence_cost.json``, under ``--label``: what stands there under other labels stays.
"""

from __future__ import annotations

import argparse
import json
import os
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

from comparison import lines, machine, runs

TARGETS = {"banking77": 8.0, "clothing_small": 5.0}  # wall seconds of the step "evidence"
PARTS = ("curve_section", "balance_effect", "calibration_section", "domain_section", "examples_document", "_evidence")


class Steps:
    """A listener that notes when each step begins."""

    def __init__(self) -> None:
        self.begun: list[tuple[str, float, float]] = []

    def step(self, name: str, total: int) -> None:
        """A step begins, so the one before has ended."""
        from headstart.core.resources import cpu_seconds

        self.begun.append((name, time.perf_counter(), cpu_seconds()))

    def advance(self, count: int = 1) -> None:
        """Not looked at."""

    def note(self, text: str) -> None:
        """Not looked at."""

    def seconds(self) -> dict[str, dict[str, float]]:
        """Of each step, steps of one name together."""
        found: dict[str, dict[str, float]] = {}
        for (name, wall, cpu), (_, wall_end, cpu_end) in zip(self.begun, self.begun[1:], strict=False):
            had = found.setdefault(name, {"wall": 0.0, "cpu": 0.0})
            had["wall"] += wall_end - wall
            had["cpu"] += cpu_end - cpu
        return found


def clocked(of: Any, name: str, found: dict[str, dict[str, float]]) -> None:
    """Put a clock around a function of a module."""
    from headstart.core.resources import cpu_seconds

    inner: Callable[..., Any] = getattr(of, name)

    def around(*args: Any, **options: Any) -> Any:
        wall, cpu = time.perf_counter(), cpu_seconds()
        try:
            return inner(*args, **options)
        finally:
            found[name.strip("_")] = {"wall": time.perf_counter() - wall, "cpu": cpu_seconds() - cpu}

    setattr(of, name, around)


def one_fit(data: Path, threads: int) -> dict[str, Any]:
    """Steps and parts of one fit in this process, with the cache that the environment names."""
    import headstart
    from headstart.fitting import finish

    steps, parts = Steps(), dict[str, dict[str, float]]()
    for name in PARTS:
        clocked(finish, name, parts)
    with tempfile.TemporaryDirectory() as out:
        run = headstart.fit(data, out=Path(out) / "run", threads=threads, progress=steps)
        steps.step("end", 0)
        assert isinstance(run, headstart.Run)
        primary = run.evidence["primary"]
        return {"steps": steps.seconds(), "parts": parts, primary: run.evidence["test"][primary]["value"]}


def measured(data: Path, repeats: int, threads: int, cache: Path) -> dict[str, Any]:
    """Medians of ``repeats`` fits that find all activations, after one that leaves them."""
    command = [sys.executable, __file__, "--one-fit", str(data), "--threads", str(threads)]
    environment = {**os.environ, **runs.environment_of(threads), "HEADSTART_CACHE": str(cache)}
    found = []
    for repeat in range(repeats + 1):
        done = subprocess.run(command, env=environment, capture_output=True, text=True, check=True)
        if repeat:
            found.append(json.loads(done.stdout))
    return {
        part: {
            name: {clock: round(statistics.median(each[part][name][clock] for each in found), 2) for clock in of_first}
            for name, of_first in found[0][part].items()
        }
        for part in ("steps", "parts")
    } | {key: value for key, value in found[0].items() if key not in ("steps", "parts")}


def report(found: dict[str, dict[str, Any]], label: str, out: Path) -> None:
    """Into the file, beside what stands there under other labels."""
    place = out / "evidence_cost.json"
    document: dict[str, Any] = json.loads(place.read_text()) if place.exists() else {"measured": {}}
    document |= {"machine": machine.describe(), "targets": TARGETS}
    document["measured"].setdefault(label, {}).update(found)
    lines.write_json(place, document)
    print(json.dumps({label: found}, indent=1))


def main(arguments: Sequence[str] | None = None) -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--data", type=Path, help="folder that holds the sets")
    parser.add_argument("--sets", type=lambda text: text.split(","), default=list(TARGETS))
    parser.add_argument("--repeats", type=int, default=3)
    parser.add_argument("--threads", type=int, default=2)
    parser.add_argument("--label", default="now", help="what these figures are called in the results")
    parser.add_argument("--work", type=Path, default=lines.BUILD / "evidence_cost", help="folder for the cache")
    parser.add_argument("--out", type=Path, default=lines.RESULTS)
    parser.add_argument("--one-fit", type=Path, help="fit one folder, and print its seconds as JSON")
    args = parser.parse_args(arguments)
    if args.one_fit:
        print(json.dumps(one_fit(args.one_fit, args.threads)))
        return
    if args.data is None:
        parser.error("--data must name the folder that holds the sets")
    found = {}
    for name in args.sets:
        found[name] = measured(args.data.resolve() / name, args.repeats, args.threads, args.work.resolve() / "cache")
    report(found, args.label, args.out)


if __name__ == "__main__":
    main()
