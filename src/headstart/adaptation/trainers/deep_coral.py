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


class DeepCoral(DomainTraining):
    """Of the last layer's outputs, as in the paper."""

    def alignment(self, model: Model, seen: Seen) -> Tensor:
        """Distance of the covariances."""
        return coral_loss(seen.source_outputs, seen.target_outputs)


PLUGIN = Plugin(
    build=DeepCoral, config=DomainConfig, kind="train", paper="arXiv:1607.01719", title="Covariances (Deep CORAL)"
)
