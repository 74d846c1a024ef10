"""Averaged outputs of several stages of one network, for which a batch runs through it once."""

from __future__ import annotations

from collections.abc import Iterable
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from headstart.core.modality import Array

if TYPE_CHECKING:
    from headstart.backbones.pretrained.backbone import Backbone
    from headstart.runtimes.contract import Compute
    from headstart.runtimes.settled import RuntimeChoice


class PooledStages:
    """Runs a batch from stage to stage, as far as it is asked to, and goes on from there when asked for more.

    The functions of :meth:`at` are to be called in the order of their stages with the same batch (the same object);
    in another order the results are the same, and the batch runs from the beginning.
    """

    def __init__(self, backbone: Backbone, stops: Iterable[int], choice: RuntimeChoice, cache: Path) -> None:
        self._is_map = backbone.variable_axis is None
        self._example = backbone.example(1)
        self._slices: list[tuple[int, Compute]] = []
        start = 0
        for stop in sorted(stops):
            self._slices.append((stop, choice.prepare(backbone, start, stop, cache)))
            start = stop
        self._batch: Array | None = None
        self._values: Array = self._example
        self._done = 0

    def at(self, stop: int) -> Compute:
        """Prepared inputs to averaged outputs ``(B, C)`` of the stage that ends at boundary ``stop``."""
        return partial(self._pooled, stop)

    def width(self, stop: int) -> int:
        """C of that stage, found by running one made-up input."""
        return int(self._pooled(stop, self._example).shape[1])

    def _pooled(self, stop: int, batch: Array) -> NDArray[Any]:
        import torch

        from headstart.engine.training.context import averaged

        if batch is not self._batch or self._done > stop:
            self._batch, self._values, self._done = batch, batch, 0
        for end, run in self._slices:
            if self._done < end <= stop:
                self._values, self._done = run(self._values), end
        pooled = averaged(torch.from_numpy(np.asarray(self._values)).float(), is_map=self._is_map)
        return np.asarray(pooled.numpy())
