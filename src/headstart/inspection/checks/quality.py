"""Findings about inputs that are poor each for itself: what checks of quality share."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from headstart.core.learning import Ints
from headstart.inspection.checks.wording import part_of, verb
from headstart.inspection.examined import Examined
from headstart.inspection.finding import Finding, Suspect

MANY = 0.05  # share of the inputs from which a weakness of single inputs becomes one of the set
ONE = {"are": "is", "have": "has", "hold": "holds", "show": "shows"}


def poor_inputs(
    examined: Examined,
    id: str,
    noun: str,
    rows: Ints,
    reasons: Sequence[str],
    what: str,
    action: str,
    *,
    evidence: Mapping[str, Any] | None = None,
    is_hint: bool = False,
) -> list[Finding]:
    """One finding about ``rows``, the most telling first; a hint, and a warning where they are many. None: nothing.

    Args:
        examined: Where the rows' names are.
        id: Of the finding.
        noun: Of one input, "picture".
        rows: ``(S,)`` positions among the inputs.
        reasons: S times a few words.
        what: What follows "12 of 300 pictures (4 %)"; begins with "are" or "have", which fits itself to their number.
        action: The sentence.
        evidence: Further numbers.
        is_hint: However many they are.
    """
    if not len(rows):
        return []
    n = len(examined.inputs)
    share = len(rows) / n
    several, _, rest = what.partition(" ")
    ids = examined.inputs.ids
    return [
        Finding(
            id=id,
            severity="warning" if share > MANY and not is_hint else "hint",
            what=f"{part_of(len(rows), n, noun)} {verb(len(rows), ONE[several], several)} {rest}",
            action=action,
            evidence={"count": len(rows), "of": n, "share": round(share, 6), **(evidence or {})},
            suspects=tuple(Suspect(int(row), ids[row], why) for row, why in zip(rows, reasons, strict=True)),
        )
    ]


def lowest_first(chosen: NDArray[np.bool_], values: NDArray[Any]) -> Ints:
    """``(S,)`` positions of the chosen, ``(N,)``, those with the lowest of ``(N,)`` values first."""
    rows = np.flatnonzero(chosen)
    return rows[np.argsort(values[rows], kind="stable")]
