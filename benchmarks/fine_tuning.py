"""Fine-tuning with Headstart beside the peers: the same data, weights, splits, seeds and threads, whole processes.

    python benchmarks/fine_tuning.py --data DATA --accuracy     # untimed, niced, on any machine
    python benchmarks/fine_tuning.py --data DATA --timed        # pairs of a fit and a peer, on a quiet machine
    python benchmarks/fine_tuning.py --data DATA --equal-time   # fits that are given what a peer took; quiet machine
    python benchmarks/fine_tuning.py --data DATA --summary      # the tables again

Results are appended to WORK/fine_tuning.jsonl after every run; what is there is not run again. See README.md.
"""

from __future__ import annotations

import argparse
import json
import os
import signal
import sys
from dataclasses import asdict
from pathlib import Path

from comparison import environments, machine, records, tables, tuning_runs, tuning_summary
from comparison.earlier import earlier
from comparison.tuning_runs import FIELDS, TuningJob, TuningSetting
from comparison.tuning_sets import SUBJECTS
from comparison.tuning_summary import Outcomes

RESULTS = environments.BENCHMARKS / "results"
BUILD = environments.BENCHMARKS.parent / "build" / "benchmarks"
STARRED = "\\* partly measured earlier, by `main_job.py` or `texts/few_shot.py`: the same scripts, splits and seeds."


def carry_out(jobs: list[TuningJob], setting: TuningSetting, results: Path) -> None:
    """Run what is not there yet."""
    for number, job in enumerate(jobs, 1):
        if records.key(asdict(job), FIELDS) in records.done(records.read(results, FIELDS), FIELDS):
            continue
        beside = f" beside {job.beside}" if job.beside else ""
        print(f"[{number}/{len(jobs)}] {job.tool} {job.set} split {job.split} pair {job.pair}{beside}", flush=True)
        record = tuning_runs.run(job, setting)
        records.append(results, record)
        what = f"accuracy {record['accuracy']:.3f}" if record["ok"] else f"FAILED: {record['failure']}"
        chosen = f", {record['chosen']} shipped" if record.get("chosen") else ""
        print(
            f"    {what}{chosen}, {record['wall_seconds']:.1f} s, {record['cpu_seconds']:.1f} CPU s, "
            f"{record['peak_memory_mib']:.0f} MiB, others {record['other_cpu_fraction']:.0%}",
            flush=True,
        )


def peer_seconds(found: list[records.Record], results: Path) -> dict[tuple[str, str], float]:
    """What each peer took on each set: by the timed runs, else by those of ``main_job.py`` on this very processor."""
    outcomes = Outcomes(found)
    seconds: dict[tuple[str, str], float] = {}
    document = results / "main_job.json"
    if document.is_file():
        before = json.loads(document.read_text())
        if before["machine"]["cpu"] == machine.describe()["cpu"]:
            timed = Outcomes([{"beside": "", **run} for run in before["runs"] if run["timed"]])
            seconds = _seconds_of(timed)
    return seconds | _seconds_of(outcomes)


def _seconds_of(outcomes: Outcomes) -> dict[tuple[str, str], float]:
    found = {(peer, name): outcomes.seconds(peer, name) for name, each in SUBJECTS.items() for peer in each.peers}
    return {key: value for key, value in found.items() if value is not None}


def report(results: Path, setting: TuningSetting, out: Path) -> None:
    """Print the tables; write the same, with every run behind them, as ``fine_tuning.json`` and ``fine_tuning.md``."""
    found = records.read(results, FIELDS)
    outcomes = Outcomes(found, earlier(RESULTS))
    table, targets = tuning_summary.rows(outcomes), tuning_summary.targets(outcomes)
    failed = [f"{run['tool']} {run['set']}, split {run['split']}: {run['failure']}" for run in found if not run["ok"]]
    parts = [tuning_summary.rows_table(table), STARRED, tuning_summary.equal_time_table(outcomes)]
    text = "\n\n".join([*parts, tables.targets_table(targets), *failed])
    print(f"\n{text}")
    document = {
        "schema": 1,
        "machine": machine.describe(),
        "threads": setting.threads,
        "versions": {"headstart": machine.versions(setting.headstart.with_name("python"))},
        "rows": [asdict(row) for row in table],
        "targets": [asdict(target) for target in targets],
        "equal_time": {name: tuning_summary.equal_time_ratios(outcomes, name) for name in outcomes.sets},
        "runs": found,
        "measured_earlier": [run for run in outcomes.records if run.get("earlier")],
    }
    out.mkdir(parents=True, exist_ok=True)
    (out / "fine_tuning.json").write_text(json.dumps(document, indent=1) + "\n")
    (out / "fine_tuning.md").write_text(text + "\n")


def parse() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--data", type=Path, required=True, help="folder that holds the sets")
    parser.add_argument("--work", type=Path, default=BUILD, help="folder for splits, runs and results")
    parser.add_argument("--envs", type=Path, default=BUILD / "envs", help="folder for the virtual environments")
    parser.add_argument("--texts", type=Path, help="interpreter with setfit and transformers; else one is made")
    parser.add_argument("--headstart", type=Path, help="the executable; default: beside this Python")
    mode = parser.add_mutually_exclusive_group(required=True)
    mode.add_argument("--accuracy", action="store_true", help="untimed, niced runs, for accuracy alone")
    mode.add_argument("--timed", action="store_true", help="one fit beside each peer; nothing else should run")
    mode.add_argument("--equal-time", action="store_true", help="fits with --minutes; nothing else should run")
    mode.add_argument("--summary", action="store_true", help="run nothing, print what is there")
    parser.add_argument("--tools", type=lambda text: text.split(","), default=[], help="peers, or lp_ft: only these")
    parser.add_argument("--sets", type=lambda text: text.split(","), default=list(SUBJECTS))
    parser.add_argument("--splits", type=lambda text: [int(part) for part in text.split(",")], default=[])
    parser.add_argument("--pairs", type=int, default=1, help="runs of every split, each with another seed")
    parser.add_argument("--threads", type=int, default=2)
    parser.add_argument("--set", action="append", default=[], help="key=value for lp_ft: only to try this program out")
    parser.add_argument("--out", type=Path, default=RESULTS, help="folder for fine_tuning.json and fine_tuning.md")
    return parser.parse_args()


def main() -> None:
    args = parse()
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(143))  # so that the run in progress is ended too
    os.sched_setaffinity(0, sorted(os.sched_getaffinity(0))[: args.threads])  # inherited: the same cores for all
    headstart = args.headstart or Path(sys.executable).with_name("headstart")
    data, work, envs = (path.resolve() for path in (args.data, args.work, args.envs))
    texts = args.texts.absolute() if args.texts else None
    setting = TuningSetting(data, work, envs, headstart.absolute(), args.threads, texts, tuple(args.set))
    results = work / "fine_tuning.jsonl"
    if args.accuracy:
        found = [
            run for run in records.read(results, FIELDS) if run["timed"] and run["tool"] not in tuning_runs.HEADSTART
        ]
        known = {(run["tool"], run["set"], run["split"]) for run in [*earlier(RESULTS), *found] if run["ok"]}
        carry_out(tuning_runs.accuracy_jobs(args.sets, args.tools, args.splits, known, args.pairs), setting, results)
    elif args.timed:
        tuning_runs.warm_up(setting, args.sets, args.tools)
        carry_out(tuning_runs.timed_jobs(args.sets, args.tools, args.splits, args.pairs), setting, results)
    elif args.equal_time:
        seconds = peer_seconds(records.read(results, FIELDS), RESULTS)
        missing = [
            f"{peer} on {name}" for name in args.sets for peer in SUBJECTS[name].peers if (peer, name) not in seconds
        ]
        if missing:
            print(f"no time is known of {', '.join(missing)}: run --timed first", file=sys.stderr)
        jobs = tuning_runs.equal_time_jobs(args.sets, args.tools, args.splits, args.pairs, seconds)
        carry_out(jobs, setting, results)
    report(results, setting, args.out)


if __name__ == "__main__":
    main()
