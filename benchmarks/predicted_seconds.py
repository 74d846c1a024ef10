"""How close is the predicted processor time of an epoch to the measured one?

    python benchmarks/predicted_seconds.py --data DATA             # a short lp_ft on several sets
    python benchmarks/predicted_seconds.py --data DATA --runs DIR  # also every finished run folder below DIR

``cost.training`` of ``evidence.json`` holds both: what a few measured steps promised before the training began, and
what each epoch took. Runs are appended to WORK/predicted_seconds.jsonl and not repeated; writes
``results/predicted_seconds.json`` and ``.md``.
"""

from __future__ import annotations

import argparse
import json
from collections.abc import Iterable, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from statistics import fmean
from typing import Any

from comparison import lines, machine, tables
from comparison.records import Record
from comparison.summary import Target
from comparison.tuning_sets import SUBJECTS

SETS = ("brain_mri_tumor", "magnetic_tile", "clothing_small", "cifar10_50", "banking77_8", "spoken_digits")
MOST = 0.2  # of the measured time
EPOCHS = 3


@dataclass(frozen=True)
class Prediction:
    """Processor seconds, and wall seconds, of an epoch."""

    name: str
    method: str
    predicted: float
    measured: float
    predicted_wall: float
    measured_wall: float

    @property
    def error(self) -> float:
        """Relative; positive where the epoch took less than was promised."""
        return self.predicted / self.measured - 1


def predictions(name: str, training: dict[str, Any]) -> list[Prediction]:
    """From ``cost.training`` of a run; methods whose epochs were none are left out."""
    return [
        Prediction(
            name,
            method,
            cost["predicted"]["epoch_cpu"],
            fmean(epoch["cpu_seconds"] for epoch in cost["epochs"]),
            cost["predicted"]["epoch"],
            fmean(epoch["seconds"] for epoch in cost["epochs"]),
        )
        for method, cost in training.items()
        if cost["epochs"] and fmean(epoch["cpu_seconds"] for epoch in cost["epochs"]) > 0
    ]


def targets(found: Sequence[Prediction]) -> list[Target]:
    """Every run must hold it."""
    what = "predicted processor seconds of an epoch over measured, largest deviation"
    if not found:
        return [Target(what, f"within {MOST:.0%}", "-", None)]
    worst = max(found, key=lambda each: abs(each.error))
    return [Target(what, f"within {MOST:.0%}", f"{worst.error:+.0%} ({worst.name})", abs(worst.error) <= MOST)]


def table(found: Iterable[Prediction]) -> str:
    """One line a run and method."""
    header = ("data", "method", "predicted CPU s", "measured CPU s", "deviation", "predicted s", "measured s")
    return tables.markdown(
        header,
        (
            (
                each.name,
                each.method,
                f"{each.predicted:.2f}",
                f"{each.measured:.2f}",
                f"{each.error:+.0%}",
                f"{each.predicted_wall:.2f}",
                f"{each.measured_wall:.2f}",
            )
            for each in found
        ),
    )


def finished(folder: Path) -> list[Prediction]:
    """Of every run folder below."""
    found = []
    for path in sorted(folder.rglob("evidence.json")):
        if path.parent.name == "bundle":
            continue
        cost = json.loads(path.read_text()).get("cost", {})
        found += predictions(str(path.parent.relative_to(folder)), cost.get("training", {}))
    return found


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--data", type=Path, required=True, help="folder that holds the sets")
    parser.add_argument("--sets", type=lambda text: text.split(","), default=list(SETS))
    parser.add_argument("--epochs", type=int, default=EPOCHS)
    parser.add_argument("--runs", type=Path, help="folder of finished runs that count too")
    parser.add_argument("--threads", type=int, default=2)
    parser.add_argument("--work", type=Path, default=lines.BUILD, help="folder for splits, runs and results")
    parser.add_argument("--out", type=Path, default=lines.RESULTS)
    args = parser.parse_args()
    lines.stoppable()
    work = args.work.resolve()
    place, found = work / "predicted_seconds", lines.Lines(work / "predicted_seconds.jsonl")
    for name in args.sets:
        if not found.wants(name):
            continue
        data, out = SUBJECTS[name].folder(args.data.resolve(), work, 0), place / name
        arguments = ["--method", "lp_ft", *lines.set_options({"epochs": args.epochs})]
        measured, failure = lines.fit(out, data, place / "cache" / name, arguments, args.threads)
        training = {} if failure else lines.evidence_of(out)[0]["cost"]["training"]
        record: Record = {"name": name, "ok": failure is None, "failure": failure, "training": training}
        record |= {"wall_seconds": measured.wall_seconds, "other_cpu_fraction": measured.other_cpu_fraction}
        found.add(record)
    records = found.read()
    known = [each for run in records if run["ok"] for each in predictions(run["name"], run["training"])]
    known += finished(args.runs) if args.runs else []
    promises = targets(known)
    rows = [{**asdict(each), "deviation": each.error} for each in known]
    document = {"machine": machine.describe(), "rows": rows, "targets": [asdict(each) for each in promises]}
    lines.write_json(args.out / "predicted_seconds.json", {**document, "runs": records})
    text = f"{table(known)}\n\n{tables.targets_table(promises)}"
    (args.out / "predicted_seconds.md").write_text(text + "\n")
    print(f"\n{text}")


if __name__ == "__main__":
    main()
