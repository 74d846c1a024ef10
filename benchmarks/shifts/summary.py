"""What choosing without labels came to, on shifts of data sets that the chooser had not learned from."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from statistics import fmean, median
from typing import Any

import numpy as np
from comparison import tables
from comparison.summary import Target
from scipy.stats import spearmanr

from headstart.adaptation.choosing import Chooser
from headstart.adaptation.guard import POINTS, seen_by_labels, with_labels
from headstart.adaptation.trying import SOURCE_ONLY
from headstart.core.seeding import generator
from headstart.evaluation.proportions import paired_difference

from .learning import FLOOR, Record, Table, estimates, residuals_by_row

LARGE = 200  # target rows from which on a shift counts for the pooled bound
NEAR, LEAST_BOUND = 1.0, -1.0  # points
WEAK = 0.1  # ridge of a single validator
FEW, DRAWS = 20, 4  # labelled rows, and how often they are drawn
KINDS = ("domain", "corruption", "none", "domain+shares", "corruption+shares", "none+shares")


def outcomes(table: Table, records: Sequence[Record], estimated: Any, *, guarded: bool) -> dict[str, Record]:
    """What is chosen on each shift; without the guard the best estimate, where it is above 0."""
    off = residuals_by_row(table, estimated)
    lowest, margins = (np.array([getattr(each, name) for each in off]) for name in ("low", "margin"))
    found = {}
    for run in records:
        rows = np.flatnonzero(table.shift == run["name"])
        low = np.maximum(lowest[rows] * (FLOOR + table.changed[rows]), -table.changed[rows] - estimated[rows])
        after = estimated[rows] + (margins[rows] if guarded else 0.0) * np.minimum(low, 0)
        best = rows[int(after.argmax())]
        takes = after.max() > 0
        chosen = str(table.adapter[best]) if takes else SOURCE_ONLY
        found[run["name"]] = {
            "chosen": chosen,
            "estimated": round(float(estimated[best]), 2) if takes else 0.0,
            "gain": float(table.gain[best]) if takes else 0.0,
            "oracle": float(max(0.0, table.gain[rows].max())),
        }
    return found


def figures(found: Mapping[str, Record], records: Sequence[Record]) -> Record:
    """Over all shifts."""
    gains, oracle = ([each[key] for each in found.values()] for key in ("gain", "oracle"))
    gaps = [POINTS * (run["with_labels"] - run["tried"][SOURCE_ONLY]["score"]) for run in records]
    open_ = [(gain, gap) for gain, gap in zip(gains, gaps, strict=True) if gap > 0]
    return {
        "shifts": len(found),
        "adapted": sum(each["chosen"] != SOURCE_ONLY for each in found.values()),
        "near_oracle": fmean(best - gain <= NEAR for gain, best in zip(gains, oracle, strict=True)),
        "to_oracle": fmean(best - gain for gain, best in zip(gains, oracle, strict=True)),
        "below": fmean(gain < 0 for gain in gains),
        "worst": min(gains),
        "gain": fmean(gains),
        "oracle": fmean(oracle),
        "share_of_gap": sum(gain for gain, _ in open_) / max(sum(gap for _, gap in open_), 1e-9),
        "pooled": pooled(found, records),
    }


def pooled(found: Mapping[str, Record], records: Sequence[Record]) -> Record | None:
    """Paired difference of the right answers over all target rows of large shifts; rows of a shift are independent."""
    won = lost = n = 0
    for run in records:
        if run["target"] >= LARGE:
            head = run["tried"][found[run["name"]]["chosen"]]
            won, lost, n = won + head["won"], lost + head["lost"], n + run["target"]
    if not n:
        return None
    low, high = (POINTS * float(end) for end in paired_difference(won, lost, n))
    return {"value": POINTS * (won - lost) / n, "low": low, "high": high, "rows": n}


def by_few_labels(table: Table, records: Sequence[Record], estimated: Any) -> dict[str, Record]:
    """The guard with FEW labels, the mean of DRAWS draws; estimates without the data set."""
    scaled = [
        Chooser({}, {}, FLOOR, (off.low, off.high), off.margin, 0, ()) for off in residuals_by_row(table, estimated)
    ]
    found = {}
    for run in records:
        rows, truth = np.flatnonzero(table.shift == run["name"]), np.asarray(run["truth"])
        before, gains, rng = np.asarray(run["tried"][SOURCE_ONLY]["answers"]), [], generator(0, "labels", run["name"])
        plain = {row: scaled[row].around(float(estimated[row]), float(table.changed[row])) for row in rows}
        for _ in range(DRAWS):
            some = rng.choice(len(truth), min(FEW, len(truth)), replace=False)
            after = {}
            for row in rows:
                answers = np.asarray(run["tried"][str(table.adapter[row])]["answers"])
                seen = seen_by_labels(before, answers, some, truth[some])
                after[row] = with_labels(plain[row], seen).after(scaled[row].margin)
            best = max(after, key=lambda row: after[row])
            gains.append(float(table.gain[best]) if after[best] > 0 else 0.0)
        oracle = float(max(0.0, table.gain[rows].max()))
        found[run["name"]] = {"gain": fmean(gains), "oracle": oracle, "below": fmean(gain < 0 for gain in gains)}
    return found


def alone(table: Table, name: str) -> Record:
    """One validator by itself: rank correlation within a shift where it has several heads, and over all heads."""
    column = table.names.index(name)
    step, only = table.steps[:, column], np.arange(len(table.names)) == column
    within = []
    for shift in np.unique(table.shift):
        rows = table.shift == shift
        ours, truth = np.append(step[rows], 0.0), np.append(table.gain[rows], 0.0)  # the model as it is among them
        if len(ours) > 2 and np.ptp(ours) > 0 and np.ptp(truth) > 0:
            within.append(float(spearmanr(ours, truth).statistic))
    moved = np.abs(table.gain) > NEAR
    return {
        "within": fmean(within) if within else None,
        "over_all": _rank(step, table.gain),
        "sign": float((np.sign(step) == np.sign(table.gain))[moved].mean()) if moved.any() else None,
        "estimated": estimates(table, table.set, only, WEAK),
    }


def _rank(ours: Any, truth: Any) -> float | None:
    return float(spearmanr(ours, truth).statistic) if np.ptp(ours) > 0 and np.ptp(truth) > 0 else None


def targets(guarded: Record, by_shift: Record) -> list[Target]:
    """What was promised."""
    bound = guarded["pooled"]
    return [
        Target(
            f"with the guard, lower end of the paired difference over {bound['rows']:,} target rows",
            f"at least {LEAST_BOUND:g} point",
            f"{bound['low']:+.2f} ({bound['value']:+.2f} to {bound['high']:+.2f})",
            bound["low"] >= LEAST_BOUND,
        ),
        Target(
            "mean distance to the best of all heads, one shift left out",
            f"at most {NEAR:g} point",
            f"{by_shift['to_oracle']:.2f}",
            by_shift["to_oracle"] <= NEAR,
        ),
    ]


def ways(table: Table, records: Sequence[Record]) -> dict[str, Record]:
    """Figures by what decides."""
    by_set, by_shift = estimates(table, table.set), estimates(table, table.shift, strength="best")
    found = {
        "chooser and guard": outcomes(table, records, by_set, guarded=True),
        "chooser without the guard": outcomes(table, records, by_set, guarded=False),
        "chooser and guard, one shift left out": outcomes(table, records, by_shift, guarded=True),
        "chooser without the guard, one shift left out": outcomes(table, records, by_shift, guarded=False),
    }
    told = {name: figures(each, records) for name, each in found.items()}
    labels = by_few_labels(table, records, by_set)
    told[f"chooser, guard and {FEW} labels"] = {
        "shifts": len(labels),
        "near_oracle": fmean(each["oracle"] - each["gain"] <= NEAR for each in labels.values()),
        "to_oracle": fmean(each["oracle"] - each["gain"] for each in labels.values()),
        "below": fmean(each["below"] for each in labels.values()),
        "gain": fmean(each["gain"] for each in labels.values()),
        "oracle": fmean(each["oracle"] for each in labels.values()),
    }
    for adapter in np.unique(table.adapter):
        rows = table.adapter == adapter
        told[f"always {adapter}"] = {
            "shifts": int(rows.sum()),
            "below": float((table.gain[rows] < 0).mean()),
            "gain": float(table.gain[rows].mean()),
            "worst": float(table.gain[rows].min()),
        }
    return told


def ways_table(told: Mapping[str, Record]) -> str:
    """One line for each way to decide."""
    header = ("what decides", "shifts", "adapted", "within 1 point of the best head", "points below it",
              "below the model as it is", "worst", "mean gain", "best possible", "of the gap to target labels",
              f"paired, shifts of {LARGE} rows or more")  # fmt: skip
    lines = []
    for name, each in told.items():
        bound = each.get("pooled")
        lines.append(
            (
                name, str(each["shifts"]), _text(each.get("adapted"), "d"), _text(each.get("near_oracle"), ".0%"),
                _text(each.get("to_oracle"), ".2f"), _text(each.get("below"), ".0%"), _text(each.get("worst"), "+.1f"),
                _text(each["gain"], "+.2f"), _text(each.get("oracle"), "+.2f"), _text(each.get("share_of_gap"), ".0%"),
                f"{bound['value']:+.2f} ({bound['low']:+.2f} to {bound['high']:+.2f})" if bound else tables.MISSING,
            )
        )  # fmt: skip
    return tables.markdown(header, lines)


def validators_table(table: Table, records: Sequence[Record], chooser: Chooser) -> tuple[str, dict[str, Record]]:
    """One line for each validator by itself."""
    told = {}
    for name in table.names:
        found = alone(table, name)
        estimated = found.pop("estimated")
        guarded = figures(outcomes(table, records, estimated, guarded=True), records)
        best = figures(outcomes(table, records, estimated, guarded=False), records)
        told[name] = {**found, "coefficient": chooser.coefficients.get(name, 0.0), "guarded": guarded, "best": best}
    header = ("validator", "coefficient", "rank correlation within shifts", "over all heads", "right about the sign",
              "mean gain alone", "below", "with guard", "below")  # fmt: skip
    order = sorted(told, key=lambda name: -(told[name]["within"] or 0.0))
    lines = [
        (
            name, _text(told[name]["coefficient"], ".3f"), _text(told[name]["within"], ".2f"),
            _text(told[name]["over_all"], ".2f"), _text(told[name]["sign"], ".0%"),
            _text(told[name]["best"]["gain"], "+.2f"), _text(told[name]["best"]["below"], ".0%"),
            _text(told[name]["guarded"]["gain"], "+.2f"), _text(told[name]["guarded"]["below"], ".0%"),
        )
        for name in order
    ]  # fmt: skip
    return tables.markdown(header, lines), told


def groups_table(records: Sequence[Record], found: Mapping[str, Record], of: Callable[[Record], str]) -> str:
    """One line for each set, or each kind of shift."""
    groups: dict[str, list[Record]] = {}
    for run in records:
        groups.setdefault(of(run), []).append(run)
    header = ("shifts of", "number", "target rows", "model as it is", "best head", "chosen", "with target labels",
              "adapted", "below")  # fmt: skip
    lines = []
    for name, runs in groups.items():
        starts = [POINTS * run["tried"][SOURCE_ONLY]["score"] for run in runs]
        chosen = [found[run["name"]] for run in runs]
        lines.append(
            (
                name, str(len(runs)), f"{median(run['target'] for run in runs):.0f}", f"{fmean(starts):.1f}",
                f"{fmean(s + each['oracle'] for s, each in zip(starts, chosen, strict=True)):.1f}",
                f"{fmean(s + each['gain'] for s, each in zip(starts, chosen, strict=True)):.1f}",
                f"{POINTS * fmean(run['with_labels'] for run in runs):.1f}",
                str(sum(each["chosen"] != SOURCE_ONLY for each in chosen)),
                str(sum(each["gain"] < 0 for each in chosen)),
            )
        )  # fmt: skip
    return tables.markdown(header, lines)


def _text(value: float | None, form: str) -> str:
    return tables.MISSING if value is None else format(value, form)
