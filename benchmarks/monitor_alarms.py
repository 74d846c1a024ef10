"""How often does the monitor raise an alarm without a change, how often with one, and how right are its estimates?

    python benchmarks/monitor_alarms.py --data DATA --work FOLDER        # about twenty minutes of one core

**Without a change**: all examples of a set are pooled and parted anew for each draw; a linear probe is fitted on one
side with the reference that its bundle would carry, the other side is cut into windows that share no example. So the
reference is drawn again too. **With one**: one model on the given training part, windows of its test part changed.
Results in ``results/monitor_alarms.json`` and ``.md``. See README.md.
"""

from __future__ import annotations

import argparse
import json
import os
import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

os.environ.setdefault("OMP_NUM_THREADS", "1")

import numpy as np  # noqa: E402
from alarms import drifts  # noqa: E402
from alarms.model import Monitored, monitored  # noqa: E402
from alarms.rows import Reader, Rows  # noqa: E402
from comparison import lines, tables  # noqa: E402

from headstart.core.files import dump_json  # noqa: E402
from headstart.evaluation.proportions import clopper_pearson  # noqa: E402
from headstart.monitoring.accuracy import accuracy_section, shares_of  # noqa: E402
from headstart.monitoring.families import LEVEL  # noqa: E402
from headstart.monitoring.judging import alarms, judged  # noqa: E402

OUT = lines.RESULTS / "monitor_alarms.json"
WINDOWS, TARGET = 1000, 0.015  # windows without a change, and what the upper bound of their alarms is to stay below
SIZES, REPEATS = (50, 100, 250, 500), 40
BY = ("confidence", "threshold", "shares")  # ways of estimating accuracy
QUICK = 20  # classes up to which shares are corrected: of many that takes a second for each window
Json = dict[str, Any]


@dataclass(frozen=True)
class Plan:
    """How a set is parted for windows without a change: rows to fit on, and examples of a window."""

    fit_rows: int
    window: int
    most_fitted: int = 10_000  # with a change: rows that the one model is fitted on, at most


PLANS = {
    "clothing_small": Plan(550, 50),
    "banking77": Plan(1500, 250, 3000),
    "telco_churn": Plan(3000, 250),
}


def without_a_change(pool: Rows, names: tuple[str, ...], plan: Plan, windows: int, seed: int) -> Json:
    """Alarms of windows that share no example, each draw with a model and a reference of its own."""
    found: list[tuple[int, list[str]]] = []
    draw = 0
    while len(found) < windows:
        rng = np.random.default_rng([seed, draw])
        order = rng.permutation(len(pool))
        model = monitored(pool.take(order[: plan.fit_rows]), names, draw)
        rest = order[plan.fit_rows :]
        for low in range(0, len(rest) - plan.window + 1, plan.window):
            seen = alarms(judged(model.reference, model.count(pool.take(rest[low : low + plan.window]))))
            found.append((draw, sorted({each.family for each in seen})))
        draw += 1
    false = [(number, families) for number, families in found if families]
    low, high = clopper_pearson(len(false), len(found))
    by_draw = np.bincount([number for number, _ in false], minlength=draw)
    return {
        "fit_rows": plan.fit_rows, "window": plan.window, "draws": draw, "windows": len(found), "alarms": len(false),
        "rate": len(false) / len(found), "low": float(low), "high": float(high), "promised": LEVEL, "target": TARGET,
        "most_of_one_draw": int(by_draw.max(initial=0)),
        "families": {family: sum(family in families for _, families in false) for family in
                     sorted({each for _, families in false for each in families})},
    }  # fmt: skip


def with_changes(model: Monitored, changes: dict[str, drifts.Draw], seed: int) -> Iterator[Json]:
    """Power and estimates, for each change and size of a window."""
    is_quick = len(model.task.class_names) <= QUICK
    for number, (name, draw) in enumerate(changes.items()):
        for size in SIZES:
            rng = np.random.default_rng([seed, number, size])
            if len(draw(size, rng)) < size:
                break
            seen, truth, estimates, families = [], [], [], dict[str, int]()
            for _ in range(REPEATS):
                rows = draw(size, rng)
                window = model.count(rows)
                found = alarms(judged(model.reference, window))
                seen.append(bool(found))
                for family in {each.family for each in found}:
                    families[family] = families.get(family, 0) + 1
                truth.append(model.accuracy(rows))
                estimates.append(accuracy_section(model.reference, window)["estimated"])
                if is_quick and (shares := shares_of(model.reference, window)) is not None:
                    estimates[-1]["shares"] = shares.accuracy
            yield {
                "change": name, "window": size, "repeats": REPEATS, "found": float(np.mean(seen)),
                "families": families, "accuracy": float(np.mean(truth)), **_estimates(truth, estimates),
            }  # fmt: skip


def _estimates(truth: list[float], estimates: list[Json]) -> Json:
    """Mean of the estimates, their mean absolute error, and how often the interval held the window's accuracy."""
    found: Json = {}
    for name in estimates[0]:
        each = [estimate[name] for estimate in estimates]
        held = [one["low"] <= right <= one["high"] for one, right in zip(each, truth, strict=True)]
        errors = [abs(one["value"] - right) for one, right in zip(each, truth, strict=True)]
        found[name] = {
            "mean": float(np.mean([one["value"] for one in each])),
            "error": float(np.mean(errors)),
            "held": float(np.mean(held)),
        }
    return found


def changes_of(name: str, reader: Reader, data: Path, pool: Rows, tested: Any, first: int) -> dict[str, drifts.Draw]:
    """Those of one set; "none" first. The given test part begins at ``first`` of the pool."""
    test = pool.take(tested)
    found = {"none": drifts.drawn(test), "classes of even number 2 times as often": drifts.tilted(test, 2.0),
             "classes of even number 5 times as often": drifts.tilted(test, 5.0)}  # fmt: skip
    if name == "clothing_small":
        found |= drifts.corrupted(reader, data / name / "test", "image", tested, first)
        other = reader.rows(data / "office10_amazon_webcam" / "webcam", "webcam")
        found |= {"another set: office10 webcam": drifts.drawn(other),
                  "a tenth from office10 webcam": drifts.mixed(test, other, 0.1)}  # fmt: skip
    elif name == "banking77":
        found |= drifts.corrupted(reader, data / name / "test.csv", "text", tested, first)
        other = reader.rows(drifts.texts_of(data / "trec"), "trec")
        found |= {"another set: trec": drifts.drawn(other), "a tenth from trec": drifts.mixed(test, other, 0.1)}
    else:
        found |= drifts.changed_columns(test, {
            "MonthlyCharges 1.2 times as high": drifts.scaled("MonthlyCharges", 1.2),
            "half of tenure missing": drifts.missing("tenure", 0.5),
            "Contract: One year called 1 yr": drifts.renamed("Contract", "One year", "1 yr"),
        })  # fmt: skip
    return found


def parts_of(name: str, reader: Reader, data: Path) -> tuple[Rows, Rows]:
    """Training and test part; of a set without one, a fifth drawn with a fixed seed."""
    folder = data / name
    if name == "telco_churn":
        rows = reader.rows(folder / "train.csv", "train")
        order = np.random.default_rng(0).permutation(len(rows))
        return rows.take(order[len(order) // 5 :]), rows.take(order[: len(order) // 5])
    places = (folder / "train", folder / "test") if name == "clothing_small" else (
        folder / "train.csv", folder / "test.csv")  # fmt: skip
    return reader.rows(places[0], "train"), reader.rows(places[1], "test")


def pooled(train: Rows, test: Rows) -> Rows:
    """Everything there is; plain columns lie in one table already."""
    if train.features is not None:
        return train.joined(test)
    columns = {
        name: type(column)(column.kind, np.concatenate([column.values, test.table.columns[name].values]),
                           column.spelling)
        for name, column in train.table.columns.items()
    }  # fmt: skip
    return Rows(np.concatenate([train.truth, test.truth]), None, {}, type(train.table)(columns))


def measured(name: str, data: Path, work: Path, asked: argparse.Namespace) -> Iterator[tuple[str, Any]]:
    """One set: ``without`` and ``with``, as far as they are asked for."""
    began = time.perf_counter()
    reader = Reader(data / name, work, name)
    train, test = parts_of(name, reader, data)
    pool = pooled(train, test)
    if "without" in asked.parts.split(","):
        yield "without", without_a_change(pool, reader.class_names, PLANS[name], asked.windows, asked.seed)
        print(name, f"{time.perf_counter() - began:.0f} s", flush=True)
    if "with" in asked.parts.split(","):
        # given parts may hold classes in other shares: parted anew, so that a change is the planted one
        order = np.random.default_rng(asked.seed).permutation(len(pool))
        fitted = min(len(train), PLANS[name].most_fitted)
        model = monitored(pool.take(order[:fitted]), reader.class_names, asked.seed)
        changes = changes_of(name, reader, data, pool, order[fitted:], len(train))
        yield "with", list(with_changes(model, changes, asked.seed))
        print(name, f"{time.perf_counter() - began:.0f} s", flush=True)


def table(results: Json) -> str:
    """Two tables: alarms without a change, and found changes with estimates."""
    first = [
        (name, str(each["without"]["fit_rows"]), str(each["without"]["window"]), str(each["without"]["draws"]),
         str(each["without"]["windows"]), str(each["without"]["alarms"]),
         f"{each['without']['rate'] * 100:.2f} %", f"{each['without']['high'] * 100:.2f} %")
        for name, each in results.items()
    ]  # fmt: skip
    second = []
    for name, each in results.items():
        by_change: dict[str, dict[int, Json]] = {}
        for row in each["with"]:
            by_change.setdefault(row["change"], {})[row["window"]] = row
        for change, rows in by_change.items():
            largest = rows[max(rows)]
            families = sorted(largest["families"], key=lambda family: -largest["families"][family])
            second.append((
                name, change, *(f"{rows[size]['found'] * 100:.0f} %" if size in rows else "" for size in SIZES),
                ", ".join(families[:3]), f"{largest['accuracy'] * 100:.1f}",
                *(f"{largest[name]['mean'] * 100:.1f}" if name in largest else "" for name in BY),
            ))  # fmt: skip
    return (
        tables.markdown(("set", "fitted on", "window", "draws", "windows", "alarms", "rate", "upper 95 %"), first)
        + "\n\n"
        + tables.markdown(
            ("set", "change", *(f"found, {size}" for size in SIZES), "by", "accuracy", *(f"by {name}" for name in BY)),
            second,
        )
        + "\n"
    )


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--data", type=Path, required=True, help="Folder of the sets, one folder each.")
    parser.add_argument("--work", type=Path, required=True, help="Folder for runs and kept features.")
    parser.add_argument("--sets", default=",".join(PLANS))
    parser.add_argument("--parts", default="without,with")
    parser.add_argument("--windows", type=int, default=WINDOWS)
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--out", type=Path, default=OUT)
    asked = parser.parse_args()
    asked.work.mkdir(parents=True, exist_ok=True)
    results: Json = json.loads(asked.out.read_text()) if asked.out.exists() else {}
    for name in asked.sets.split(","):
        for part, found in measured(name, asked.data, asked.work, asked):
            results.setdefault(name, {})[part] = found
            asked.out.write_text(dump_json(results))
    text = table({name: each for name, each in results.items() if {"without", "with"} <= each.keys()})
    asked.out.with_suffix(".md").write_text(text)
    print(text)


if __name__ == "__main__":
    main()
