"""What cheap scores say of features: every file of ``evaluation/transferability`` that takes the kind of targets."""

from __future__ import annotations

import logging
import math

from headstart.core import plugins
from headstart.core.errors import HeadstartError
from headstart.core.learning import Floats, TargetKind, Targets
from headstart.core.seeding import generator
from headstart.evaluation.transferability.spectrum import decomposed_once

logger = logging.getLogger(__name__)
ROOM = "evaluation.transferability"


def voters(kind: TargetKind) -> list[str]:
    """Names of the scores that take such targets."""
    return [name for name in plugins.names(ROOM) if kind in plugins.load(ROOM, name).targets]


def votes(features: Floats, targets: Targets, seed: int) -> dict[str, float | None]:
    """Each score by its name, higher is better; None where it cannot be given for these features.

    Args:
        features: ``(N, D)``, dense.
        targets: Of the rows.
        seed: Of the draws of scores that draw.
    """
    found: dict[str, float | None] = {}
    with decomposed_once():
        for name in voters(targets.kind):
            plugin = plugins.load(ROOM, name)
            try:
                score = float(plugin.build(plugin.config()).score(features, targets, generator(seed, "vote", name)))
            except HeadstartError as error:
                logger.info("no %s: %s", name, error)
                score = math.nan
            found[name] = score if math.isfinite(score) else None
    return found
