"""Headstart beside AutoGluon at equal time: the same data, weights, splits, seeds and threads, whole processes.

    python benchmarks/autogluon.py --data DATA --minutes 2,10     # both tools in turn; nothing else should run
    python benchmarks/autogluon.py --data DATA --summary          # the table again, and results/autogluon.*

MultiModal reads pictures and texts, Tabular tables. Results are appended to WORK/autogluon.jsonl after every run; what
is there is not run again. See README.md.
"""

from __future__ import annotations

import argparse
import os
import sys
from collections.abc import Sequence
from dataclasses import asdict
from pathlib import Path

from comparison import environments, equal_time, equal_time_summary, lines, machine, records, runs, tables
from comparison.equal_time import FIELDS, KINDS, EqualTimeJob


def carry_out(jobs: Sequence[EqualTimeJob], setting: runs.Setting, results: Path, nice: int) -> None:
    """Run what is not there yet."""
    for number, job in enumerate(jobs, 1):
        if records.key(asdict(job), FIELDS) in records.done(records.read(results, FIELDS), FIELDS):
            continue
        print(f"[{number}/{len(jobs)}] {job.tool} {job.set} split {job.split}, {job.minutes:g} minutes", flush=True)
        record = equal_time.run(job, setting, nice)
        records.append(results, record)
        what = f"accuracy {record['accuracy']:.3f}" if record["ok"] else f"FAILED: {record['failure']}"
        print(
            f"    {what}, {record['wall_seconds']:.1f} s, {record['cpu_seconds']:.1f} CPU s, "
            f"{record['peak_memory_mib']:.0f} MiB, others {record['other_cpu_fraction']:.0%}",
            flush=True,
        )


def report(results: Path, setting: runs.Setting, out: Path) -> None:
    """Print the table; write the same, with every run behind it, as ``autogluon.json`` and ``autogluon.md``."""
    found = records.read(results, FIELDS)
    table = equal_time_summary.rows(found)
    targets = equal_time_summary.targets(table)
    failed = [f"{run['tool']} {run['set']}, split {run['split']}: {run['failure']}" for run in found if not run["ok"]]
    text = "\n\n".join([equal_time_summary.rows_table(table), tables.targets_table(targets), *failed])
    print(f"\n{text}")
    names = sorted({equal_time.ENVIRONMENTS[KINDS[run["set"]]] for run in found if run["tool"] == equal_time.AUTOGLUON})
    pythons = {name: environments.python_of(setting.envs, name) for name in names}
    pythons["headstart"] = setting.headstart.with_name("python")
    document = {
        "machine": machine.describe(),
        "threads": setting.threads,
        "versions": {name: machine.versions(python) for name, python in pythons.items()},
        "rows": [asdict(row) for row in table],
        "means": [asdict(mean) for mean in equal_time_summary.means(table)],
        "targets": [asdict(target) for target in targets],
        "runs": found,
    }
    lines.write_json(out / "autogluon.json", document)
    (out / "autogluon.md").write_text(text + "\n")


def parse() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--data", type=Path, required=True, help="folder that holds the sets")
    parser.add_argument("--work", type=Path, default=lines.BUILD, help="folder for splits, runs and results")
    parser.add_argument("--envs", type=Path, default=lines.BUILD / "envs", help="folder for the virtual environments")
    parser.add_argument("--headstart", type=Path, help="the executable; default: beside this Python")
    parser.add_argument("--minutes", type=lambda text: [float(part) for part in text.split(",")], default=[2.0, 10.0])
    parser.add_argument("--sets", type=lambda text: text.split(","), default=list(KINDS))
    parser.add_argument("--splits", type=lambda text: [int(part) for part in text.split(",")], default=[0])
    parser.add_argument("--pairs", type=int, default=1, help="runs of every split, each with another seed")
    parser.add_argument(
        "--tools", type=lambda text: text.split(","), default=[], help="headstart or autogluon: only it"
    )
    parser.add_argument("--threads", type=int, default=2)
    parser.add_argument("--nice", type=int, default=0, help="only to try this program out beside other work")
    parser.add_argument("--summary", action="store_true", help="run nothing, print what is there")
    parser.add_argument("--out", type=Path, default=lines.RESULTS, help="folder for autogluon.json and autogluon.md")
    args = parser.parse_args()
    if unknown := set(args.sets) - set(KINDS):
        parser.error(f"--sets must be of {', '.join(KINDS)}; got {', '.join(sorted(unknown))}")
    return args


def main() -> None:
    args = parse()
    lines.stoppable()
    os.sched_setaffinity(0, sorted(os.sched_getaffinity(0))[: args.threads])  # inherited: the same cores for all
    headstart = args.headstart or Path(sys.executable).with_name("headstart")
    data, work, envs = (path.resolve() for path in (args.data, args.work, args.envs))
    setting = runs.Setting(data, work, envs, headstart.absolute(), args.threads)
    results = work / "autogluon.jsonl"
    if not args.summary:
        equal_time.warm_up(setting, args.sets)
        jobs = equal_time.jobs(args.sets, args.minutes, args.splits, args.pairs, args.tools)
        carry_out(jobs, setting, results, args.nice)
    report(results, setting, args.out)


if __name__ == "__main__":
    main()
