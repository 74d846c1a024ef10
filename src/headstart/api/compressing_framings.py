"""How much of a picture the network should see: a crop of the middle loses what lies at the edges, at any size."""

from __future__ import annotations

import logging
from collections.abc import Callable
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from headstart.api.compressing_bench import unit_of
from headstart.compression.knobs import Knobs, framings_of

if TYPE_CHECKING:
    from headstart.api.compressing_bench import Workbench

logger = logging.getLogger(__name__)
TOLD = {
    "full crop": "Of each picture the edges are cut off; with as much as a crop can hold",
    "squashed": "Of each picture the middle is seen; with all of it, squashed (a fit takes --set model.resize=squash),",
}


def framing_for(
    work: Workbench, strength: float | None, features_at: Callable[[Knobs], NDArray[np.float32]]
) -> str | None:
    """The framing that is better than the present one beyond chance, at full size; None where none is.

    It costs no time to run, so that what it gains can be spent on smaller inputs. Only a gain whose paired 95 %
    interval lies above zero counts: the best of some that are equal would only look better.

    Args:
        work: What is searched with.
        strength: Penalty per feature of the head as it is.
        features_at: ``(n, D)`` of the run's rows by a network that is turned down.
    """
    best, most, points = None, 0.0, 0.0
    for name in framings_of(work.backbone.card):
        if work.is_late:
            break
        score, difference = work.bench.compared(work.bench.glanced(features_at(Knobs(framing=name)), strength))
        gained, low = (float(difference[key] or 0.0) for key in ("value", "low"))
        logger.info("%s: %.4f, %+.4f (from %+.4f)", name, score, gained, low)
        if low > 0 and gained > most:
            best, most, points = name, gained, unit_of(work, score) * gained
    if best is not None:
        work.notes.append(
            f"{TOLD[best]} answers are {points:.1f} points better on held-out examples, at the same speed."
        )
    return best
