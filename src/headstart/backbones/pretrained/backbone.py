"""A pretrained network as ordered named stages, any slice of which can be run."""

from __future__ import annotations

import hashlib
from dataclasses import replace

import timm
import torch
from torch import Tensor, nn

from headstart.backbones.card import Card
from headstart.backbones.pretrained.family import family
from headstart.core.boundary import Boundary
from headstart.core.errors import ShapeError, StageError, choice_message
from headstart.core.files import canonical_json
from headstart.core.preprocessing import ImagePreprocessing


class Backbone(nn.Module):
    """Stages ``0..n-1``; boundary k is the value after ``stages[:k]``.

    Boundary 0 is the preprocessed batch ``(B, 3, H, W)`` float32, boundary n the pooled features ``(B, D)``. The mode
    (train or eval) is the caller's: running never changes it. A backbone is frozen when it is in eval mode.

    Attributes:
        network: The timm network, without its classifier; its state dict has timm's names.
        stages: Names, in order.
    """

    def __init__(self, card: Card, network: nn.Module) -> None:
        super().__init__()
        described = family(card.family)
        self.network = network
        self.training = network.training  # a new module would say that it trains, whatever the network does
        self.card = card
        self._stages = described.stages(network)
        self._version = described.version
        self.stages: tuple[str, ...] = tuple(stage.name for stage in self._stages)

    @property
    def name(self) -> str:
        """What a user types to get it."""
        return self.card.name

    @property
    def preprocessing(self) -> ImagePreprocessing:
        """What the weights were trained to see."""
        return self.card.preprocessing

    @property
    def feature_dim(self) -> int:
        """D, the width of the pooled features."""
        return self.card.feature_dim

    def stage_index(self, stage: str | int) -> int:
        """The boundary after a stage: how many stages there are up to and including it; a number stands for itself.

        So ``stages[: stage_index("layer3")]`` ends with layer3, and ``stage_index(3)`` is 3.

        Raises:
            StageError: no such name, or a number outside 0..n.
        """
        if isinstance(stage, str):
            if stage not in self.stages:
                raise StageError(choice_message(f"a stage of {self.name}", stage, self.stages))
            return self.stages.index(stage) + 1
        return self._boundary(stage)

    def run(self, boundary: Boundary, start: int, stop: int) -> Boundary:
        """From boundary ``start`` to boundary ``stop``; ``start == stop`` returns the boundary it was given.

        Raises:
            StageError: ``start`` or ``stop`` outside 0..n, or ``start`` after ``stop``.
            ShapeError: ``start`` is 0 and the values are not ``(B, 3, H, W)``.
        """
        if self._boundary(start) > self._boundary(stop):
            raise StageError(f"a slice of stages must go forward; got start {start} and stop {stop}. Swap them.")
        if start == stop:
            return boundary
        values = boundary.values
        if start == 0 and (values.ndim != 4 or values.shape[1] != 3):
            raise ShapeError(f"boundary 0 must be pictures (B, 3, H, W); got {tuple(values.shape)}. Preprocess first.")
        for stage in self._stages[start:stop]:
            values = stage.apply(self.network, values)
        return replace(boundary, values=values)

    def forward(self, pictures: Tensor) -> Tensor:
        """Pictures ``(B, 3, H, W)``, normalised as ``preprocessing`` says, to pooled features ``(B, D)``."""
        return self.run(Boundary(pictures), 0, len(self.stages)).values

    def parameters_of(self, start: int, stop: int) -> list[nn.Parameter]:
        """The parameters of ``stages[start:stop]``, for freezing or grouping them."""
        self._boundary(start), self._boundary(stop)
        owned = (stage.tensors(self.network) for stage in self._stages[start:stop])
        return [value for stage in owned for _, value in stage if isinstance(value, nn.Parameter)]

    def weights_digest(self, stop: int) -> str:
        """Hex sha256 of all that decides what ``stages[:stop]`` compute, in eval mode and float32.

        That is their tensors and buffers with names, dtypes and shapes, the architecture and its options, the version
        of the stage code and of timm. Computed anew at each call, since training changes the weights.
        """
        digest = hashlib.sha256(
            canonical_json(
                {
                    "architecture": self.card.architecture,
                    "options": self.card.options,
                    "family": [self.card.family, self._version],
                    "timm": timm.__version__,
                    "stages": self.stages[: self._boundary(stop)],
                }
            )
        )
        for stage in self._stages[:stop]:
            for name, value in stage.tensors(self.network):
                digest.update(f"\0{stage.name}\0{name}\0{value.dtype}\0{tuple(value.shape)}\0".encode())
                digest.update(value.detach().cpu().contiguous().reshape(-1).view(torch.uint8).numpy().data)
        return digest.hexdigest()

    def _boundary(self, number: int) -> int:
        if not 0 <= number <= len(self.stages):
            raise StageError(
                f"a boundary of {self.name} must be 0 to {len(self.stages)}; got {number}. "
                f"Its stages are {list(self.stages)}."
            )
        return number
