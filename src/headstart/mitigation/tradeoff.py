"""What the worst-off group gains and what everyone pays: mitigations beside the plain model on held-out rows."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from headstart.core.errors import DataError, ShapeError
from headstart.core.learning import Floats, Ints, Targets
from headstart.evaluation.fairness.aspects import rate
from headstart.evaluation.fairness.estimates import Estimates
from headstart.evaluation.fairness.gaps import difference_bounds
from headstart.evaluation.intervals import LEVEL, interval
from headstart.evaluation.proportions import TAIL, clopper_pearson, paired_difference
from headstart.methods.row_losses import row_losses

PLAIN = "none"
MOST_COST = 0.02  # of the mean that a worst group may cost, a fraction
SCALES = np.geomspace(0.02, 50, 69)  # factors of the outputs that are tried


@dataclass(frozen=True)
class Run:
    """One mitigation of one strength.

    Attributes:
        name: Of the mitigation; "none" for the plain model.
        strength: 0-1.
        outputs: ``(N, W)`` of rows that the model did not see; NaN where there are none.
    """

    name: str
    strength: float
    outputs: Floats


def tradeoff(
    runs: Sequence[Run], targets: Targets, groups: Ints, group_names: Mapping[int, str], least: int = 10
) -> dict[str, Any]:
    """A curve of the worst group's accuracy against the mean, and which points of it no other beats in both.

    Args:
        runs: The plain model ("none") among them; all on the same rows.
        targets: Classes of the N rows.
        groups: ``(N,)`` of which the worst is sought: groups, or groups by class; below 0 is none.
        group_names: By number.
        least: Held-out rows that a group needs to be looked at.

    Returns:
        - ``points``, in the order of the runs: ``mitigation``, ``strength``, ``mean`` (accuracy, an interval),
          ``worst`` (an interval of the level that makes all groups' intervals hold together, with ``group`` and
          ``n``), ``bound`` (no group is below it), ``gap`` (best minus worst group, an interval), ``mean_change``
          (paired with the plain model, an interval) and ``worst_change`` (of the smallest accuracy, whichever group
          has it), both None for the plain model; ``worst_loss`` (the largest mean log-loss of a group, once the
          outputs are scaled to what suits all groups alike best); ``is_on_front`` (no other point is better in one of
          mean and worst and as good in the other), ``sentence``.
        - ``chosen``: see :func:`chosen`; a position in ``points``.
        - ``n``, ``groups`` (``{name: n}`` looked at), ``level``.

    Raises:
        DataError: targets are not classes, no plain run, or fewer than two groups of ``least`` held-out rows.
        ShapeError: outputs that are not ``(N, W)``.
    """
    if targets.kind not in ("class", "ordinal"):
        raise DataError(f"the curve is of accuracies; got targets of kind {targets.kind!r}. Give classes.")
    plain = next((run for run in runs if run.name == PLAIN), None)
    if plain is None:
        raise DataError(f"the plain model must be among the runs, called {PLAIN!r}; got {[r.name for r in runs]}.")
    wrong = [run.outputs.shape for run in runs if run.outputs.shape != (len(targets), targets.width)]
    if wrong:
        raise ShapeError(f"outputs must be {(len(targets), targets.width)}; got {wrong}.")
    known = np.all([np.isfinite(run.outputs).all(axis=1) for run in runs], axis=0)
    rows = np.flatnonzero(known)
    numbers, sizes = np.unique(groups[rows][groups[rows] >= 0], return_counts=True)
    numbers = numbers[sizes >= least]
    if len(numbers) < 2:
        raise DataError(f"two groups with {least} held-out rows each are needed; got {len(numbers)}. Lower least.")
    right = [run.outputs[rows].argmax(axis=1) == targets.values[rows] for run in runs]
    before = right[list(runs).index(plain)]
    code = np.where(np.isin(groups[rows], numbers), np.searchsorted(numbers, groups[rows]), -1)
    names = [group_names[int(number)] for number in numbers]
    points = [_point(run, flags, before, code, names) for run, flags in zip(runs, right, strict=True)]
    for run, point in zip(runs, points, strict=True):
        point["worst_loss"] = worst_loss(run.outputs[rows], targets.take(rows), code, len(names))
    _mark_front(points)
    found = {
        "points": points,
        "n": len(rows),
        "groups": {name: int((code == index).sum()) for index, name in enumerate(names)},
        "level": LEVEL,
    }
    return {**found, "chosen": chosen(points)}


def chosen(points: Sequence[Mapping[str, Any]], most_cost: float = MOST_COST) -> int:
    """The point whose worst group loses least, among those that cost the mean no more than ``most_cost``.

    By log-loss, not by accuracy: the worst group is often small, and among ten rows the accuracy moves in steps of ten
    points, while a loss uses how sure each answer was. Of equals the first is taken. The plain model costs nothing, so
    there is one.
    """
    affordable = [
        at
        for at, point in enumerate(points)
        if point["mean_change"] is None or point["mean_change"]["value"] >= -most_cost
    ]
    return min(affordable, key=lambda at: (points[at]["worst_loss"], at))


def worst_loss(outputs: Floats, targets: Targets, code: Ints, count: int) -> float:
    """Largest mean log-loss of a group, of ``(n, W)`` outputs times the factor that is best for the mean over groups.

    Mitigations differ in how sure their outputs are; without the factor the timid ones would seem better.

    Args:
        outputs: ``(n, W)`` finite logits.
        targets: Of the n rows.
        code: ``(n,)`` groups 0..count-1, or -1.
        count: Of groups; each has a row.
    """
    known = code >= 0
    own, groups, rows = targets.take(known), code[known], outputs[known]
    sizes = np.bincount(groups, minlength=count)
    losses = [np.bincount(groups, weights=row_losses(own, rows * scale), minlength=count) / sizes for scale in SCALES]
    best = int(np.argmin([of_groups.mean() for of_groups in losses]))
    return float(losses[best].max())


def _point(
    run: Run, right: NDArray[np.bool_], before: NDArray[np.bool_], code: Ints, names: Sequence[str]
) -> dict[str, Any]:
    estimates, plain = (Estimates.of(rate("accuracy", flags), code, len(names)) for flags in (right, before))
    low, high = estimates.limits(TAIL / len(names))
    at = int(estimates.value.argmin())
    n, hits = len(right), int(right.sum())
    mean_low, mean_high = clopper_pearson(hits, n)
    worst = interval(float(estimates.value[at]), (float(low[at]), float(high[at])))
    gap = float(estimates.value.max() - estimates.value.min())
    point = {
        "mitigation": run.name,
        "strength": run.strength,
        "mean": interval(hits / n, (float(mean_low), float(mean_high))),
        "worst": {
            "group": names[at],
            "n": int(estimates.n[at]),
            **worst,
            "level": 1 - (1 - LEVEL) / len(names),
        },
        "bound": float(low.min()),
        "gap": interval(gap, difference_bounds([estimates])),
        "mean_change": None if run.name == PLAIN else _paired(right, before),
        "worst_change": None if run.name == PLAIN else float(estimates.value.min() - plain.value.min()),
    }
    return {**point, "sentence": sentence(point)}


def _paired(right: NDArray[np.bool_], before: NDArray[np.bool_]) -> dict[str, Any]:
    gained, lost, n = int((right & ~before).sum()), int((before & ~right).sum()), len(right)
    low, high = paired_difference(gained, lost, n)
    return interval((gained - lost) / n, (float(low), float(high)))


def sentence(point: Mapping[str, Any]) -> str:
    """Gain and cost in points of a hundred, both as they are."""
    worst, mean = 100 * point["worst"]["value"], 100 * point["mean"]["value"]
    who = f"worst group ({point['worst']['group']})"
    if point["mean_change"] is None:
        return f"As it is: {who} {worst:.1f} of 100 right, {mean:.1f} in the mean."
    changes = point["worst_change"], point["mean_change"]["value"]
    gain, cost = (round(100 * change, 1) + 0.0 for change in changes)  # no -0.0
    return (
        f"{point['mitigation']} at strength {point['strength']:g}: {who} {gain:+.1f} points, to {worst:.1f}, for "
        f"{cost:+.1f} points in the mean, to {mean:.1f}."
    )


def _mark_front(points: Sequence[dict[str, Any]]) -> None:
    both = np.array([(point["mean"]["value"], point["worst"]["value"]) for point in points])
    for point, own in zip(points, both, strict=True):
        is_beaten = ((both >= own).all(axis=1) & (both > own).any(axis=1)).any()
        point["is_on_front"] = not bool(is_beaten)
