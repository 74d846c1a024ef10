"""A slice of stages as one PyTorch module, the normalisation of pixels inside."""

from __future__ import annotations

import copy
from collections.abc import Callable
from typing import TYPE_CHECKING

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor, nn

from headstart.core.boundary import Boundary
from headstart.core.errors import BackendError
from headstart.runtimes.contract import Array

if TYPE_CHECKING:
    from headstart.backbones.pretrained.backbone import Backbone


class Slice(nn.Module):
    """``stages[start:stop]``: uint8 ``(B, H, W, 3)`` pixels at ``start == 0``, else the boundary's values.

    Attributes:
        channels_last: Whether maps are laid out with the channels innermost in memory, as pixels arrive.
    """

    mean: Tensor
    std: Tensor

    def __init__(self, backbone: Backbone, start: int, stop: int) -> None:
        super().__init__()
        if any(part.training for part in backbone.children()):
            raise BackendError("a backbone must be in eval mode to be run by a runtime; call .eval() on it first.")
        self.backbone = backbone
        self.start, self.stop = start, stop
        self.channels_last = False
        self.register_buffer("mean", torch.tensor(backbone.preprocessing.mean).view(1, 3, 1, 1))
        self.register_buffer("std", torch.tensor(backbone.preprocessing.std).view(1, 3, 1, 1))
        self.training = False  # not .eval(): that would reach into the backbone, whose mode is its owner's

    def forward(self, values: Tensor) -> Tensor:
        """``(B, ...)`` values of boundary ``stop``."""
        if self.start == 0:
            pixels = values.permute(0, 3, 1, 2).float()  # (B, 3, H, W)
            values = (pixels / 255 - self.mean) / self.std
        if values.ndim == 4:
            layout = torch.channels_last if self.channels_last else torch.contiguous_format
            values = values.contiguous(memory_format=layout)
        return self.backbone.run(Boundary(values), self.start, self.stop).values


def channels_last_copy(backbone: Backbone, start: int, stop: int) -> Slice:
    """A slice with weights of its own, laid out channels-last."""
    module = copy.deepcopy(Slice(backbone, start, stop))
    module.channels_last = True
    # torch's stubs know this overload of Module.to only for single tensors
    module.to(memory_format=torch.channels_last)  # type: ignore[call-overload]
    return module


def example_input(backbone: Backbone, start: int, batch_size: int) -> Tensor:
    """Zeros of the shape that ``stages[start:]`` takes: pixels at ``start == 0``."""
    pixels = torch.zeros((batch_size, *backbone.preprocessing.image_size, 3), dtype=torch.uint8)
    if start == 0:
        return pixels
    with torch.inference_mode():
        before: Tensor = Slice(backbone, 0, start)(pixels)
    return before


def input_dtype(start: int) -> type[np.generic]:
    """uint8 for pixels, float32 for the values of a later boundary."""
    return np.uint8 if start == 0 else np.float32


def on_arrays(module: Callable[[Tensor], Tensor], device: str = "cpu") -> Callable[[Array], NDArray[np.float32]]:
    """``module`` as a function of arrays, without gradients."""

    def run(values: Array) -> NDArray[np.float32]:
        with torch.inference_mode():
            outputs = module(torch.from_numpy(values).to(device))
            result: NDArray[np.float32] = outputs.float().contiguous().cpu().numpy()
            return result

    return run
