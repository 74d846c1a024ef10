"""Kill ``headstart fit`` at random moments, resume it each time, and compare with a run that nobody disturbed.

    python benchmarks/kill_resume.py --data FOLDER [--kills 20]

A round begins a fit in a fresh folder with a fresh cache and ends when it is finished, killed with SIGKILL (the whole
process group) at moments drawn uniformly from a run's length and gone on with by ``--resume`` each time. Rounds are
repeated until there were enough kills. Each finished run is compared with an undisturbed one of the same resolved
config in a fresh cache: ``evidence.json`` less ``cost``, and ``predictions/test.parquet``, byte for byte.
"""

from __future__ import annotations

import argparse
import hashlib
import json
import random
import re
import shutil
import sys
from pathlib import Path
from typing import Any

from comparison import environments, processes

LIMIT_SECONDS = 900.0
MOST_ROUNDS = 60
REASON = re.compile(r"^( *)reason:.*\n(\1 +.*\n)*", re.MULTILINE)  # of a choice: holds what was measured for it
BUILD = environments.BENCHMARKS.parent / "build" / "benchmarks"


class Fits:
    """Calls ``headstart fit`` for one data set; every call is measured and logged."""

    def __init__(self, executable: Path, data: Path, work: Path, threads: int) -> None:
        self.executable, self.data, self.work, self.threads = executable, data, work, threads
        self.calls = 0

    def __call__(self, run: Path, cache: Path, *options: str, limit: float = LIMIT_SECONDS) -> processes.Measured:
        """Run to the end, or until it is killed after ``limit`` seconds."""
        self.calls += 1
        command: list[str | Path] = [self.executable, "fit", *options, "--out", run, "--quiet"]
        return processes.run(
            command,
            environment={"HEADSTART_CACHE": str(cache)},
            log=self.work / "logs" / f"{self.calls:03d}.txt",
            limit_seconds=limit,
        )

    def asked(self) -> tuple[str, ...]:
        """The request, the same for every call of a round."""
        return (str(self.data), "--threads", str(self.threads))


def disturbed(fit: Fits, folder: Path, rng: random.Random, length: float, most: int) -> list[float]:
    """One round: the moments of the kills, at most ``most``; the run is finished when this returns."""
    moments: list[float] = []
    options: tuple[str, ...] = ()
    while True:
        limit = rng.uniform(0, length) if len(moments) < most else LIMIT_SECONDS
        ended = fit(folder / "run", folder / "cache", *fit.asked(), *options, limit=limit)
        if ended.rc == 0:
            return moments
        if not ended.timed_out or limit == LIMIT_SECONDS:
            raise RuntimeError(
                f"fit ended with {ended.rc} by itself after {len(moments)} kills; see log {fit.calls:03d}"
            )
        moments.append(limit)
        options = ("--resume",)


def undisturbed(fit: Fits, config: Path) -> Path:
    """A run of the same resolved config in a fresh cache; rounds with equal configs share it, reasons left out."""
    decided = REASON.sub("", config.read_text())
    folder = fit.work / f"undisturbed-{hashlib.sha256(decided.encode()).hexdigest()[:8]}"
    if not folder.exists():
        ended = fit(folder / "run", folder / "cache", "--config", str(config))
        if ended.rc != 0:
            raise RuntimeError(f"the undisturbed run ended with {ended.rc}; see log {fit.calls:03d}")
    return folder / "run"


def differences(one: Path, other: Path) -> list[str]:
    """What differs between two finished runs: paths into ``evidence.json``, or the predictions' file."""
    first, second = (json.loads((run / "evidence.json").read_text()) for run in (one, other))
    first.pop("cost"), second.pop("cost")
    found = unequal(first, second)
    predictions = "predictions/test.parquet"
    if (one / predictions).read_bytes() != (other / predictions).read_bytes():
        found.append(predictions)
    return found


def unequal(one: Any, other: Any, at: str = "") -> list[str]:
    """Paths at which two JSON values differ.

    >>> unequal({"a": [1, 2], "b": 0}, {"a": [1, 3]})
    ['/a/1', '/b']
    """
    if isinstance(one, dict) and isinstance(other, dict):
        absent = object()
        keys = sorted({*one, *other})
        return [path for key in keys for path in unequal(one.get(key, absent), other.get(key, absent), f"{at}/{key}")]
    if isinstance(one, list) and isinstance(other, list) and len(one) == len(other):
        return [
            path for place, pair in enumerate(zip(one, other, strict=True)) for path in unequal(*pair, f"{at}/{place}")
        ]
    return [] if one == other and type(one) is type(other) else [at]


def parse() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--data", type=Path, required=True, help="a folder that headstart fit understands")
    parser.add_argument("--work", type=Path, default=BUILD, help="folder for runs, caches and logs")
    parser.add_argument("--headstart", type=Path, help="the executable; default: beside this Python")
    parser.add_argument("--kills", type=int, default=20)
    parser.add_argument("--threads", type=int, default=2)
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--out", type=Path, default=environments.BENCHMARKS / "results")
    return parser.parse_args()


def main() -> None:
    args = parse()
    work = args.work.resolve() / "kill_resume"
    shutil.rmtree(work, ignore_errors=True)
    work.mkdir(parents=True)
    fit = Fits(
        (args.headstart or Path(sys.executable).with_name("headstart")).absolute(),
        args.data.resolve(),
        work,
        args.threads,
    )
    length = fit(work / "length" / "run", work / "length" / "cache", *fit.asked()).wall_seconds
    rng = random.Random(args.seed)
    rounds: list[dict[str, Any]] = []
    kills = 0
    while kills < args.kills and len(rounds) < MOST_ROUNDS:
        folder = work / f"round-{len(rounds):02d}"
        moments = disturbed(fit, folder, rng, length, most=args.kills - kills)
        kills += len(moments)
        found = differences(folder / "run", undisturbed(fit, folder / "run" / "config.yaml"))
        rounds.append({"killed_after_seconds": [round(moment, 3) for moment in moments], "differences": found})
        at = ", ".join(f"{moment:.2f}" for moment in moments) or "never"
        print(f"round {len(rounds)}: killed after {at} s; {', '.join(found) or 'bit-equal'}", flush=True)
        shutil.rmtree(folder / "cache", ignore_errors=True)
    equal = not any(entry["differences"] for entry in rounds)
    print(f"{kills} kills in {len(rounds)} rounds of {length:.1f} s: {'all bit-equal' if equal else 'DIFFERENT'}")
    document = {"schema": 1, "kills": kills, "run_seconds": round(length, 3), "bit_equal": equal, "rounds": rounds}
    args.out.mkdir(parents=True, exist_ok=True)
    (args.out / "kill_resume.json").write_text(json.dumps(document, indent=1) + "\n")
    raise SystemExit(0 if equal and kills >= args.kills else 1)


if __name__ == "__main__":
    main()
