"""A bundle's network with its linear head in torch, its normalisation layers open to change, and the way back."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

import numpy as np
import torch
from torch import Tensor, nn

if TYPE_CHECKING:
    from headstart.backbones.pretrained.backbone import Backbone
    from headstart.core.learning import Fitted

NORMALISATIONS = (nn.modules.batchnorm._BatchNorm, nn.LayerNorm, nn.GroupNorm)
PRIOR_ROWS = 16  # that the statistics learned in training count for, beside those of a batch


class StreamNetwork:
    """Stays in eval mode; what changes are scales and shifts of normalisations, and statistics where they are mixed.

    Mixed statistics are those of Schneider and others (NeurIPS 2020, arXiv:2006.16971): mean and variance of a batch
    normalisation weigh PRIOR_ROWS of training beside the B rows of the batch. They are not differentiated through.

    Attributes:
        backbone: In eval mode.
        moving: Parameters that may learn.
    """

    def __init__(self, backbone: Backbone, head: Fitted) -> None:
        self.backbone = backbone.eval().requires_grad_(False)
        self._weight = torch.from_numpy(np.asarray(head.arrays["weight"], np.float32))
        self._bias = torch.from_numpy(np.asarray(head.arrays["bias"], np.float32))
        self._layers = [each for each in backbone.network.modules() if isinstance(each, NORMALISATIONS)]
        self.moving = [
            value for layer in self._layers for value in (layer.weight, layer.bias) if isinstance(value, nn.Parameter)
        ]
        for value in self.moving:
            value.requires_grad_(True)
        self._start = [value.detach().clone() for value in self.moving]

    @property
    def classes(self) -> int:
        """K."""
        return len(self._bias)

    def features(self, values: Tensor) -> Tensor:
        """``(B, D)``."""
        found: Tensor = self.backbone(values)
        return found

    def logits(self, features: Tensor) -> Tensor:
        """``(B, K)``."""
        return features @ self._weight.T + self._bias

    def first(self, values: Tensor) -> Tensor:
        """``(B, K)`` logits of the network as it was."""
        now = [value.detach().clone() for value in self.moving]
        self.reset()
        with torch.no_grad():
            found = self.logits(self.features(values))
            for value, there in zip(self.moving, now, strict=True):
                value.copy_(there)
        return found

    def reset(self) -> None:
        """Back to where it began."""
        with torch.no_grad():
            for value, start in zip(self.moving, self._start, strict=True):
                value.copy_(start)

    def anchors(self) -> list[tuple[nn.Parameter, Tensor]]:
        """What may move, with where it began."""
        return list(zip(self.moving, self._start, strict=True))

    @contextmanager
    def mixed_statistics(self, prior_rows: float = PRIOR_ROWS) -> Iterator[None]:
        """Batch normalisations see the batch within, and are as they were afterwards."""
        handles, saved = [], list[tuple[Any, Tensor, Tensor]]()
        for layer in self._layers:
            if isinstance(layer, nn.modules.batchnorm._BatchNorm) and layer.running_mean is not None:
                mean, variance = layer.running_mean, layer.running_var
                assert variance is not None  # noqa: S101 - both are there or none
                saved.append((layer, mean, variance))
                handles.append(layer.register_forward_pre_hook(_mixing(mean, variance, prior_rows)))
        try:
            yield
        finally:
            for handle in handles:
                handle.remove()
            for layer, mean, variance in saved:
                layer.running_mean, layer.running_var = mean, variance


def _mixing(mean: Tensor, variance: Tensor, prior_rows: float) -> Any:
    def hook(layer: Any, inputs: tuple[Tensor, ...]) -> None:
        values = inputs[0].detach()
        axes = [axis for axis in range(values.ndim) if axis != 1]
        share = prior_rows / (prior_rows + len(values))
        here, spread = values.mean(axes), values.var(axes, unbiased=False)
        layer.running_mean = share * mean + (1 - share) * here
        layer.running_var = share * variance + (1 - share) * spread

    return hook


def entropies(logits: Tensor) -> Tensor:
    """``(B,)`` in nats."""
    logs = logits.log_softmax(1)
    return -(logs.exp() * logs).sum(1)
