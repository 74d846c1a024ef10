"""Targets that are numbers, far from what a probe says of rows it had not seen."""

from __future__ import annotations

import numpy as np

from headstart.core.learning import Ints
from headstart.inspection.checks.wording import counted, verb
from headstart.inspection.examined import Examined
from headstart.inspection.finding import Finding, Suspect

NORMAL = 1.4826  # a normal distribution's standard deviation in median absolute deviations


def large_residuals(examined: Examined, rows: Ints, bound: float, most: float) -> list[Finding]:
    """One hint about errors of more than ``bound`` robust standard deviations, unless more than ``most`` are so.

    Args:
        examined: Its targets are numbers.
        rows: Of the learned ones, those with an out-of-fold prediction.
        bound: See above.
        most: Share of the rows, 0-1.
    """
    right = examined.targets.values[rows]
    predicted = np.asarray(examined.out_of_fold)[rows, 0]
    errors = right - predicted
    errors = errors - np.median(errors)
    spread = NORMAL * float(np.median(np.abs(errors)))
    if spread == 0:
        return []
    sizes = np.abs(errors) / spread
    places = np.flatnonzero(sizes > bound)
    if not 0 < len(places) <= max(1, most * len(rows)):
        return []
    suspects = []
    for place in places[np.argsort(-sizes[places], kind="stable")].tolist():
        row = int(examined.rows[rows[place]])
        why = f"the probe says {predicted[place]:.4g}, {sizes[place]:.0f} times the usual error away"
        suspects.append(Suspect(row, examined.inputs.ids[row], why, f"{right[place]:.6g}"))
    n = len(suspects)
    return [
        Finding(
            id="label_errors/numbers",
            severity="hint",
            what=f"{n:,} of {counted(len(rows), 'number')} {verb(n, 'lies', 'lie')} more than {bound:g} times the "
            "usual error from what a probe says.",
            action="Look for slips of the pen and other units among them.",
            evidence={"suspects": n, "numbers": len(rows), "usual_error": spread, "bound": bound},
            suspects=tuple(suspects),
        )
    ]
