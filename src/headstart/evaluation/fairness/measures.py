"""The figures of one group: every aspect with its interval, and whether its probabilities come true."""

from __future__ import annotations

from typing import Any

import numpy as np

from headstart.core.seeding import generator
from headstart.evaluation.calibration import ece_interval, reliability
from headstart.evaluation.fairness.aspects import Flags, Floats
from headstart.evaluation.fairness.estimates import Estimates
from headstart.evaluation.fairness.groups import Grouping
from headstart.evaluation.fairness.judged import Judged
from headstart.evaluation.intervals import interval
from headstart.evaluation.proportions import TAIL, clopper_pearson

MANY = 100  # examples from which on a calibration error is more than the chance in it


def measures(grouping: Grouping, judged: Judged, seed: int) -> dict[str, dict[str, Any]]:
    """``{group: {"n", aspect: interval and "n", ...}}``.

    An aspect's "n" is of the examples that it is about: of the true positive rate, those that are positive. With
    probabilities each group also has ``calibration_gap`` and ``ece``.
    """
    names = grouping.group_names
    result: dict[str, dict[str, Any]] = {
        name: {"n": int((grouping.code == group).sum()), "values": dict(zip(grouping.columns, values, strict=True))}
        for group, (name, values) in enumerate(zip(names, grouping.values, strict=True))
    }
    for aspect in judged.aspects:
        estimates = Estimates.of(aspect, grouping.code, len(names))
        low, high = estimates.limits(TAIL)
        for group, name in enumerate(names):
            result[name][aspect.name] = _figure(estimates, group, float(low[group]), float(high[group]))
    if judged.probability is not None and judged.is_true is not None:
        for group, name in enumerate(names):
            rows = grouping.code == group
            rng = generator(seed, "ece", grouping.name, name)
            result[name] |= calibration(judged.probability[rows], judged.is_true[rows], rng)
    return result


def _figure(estimates: Estimates, group: int, low: float, high: float) -> dict[str, Any]:
    n = int(estimates.n[group])
    if n == 0:
        return {**interval(None, None, f"no {estimates.aspect.lacking} in this group"), "n": 0}
    value = float(estimates.value[group])
    if not np.isfinite([low, high]).all():
        note = "all values are the same" if n > 1 else "one example has no spread"
        return {**interval(value, None, note), "n": n}
    return {**interval(value, (low, high)), "n": n}


def calibration(probability: Floats, is_true: Flags, rng: np.random.Generator) -> dict[str, Any]:
    r"""``calibration_gap``, the mean probability minus how often it came true, and ``ece``, the mean size of such gaps.

    The gap's interval is the exact one of the rate, moved by the mean probability: given the probabilities, what comes
    true is a sum of independent events of unlike rates, which spreads no more than a binomial (Hoeffding, Annals of
    Mathematical Statistics 1956). It errs on the wide side where probabilities are sharp. A calibration error is given
    from 100 examples on: with fewer it is mostly chance.

    Args:
        probability: ``(n,)``, 0-1; NaN or another number outside that range gives neither figure, and a note.
        is_true: ``(n,)``.
        rng: For the interval of the calibration error.
    """
    n = len(probability)
    bad = int((~((probability >= 0) & (probability <= 1))).sum())
    if bad:
        nothing = interval(None, None, f"{bad} of {n} probabilities are not numbers from 0 to 1")
        return {"calibration_gap": {**nothing, "n": n}, "ece": {**nothing, "n": n}}
    hits = int(is_true.sum())
    mean = float(probability.mean())
    low, high = clopper_pearson(hits, n)
    gap = {**interval(mean - hits / n, (mean - float(high), mean - float(low))), "n": n}
    if n < MANY:
        return {"calibration_gap": gap, "ece": {**interval(None, None, f"fewer than {MANY} examples"), "n": n}}
    bins = reliability(probability, is_true)
    return {"calibration_gap": gap, "ece": {**interval(bins.ece, ece_interval(bins, rng)), "n": n}}
