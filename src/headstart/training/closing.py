"""How much of the time a user gives is the race's."""

from __future__ import annotations

from typing import TYPE_CHECKING

from headstart.core.resources import cpu_count
from headstart.features.lanes import lanes_of
from headstart.selection.combining import MOST_MEMBERS

if TYPE_CHECKING:
    from headstart.solving.work import Solved, Work

MINUTE = 60.0
CLOSING = 8.0  # seconds: a graph of the trained network, evidence, bundle, report; measured within a factor of 1.5
A_GRAPH = 4.0  # of them for a network's own graph, and its part in the comparison of runtimes
ENSEMBLE_SHARE = 0.25  # of a race's time, at most: what was not trained cannot be combined
CLOSING_PER_EXAMPLE = 0.001  # of the evidence and its learning curve
INPUTS_PER_SECOND = 60.0  # of a core, prepared and through 0.8 GFLOPs: only where this run has measured nothing
REFERENCE_FLOPS = 0.8e9


def closing_seconds(work: Work, solved: Solved) -> float:
    """About what follows a race: features of every example by the winner, evidence, bundle, report."""
    examples = len(solved.reading.dataset)
    return CLOSING + examples * (_seconds_per_input(work, solved) + CLOSING_PER_EXAMPLE)


def member_seconds(work: Work, solved: Solved) -> float:
    """About what every further network of an ensemble adds to that."""
    return A_GRAPH + len(solved.reading.dataset) * _seconds_per_input(work, solved)


def ensemble_seconds(work: Work, solved: Solved, seconds: float) -> float:
    """What a race of so many seconds leaves for the networks of an ensemble beside the first one."""
    return min((MOST_MEMBERS - 1) * member_seconds(work, solved), ENSEMBLE_SHARE * max(0.0, seconds))


def _seconds_per_input(work: Work, solved: Solved) -> float:
    measured = solved.learning.features.seconds_per_input
    if measured is not None:
        return measured
    (lane,) = lanes_of(solved.reading.dataset, work.networks)
    return (lane.network.card.flops or REFERENCE_FLOPS) / REFERENCE_FLOPS / (INPUTS_PER_SECOND * cpu_count())
