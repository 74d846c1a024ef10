"""Foolish settings must not ship: what the guard makes of train methods at rates that nobody would choose.

    python benchmarks/foolish_settings.py --data DATA [--count 48] [--only 3]

The settings are drawn from a seed: rates from 1e-5 to 1e-1, every train method in turn, batches of 2 to 256, 1 to 3
epochs, 3 to 7 frozen stages. Each is one ``headstart fit`` on a small part of ``clothing_small`` in a cache that the
others share. Noted are score and loss of the probe and of what shipped on the validation rows that the guard looked at,
and both test scores. Runs are appended to WORK/foolish_settings.jsonl and not repeated; writes
``results/foolish_settings.json`` and ``.md``.
"""

from __future__ import annotations

import argparse
import math
import random
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from statistics import fmean
from typing import Any

from comparison import lines, machine, tables
from comparison.records import Record
from comparison.summary import Target
from comparison.tuning_sets import SUBJECTS, first_of_each

RATES, BATCHES, EPOCHS, FROZEN = (1e-5, 1e-1), (2, 256), (1, 3), (3, 7)
MEAN_POINTS, LOW_POINTS = -0.5, -3.0  # of the test score, below the probe's
LOW = 0.05  # the percentile that LOW_POINTS is about
SEED = 0


@dataclass(frozen=True)
class Settings:
    """Of one training."""

    method: str
    lr: float
    batch_size: int
    epochs: int
    freeze: int

    def options(self) -> dict[str, Any]:
        """As ``--set method.KEY``; the trials of a soup share the epochs, so each has one."""
        found = {key: value for key, value in asdict(self).items() if key != "method"}
        return {**found, "cycles": self.epochs} if self.method == "greedy_soup" else found


def draw(methods: Sequence[str], count: int, seed: int = SEED) -> list[Settings]:
    """``count`` settings; the first ones do not depend on how many follow."""
    rng = random.Random(seed)
    return [
        Settings(
            method=methods[number % len(methods)],
            lr=float(f"{_log_uniform(rng, *RATES):.3g}"),
            batch_size=round(_log_uniform(rng, *BATCHES)),
            epochs=rng.randint(*EPOCHS),
            freeze=rng.randint(*FROZEN),
        )
        for number in range(count)
    ]


def _log_uniform(rng: random.Random, low: float, high: float) -> float:
    return math.exp(rng.uniform(math.log(low), math.log(high)))


def outcome(evidence: dict[str, Any], watched: dict[str, Any], method: str) -> dict[str, Any]:
    """Validation and test figures of the probe and of what shipped; scores are such that more is better."""
    shipped, start = evidence["verdict"]["chosen"], watched["start"]
    metric = evidence["primary"]
    test = {row["name"]: row[metric]["value"] for row in evidence["comparisons"] if metric in row}
    test[shipped] = evidence["test"][metric]["value"]
    report = evidence["training"][method]
    return {
        "metric": metric,
        "shipped": shipped,
        "rows": watched["validation_rows"],
        "validation": {"probe": watched["validation"][start], "shipped": watched["validation"][shipped]},
        "trained_validation": watched["validation"][method],
        "test": {"probe": test[start], "shipped": test[shipped], "trained": test[method]},
        "stopped": report["stopped"],
        "messages": report["messages"],
    }


def percentile(values: Sequence[float], share: float) -> float:
    """The value below which ``share`` of them lie, between neighbours by their distance.

    >>> percentile([0.0, 10.0], 0.25)
    2.5
    """
    ordered = sorted(values)
    place = share * (len(ordered) - 1)
    low = math.floor(place)
    return ordered[low] + (place - low) * (ordered[min(low + 1, len(ordered) - 1)] - ordered[low])


def points(run: Record, which: str = "shipped") -> float:
    """Test score of what shipped, or of what was trained, minus the probe's."""
    return 100 * (run["test"][which] - run["test"]["probe"])


def is_worse(run: Record) -> bool:
    """Whether what shipped has a worse validation score than the probe."""
    return run["validation"]["shipped"]["score"] < run["validation"]["probe"]["score"]


def targets(runs: Sequence[Record]) -> list[Target]:
    """Over all runs that ended."""
    what = "test score of what shipped minus the probe's, points: "
    if not runs:
        return []
    worse = fmean(is_worse(run) for run in runs)
    mean, low = fmean(map(points, runs)), percentile([*map(points, runs)], LOW)
    return [
        Target("what shipped is worse than the probe on validation, share", "0", f"{worse:.2f}", worse == 0),
        Target(what + "mean", f"at least {MEAN_POINTS}", f"{mean:+.2f}", mean >= MEAN_POINTS),
        Target(what + "5th percentile", f"at least {LOW_POINTS}", f"{low:+.2f}", low >= LOW_POINTS),
    ]


def summary(runs: Sequence[Record]) -> dict[str, Any]:
    """What the settings would have done without a guard, too."""
    trained = [points(run, "trained") for run in runs]
    return {
        "runs": len(runs),
        "trained_shipped": sum(run["shipped"] == run["settings"]["method"] for run in runs),
        "mean_points": fmean(map(points, runs)),
        "low_points": percentile([*map(points, runs)], LOW),
        "mean_points_without_guard": fmean(trained),
        "low_points_without_guard": percentile(trained, LOW),
        "mean_loss_difference": fmean(
            run["validation"]["shipped"]["loss"] - run["validation"]["probe"]["loss"] for run in runs
        ),
    }


def table(runs: Sequence[Record]) -> str:
    """One line a run."""
    header = (
        "method",
        "shipped",
        "rate",
        "batch",
        "epochs",
        "frozen",
        "val probe",
        "val trained",
        "points",
        "unguarded",
    )
    return tables.markdown(
        header,
        (
            (
                run["settings"]["method"],
                run["shipped"],
                *(f"{run['settings'][key]:.2g}" for key in ("lr",)),
                *(str(run["settings"][key]) for key in ("batch_size", "epochs", "freeze")),
                f"{run['validation']['probe']['score']:.3f}",
                f"{run['trained_validation']['score']:.3f}",
                f"{points(run):+.1f}",
                f"{points(run, 'trained'):+.1f}",
            )
            for run in runs
        ),
    )


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--data", type=Path, required=True, help="folder that holds the sets")
    parser.add_argument("--set", default="clothing_small", help="of pictures")
    parser.add_argument("--per-class", type=int, default=12, help="training pictures of each class")
    parser.add_argument("--count", type=int, default=48)
    parser.add_argument("--only", type=int, help="stop after so many, to try this program out")
    parser.add_argument("--seed", type=int, default=SEED)
    parser.add_argument("--threads", type=int, default=2)
    parser.add_argument(
        "--work", type=Path, default=lines.BUILD, help="folder for the set, the cache, runs and results"
    )
    parser.add_argument("--out", type=Path, default=lines.RESULTS)
    args = parser.parse_args()
    lines.stoppable()
    work = args.work.resolve()
    whole = SUBJECTS[args.set].folder(args.data.resolve(), work, 0)
    data = first_of_each(whole, work / "splits" / f"{args.set}_{args.per_class}" / "0", args.per_class)
    place, cache, found = work / "foolish", work / "foolish" / "cache", lines.Lines(work / "foolish_settings.jsonl")
    drawn = draw(lines.train_methods(), args.count, args.seed)[: args.only]
    if found.wants("warm"):
        measured, failure = lines.fit(place / "warm", data, cache, [], args.threads)
        found.add({"name": "warm", "ok": failure is None, "failure": failure, "wall_seconds": measured.wall_seconds})
    for number, settings in enumerate(drawn):
        name = f"{args.set}/{args.per_class}/{args.seed}/{number} {settings.method}"
        if not found.wants(name):
            continue
        arguments = ["--method", settings.method, *lines.set_options(settings.options())]
        measured, failure = lines.fit(place / str(number), data, cache, arguments, args.threads)
        result = {} if failure else outcome(*lines.evidence_of(place / str(number)), settings.method)
        record = {"name": name, "settings": asdict(settings), "ok": failure is None, "failure": failure, **result}
        found.add({**record, "wall_seconds": round(measured.wall_seconds, 1)})
    records = [run for run in found.read() if run["name"] != "warm"]
    runs, failed = [run for run in records if run["ok"]], [run for run in records if not run["ok"]]
    if not runs:
        raise SystemExit("no run ended")
    promises = targets(runs)
    document = {
        "machine": machine.describe(),
        "data": {"set": args.set, "per_class": args.per_class},
        "summary": summary(runs),
        "targets": [asdict(target) for target in promises],
        "runs": records,
    }
    lines.write_json(args.out / "foolish_settings.json", document)
    failures = [f"{run['name']}: {run['failure']}" for run in failed]
    text = "\n\n".join([tables.targets_table(promises), table(runs), *failures])
    (args.out / "foolish_settings.md").write_text(text + "\n")
    print(f"\n{text}")


if __name__ == "__main__":
    main()
