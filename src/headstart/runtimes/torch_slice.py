"""A slice of stages as one PyTorch module, from array to array."""

from __future__ import annotations

import copy
from collections.abc import Callable
from dataclasses import replace
from typing import TYPE_CHECKING

import torch
from numpy.typing import NDArray
from torch import Tensor, nn

from headstart.core.errors import BackendError
from headstart.runtimes.contract import Array

if TYPE_CHECKING:
    import numpy as np

    from headstart.backbones.pretrained.backbone import Backbone


class Slice(nn.Module):
    """``stages[start:stop]``: a prepared batch at ``start == 0``, else a packed boundary; gives a packed boundary.

    Attributes:
        channels_last: Whether maps are laid out with the channels innermost in memory, as pixels arrive.
    """

    def __init__(self, backbone: Backbone, start: int, stop: int) -> None:
        super().__init__()
        if any(part.training for part in backbone.children()):
            raise BackendError("a backbone must be in eval mode to be run by a runtime; call .eval() on it first.")
        self.backbone = backbone
        self.start, self.stop = start, stop
        self.channels_last = False
        self.training = False  # not .eval(): that would reach into the backbone, whose mode is its owner's

    def forward(self, values: Tensor) -> Tensor:
        """``(B, ...)`` values of boundary ``stop``, NaN at padded positions."""
        boundary = self.backbone.unpack(values, self.start)
        if boundary.values.ndim == 4:
            layout = torch.channels_last if self.channels_last else torch.contiguous_format
            boundary = replace(boundary, values=boundary.values.contiguous(memory_format=layout))
        return self.backbone.pack(self.backbone.run(boundary, self.start, self.stop), self.stop)


def fast_copy(backbone: Backbone, start: int, stop: int) -> Slice:
    """A slice with weights of its own, laid out channels-last for pictures, whose convolutions gain by it."""
    module = copy.deepcopy(Slice(backbone, start, stop))
    if backbone.modality == "image":
        module.channels_last = True
        # torch's stubs know this overload of Module.to only for single tensors
        module.to(memory_format=torch.channels_last)  # type: ignore[call-overload]
    return module


def example_input(backbone: Backbone, start: int, batch_size: int) -> Tensor:
    """``(B, ...)`` that ``stages[start:]`` take: a prepared batch at ``start == 0``, else a packed boundary."""
    prepared = torch.from_numpy(backbone.example(batch_size))
    if start == 0:
        return prepared
    with torch.inference_mode():
        before: Tensor = Slice(backbone, 0, start)(prepared)
    return before


def on_arrays(module: Callable[[Tensor], Tensor], device: str = "cpu") -> Callable[[Array], NDArray[np.float32]]:
    """``module`` as a function of arrays, ``(B, ...)`` to ``(B, ...)`` float32, without gradients."""

    def run(values: Array) -> NDArray[np.float32]:
        with torch.inference_mode():
            outputs = module(torch.from_numpy(values).to(device))
            result: NDArray[np.float32] = outputs.float().contiguous().cpu().numpy()
            return result

    return run
