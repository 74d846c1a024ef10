"""Copies of what is trained, taken and put back."""

from __future__ import annotations

from collections.abc import Mapping

import torch
from torch import Tensor

from headstart.engine.training.model import TrainableModel


def taken(model: TrainableModel) -> dict[str, Tensor]:
    """A copy of every trained tensor, of any shape, by name."""
    return {name: value.detach().clone() for name, value in model.trained_tensors().items()}


def put_back(model: TrainableModel, tensors: Mapping[str, Tensor]) -> None:
    """Fill the model with tensors of :func:`taken`, in their shapes; what is not among them stays."""
    own = {**dict(model.named_parameters()), **dict(model.named_buffers())}
    with torch.no_grad():
        for name, value in tensors.items():
            own[name].copy_(value)


class MovingAverage:
    """Exponential moving average of the trained tensors; early steps count more, so that the start is forgotten.

    Polyak & Juditsky, 1992; the ramp of the decay is that of timm's ModelEmaV3.
    """

    def __init__(self, decay: float) -> None:
        self.decay = decay
        self.tensors: dict[str, Tensor] = {}

    def update(self, model: TrainableModel, step: int) -> None:
        """After an optimizer step."""
        current = model.trained_tensors()
        decay = min(self.decay, (1 + step) / (10 + step))
        for name, value in current.items():
            if name not in self.tensors or not value.is_floating_point():
                self.tensors[name] = value.detach().clone()
            else:
                self.tensors[name].lerp_(value.detach(), 1 - decay)
