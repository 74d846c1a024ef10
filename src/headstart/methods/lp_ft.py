"""LP-FT: solve the linear probe first, then fine-tune from its head, so that good features are not distorted.

Kumar, Raghunathan, Jones, Ma & Liang, ICLR 2022, arXiv:2202.10054. From a random head the first steps change the
features to fit it; from the solved head the gradient is small where the features already serve.
"""

from __future__ import annotations

from headstart.core.plugins import Plugin
from headstart.methods.training.base import Training
from headstart.methods.training.settings import TrainConfig


class LpFtConfig(TrainConfig):
    """Measured defaults: see docs/how_to."""


class LpFt(Training):
    """The defaults of :class:`~headstart.methods.training.base.Training` are this method."""


PLUGIN = Plugin(
    build=LpFt,
    config=LpFtConfig,
    kind="train",
    paper="arXiv:2202.10054",
    targets=frozenset({"class", "ordinal", "multilabel", "real"}),
)
