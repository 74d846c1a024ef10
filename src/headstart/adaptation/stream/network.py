"""A bundle's network with its linear head in torch, its normalisation layers open to change, and the way back."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
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

    Mixed statistics (Schneider and others, NeurIPS 2020, arXiv:2006.16971): what enters a batch normalisation is given
    the mean and the spread that it had for the examples learned from, where its own are those of the batch mixed with
    PRIOR_ROWS rows of these. A frozen network holds the statistics of its pretraining, on which no head was solved:
    taking the batch's in their place moves features even where there is no shift (0.57 to 0.25 on dim CIFAR-10). They
    are not differentiated through.

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
        self._norms = [each for each in self._layers if isinstance(each, nn.modules.batchnorm._BatchNorm)]
        self._known: dict[Any, tuple[Tensor, Tensor]] = {}
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

    def learn_statistics(self, batches: Iterable[Tensor]) -> None:
        """Mean and variance of what enters each batch normalisation, over prepared examples without shift."""
        sums: dict[Any, tuple[Tensor, Tensor, int]] = {}

        def look(layer: Any, inputs: tuple[Tensor, ...]) -> None:
            values = inputs[0]
            axes = [axis for axis in range(values.ndim) if axis != 1]
            total, squares, n = sums.get(layer, (torch.zeros(()), torch.zeros(()), 0))
            count = values.numel() // values.shape[1]
            sums[layer] = total + values.sum(axes), squares + values.square().sum(axes), n + count

        handles = [layer.register_forward_pre_hook(look) for layer in self._norms]
        with torch.no_grad():
            for values in batches:
                self.features(values)
        for handle in handles:
            handle.remove()
        for layer, (total, squares, n) in sums.items():
            mean = total / n
            self._known[layer] = mean, (squares / n - mean.square()).clamp_min(0.0)

    @property
    def can_move(self) -> bool:
        """Whether there are batch normalisations."""
        return bool(self._norms)

    @property
    def knows_statistics(self) -> bool:
        """Whether there are batch normalisations whose inputs were looked at."""
        return bool(self._known)

    def settle_statistics(self, batches: Iterable[Tensor]) -> None:
        """Give every batch normalisation the statistics of a whole domain, for good: of ``batches`` ``(B, ...)`` of it.

        What enters a layer depends on the layers before, so each batch sees its own statistics while it is looked at,
        and the domain's are the mean over batches. Nothing of what :meth:`learn_statistics` saw is mixed in: what one
        layer leaves of a shift, the next ones would not expect.
        """
        sums: dict[Any, tuple[Tensor, Tensor]] = {}
        rows = 0

        def look(layer: Any, inputs: tuple[Tensor, ...]) -> None:
            values = inputs[0]
            axes = [axis for axis in range(values.ndim) if axis != 1]
            total, squares = sums.get(layer, (torch.zeros(()), torch.zeros(())))
            n = len(values)
            sums[layer] = total + n * values.mean(axes), squares + n * values.square().mean(axes)

        handles = [layer.register_forward_pre_hook(look) for layer in self._known]
        with torch.no_grad(), self.mixed_statistics(0.0):
            for values in batches:
                rows += len(values)
                self.features(values)
        for handle in handles:
            handle.remove()
        for layer, (total, squares) in sums.items():
            mean = total / rows
            here = mean, (squares / rows - mean.square()).clamp_min(0.0)
            found = moved_statistics(layer, self._known[layer], here, 0.0)
            layer.running_mean.copy_(found[0])
            layer.running_var.copy_(found[1])

    @contextmanager
    def mixed_statistics(self, prior_rows: float = PRIOR_ROWS) -> Iterator[None]:
        """Batch normalisations whose statistics are known see the batch within, and are as they were afterwards."""
        handles, saved = [], list[tuple[Any, Tensor, Tensor]]()
        for layer, known in self._known.items():
            mean, variance = layer.running_mean, layer.running_var
            if mean is not None and variance is not None:
                saved.append((layer, mean, variance))
                handles.append(layer.register_forward_pre_hook(mixing(known, mean, variance, prior_rows)))
        try:
            yield
        finally:
            for handle in handles:
                handle.remove()
            for layer, mean, variance in saved:
                layer.running_mean, layer.running_var = mean, variance


def mixing(known: tuple[Tensor, Tensor], mean: Tensor, variance: Tensor, prior_rows: float) -> Any:
    """A hook before a batch normalisation that lets it see moved inputs through other statistics.

    Args:
        known: Mean and variance ``(C,)`` of what entered it without shift.
        mean: That it holds.
        variance: That it holds.
        prior_rows: That ``known`` counts for beside the rows of a batch.
    """

    def hook(layer: Any, inputs: tuple[Tensor, ...]) -> None:
        values = inputs[0].detach()
        axes = [axis for axis in range(values.ndim) if axis != 1]
        here = values.mean(axes), values.var(axes, unbiased=False)
        layer.running_mean, layer.running_var = mean, variance
        layer.running_mean, layer.running_var = moved_statistics(
            layer, known, here, prior_rows / (prior_rows + len(values))
        )

    return hook


def moved_statistics(
    layer: Any, known: tuple[Tensor, Tensor], here: tuple[Tensor, Tensor], share: float
) -> tuple[Tensor, Tensor]:
    """Mean and variance ``(C,)`` with which a layer gives inputs that are distributed as ``here`` the values that it
    gives inputs as ``known``; ``share`` (0-1) of ``here`` is taken from ``known``.
    """
    middle, spread = (share * before + (1 - share) * now for before, now in zip(known, here, strict=True))
    ratio = torch.sqrt((spread + layer.eps) / (known[1] + layer.eps))
    return middle + (layer.running_mean - known[0]) * ratio, layer.running_var * ratio.square()


def entropies(logits: Tensor) -> Tensor:
    """``(B,)`` in nats."""
    logs = logits.log_softmax(1)
    return -(logs.exp() * logs).sum(1)
