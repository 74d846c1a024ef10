"""Gradual unfreezing: from the probe's head downward, one more stage joins every few steps.

Howard & Ruder, ACL 2018, arXiv:1801.06146. The last stages settle before the earlier ones begin to move. Kept
activations follow the boundary, so early epochs cost next to nothing.
"""

from __future__ import annotations

from typing import ClassVar

from headstart.core.plugins import Plugin
from headstart.core.training import Change, Model, TrainContext
from headstart.methods.training.base import Training
from headstart.methods.training.settings import TrainConfig, changed


class GradualUnfreezeConfig(TrainConfig):
    """``freeze`` says how far down it goes."""

    stage_decay: float = changed("stage_decay", 0.8)


class GradualUnfreeze(Training):
    """Begins with the last stage that has parameters; about the second half of the epochs trains all that may be.

    Of several cycles the first one unfreezes, so a training that is gone on with is that of a longer one.
    """

    begins: ClassVar[str] = "top"

    def on_epoch_start(self, model: Model, ctx: TrainContext) -> Change:
        """The boundary of this epoch."""
        top, bottom = model.boundary, self.config.freeze
        epochs = ctx.epochs // self.config.cycles
        if epochs == 1:
            return Change(boundary=bottom) if bottom < top else Change()
        if ctx.epoch == 0:
            return Change()
        steps = max(1, round(epochs * 2 / 3) - 1)
        left = max(0, steps - ctx.epoch)
        wanted = bottom + (top - bottom) * left // (left + 1)
        return Change(boundary=wanted) if wanted < top else Change()


PLUGIN = Plugin(
    build=GradualUnfreeze,
    title="Gradual unfreezing",
    config=GradualUnfreezeConfig,
    kind="train",
    paper="arXiv:1801.06146",
    targets=frozenset({"class", "ordinal", "multilabel", "real"}),
)
