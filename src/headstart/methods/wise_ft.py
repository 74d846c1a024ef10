"""WiSE-FT: fine-tune at a full rate, then go back part of the way, as far as the validation rows say.

Wortsman et al., CVPR 2022, arXiv:2109.01903. There the start is a zero-shot classifier; here it is the linear probe,
which plays its part: the network as it came, with a head that serves.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, ClassVar

from headstart.core.plugins import Plugin
from headstart.core.training import Model, TrainContext
from headstart.methods.training.base import Training
from headstart.methods.training.interpolation import best_between
from headstart.methods.training.settings import TrainConfig

SHARES = tuple(number / 10 for number in range(1, 11))


class WiseFtConfig(TrainConfig):
    """Goes further than LP-FT, since it may come back."""


class WiseFt(Training):
    """Looks at ten places between start and end."""

    lr_scale: ClassVar[float] = 1.5

    def prepare(self, model: Model, ctx: TrainContext) -> None:
        """Fill the head with the probe's, and remember the start."""
        super().prepare(model, ctx)
        self.began = ctx.taken(model)

    def finish(self, model: Model, ctx: TrainContext) -> Mapping[str, Any]:
        """The best place."""
        return best_between(model, ctx, self.began, SHARES)


PLUGIN = Plugin(
    build=WiseFt,
    title="WiSE\u2011FT",
    config=WiseFtConfig,
    kind="train",
    paper="arXiv:2109.01903",
    targets=frozenset({"class", "ordinal", "multilabel", "real"}),
)
