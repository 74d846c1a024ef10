"""The same architecture from random weights, with the same budget: what the pretraining is worth.

The honest comparison of Kornblith, Shlens & Le, CVPR 2019, arXiv:1805.08974, and of He, Girshick & Dollar, ICCV 2019,
arXiv:1811.08883: transfer helps as much as it beats this.
"""

from __future__ import annotations

from typing import ClassVar, Literal

from headstart.core.plugins import Plugin
from headstart.core.training import Model, TrainContext
from headstart.methods.training.base import Training
from headstart.methods.training.head import draw_head
from headstart.methods.training.settings import TrainConfig, changed


class FromScratchConfig(TrainConfig):
    """Everything is trained, at the rate of a training from random weights."""

    freeze: int | str = changed("freeze", 0)
    norm: Literal["frozen", "batch"] = changed("norm", "batch")


class FromScratch(Training):
    """A drawn network and a drawn head."""

    lr_scale: ClassVar[float] = 3.0
    start: ClassVar[str] = "random"

    def prepare(self, model: Model, ctx: TrainContext) -> None:
        """A head that knows nothing."""
        draw_head(model.head, int(ctx.rng("head").integers(2**31)))


PLUGIN = Plugin(
    build=FromScratch,
    title="Same network, from scratch",
    config=FromScratchConfig,
    kind="train",
    paper="arXiv:1805.08974",
    targets=frozenset({"class", "ordinal", "multilabel", "real"}),
)
