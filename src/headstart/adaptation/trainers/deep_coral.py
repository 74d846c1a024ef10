"""Deep CORAL: the outputs of both domains vary together in the same way.

Sun & Saenko, ECCV workshops 2016, arXiv:1607.01719.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from headstart.adaptation.training.base import DomainConfig, DomainTraining, Seen
from headstart.adaptation.training.correlation import coral_loss
from headstart.core.plugins import Plugin
from headstart.core.training import Model

if TYPE_CHECKING:
    from torch import Tensor


LEAST = 1e-6  # spread of outputs that are all the same


class DeepCoral(DomainTraining):
    """Of the last layer's outputs, as in the paper, in units of their spread on the source.

    The distance grows with the fourth power of the outputs' scale. The paper's head begins near 0; a run's own is
    solved, with outputs as large as 10 or 30, and their distance would leave nothing to the task's loss.
    """

    def alignment(self, model: Model, seen: Seen) -> Tensor:
        """Distance of the covariances; the unit is a constant."""
        unit = seen.source_outputs.detach().var(0, correction=0).mean().sqrt().clamp_min(LEAST)
        return coral_loss(seen.source_outputs / unit, seen.target_outputs / unit)


PLUGIN = Plugin(
    build=DeepCoral, config=DomainConfig, kind="train", paper="arXiv:1607.01719", title="Covariances (Deep CORAL)"
)
