"""LP-FT: solve the linear probe first, then fine-tune from its head, so that good features are not distorted.

Kumar, Raghunathan, Jones, Ma & Liang, ICLR 2022, arXiv:2202.10054. From a random head the first steps change the
features to fit it; from the solved head the gradient is small where the features already serve. At the end the weights
may stay between start and end, where the validation rows say so (arXiv:2109.01903): on a few hundred examples a short
training often goes further than it should.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from pydantic import Field

from headstart.core.plugins import Plugin
from headstart.core.training import Model, TrainContext
from headstart.methods.training.base import Training
from headstart.methods.training.interpolation import best_between
from headstart.methods.training.settings import TrainConfig

if TYPE_CHECKING:
    from torch import Tensor

SHARES = (0.25, 0.5, 0.75)


class LpFtConfig(TrainConfig):
    """What it reaches: see docs/train_methods.md."""

    interpolate: bool = Field(True, description="Whether places between start and end are tried.")


class LpFt(Training):
    """The defaults of :class:`~headstart.methods.training.base.Training`, and a look between start and end."""

    def prepare(self, model: Model, ctx: TrainContext) -> None:
        """Fill the head with the probe's, and remember the start."""
        super().prepare(model, ctx)
        self.began: dict[str, Tensor] = ctx.taken(model) if self.config.interpolate else {}

    def finish(self, model: Model, ctx: TrainContext) -> Mapping[str, Any]:
        """The best of the best epoch and a few places between start and end."""
        return best_between(model, ctx, self.began, SHARES) if self.config.interpolate else {}


PLUGIN = Plugin(
    build=LpFt,
    title="Probe, then fine-tuning (LP\u2011FT)",
    config=LpFtConfig,
    kind="train",
    paper="arXiv:2202.10054",
    targets=frozenset({"class", "ordinal", "multilabel", "real"}),
)
