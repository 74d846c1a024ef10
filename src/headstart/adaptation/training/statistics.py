"""Which domain the running statistics of BatchNorm come from."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any


@contextmanager
def statistics_untouched(model: Any) -> Iterator[None]:
    """Within it, layers that use statistics of batches do not move their running ones.

    Source rows go through the network in it: each domain is normalised by its own batches in training, and what is
    kept for prediction is the target's (Li et al., 2016, arXiv:1603.04779). Layers in eval mode are as they are.
    """
    from torch.nn.modules.batchnorm import _BatchNorm

    layers = [each for each in model.modules() if isinstance(each, _BatchNorm) and each.training]
    before = [layer.momentum for layer in layers]
    for layer in layers:
        layer.momentum = 0.0
    try:
        yield
    finally:
        for layer, momentum in zip(layers, before, strict=True):
            layer.momentum = momentum
