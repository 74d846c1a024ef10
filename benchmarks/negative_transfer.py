"""Does the guard ship what is better where pretrained features do not help, and keep them where they do?

    python benchmarks/negative_transfer.py --data DATA [--minutes 2]

``headstart fit`` on three sets: customers drawn as grey tiles (``telco_churn``, 16 columns as a 4 x 4 picture, 800 to
learn from, 400 to test on), which no network was pretrained for; ``trec``, questions sorted by what they ask for; and
``clothing_small``. For the drawn set also with ``--minutes``, where a training from random weights competes too. Writes
``results/negative_transfer.json`` and ``.md``. Nothing is timed.
"""

from __future__ import annotations

import argparse
import csv
import json
import shutil
from pathlib import Path
from typing import Any

import numpy as np
from comparison import lines, machine, tables
from PIL import Image

SEED, TRAIN, TEST, SIDE, CELL = 0, 800, 400, 4, 56
COLUMNS = (
    0,
    1,
    2,
    4,
    5,
    7,
    8,
    9,
    10,
    11,
    12,
    13,
    14,
    15,
    17,
    18,
)  # between the customer's number and the label
HEADER = ("data", "minutes", "probe", "best without transfer", "shipped", "test: shipped", "best comparison", "helps")


def drawn(source: Path, folder: Path) -> Path:
    """The table as pictures, one shade of grey per column; complete when it appears."""
    if folder.is_dir():
        return folder
    with (source / "train.csv").open(encoding="utf-8", newline="") as stream:
        rows = list(csv.reader(stream))[1:]
    values = np.stack([shades([row[1 + column] for row in rows]) for column in COLUMNS], axis=1)
    partial = folder.with_name(f".{folder.name}.partial")
    shutil.rmtree(partial, ignore_errors=True)
    for place, row in enumerate(np.random.default_rng(SEED).permutation(len(rows))[: TRAIN + TEST]):
        part = partial / ("train" if place < TRAIN else "test") / {"Yes": "left", "No": "stayed"}[rows[row][-1]]
        part.mkdir(parents=True, exist_ok=True)
        tile = (values[row].reshape(SIDE, SIDE) * 255).astype(np.uint8)
        Image.fromarray(np.kron(tile, np.ones((CELL, CELL), np.uint8))).convert("RGB").save(part / f"{place:04d}.png")
    partial.rename(folder)
    return folder


def shades(column: list[str]) -> np.ndarray:
    """Numbers, or the places of categories in their order, in 0-1; what is blank is 0.

    >>> shades(["2", "4", ""]).tolist(), shades(["b", "a"]).tolist()
    ([0.5, 1.0, 0.0], [1.0, 0.0])
    """
    try:
        numbers = np.asarray([float(value or 0) for value in (each.strip() for each in column)])
    except ValueError:
        numbers = np.unique(column, return_inverse=True)[1].astype(float)
    span = numbers.max() - numbers.min()
    return (numbers - numbers.min()) / (span or 1.0)


def row_of(name: str, minutes: str, evidence: dict[str, Any]) -> tuple[str, ...]:
    """One line of the table, from what a fit wrote."""
    primary = evidence["primary"]
    kinds = {each["name"]: each["kind"] for each in evidence["comparisons"]}
    losses = {name: loss for name, loss in evidence["guard"]["out_of_fold_loss"].items() if loss is not None}
    chosen, difference = evidence["verdict"]["chosen"], evidence["verdict"].get("difference") or {}
    without = {n: loss for n, loss in losses.items() if n != "linear_probe" and kinds.get(n, "baseline") == "baseline"}
    best = min(without, key=without.__getitem__) if without else ""
    others = {each["name"]: each[primary]["value"] for each in evidence["comparisons"] if each["kind"] != "ablation"}
    top = max(others, key=others.__getitem__)
    lead = f"{evidence['verdict'].get('against')} {difference.get('value', 0):+.3f}" if difference else ""
    return (
        name, minutes, f"{losses.get('linear_probe', float('nan')):.3f}", f"{best} {losses.get(best, np.nan):.3f}",
        chosen, f"{primary} {evidence['test'][primary]['value']:.3f}", f"{top} {others[top]:.3f}",
        f"{evidence['verdict']['transfer_helps']} ({lead})",
    )  # fmt: skip


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--data", type=Path, required=True, help="folder that holds the sets")
    parser.add_argument("--minutes", type=float, default=2.0, help="of the fit that also trains")
    parser.add_argument("--threads", type=int, default=2)
    parser.add_argument("--work", type=Path, default=lines.BUILD, help="folder for the drawn set and runs")
    parser.add_argument("--out", type=Path, default=lines.RESULTS)
    args = parser.parse_args()
    lines.stoppable()
    args.work.mkdir(parents=True, exist_ok=True)
    tiles = drawn(args.data / "telco_churn", args.work.resolve() / "telco_drawn")
    more = ("--minutes", str(args.minutes))
    fits = [("telco drawn", tiles, ()), ("telco drawn", tiles, more), ("trec", args.data / "trec", ()),
            ("clothing_small", args.data / "clothing_small", ())]  # fmt: skip
    rows, runs = [], []
    for name, folder, options in fits:
        place = args.work / "negative_transfer" / f"{folder.name}{len(options)}"
        shutil.rmtree(place, ignore_errors=True)
        measured, failure = lines.fit(place, folder, place / "cache", options, args.threads)
        if failure:
            raise SystemExit(f"{name}: {failure}")
        evidence = json.loads((place / "run" / "evidence.json").read_text())
        rows.append(row_of(name, str(args.minutes) if options else "-", evidence))
        kept = ("sentence", "guard", "verdict", "comparisons", "race")
        runs.append({"name": name, "options": options, **{key: evidence.get(key) for key in kept}})
        shutil.rmtree(place / "cache", ignore_errors=True)
        print(rows[-1], f"{measured.wall_seconds:.0f} s", flush=True)
    text = tables.markdown(HEADER, rows)
    print(f"\n{text}")
    document = {"schema": 1, "machine": machine.describe(), "seed": SEED, "runs": runs}
    args.out.mkdir(parents=True, exist_ok=True)
    (args.out / "negative_transfer.json").write_text(json.dumps(document, indent=1) + "\n")
    (args.out / "negative_transfer.md").write_text(text + "\n")


if __name__ == "__main__":
    main()
