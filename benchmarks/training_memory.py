"""Anonymous memory of fine-tuning at batch 32: half of the network frozen, beside all of it trained and nothing kept.

    python benchmarks/training_memory.py --data DATA [--set clothing_small]

``headstart fit --method lp_ft`` in a process of its own; RssAnon of /proc/PID/status, children included, is sampled ten
times a second (mapped files are not in it, since the system can drop them at any moment). Runs are appended to
WORK/training_memory.jsonl and not repeated; writes ``results/training_memory.json``.
"""

from __future__ import annotations

import argparse
import os
import shutil
import subprocess
import sys
import time
from collections.abc import Sequence
from dataclasses import asdict
from pathlib import Path
from typing import Any

from comparison import lines, machine, processes, runs, tables
from comparison.records import Record
from comparison.summary import Target
from comparison.tuning_sets import SUBJECTS
from fit_memory import anonymous_mib

LIMIT_MIB = 3 * 1024
HALF, WHOLE = "half frozen", "all trained, nothing kept"


def settings_of(stages: int) -> dict[str, dict[str, Any]]:
    """The two trainings of a network with so many stages."""
    return {HALF: {"freeze": stages // 2}, WHOLE: {"freeze": 0, "keep": "false"}}


def watch(command: Sequence[str], environment: dict[str, str], log: Path) -> dict[str, Any]:
    """Peak anonymous memory of a process and its children, and what it took."""
    began, peak, at = time.perf_counter(), 0.0, 0.0
    with log.open("wb") as stream:
        process = subprocess.Popen(
            command, env={**os.environ, **environment}, stdout=stream, stderr=subprocess.STDOUT, start_new_session=True
        )
        try:
            while process.poll() is None:
                now = sum(anonymous_mib(member) for member in processes.tree(process.pid))
                if now > peak:
                    peak, at = now, time.perf_counter() - began
                time.sleep(0.1)
        except BaseException:  # Ctrl-C: leave nothing running behind
            process.kill()
            raise
    ok = process.returncode == 0
    failure = None if ok else f"exit code {process.returncode}: {runs.last_line(log)}"
    seconds = {"wall_seconds": round(time.perf_counter() - began, 1), "peak_after_seconds": round(at, 1)}
    return {"ok": ok, "failure": failure, "peak_anonymous_mib": round(peak), **seconds}


def targets(found: Sequence[Record]) -> list[Target]:
    """Of the half-frozen training."""
    peaks = [run["peak_anonymous_mib"] for run in found if run["ok"] and run["what"] == HALF]
    what, limit = "frozen to half depth, batch 32: peak anonymous MiB", f"at most {LIMIT_MIB}"
    return [Target(what, limit, str(max(peaks)), max(peaks) <= LIMIT_MIB) if peaks else Target(what, limit, "-", None)]


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--data", type=Path, required=True, help="folder that holds the sets")
    parser.add_argument("--set", default="clothing_small", help="of pictures")
    parser.add_argument("--epochs", type=int, default=2, help="memory is that of a step: few will do")
    parser.add_argument("--stages", type=int, default=10, help="of the network; its default for pictures has 10")
    parser.add_argument("--threads", type=int, default=2)
    parser.add_argument("--work", type=Path, default=lines.BUILD, help="folder for splits, runs and results")
    parser.add_argument("--out", type=Path, default=lines.RESULTS)
    args = parser.parse_args()
    lines.stoppable()
    work = args.work.resolve()
    data, place = SUBJECTS[args.set].folder(args.data.resolve(), work, 0), work / "training_memory"
    found = lines.Lines(work / "training_memory.jsonl")
    for number, (what, settings) in enumerate(settings_of(args.stages).items()):
        name = f"{args.set}: {what}"
        if not found.wants(name):
            continue
        out = place / str(number)
        shutil.rmtree(out, ignore_errors=True)
        out.mkdir(parents=True)
        options = lines.set_options({**settings, "batch_size": 32, "epochs": args.epochs})
        command = [sys.executable, "-m", "headstart", "fit", str(data), "--method", "lp_ft", *options]
        command += ["--out", str(out / "run"), "--threads", str(args.threads), "--quiet"]
        environment = runs.environment_of(args.threads) | {"HEADSTART_CACHE": str(out / "cache")}
        measured = watch(command, environment, out / "log.txt")
        shutil.rmtree(out / "cache", ignore_errors=True)
        found.add({"name": name, "what": what, "set": args.set, "settings": settings, **measured})
    records = [run for run in found.read() if run["set"] == args.set]
    promises = targets(records)
    document = {"machine": machine.describe(), "targets": [asdict(each) for each in promises], "runs": records}
    lines.write_json(args.out / "training_memory.json", document)
    for run in records:
        print(f"{run['name']}: {run['peak_anonymous_mib']:,} MiB after {run['peak_after_seconds']} s")
    print(tables.targets_table(promises))


if __name__ == "__main__":
    main()
