"""The loss that gradients are taken of, by kind of target.

Classes and grades: cross-entropy; labels: the mean over labels of binary cross-entropy; numbers: half the squared
error in units of the training targets' standard deviation.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from headstart.core.learning import TargetKind
from headstart.core.training import Batch

if TYPE_CHECKING:
    from torch import Tensor


class TaskObjective:
    """See ``core.training.Objective``."""

    def __init__(self, kind: TargetKind, width: int, label_smoothing: float = 0.0) -> None:
        self.kind = kind
        self.width = width
        self.label_smoothing = label_smoothing if kind in ("class", "multilabel") else 0.0

    def rows(self, outputs: Tensor, targets: Tensor) -> Tensor:
        """Loss of each row ``(B,)``."""
        from torch.nn import functional

        outputs = outputs.float()
        if self.kind in ("class", "ordinal"):
            return functional.cross_entropy(outputs, targets, reduction="none", label_smoothing=self.label_smoothing)
        if self.kind == "multilabel":
            smooth = targets * (1 - self.label_smoothing) + self.label_smoothing / 2
            return functional.binary_cross_entropy_with_logits(outputs, smooth, reduction="none").mean(1)
        return 0.5 * (outputs - targets).square().mean(1)

    def __call__(self, outputs: Tensor, batch: Batch) -> Tensor:
        """Weighted mean over a batch."""
        losses = self.rows(outputs, batch.targets)
        if batch.weights is None:
            return losses.mean()
        return (losses * batch.weights).sum() / len(losses)
