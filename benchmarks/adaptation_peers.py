"""Adaptation without labels beside skada, on the same features, splits and head: who gains, who loses, who can tell.

    python benchmarks/adaptation_peers.py --data DATA --skada ENV/bin/python

Our own figures are those of ``adaptation_chooser.py --try``, which must have run in the same WORK: every adapter on the
same rows, and what the chooser picks on each shift with what it learned on the other data sets. Writes
``results/adaptation_peers.json`` and ``.md``. See README.md.
"""

from __future__ import annotations

import argparse
import subprocess
from collections.abc import Iterator
from pathlib import Path
from statistics import fmean
from typing import Any

import numpy as np
from comparison import environments, lines, machine, tables
from shifts import learning, summary
from shifts.features import rows_of
from shifts.sets import SETS
from shifts.trials import setting_of
from shifts.variations import Variation, variations

from headstart.adaptation.trying import SOURCE_ONLY

NAMED = ("office", "nlupp", "digits", "cifar", "tiles", "machines")
PEER = environments.BENCHMARKS / "peers" / "skada_methods.py"
POINTS = 100.0
Record = dict[str, Any]


def named_shifts(args: argparse.Namespace) -> Iterator[tuple[Variation, Any]]:
    """Real pairs of domains and corruptions, shares of classes as they come."""
    for name in (each for each in NAMED if each in SETS):
        rows = rows_of(name, SETS[name], args.data, args.work / "shifts")
        for variation in variations(name, SETS[name], rows):
            if variation.kind in ("domain", "corruption"):
                yield variation, rows


def run_peer(args: argparse.Namespace) -> list[Record]:
    """Answers of every method on every shift; what is there is not run again."""
    place = args.work / "adaptation_peers.jsonl"
    done = {run["shift"] for run in lines.Lines(place).read()}
    folder = args.work / "peer_shifts"
    folder.mkdir(parents=True, exist_ok=True)
    files = []
    for variation, rows in named_shifts(args):
        file = folder / f"{variation.name.replace('/', '--')}.npz"
        if file.stem in done:
            continue
        domains, solver, _ = setting_of(variation, rows)
        assert domains.source is not None  # noqa: S101 - it was made with one
        np.savez(
            file, source=domains.source.features, labels=domains.source.targets.values,
            target=domains.target.features, penalty=solver.penalty,
        )  # fmt: skip
        files.append(file)
    if files:
        environment = {"OMP_NUM_THREADS": "1", "OPENBLAS_NUM_THREADS": "1"}
        subprocess.run([args.skada, PEER, place, *files], check=True, env=environment)  # noqa: S603 - our own program
    return lines.Lines(place).read()


def table_of(args: argparse.Namespace, peer: list[Record]) -> tuple[str, Record]:
    """By way: mean accuracy, gain, how often it loses, the worst, its share of the gap."""
    records = [run for run in lines.Lines(args.work / "adaptation_chooser.jsonl").read() if len(run["tried"]) > 1]
    every = learning.table_of(records)
    held_out = learning.estimates(every, every.set)
    chosen = summary.outcomes(every, records, held_out, guarded=True)
    wanted = {variation.name for variation, _ in named_shifts(args)}
    mine = {run["name"]: run for run in records if run["name"] in wanted}
    gains: dict[str, dict[str, float]] = {}
    for name, run in mine.items():
        start = run["tried"][SOURCE_ONLY]["score"]
        for adapter, each in run["tried"].items():
            gains.setdefault(f"ours: {adapter}", {})[name] = POINTS * (each["score"] - start)
        gains.setdefault("ours: what the guard ships", {})[name] = chosen[name]["gain"]
        gains.setdefault("with target labels", {})[name] = POINTS * (run["with_labels"] - start)
    for each in peer:
        name = each["shift"].replace("--", "/")
        if name in mine and each["failure"] is None and mine[name]["primary"] == "accuracy":
            right = float((np.array(each["answers"]) == np.array(mine[name]["truth"])).mean())
            start = mine[name]["tried"][SOURCE_ONLY]["score"]
            gains.setdefault(f"skada: {each['method']}", {})[name] = POINTS * (right - start)
    gap = gains["with target labels"]
    rows, told = [], {}
    for way, found in gains.items():
        open_ = [name for name in found if gap[name] > 0]
        told[way] = {
            "shifts": len(found),
            "gain": fmean(found.values()),
            "share_of_gap": sum(found[name] for name in open_) / max(sum(gap[name] for name in open_), 1e-9),
            "share_of_gap_capped": sum(min(found[name], gap[name]) for name in open_)
            / max(sum(gap[name] for name in open_), 1e-9),
            "below": fmean(value < 0 for value in found.values()),
            "worst": min(found.values()),
            "gains": found,
        }
        cells = [f"{told[way]['gain']:+.1f}", f"{told[way]['share_of_gap']:.0%}",
                 f"{told[way]['share_of_gap_capped']:.0%}", f"{told[way]['below']:.0%}",
                 f"{told[way]['worst']:+.1f}"]  # fmt: skip
        rows.append([way, str(len(found)), *cells])
    titles = [
        "way",
        "shifts",
        "mean gain, points",
        "share of the gap",
        "at most all of it",
        "worse than source only",
        "worst, points",
    ]
    return tables.markdown(titles, rows), told


def parse() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--data", type=Path, required=True, help="folder that holds the sets")
    parser.add_argument("--skada", type=Path, required=True, help="Python of an environment with peers/skada.txt")
    parser.add_argument("--work", type=Path, default=lines.BUILD, help="folder of adaptation_chooser.py")
    parser.add_argument("--out", type=Path, default=lines.RESULTS)
    return parser.parse_args()


def main() -> None:
    args = parse()
    text, told = table_of(args, run_peer(args))
    print(text)
    lines.write_json(args.out / "adaptation_peers.json", {"machine": machine.describe(), "ways": told})
    (args.out / "adaptation_peers.md").write_text(text + "\n")


if __name__ == "__main__":
    main()
