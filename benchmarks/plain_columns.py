"""Plain columns: what the mean of the linear model and the trees is worth beside either of them.

    python benchmarks/plain_columns.py --data DATA [--sets german_credit,telco_churn] [--splits 0,1,2,3,4]

``headstart fit`` up to its choice, five splits of each set. "Before" is what the guard chooses without blends, "now"
what it chooses with them, both on held-out folds of the training part; the test part is asked about the two afterwards.
Records are appended to WORK/plain_columns.jsonl and not made again; writes ``results/plain_columns.json`` and ``.md``.
Nothing is timed.
"""

from __future__ import annotations

import argparse
import shutil
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np
from comparison import lines, machine, tables
from comparison.records import Record
from comparison.table_splits import table_folder

ESOL = ("Minimum Degree", "Molecular Weight", "Number of H-Bond Donors", "Number of Rings",
        "Number of Rotatable Bonds", "Polar Surface Area")  # fmt: skip
WHEN = ("before", "now")
HEADER = (
    "data", "held-out loss", "linear", "trees", "blend", "weight of the trees", "blend ships",
    "test metric", "before", "now", "ROC AUC before", "now",
)  # fmt: skip


@dataclass(frozen=True)
class TableSet:
    """A set and what a fit is told of it; ``is_split`` says whether splits are made as for the other tools."""

    options: dict[str, Any] = field(default_factory=dict)
    is_split: bool = True


SETS = {
    "german_credit": TableSet(),
    "telco_churn": TableSet(),
    "adult_income": TableSet(),
    "ai4i2020_machine_failure": TableSet({"drop": "TWF,HDF,PWF,OSF,RNF"}),
    "esol_solubility": TableSet({"target": "target", "input": ",".join(ESOL)}, is_split=False),
}


class Done(Exception):
    """Everything that is measured is solved: the fit need not go on."""


def measured(work: Any, solved: Any) -> Record:
    """Held-out losses, what is chosen with and without blends, and what the test part says of the two."""
    from headstart.evidence.guard import guard

    learning, contenders = solved.learning, solved.contenders
    dataset = solved.reading.dataset
    truth = learning.task.encode(dataset.targets[solved.parts.split.test])
    blends = [each.name for each in solved.candidates if each.blends]
    choices = {
        "before": guard(learning.task, learning.targets, [each for each in contenders if each.name not in blends]),
        "now": guard(learning.task, learning.targets, contenders),
    }
    found = {each.name: each for each in contenders}
    return {
        "loss": choices["now"].losses,
        "loss_name": learning.task.loss_name,
        "primary": learning.task.primary,
        "weight": {name: found[name].solution.fitted.spec["weight"] for name in blends},
        "chosen": {when: choice.name for when, choice in choices.items()},
        "test": {when: tested(found[choice.name], truth) for when, choice in choices.items()},
    }


def tested(contender: Any, truth: Any) -> dict[str, float | None]:
    """Every metric of the test part, without its interval."""
    metrics = contender.task.metrics(truth, contender.test_outputs, 0)
    return {name: each["value"] for name, each in metrics.items() if isinstance(each, dict) and "value" in each}


def fit(folder: Path, out: Path, seed: int, options: dict[str, Any]) -> Record:
    """The record of a fit that ends where it would choose."""
    import headstart
    from headstart.fitting import carry_out

    found: list[Record] = []

    def complete(work: Any, solved: Any, *rest: Any) -> Any:
        found.append(measured(work, solved))
        raise Done

    carry_out.with_trained = complete
    shutil.rmtree(out, ignore_errors=True)
    try:
        headstart.fit(str(folder), out=out, seed=seed, threads=1, **options)
    except Done:
        pass
    return found[0]


def row(name: str, runs: Sequence[Record]) -> tuple[str, ...]:
    """The means over a set's splits."""

    def mean(values: Sequence[Any]) -> str:
        return tables.MISSING if any(each is None for each in values) else f"{np.mean(values):.4f}"

    primary = runs[0]["primary"]
    ships = sum(run["chosen"]["now"] in run["weight"] for run in runs)
    losses = [mean([run["loss"][each] for run in runs]) for each in ("linear_probe", "boosting", "blend")]
    metrics = [mean([run["test"][when].get(each) for run in runs]) for each in (primary, "roc_auc") for when in WHEN]
    weights = [run["weight"]["blend"] for run in runs]
    return (
        name, runs[0]["loss_name"], *losses, f"{min(weights):.2f} to {max(weights):.2f}", f"{ships} of {len(runs)}",
        primary, *metrics,
    )  # fmt: skip


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--data", type=Path, required=True, help="folder that holds the sets")
    parser.add_argument("--sets", type=lambda text: text.split(","), default=list(SETS))
    parser.add_argument("--splits", type=lambda text: [int(part) for part in text.split(",")], default=list(range(5)))
    parser.add_argument("--work", type=Path, default=lines.BUILD, help="folder for splits, runs and results")
    parser.add_argument("--out", type=Path, default=lines.RESULTS)
    args = parser.parse_args()
    lines.stoppable()
    data, work = args.data.resolve(), args.work.resolve()
    found = lines.Lines(work / "plain_columns.jsonl")
    for name, split in ((name, split) for split in args.splits for name in args.sets):
        key, given = f"{name}/{split}", SETS[name]
        if found.wants(key):
            folder = table_folder(data, work, name, split) if given.is_split else data / name / "train.csv"
            record = fit(folder, work / "plain_columns" / key, split, given.options)
            found.add({"name": key, "set": name, "split": split, "ok": True, "failure": None, **record})
    runs = {name: [run for run in found.read() if run["set"] == name] for name in args.sets}
    text = tables.markdown(HEADER, [row(name, each) for name, each in runs.items() if each])
    print(f"\n{text}")
    document = {"schema": 1, "machine": machine.describe(), "runs": [run for each in runs.values() for run in each]}
    args.out.mkdir(parents=True, exist_ok=True)
    lines.write_json(args.out / "plain_columns.json", document)
    (args.out / "plain_columns.md").write_text(text + "\n")


if __name__ == "__main__":
    main()
