"""How long a pass over inputs may take, before anything was measured."""

from __future__ import annotations

from typing import TYPE_CHECKING

from headstart.core.resources import cpu_count

if TYPE_CHECKING:
    from headstart.backbones.card import Card

# A first guess per processor core, corrected by nothing: it only makes the bar and the plan honest within a factor.
INPUTS_PER_SECOND = 150.0  # decoded and through a network of 0.8 GFLOPs, both networks and the descriptors
REFERENCE_FLOPS = 0.8e9


def pass_seconds(card: Card, inputs: int) -> float:
    """A first guess at what a pass over so many inputs takes here."""
    relative = max(0.2, (card.flops or REFERENCE_FLOPS) / REFERENCE_FLOPS)
    return inputs / (INPUTS_PER_SECOND * cpu_count()) * relative
