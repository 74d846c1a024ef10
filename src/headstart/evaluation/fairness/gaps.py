r"""The largest gap between groups, by the names that people know.

- ``demographic_parity_difference``, ``demographic_parity_ratio``: largest minus smallest, and smallest over largest
  selection rate;
- ``equal_opportunity_difference``: largest minus smallest true positive rate;
- ``equalized_odds_difference``: the larger of the gaps of the true and of the false positive rates (Hardt, Price &
  Srebro, NeurIPS 2016); as fairlearn defines them (Weerts et al., JMLR 2023).

A gap's estimate is too large on the average: groups that are alike differ in a sample. Its interval is right all the
same, since it comes from the differences of all pairs of groups, whose intervals hold together (Bonferroni): the true
gap is the largest of the true differences, so it is at least the largest of the lower limits and at most the largest
of the upper ones. The percentile bootstrap repeats the bias instead: where groups are alike its lower limit is above
the truth nearly always (benchmarks/fairness_coverage.py has both).
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from headstart.evaluation.fairness.aspects import Aspect
from headstart.evaluation.fairness.estimates import Estimates
from headstart.evaluation.fairness.groups import Grouping
from headstart.evaluation.fairness.permuted import permuted_means_p, permuted_rates_p
from headstart.evaluation.independent import difference_limits, ratio_limits
from headstart.evaluation.intervals import interval
from headstart.evaluation.proportions import TAIL

Floats = NDArray[np.float64]
SELECTION, FOUND, FALSE_ALARM = "selection_rate", "true_positive_rate", "false_positive_rate"
NAMES = {SELECTION: "demographic_parity_difference", FOUND: "equal_opportunity_difference"}


def gaps(grouping: Grouping, aspects: Sequence[Aspect], least: int, seed: int) -> dict[str, Any]:
    """Every gap that the aspects allow, ``{name: interval}``, each with a ``p_value``.

    The p-value is of "no group differs from another", by permuting; it is not corrected for anything and no claim
    rests on it. Groups with fewer than ``least`` examples that count are not in a gap; of what is left, ``groups`` says
    how many. A gap of one group has neither value nor p-value, and a note.

    Args:
        grouping: The groups.
        aspects: Of what was judged; gaps are of those that are compared.
        least: Examples that a group needs in an aspect.
        seed: For the permutations.
    """
    found = {aspect.name: _usable(aspect, grouping, least) for aspect in aspects if aspect.is_compared}
    named = {NAMES.get(name, f"{name}_gap"): _difference([each], seed) for name, each in found.items()}
    if SELECTION in found:
        named["demographic_parity_ratio"] = _ratio(found[SELECTION], seed)
    if FOUND in found and FALSE_ALARM in found:
        named["equalized_odds_difference"] = _difference([found[FOUND], found[FALSE_ALARM]], seed)
    return named


def _usable(aspect: Aspect, grouping: Grouping, least: int) -> Estimates:
    every = Estimates.of(aspect, grouping.code, len(grouping.group_names))
    return every.take(np.flatnonzero(every.n >= least))


def _difference(of: Sequence[Estimates], seed: int) -> dict[str, Any]:
    """The largest gap in one aspect or several."""
    if lacking := _lacking(of):
        return lacking
    value = max(float(each.value.max() - each.value.min()) for each in of)
    bounds = difference_bounds(of)
    return {
        **interval(value, bounds, "" if bounds else "the values of a group are all the same"),
        "p_value": _p_value(of, seed),
        "groups": max(len(each.n) for each in of),
    }


def difference_bounds(of: Sequence[Estimates], tail: float = TAIL) -> tuple[float, float] | None:
    """``(low, high)`` of the largest difference between two groups in any aspect; None where limits are missing.

    Args:
        of: Two groups or more in each aspect.
        tail: What may be missed on each side.
    """
    own = tail / sum(_pairs(each) for each in of)
    lows, highs = [0.0], []
    for each in of:
        low, high = each.limits(own)
        value = each.value
        down, up = difference_limits(value[:, None], (low[:, None], high[:, None]), value, (low, high))
        others = ~np.eye(len(value), dtype=bool)
        lows.append(float(down[others].max()))
        highs.append(float(up[others].max()))
    bounds = max(lows), max(highs)
    if not np.isfinite([*lows, *highs]).all():
        return None
    return (bounds[0], min(1.0, bounds[1])) if all(each.aspect.form == "rate" for each in of) else bounds


def _ratio(of: Estimates, seed: int) -> dict[str, Any]:
    if lacking := _lacking([of]):
        return lacking
    if of.value.max() == 0:
        return {**interval(None, None, "no group has a case of it"), "p_value": None, "groups": len(of.n)}
    return {
        **interval(float(of.value.min() / of.value.max()), ratio_bounds(of)),
        "p_value": _p_value([of], seed),
        "groups": len(of.n),
    }


def ratio_bounds(of: Estimates, tail: float = TAIL) -> tuple[float, float]:
    """``(low, high)`` of the smallest over the largest rate, 0-1; ``tail`` as in :func:`difference_bounds`."""
    low, high = of.limits(tail / _pairs(of))
    value = of.value
    some = np.flatnonzero(value > 0)  # a rate of 0 tells nothing as a divisor
    down, up = ratio_limits(value[:, None], (low[:, None], high[:, None]), value[some], (low[some], high[some]))
    others = np.arange(len(value))[:, None] != some
    floor = 0.0 if (value == 0).any() else float(down[others].min())
    return floor, min(1.0, float(up[others].min()))


def _pairs(of: Estimates) -> int:
    return len(of.n) * (len(of.n) - 1) // 2


def _lacking(of: Sequence[Estimates]) -> dict[str, Any]:
    """What is reported instead where an aspect has fewer than two groups; empty where all have."""
    short = [each for each in of if len(each.n) < 2]
    if not short:
        return {}
    note = f"fewer than two groups have enough {short[0].aspect.lacking}s"
    return {**interval(None, None, note), "p_value": None, "groups": len(short[0].n)}


def _p_value(of: Sequence[Estimates], seed: int) -> float:
    names = [each.aspect.name for each in of]
    if of[0].aspect.form == "rate":
        return permuted_rates_p([(np.rint(each.sums).astype(np.int64), each.n) for each in of], seed, *names)
    return permuted_means_p(of[0].members, seed, *names)
