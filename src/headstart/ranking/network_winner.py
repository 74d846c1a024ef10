"""Which of the networks that were probed a fit goes on with, and what is said of the others.

Without a limit of time it is the one of smallest held-out loss. Under a limit, what follows (trainings, above all)
takes time in proportion to a network's cost, and a probe's loss is known only within chance: so the cheapest network
is taken that is not shown to be worse, by the paired 95 % interval of the difference of the losses.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from headstart.core.seeding import generator
from headstart.selection.resampling import resample
from headstart.tasks.figures import figure

if TYPE_CHECKING:
    from headstart.ranking.entrant_scores import TrainingPart
    from headstart.ranking.network_tried import Tried


@dataclass(frozen=True)
class Winner:
    """The network that is taken.

    Attributes:
        best: It.
        why: By name, of all that were probed: why it was taken or not.
        above: ``(low, high)`` of the taken one's mean loss above the smallest, paired; None where it has the smallest.
    """

    best: Tried
    why: dict[str, str]
    above: tuple[float, float] | None = None


def winner(usable: Sequence[Tried], part: TrainingPart, measure: str, *, is_timed: bool) -> Winner:
    """Choose.

    Args:
        usable: With a probe each, one or more; of equal losses the first one counts as the smallest.
        part: What they were probed on.
        measure: What the losses are, for people.
        is_timed: Whether the minutes are limited, so that a network's cost counts.
    """
    smallest = min(usable, key=lambda one: one.loss)
    if len(usable) == 1:
        return Winner(smallest, {smallest.rival.name: "it is the only one that was tried"})
    cheaper = (
        sorted((one for one in usable if one.flops < smallest.flops), key=lambda one: one.flops) if is_timed else []
    )
    for one in cheaper:
        low, high = above(one, smallest, part)
        if low <= 0:
            return Winner(one, _of_the_cheaper(one, smallest, usable, measure), (low, high))
    own = f"it has the smallest {measure} on held-out folds of the training examples"
    if cheaper:
        own += ", and every cheaper one is worse beyond chance"
    other = f"its {measure} on held-out folds is not smaller than that of {smallest.rival.name}"
    return Winner(smallest, {one.rival.name: own if one is smallest else other for one in usable})


def above(one: Tried, other: Tried, part: TrainingPart) -> tuple[float, float]:
    """95 % interval of how much the mean loss of ``one`` is above that of ``other`` on the same rows.

    Rows of a group are drawn together. A loss that is not finite is infinitely above.
    """
    assert one.probe is not None and other.probe is not None  # noqa: S101  # both were probed
    gaps = np.stack([one.probe.losses, other.probe.losses])
    if not np.isfinite(gaps).all():
        return math.inf, math.inf
    draws = resample(-gaps, part.groups[part.held], generator(part.seed, "networks"))
    return draws.difference(1, 0)


def _of_the_cheaper(best: Tried, smallest: Tried, usable: Sequence[Tried], measure: str) -> dict[str, str]:
    share = best.flops / smallest.flops
    cost = f"{figure(share)} of the cost of {smallest.rival.name}" if share > 0 else "no known cost"
    why = {}
    for one in usable:
        if one is best:
            why[one.rival.name] = (
                f"no difference of its {measure} from the smallest could be shown, and it has {cost}, so that the "
                "minutes go further"
            )
        elif one.flops < best.flops:
            why[one.rival.name] = f"it is cheaper, but its {measure} is above the smallest beyond chance"
        elif one.loss < best.loss:
            why[one.rival.name] = f"its {measure} is smaller than that of {best.rival.name} only within chance"
        else:
            why[one.rival.name] = f"its {measure} on held-out folds is not smaller than that of {best.rival.name}"
    return why
