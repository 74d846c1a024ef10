"""A cheaper training where the time is short: fewer views, then fewer epochs, then more of the network frozen.

The wanted depth is given up last, since what has to change in a network decides what a training can win; half of the
usual epochs there come before all of them further up. What every choice costs follows from one measured step: above a
boundary arithmetic grows with the part that is trained, below it with the part that is computed once.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

SHORTEST = 2  # epochs below which a training is not worth beginning
FEWER = 0.5  # of the usual epochs, at least, as long as a deeper freeze can still make the time
SMALLEST_SHARE = 0.05  # of a step's time stays, however little is trained: reading, head, optimizer
DEEPER_VIEW = 1.3  # times a view's time, for the rest of the frozen network; most of it is preparing inputs
FORWARD = 1 / 3  # of a step's arithmetic, for stages that run in it frozen
VALIDATING = 1.1  # times the steps of an epoch, with the look at the validation rows after it


@dataclass(frozen=True)
class Costs:
    """Seconds at one boundary, measured.

    Attributes:
        boundary: ``stages[:boundary]`` are frozen.
        epoch: Steps over all training rows.
        view: One view of all of them, computed and kept; where nothing is kept, their preparation in every epoch.
        once: What comes before the first epoch, besides views.
        keeps: Whether views are kept.
    """

    boundary: int
    epoch: float
    view: float
    once: float
    keeps: bool


@dataclass(frozen=True)
class Shape:
    """A training that fits.

    Attributes:
        boundary, epochs, views: Of it; 0 views where there is no augmentation.
        seconds: It is predicted to take.
    """

    boundary: int
    epochs: int
    views: int
    seconds: float


def deeper(costs: Costs, below: Sequence[float], deepest: int, *, can_keep: bool) -> list[Costs]:
    """Costs at every boundary from the measured one to the deepest.

    Args:
        costs: As measured.
        below: ``(n + 1,)`` shares of the network's arithmetic that lie below each boundary, 0 to 1.
        deepest: The last boundary that leaves something to train.
        can_keep: Whether frozen activations may be kept.
    """
    trained = 1.0 - below[costs.boundary]
    found = [costs]
    for boundary in range(costs.boundary + 1, deepest + 1):
        above = 1.0 - below[boundary]
        if can_keep:
            share = above / max(trained, 1e-9)
        else:
            frozen = below[boundary] - below[costs.boundary]
            share = (above + FORWARD * frozen) / max(trained, 1e-9)
        share = min(1.0, max(SMALLEST_SHARE, share))
        view = costs.view * DEEPER_VIEW if can_keep else costs.view
        found.append(Costs(boundary, costs.epoch * share, view, costs.once, can_keep))
    return found


def affordable(options: Sequence[Costs], epochs: int, views: int, left: float, fewest_views: int = 1) -> Shape | None:
    """The most promising training that fits into ``left`` seconds; None where none does.

    At each depth, the wanted one first: as many epochs as fit, of as many views as fit, but half of the usual epochs at
    least; where no depth allows these, SHORTEST epochs, the wanted depth first again.

    Args:
        options: From the wanted depth on, each more frozen than the one before.
        epochs: The usual ones.
        views: The usual ones; 0 without augmentation.
        left: Seconds.
        fewest_views: That must be kept, of those that epochs can see.
    """
    half = max(min(SHORTEST, epochs), math.ceil(FEWER * epochs))
    for least in dict.fromkeys((half, min(SHORTEST, epochs))):
        for costs in options:
            for count in range(epochs, least - 1, -1):
                shape = _fitting(costs, count, views, left, fewest_views)
                if shape:
                    return shape
    return None


def _fitting(costs: Costs, epochs: int, views: int, left: float, fewest_views: int) -> Shape | None:
    """With as many views as there is time for; None where not even the fewest fit."""
    steps = costs.once + epochs * VALIDATING * costs.epoch
    if not costs.keeps:
        seconds = steps + epochs * costs.view
        return Shape(costs.boundary, epochs, min(views, epochs), seconds) if seconds <= left else None
    wanted = max(1, min(views, epochs))
    for count in range(wanted, min(wanted, fewest_views) - 1, -1):
        if steps + count * costs.view <= left:
            return Shape(costs.boundary, epochs, min(views, count), steps + count * costs.view)
    return None


def sentence(wanted: Shape, found: Shape, names: Sequence[str], left: float) -> str:
    """What was given up, for the plan's lines and decisions.jsonl; "" where nothing was.

    >>> wanted, found = Shape(2, 4, 4, 90.0), Shape(3, 3, 1, 40.0)
    >>> sentence(wanted, found, ["stem", "low", "middle", "high"], 45.0)
    'more of the network stays frozen (up to middle instead of low), 3 epochs instead of 4, 1 view instead of 3, \
since 0.8 minutes are left for it'
    """
    given_up = []
    if found.boundary > wanted.boundary:
        before = names[wanted.boundary - 1] if wanted.boundary else "nothing"
        given_up.append(f"more of the network stays frozen (up to {names[found.boundary - 1]} instead of {before})")
    if found.epochs < wanted.epochs:
        given_up.append(f"{_many(found.epochs, 'epoch')} instead of {wanted.epochs}")
    if found.views < min(wanted.views, found.epochs):
        given_up.append(f"{_many(found.views, 'view')} instead of {min(wanted.views, found.epochs)}")
    return f"{', '.join(given_up)}, since {left / 60:.1f} minutes are left for it" if given_up else ""


def _many(number: int, noun: str) -> str:
    return f"{number} {noun}{'' if number == 1 else 's'}"
