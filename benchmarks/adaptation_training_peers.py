"""Networks trained for another domain without labels, beside pytorch-adapt and TLlib's first release.

    python benchmarks/adaptation_training_peers.py --data DATA --pytorch-adapt ENV/bin/python --dalib ENV2/bin/python

The same upper part of a network from the same run, on the same kept activations, batches, rates and epochs, one thread
each. What is there already in WORK is not run again. Writes ``results/adaptation_training_peers.json`` and ``.md``.
See README.md.
"""

from __future__ import annotations

import argparse
import subprocess
from collections.abc import Sequence
from dataclasses import asdict
from pathlib import Path
from statistics import fmean, median
from typing import Any

import numpy as np
from comparison import environments, lines, machine, records, tables
from shifts.ends import both_ends
from shifts.trained import Budget, as_it_is, setting_of, trained, written

from headstart.engine.activations.store import Store
from headstart.evaluation.proportions import paired_difference

SHIFTS = ("office/amazon_to_webcam", "office/webcam_to_amazon", "digits/george_to_jackson", "cifar/noise")
FROZEN = {"office": "blocks.6", "cifar": "blocks.6", "digits": "blocks.3"}  # up to and including it
# Ours by what the table calls them; a training on the source alone is one whose alignment weighs nothing.
METHODS: dict[str, tuple[str, dict[str, Any]]] = {
    "source_training": ("deep_coral", {"trade_off": 0.0}),
    **{name: (name, {}) for name in ("dann", "cdan", "mcc", "mcd", "deep_coral", "dan", "jan")},
}
OURS, PEERS = "ours", ("pytorch_adapt", "dalib")
AS_IS, POINTS = "as it is", 100.0
KEY = ("shift", "method")
Record = dict[str, Any]


def measured(args: argparse.Namespace) -> dict[str, list[Record]]:
    """Every shift and seed by every library; what is there is not run again.

    Returns:
        By library: a line for each method, shift and seed.
    """
    with Store.open(args.work / "activations") as store:
        for seed in range(args.seeds):
            for shift in args.shifts:
                full = f"{shift}/{seed}".replace("/", "--")
                run_ours(args, shift, seed, full, store)
                for peer in PEERS:
                    run_peer(args, peer, full)
    ours = lines.Lines(args.work / "adaptation_training_peers.jsonl").read()
    return {OURS: ours, **{peer: records.read(args.work / f"{peer}.jsonl", KEY) for peer in PEERS}}


def run_ours(args: argparse.Namespace, shift: str, seed: int, full: str, store: Store) -> None:
    """Our own trainings on one shift, and a folder for the others."""
    found, budget = lines.Lines(args.work / "adaptation_training_peers.jsonl"), Budget(epochs=args.epochs)
    there = {run["name"] for run in found.read()}
    wanted = [way for way in (AS_IS, *METHODS) if f"{full} {way}" not in there]
    if not wanted:
        return
    source, target = both_ends(shift, seed, args.data, args.work)
    frozen, run = FROZEN[shift.partition("/")[0]], args.work / "runs" / full
    setting = setting_of(source, target, frozen, run, store, seed)
    written(setting, budget, args.work / "upper_parts" / full)
    for way in wanted:
        print(f"{full} {way} ...", flush=True)
        name, options = METHODS.get(way, ("", {}))
        answers, seconds = trained(setting, name, budget, **options) if name else (as_it_is(setting), 0.0)
        record = {"name": f"{full} {way}", "shift": full, "method": way, "ok": True, "failure": None}
        record |= {"seconds": seconds, "answers": answers.tolist(), "truth": setting.truth.tolist()}
        found.add({**record, "source": len(setting.rows.train)})


def run_peer(args: argparse.Namespace, peer: str, full: str) -> None:
    """A library's trainings on one shift, in its own environment."""
    python, place = getattr(args, peer), args.work / f"{peer}.jsonl"
    if python is None or full in {run["shift"] for run in records.read(place, KEY)}:
        return
    environment = {"OMP_NUM_THREADS": "1", "OPENBLAS_NUM_THREADS": "1", "PYTHONWARNINGS": "ignore"}
    command = [python, environments.PEERS / f"{peer}_methods.py", place, args.work / "upper_parts" / full]
    subprocess.run(command, check=True, env=environment)


def summarised(found: dict[str, list[Record]]) -> Record:
    """Right answers of every way by shift, seconds, and paired differences of ours to each library."""
    truth = {run["shift"]: np.array(run["truth"]) for run in found[OURS]}
    right: dict[tuple[str, str], dict[str, Any]] = {}
    seconds: dict[tuple[str, str], list[float]] = {}
    failures, off = [], []
    for library, runs in found.items():
        for run in runs:
            if run["failure"] is not None:
                failures.append(f"{library} {run['method']} on {run['shift']}: {run['failure']}")
                continue
            way = (library, run["method"])
            right.setdefault(way, {})[run["shift"]] = np.array(run["answers"]) == truth[run["shift"]]
            seconds.setdefault(way, []).append(run["seconds"])
            if "start" in run:
                start = next(each["answers"] for each in found[OURS] if each["name"] == f"{run['shift']} {AS_IS}")
                off.append(float((np.array(run["start"]) != np.array(start)).mean()))
    ways = []
    for (library, method), by_shift in right.items():
        each = {shift: float(values.mean()) for shift, values in by_shift.items()}
        record = {"library": library, "method": method, "accuracy": fmean(each.values()), "by_shift": each}
        record["seconds_per_epoch"] = median(seconds[library, method])
        record["gain"] = _paired(by_shift, right[OURS, AS_IS])
        if library != OURS:
            record["ours_minus_it"] = _paired(right[OURS, method], by_shift)
        ways.append(record)
    return {"ways": ways, "failures": failures, "start_differs": max(off, default=0.0)}


def _paired(ours: dict[str, Any], theirs: dict[str, Any]) -> Record:
    """Difference over all target rows of the shifts that both have, in points."""
    both = [shift for shift in ours if shift in theirs]
    one, other = (np.concatenate([each[shift] for shift in both]) for each in (ours, theirs))
    low, high = paired_difference((one & ~other).sum(), (other & ~one).sum(), len(one))
    value = POINTS * (one.mean() - other.mean())
    return {"value": float(value), "low": POINTS * float(low), "high": POINTS * float(high), "n": len(one)}


def tables_of(told: Record, shifts: Sequence[str]) -> str:
    """Libraries side by side, and every way by shift."""
    ways = {(each["library"], each["method"]): each for each in told["ways"]}
    header = ["method", *(f"{library}: right" for library in (OURS, *PEERS)),
              *(f"ours - {peer}, points" for peer in PEERS),
              *(f"{library}: s / epoch" for library in (OURS, *PEERS))]  # fmt: skip
    rows = []
    for method in (AS_IS, *METHODS):
        mine = [ways.get((library, method)) for library in (OURS, *PEERS)]
        cells = [tables.MISSING if each is None else f"{each['accuracy']:.3f}" for each in mine]
        cells += [tables.MISSING if each is None else _text(each["ours_minus_it"]) for each in mine[1:]]
        cells += [
            tables.MISSING if each is None or method == AS_IS else f"{each['seconds_per_epoch']:.2f}" for each in mine
        ]
        rows.append([method, *cells])
    names = [shift for shift in shifts if any(key.startswith(shift.replace("/", "--")) for key in _shifts(told))]
    by_shift = []
    for (library, method), each in ways.items():
        cells = []
        for shift in names:
            seeds = [value for key, value in each["by_shift"].items() if key.startswith(shift.replace("/", "--"))]
            cells.append(f"{fmean(seeds):.3f}" if seeds else tables.MISSING)
        by_shift.append([f"{library}: {method}", _text(each["gain"]), *cells])
    second = tables.markdown(["way", "over the model as it is, points", *names], by_shift)
    return "\n\n".join([tables.markdown(header, rows), second, *told["failures"]])


def _shifts(told: Record) -> set[str]:
    return {shift for each in told["ways"] for shift in each["by_shift"]}


def _text(raw: Record) -> str:
    return f"{raw['value']:+.1f} ({raw['low']:+.1f} to {raw['high']:+.1f})"


def parse() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--data", type=Path, required=True, help="folder that holds the sets")
    parser.add_argument("--pytorch-adapt", type=Path, help="Python of an environment with peers/pytorch_adapt.txt")
    parser.add_argument("--dalib", type=Path, help="Python of an environment with peers/dalib.txt")
    parser.add_argument("--shifts", type=lambda text: text.split(","), default=list(SHIFTS))
    parser.add_argument("--seeds", type=int, default=1, help="of the rows that are drawn and of every training")
    parser.add_argument("--epochs", type=int, default=Budget.epochs)
    parser.add_argument("--work", type=Path, default=lines.BUILD, help="folder for runs, activations and answers")
    parser.add_argument("--out", type=Path, default=lines.RESULTS)
    return parser.parse_args()


def main() -> None:
    args = parse()
    args.work = args.work.resolve()
    lines.stoppable()
    told = summarised(measured(args))
    text = tables_of(told, args.shifts)
    print(text)
    budget = asdict(Budget(epochs=args.epochs))
    document = {"machine": machine.describe(), "budget": budget, "seeds": args.seeds, **told}
    lines.write_json(args.out / "adaptation_training_peers.json", document)
    (args.out / "adaptation_training_peers.md").write_text(text + "\n")


if __name__ == "__main__":
    main()
