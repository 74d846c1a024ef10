"""The main job against the tools people know: the same pictures, weights, splits and threads, whole processes.

    python benchmarks/main_job.py --data DATA --accuracy    # peers' accuracy, on any machine, niced
    python benchmarks/main_job.py --data DATA --timed       # side by side, on a quiet machine
    python benchmarks/main_job.py --data DATA --summary     # the tables again

Results are appended to WORK/results.jsonl after every run; what is there is not run again. A run that fails or hangs is
recorded as such and the others go on. See README.md beside this file.
"""

from __future__ import annotations

import argparse
import json
import os
import signal
import sys
from collections.abc import Iterable, Sequence
from dataclasses import asdict
from pathlib import Path

from comparison import environments, machine, records, runs, splits, summary, tables, tools

TIMED_TOOLS = ("headstart", "tuned", "plain", "fastai", "headstart_again")
IMPORT_REPEATS = 5
RESULTS = environments.BENCHMARKS / "results"
BUILD = environments.BENCHMARKS.parent / "build" / "benchmarks"


def import_jobs() -> list[runs.Job]:
    """Repeats of the import that every fit begins with."""
    return [runs.Job("import", "", 0, repeat, timed=True) for repeat in range(IMPORT_REPEATS)]


def accuracy_jobs(names: Iterable[str], sets: Iterable[str], numbers: Iterable[int]) -> list[runs.Job]:
    """Split by split, so that a run that is stopped early has whole splits; the small sets first."""
    return [
        runs.Job(tool, name, number, pair=0, timed=False)
        for number in numbers
        for name in sorted(sets, key=("brain_mri_tumor", "magnetic_tile", "clothing_small", "cifar10_small").index)
        for tool in names
    ]


def timed_jobs(names: Sequence[str], sets: Iterable[str], numbers: Iterable[int], pairs: int) -> list[runs.Job]:
    """Tools one after another on each split, in the opposite order every other time: drift cancels over the sets."""
    blocks = [(pair, number, name) for pair in range(pairs) for number in numbers for name in sets]
    return [
        runs.Job(tool, name, number, pair, timed=True)
        for turn, (pair, number, name) in enumerate(blocks)
        for tool in (names if turn % 2 == 0 else names[::-1])
    ]


def carry_out(jobs: list[runs.Job], setting: runs.Setting, results: Path) -> None:
    for number, job in enumerate(jobs, 1):
        if (job.timed, job.tool, job.set, job.split, job.pair) in records.done(records.read(results)):
            continue
        print(f"[{number}/{len(jobs)}] {job.tool} {job.set} split {job.split} pair {job.pair}", flush=True)
        for record in runs.run(job, setting):
            records.append(results, record)
            accuracy = f"accuracy {record['accuracy']:.3f}" if "accuracy" in record else "done"
            what = accuracy if record["ok"] else f"FAILED: {record['failure']}"
            print(
                f"    {record['tool']}: {what}, {record['wall_seconds']:.1f} s, {record['cpu_seconds']:.1f} CPU s, "
                f"{record['peak_memory_mib']:.0f} MiB, others {record['other_cpu_fraction']:.0%}",
                flush=True,
            )


def report(results: Path, setting: runs.Setting, out: Path) -> None:
    """Print the tables; write the same, with every run behind them, as ``main_job.json`` and ``main_job.md``."""
    found = records.read(results)
    outcome = summary.Results(found)
    rows, targets = summary.rows(outcome), summary.targets(outcome)
    failed = [f"{run['tool']} {run['set']}, split {run['split']}: {run['failure']}" for run in found if not run["ok"]]
    text = "\n\n".join([tables.tools_table(rows), tables.targets_table(targets), *failed])
    print(f"\n{text}\n\nimport: {outcome.import_seconds()} s")
    used = {peer.environment for name, peer in tools.PEERS_BY_NAME.items() if name in outcome.tools}
    pythons = {name: environments.python_of(setting.envs, name) for name in sorted(used)}
    if any(run["tool"].startswith("headstart") for run in found):
        pythons["headstart"] = setting.headstart.with_name("python")
    document = {
        "schema": 1,
        "machine": machine.describe(),
        "threads": setting.threads,
        "versions": {name: machine.versions(python) for name, python in pythons.items()},
        "import_seconds": outcome.import_seconds(),
        "rows": [asdict(row) for row in rows],
        "targets": [asdict(target) for target in targets],
        "runs": found,
    }
    out.mkdir(parents=True, exist_ok=True)
    (out / "main_job.json").write_text(json.dumps(document, indent=1) + "\n")
    (out / "main_job.md").write_text(text + "\n")


def parse() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--data", type=Path, required=True, help="folder that holds the four sets")
    parser.add_argument("--work", type=Path, default=BUILD, help="folder for splits, runs and results")
    parser.add_argument("--envs", type=Path, default=BUILD / "envs", help="folder for the virtual environments")
    parser.add_argument("--headstart", type=Path, help="the executable; default: beside this Python")
    mode = parser.add_mutually_exclusive_group(required=True)
    mode.add_argument("--accuracy", action="store_true", help="untimed, niced runs, for accuracy alone")
    mode.add_argument("--timed", action="store_true", help="side by side; nothing else should run")
    mode.add_argument("--summary", action="store_true", help="run nothing, print what is there")
    parser.add_argument("--tools", type=lambda text: text.split(","), help="comma separated")
    parser.add_argument("--sets", type=lambda text: text.split(","), default=list(splits.SETS))
    parser.add_argument("--splits", type=lambda text: [int(part) for part in text.split(",")])
    parser.add_argument("--pairs", type=int, default=1, help="timed runs of every split")
    parser.add_argument("--threads", type=int, default=2)
    parser.add_argument("--out", type=Path, default=RESULTS, help="folder for main_job.json and main_job.md")
    return parser.parse_args()


def main() -> None:
    args = parse()
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(143))  # so that the run in progress is ended too
    for name in ("data", "work", "envs"):
        setattr(args, name, getattr(args, name).resolve())
    os.sched_setaffinity(0, sorted(os.sched_getaffinity(0))[: args.threads])  # inherited: the same cores for all
    headstart = args.headstart or Path(sys.executable).with_name("headstart")
    setting = runs.Setting(args.data, args.work, args.envs, headstart.absolute(), args.threads)
    results = args.work / "results.jsonl"
    if args.accuracy:
        jobs = accuracy_jobs(args.tools or ("tuned", "fastai"), args.sets, args.splits or (1, 2))
        carry_out(jobs, setting, results)
    elif args.timed:
        names = args.tools or TIMED_TOOLS
        runs.warm_up(setting, [name for name in names if name in tools.PEERS_BY_NAME])
        jobs = import_jobs() + timed_jobs(names, args.sets, args.splits or (0,), args.pairs)
        carry_out(jobs, setting, results)
    report(results, setting, args.out)


if __name__ == "__main__":
    main()
