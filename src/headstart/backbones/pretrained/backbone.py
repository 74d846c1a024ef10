"""A pretrained network as ordered named stages, any slice of which can be run."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor, nn

from headstart.backbones.card import Card
from headstart.backbones.pretrained.cut import cut_network
from headstart.backbones.pretrained.family import family, library_version
from headstart.backbones.pretrained.stage import Stage, named_tensors
from headstart.core.boundary import Boundary
from headstart.core.errors import ShapeError, StageError, choice_message
from headstart.core.files import canonical_json
from headstart.core.preprocessing import Preprocessing


class Backbone(nn.Module):
    """Stages ``0..n-1``; boundary k is the value after ``stages[:k]``.

    A prepared batch (see ``core.modality.Preparer``) enters as boundary 0; boundary n holds the pooled features
    ``(B, D)``. The mode (train or eval) is the caller's: running never changes it. A backbone is frozen when it is in
    eval mode. No row depends on the rows beside it, and none on its own padding.

    Attributes:
        network: The library's network, without its classifier; its state dict has the library's names. Where the card
            says that it is cut, it is left without what comes after.
        stages: Names, in order.
        assets: Files that inputs are prepared with, by name.
    """

    def __init__(self, card: Card, network: nn.Module, assets: Mapping[str, bytes] | None = None) -> None:
        super().__init__()
        described = family(card.family)
        self.network = network
        self.entrance = described.entrance(card).train(network.training)
        self.training = network.training  # a new module would say that it trains, whatever the network does
        self.card = card
        self.assets: Mapping[str, bytes] = dict(assets or {})
        self._stages = described.stages(network)
        if card.cut is not None:
            self._stages = cut_network(network, self._stages, card.cut, is_map=self.entrance.variable_axis is None)
        self._code = [card.family, described.version, described.library, library_version(described.library)]
        self.stages: tuple[str, ...] = tuple(stage.name for stage in self._stages)

    @property
    def stage_list(self) -> tuple[Stage, ...]:
        """The stages themselves, in order."""
        return self._stages

    @property
    def name(self) -> str:
        """What a user types to get it."""
        return self.card.name

    @property
    def modality(self) -> str:
        """What it takes: "image", "text", "sound"."""
        return self.card.modality

    @property
    def preprocessing(self) -> Preprocessing:
        """What the weights were trained to see."""
        return self.card.preprocessing

    @property
    def feature_dim(self) -> int:
        """D, the width of the pooled features."""
        return self.card.feature_dim

    @property
    def input_name(self) -> str:
        """Of the prepared batch: "pixels", "tokens", "waveform"."""
        return self.entrance.input_name

    @property
    def variable_axis(self) -> int | None:
        """Axis of the prepared batch, and of boundaries between stages, that differs from batch to batch."""
        return self.entrance.variable_axis

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

    def enter(self, values: Tensor) -> Boundary:
        """Boundary 0 of a prepared batch; raises ShapeError when it is none."""
        entered: Boundary = self.entrance(values)
        return entered

    def run(self, boundary: Boundary, start: int, stop: int) -> Boundary:
        """From boundary ``start`` to boundary ``stop``; ``start == stop`` returns the boundary it was given.

        Raises:
            StageError: ``start`` or ``stop`` outside 0..n, or ``start`` after ``stop``.
        """
        if self._boundary(start) > self._boundary(stop):
            raise StageError(f"a slice of stages must go forward; got start {start} and stop {stop}. Swap them.")
        for stage in self._stages[start:stop]:
            boundary = stage.apply(self.network, boundary)
        return boundary

    def forward(self, values: Tensor) -> Tensor:
        """A prepared batch to pooled features ``(B, D)``."""
        return self.run(self.enter(values), 0, len(self.stages)).values

    def pack(self, boundary: Boundary, number: int) -> Tensor:
        """Boundary ``number`` (1..n) as one tensor that can be kept: the values, NaN at padded positions.

        Raises:
            StageError: ``number`` is 0: keep the prepared batch instead, which :meth:`unpack` takes.
        """
        if self._boundary(number) == 0:
            raise StageError("boundary 0 must be kept as the prepared batch it was entered from; got it to be packed.")
        if boundary.mask is None:
            return boundary.values
        values = boundary.values
        mask = boundary.mask.reshape(*boundary.mask.shape, *[1] * (values.ndim - boundary.mask.ndim))
        return torch.where(mask, values, torch.full_like(values, float("nan")))

    def unpack(self, values: Tensor, number: int) -> Boundary:
        """The boundary that was packed; for ``number`` 0, a prepared batch that enters."""
        if self._boundary(number) == 0:
            return self.enter(values)
        if self.variable_axis is None or number == len(self.stages):
            return Boundary(values)
        if values.ndim < 2:
            raise ShapeError(f"boundary {number} must be (B, T, ...); got {tuple(values.shape)}. Pack it first.")
        padded = torch.isnan(values)
        mask = ~padded if values.ndim == 2 else ~padded.flatten(2)[:, :, 0]
        return Boundary(torch.where(padded, torch.zeros_like(values), values), mask)

    def example(self, batch_size: int, seed: int = 0) -> NDArray[Any]:
        """A valid prepared batch of random content, for tracing and timing; the same for the same seed."""
        return self.entrance.example(batch_size, np.random.default_rng(seed))

    def parameters_of(self, start: int, stop: int) -> list[nn.Parameter]:
        """The parameters of ``stages[start:stop]``, for freezing or grouping them."""
        self._boundary(start), self._boundary(stop)
        named = named_tensors(self.network)
        owned = (stage.tensors(self.network, named) for stage in self._stages[start:stop])
        return [value for stage in owned for _, value in stage if isinstance(value, nn.Parameter)]

    def weights_digest(self, stop: int) -> str:
        """Hex sha256 of all that decides what ``stages[:stop]`` compute, in eval mode and float32.

        That is their tensors and buffers with names, dtypes and shapes, the architecture and its options, the version
        of the stage code and of the library. Computed anew at each call, since training changes the weights.
        """
        digest = hashlib.sha256(
            canonical_json(
                {
                    "architecture": self.card.architecture,
                    "options": self.card.options,
                    "code": self._code,
                    "stages": self.stages[: self._boundary(stop)],
                }
            )
        )
        named = named_tensors(self.network)
        for stage in self._stages[:stop]:
            for name, value in stage.tensors(self.network, named):
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
