r"""Each group against all other examples, in each aspect, under one correction for having looked at them all.

A largest minus a smallest is above 0 in every sample. "This group against the others" is 0 where nothing is the matter,
so it is what claims are made of. All such comparisons of a report are one family: Holm's correction (1979) makes the
probability of one false claim or more 0.05 at most, whichever differences are real. For rates that is certain at every
size, since Fisher's test is exact; for means the test permutes a studentised difference (Chung & Romano, Annals of
Statistics 2013), which is exact where a group differs from the others in nothing, and nearly so where in spread alone.

Intervals after correction hold together (Bonferroni's). At 0 they follow the tests: where a difference is claimed they
end there, where none is they reach it. The correction of an interval is one-step and that of the tests is not, so they
could contradict each other otherwise.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from headstart.evaluation.fairness.aspects import Aspect
from headstart.evaluation.fairness.estimates import Estimates
from headstart.evaluation.fairness.groups import Grouping
from headstart.evaluation.fairness.permuted import permuted_differences_p
from headstart.evaluation.independent import difference_limits, fisher_p
from headstart.evaluation.intervals import LEVEL, interval
from headstart.evaluation.multiple_testing import holm
from headstart.evaluation.proportions import TAIL

Floats = NDArray[np.float64]
ERROR = 1 - LEVEL


@dataclass(frozen=True)
class Comparison:
    """One group against the others in one aspect; before any correction.

    Attributes:
        grouping: Name of the column, or columns.
        group: Its name.
        aspect: What is compared.
        pair: The group and all others, as two groups that count ``least`` examples or more each.
        p_value: Of "there is no difference".
        base_rates: Of a selection rate, the shares of positives on both sides; None of anything else.
    """

    grouping: str
    group: str
    aspect: Aspect
    pair: Estimates
    p_value: float
    base_rates: tuple[float, float] | None = None

    @property
    def difference(self) -> float:
        """The group minus the others."""
        return float(self.pair.value[0] - self.pair.value[1])

    def limits(self, tail: float, is_claimed: bool) -> tuple[float, float] | None:
        """Of the difference, ending at 0 where it is claimed and reaching 0 where not; None where there are none."""
        low, high = self.pair.limits(tail)
        value = self.pair.value
        bounds = difference_limits(value[0], (low[0], high[0]), value[1], (low[1], high[1]))
        if not np.isfinite(bounds).all():
            return None
        down, up = (float(bound) for bound in bounds)
        if not is_claimed:
            return min(down, 0.0), max(up, 0.0)
        return (max(down, 0.0), up) if self.difference > 0 else (down, min(up, 0.0))


def comparisons(grouping: Grouping, aspects: Sequence[Aspect], least: int, seed: int) -> list[Comparison]:
    """Every group with ``least`` examples that count, against as many others at least.

    Of two groups that hold all examples only the first is compared: the second would say the same.

    Args:
        grouping: The groups.
        aspects: Those that are not to be compared are passed over.
        least: Examples on each side, in each aspect.
        seed: For the permutations of means.
    """
    count = len(grouping.group_names)
    is_one_pair = count == 2 and bool((grouping.code >= 0).all())
    truth = next((aspect for aspect in aspects if aspect.name == "base_rate"), None)
    sides = [np.where(grouping.code == group, 0, 1) for group in range(1 if is_one_pair else count)]
    found = []
    for aspect in (aspect for aspect in aspects if aspect.is_compared):
        pairs = {group: Estimates.of(aspect, side, 2) for group, side in enumerate(sides)}
        pairs = {group: pair for group, pair in pairs.items() if pair.n.min() >= least}
        p_values = _p_values(grouping, aspect, pairs, seed)
        found += [
            Comparison(
                grouping.name, grouping.group_names[group], aspect, pair, p_values[group],
                _both(truth, sides[group]) if aspect.name == "selection_rate" else None,
            )
            for group, pair in pairs.items()
        ]  # fmt: skip
    return found


def _both(truth: Aspect | None, side: NDArray[Any]) -> tuple[float, float] | None:
    if truth is None:
        return None
    ours, theirs = Estimates.of(truth, side, 2).value
    return float(ours), float(theirs)


def _p_values(grouping: Grouping, aspect: Aspect, pairs: Mapping[int, Estimates], seed: int) -> Mapping[int, float]:
    """By the number of the group."""
    if not pairs:
        return {}
    if aspect.form == "rate":
        return {group: _fisher(pair) for group, pair in pairs.items()}
    counted = aspect.counts
    return permuted_differences_p(aspect.values[counted], grouping.code[counted], seed, grouping.name, aspect.name)


def _fisher(pair: Estimates) -> float:
    hits, others = (int(round(total)) for total in pair.sums)
    return fisher_p(hits, int(pair.n[0]), others, int(pair.n[1]))


def corrected(found: Sequence[Comparison]) -> list[dict[str, Any]]:
    """All comparisons of a report as JSON, corrected for each other; in their order.

    Keys: ``column``, ``group``, ``metric``, ``n`` and ``n_others`` (that count), ``value`` and ``others``,
    ``difference`` (of level 0.95, for this comparison alone), ``p_value``; after correction ``difference_corrected``
    (its "level" is that of one interval), ``p_corrected`` and ``differs``, whether a difference is claimed. Of
    ``selection_rate`` also ``base_rate`` and ``others_base_rate``, the shares of positives.
    """
    if not found:
        return []
    p_corrected = holm([each.p_value for each in found])
    return [_written(one, float(p), len(found)) for one, p in zip(found, p_corrected, strict=True)]


def _written(one: Comparison, p_corrected: float, many: int) -> dict[str, Any]:
    differs = p_corrected <= ERROR
    note = "" if one.limits(TAIL, False) else "the values of one side are all the same"
    return {
        "column": one.grouping,
        "group": one.group,
        "metric": one.aspect.name,
        "n": int(one.pair.n[0]),
        "n_others": int(one.pair.n[1]),
        "value": float(one.pair.value[0]),
        "others": float(one.pair.value[1]),
        "difference": interval(one.difference, one.limits(TAIL, one.p_value <= ERROR), note),
        "p_value": one.p_value,
        "difference_corrected": {
            **interval(one.difference, one.limits(TAIL / many, differs), note),
            "level": 1 - ERROR / many,
        },
        "p_corrected": p_corrected,
        "differs": bool(differs),
        **(dict(zip(("base_rate", "others_base_rate"), one.base_rates, strict=True)) if one.base_rates else {}),
    }
