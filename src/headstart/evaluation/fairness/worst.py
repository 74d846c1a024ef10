"""Who is worst off, and how badly the worst-off group may really fare once all groups were looked at."""

from __future__ import annotations

from typing import Any

import numpy as np

from headstart.evaluation.fairness.estimates import Estimates
from headstart.evaluation.fairness.groups import Grouping
from headstart.evaluation.fairness.judged import Judged
from headstart.evaluation.intervals import LEVEL, interval
from headstart.evaluation.proportions import TAIL


def worst_and_best(grouping: Grouping, judged: Judged, least: int) -> dict[str, Any]:
    """``worst``, ``best`` and ``bound`` in the primary aspect; all None where no group has ``least`` examples.

    The group that looks worst was picked for looking so, so its own interval would be too hopeful. Here the intervals
    of all G groups hold together (each misses 0.05 / G), which makes that of the picked one right. ``bound`` is the
    worst of all their limits: no group is worse than that.
    """
    every = Estimates.of(judged.primary, grouping.code, len(grouping.group_names))
    usable = np.flatnonzero(every.n >= least)
    if not len(usable):
        return {"worst": None, "best": None, "bound": None}
    estimates = every.take(usable)
    low, high = estimates.limits(TAIL / len(usable))
    sign = 1 if judged.higher_is_better else -1
    ends = low if judged.higher_is_better else high
    is_known = bool(np.isfinite(ends).all())

    def written(at: int) -> dict[str, Any]:
        bounds = (float(low[at]), float(high[at])) if np.isfinite([low[at], high[at]]).all() else None
        found = interval(float(estimates.value[at]), bounds, "" if bounds else "all values are the same")
        name = grouping.group_names[usable[at]]
        return {"group": name, "n": int(estimates.n[at]), **found, "level": 1 - (1 - LEVEL) / len(usable)}

    return {
        "worst": written(int(np.argmin(sign * estimates.value))),
        "best": written(int(np.argmax(sign * estimates.value))),
        "bound": float((ends * sign).min() * sign) if is_known else None,
    }
