"""BSS: LP-FT with the smallest singular values of each batch's features pushed towards zero.

Batch spectral shrinkage: Chen, Wang, Fu, Long & Wang, NeurIPS 2019. Directions of the features in which the examples
hardly differ carry what the pretraining knew and this task does not need.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, ClassVar

from pydantic import Field

from headstart.core.plugins import Plugin
from headstart.core.search import LogRange, Space
from headstart.core.training import Batch, Model, Objective, StepLoss
from headstart.methods.training.base import Training
from headstart.methods.training.settings import TrainConfig

if TYPE_CHECKING:
    from torch import Tensor


class BssConfig(TrainConfig):
    """Eta and k of the paper."""

    space: ClassVar[Space] = {**TrainConfig.space, "eta": LogRange(1e-4, 1e-2)}

    eta: float = Field(1e-3, ge=0, description="Weight of the penalty.")
    smallest: int = Field(1, ge=1, description="How many singular values of a batch are penalised.")


class Bss(Training):
    """Adds the penalty to each step."""

    def step(self, model: Model, batch: Batch, objective: Objective, phase: int) -> StepLoss:
        """The task's loss and the squares of the smallest singular values."""
        features = model.features(batch)
        loss = objective(model.outputs(features), batch)
        penalty = self.config.eta * smallest_squares(features, self.config.smallest)
        return StepLoss(loss + penalty, {"loss": loss.detach(), "bss": penalty.detach()})


def smallest_squares(features: Tensor, count: int) -> Tensor:
    """Sum of the ``count`` smallest eigenvalues of the smaller Gram matrix of ``(B, D)``: squared singular values."""
    import torch

    with torch.autocast(features.device.type, enabled=False):  # small values drown in bfloat16
        features = features.float()
        gram = features @ features.T if len(features) <= features.shape[1] else features.T @ features
        values: Tensor = torch.linalg.eigvalsh(gram)
        return values[:count].clamp(min=0).sum()


PLUGIN = Plugin(
    build=Bss,
    title="Fine-tuning with BSS",
    config=BssConfig,
    kind="train",
    paper="NeurIPS 2019, Catastrophic Forgetting Meets Negative Transfer",
    targets=frozenset({"class", "ordinal", "multilabel", "real"}),
)
