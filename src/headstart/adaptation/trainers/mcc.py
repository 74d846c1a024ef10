"""MCC: target predictions that confuse classes less.

Jin, Wang, Long & Wang, ECCV 2020, arXiv:1912.03699.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from pydantic import Field

from headstart.adaptation.training.base import DomainConfig, DomainTraining, Seen
from headstart.adaptation.training.confusion import TEMPERATURE, class_confusion
from headstart.core.plugins import Plugin
from headstart.core.training import Model

if TYPE_CHECKING:
    from torch import Tensor


class MccConfig(DomainConfig):
    """The paper's temperature."""

    temperature: float = Field(TEMPERATURE, gt=0, description="That target logits are divided by.")


class Mcc(DomainTraining):
    """Looks at target predictions alone."""

    def alignment(self, model: Model, seen: Seen) -> Tensor:
        """Confusion of classes."""
        return class_confusion(seen.target_outputs, self.config.temperature)


PLUGIN = Plugin(
    build=Mcc, config=MccConfig, kind="train", paper="arXiv:1912.03699", title="Minimum class confusion (MCC)"
)
