"""Rare classes: what do weights in learning, and decisions that lean towards them, give and cost?

    python benchmarks/rare_classes.py --data DATA [--splits 3] [--only SET ...]

Each set is fitted with its defaults under ``--balance none``, ``decision`` and ``loss``, on the same splits. Shown are
macro-F1, the mean recall of classes, and whether probabilities are frequencies: log-loss, calibration error, and of the
rarest class the mean probability over its share of the test part (1 where they agree). Writes
``results/rare_classes.json`` and ``.md``. About half an hour of one core.
"""

from __future__ import annotations

import argparse
import json
import tempfile
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow.parquet
from comparison import lines, machine, tables

import headstart

LEAK = ["duplicates_across_splits"]
SETS: dict[str, dict[str, Any]] = {
    "ai4i2020_machine_failure": {"drop": ["TWF", "HDF", "PWF", "OSF", "RNF"], "accept": LEAK},
    "trec": {"accept": LEAK},
    "magnetic_tile": {},
    "banking77": {"accept": LEAK},
}
WAYS = ("none", "decision", "loss")
SHOWN = ("macro_f1", "balanced_accuracy", "accuracy", "log_loss", "ece")
HEADER = ("data", "balance", *(name.replace("_", " ") for name in SHOWN), "rarest: said / there")


def measured(name: str, balance: str, seed: int, data: Path) -> dict[str, Any]:
    """One fit on a split of its own."""
    with tempfile.TemporaryDirectory() as out:
        run = headstart.fit(
            data / name, out=Path(out) / "run", seed=seed, resplit=True, balance=balance, threads=1, **SETS[name]
        )
        assert isinstance(run, headstart.Run)
        evidence = run.evidence
        rows = pyarrow.parquet.read_table(run.path / "predictions" / "test.parquet")
        per_class = evidence["test"]["per_class"]
        rarest = min(per_class, key=lambda each: (per_class[each]["n"], each))
        said = float(np.mean(rows[f"probability_{rarest}"].to_pylist()))
    return {
        "set": name,
        "balance": balance,
        "seed": seed,
        "chosen": evidence["verdict"]["chosen"],
        "n": evidence["n"],
        "test": {each: evidence["test"][each]["value"] for each in SHOWN},
        "rarest": {"class": rarest, "share": per_class[rarest]["n"] / evidence["n"]["test"], "said": said},
    }


def row(name: str, balance: str, runs: list[dict[str, Any]]) -> tuple[str, ...]:
    """Means over the splits."""
    these = [each for each in runs if (each["set"], each["balance"]) == (name, balance)]
    ratio = sum(each["rarest"]["said"] for each in these) / sum(each["rarest"]["share"] for each in these)
    figures = (f"{np.mean([each['test'][metric] for each in these]):.3f}" for metric in SHOWN)
    return (name, balance, *figures, f"{ratio:.2f}")


def table_of(runs: list[dict[str, Any]]) -> str:
    """A row for each set and way."""
    there = [name for name in SETS if any(each["set"] == name for each in runs)]
    return tables.markdown(HEADER, [row(name, balance, runs) for name in there for balance in WAYS])


def main() -> None:
    """Fit what was asked for, keep the rest."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--data", type=Path, required=True, help="Folder with the data sets.")
    parser.add_argument("--splits", type=int, default=3)
    parser.add_argument("--only", nargs="*", default=list(SETS), choices=list(SETS))
    options = parser.parse_args()
    place = Path(__file__).parent / "results" / "rare_classes.json"
    old = json.loads(place.read_text())["runs"] if place.exists() else []
    runs = [each for each in old if each["set"] not in options.only]
    for name in options.only:
        for seed in range(options.splits):
            for balance in WAYS:
                runs.append(measured(name, balance, seed, options.data))
                print(json.dumps(runs[-1]), flush=True)
    runs.sort(key=lambda each: (list(SETS).index(each["set"]), each["seed"], WAYS.index(each["balance"])))
    table = table_of(runs)
    lines.write_json(place, {"machine": machine.describe(), "runs": runs})
    place.with_suffix(".md").write_text(table + "\n")
    print(table)


if __name__ == "__main__":
    main()
