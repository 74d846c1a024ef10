"""How much of the time a user gives is the race's."""

from __future__ import annotations

from typing import TYPE_CHECKING

from headstart.api.lanes import lanes_of
from headstart.core.resources import cpu_count

if TYPE_CHECKING:
    from headstart.api.carry_out import Solved, Work

MINUTE = 60.0
CLOSING = 8.0  # seconds: a graph of the trained network, evidence, bundle, report; measured within a factor of 1.5
CLOSING_PER_EXAMPLE = 0.001  # of the evidence and its learning curve
INPUTS_PER_SECOND = 60.0  # of a core, prepared and through 0.8 GFLOPs: only where this run has measured nothing
REFERENCE_FLOPS = 0.8e9


def closing_seconds(work: Work, solved: Solved) -> float:
    """About what follows a race: features of every example by the winner, evidence, bundle, report."""
    dataset = solved.reading.dataset
    (lane,) = lanes_of(dataset, work.networks)
    each = solved.learning.features.seconds_per_input
    if each is None:
        each = (lane.network.card.flops or REFERENCE_FLOPS) / REFERENCE_FLOPS / (INPUTS_PER_SECOND * cpu_count())
    return CLOSING + len(dataset) * (each + CLOSING_PER_EXAMPLE)
