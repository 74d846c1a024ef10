"""Targets as the loss takes them, and outputs back in the task's units."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from headstart.core.learning import Floats, Targets


@dataclass(frozen=True)
class Scale:
    """Numbers are standardised by the training rows; everything else stays as it is.

    Attributes:
        mean, spread: Of the training targets; 0 and 1 unless they are numbers.
    """

    kind: str
    mean: float = 0.0
    spread: float = 1.0

    @classmethod
    def of(cls, targets: Targets) -> Scale:
        """From the training targets."""
        if targets.kind != "real":
            return cls(targets.kind)
        spread = float(targets.values.std())
        return cls(targets.kind, float(targets.values.mean()), spread if spread > 0 else 1.0)

    def targets(self, targets: Targets) -> Tensor:
        """As in ``core.training.Batch``: ``(N,)`` int64, ``(N, W)`` float32 of labels, ``(N, 1)`` of numbers."""
        if self.kind == "real":
            return torch.from_numpy(((targets.values - self.mean) / self.spread).astype(np.float32))[:, None]
        if self.kind == "multilabel":
            return torch.from_numpy(targets.values.astype(np.float32))
        return torch.from_numpy(targets.values.astype(np.int64))

    def outputs(self, outputs: Floats) -> Floats:
        """From the model's units to the task's."""
        return np.asarray(outputs * self.spread + self.mean) if self.kind == "real" else outputs

    def head_in(
        self, weight: NDArray[np.float64], bias: NDArray[np.float64]
    ) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
        """A head in the task's units, weight ``(W, D)`` and bias ``(W,)``, as one in the model's."""
        return (weight / self.spread, (bias - self.mean) / self.spread) if self.kind == "real" else (weight, bias)

    def head_out(
        self, weight: NDArray[np.float64], bias: NDArray[np.float64]
    ) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
        """The way back, weight ``(W, D)`` and bias ``(W,)``."""
        return (weight * self.spread, bias * self.spread + self.mean) if self.kind == "real" else (weight, bias)
