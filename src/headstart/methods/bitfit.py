"""BitFit: only biases (of norms too) and the head are trained.

Ben Zaken, Goldberg & Ravfogel, ACL 2022, arXiv:2106.10199. Of convolutional networks, whose convolutions have no bias,
these are the shifts of the BatchNorm layers.
"""

from __future__ import annotations

from typing import ClassVar

from torch import nn

from headstart.core.errors import ConfigError
from headstart.core.plugins import Plugin
from headstart.core.training import Model, ParamGroup
from headstart.methods.training.base import Training
from headstart.methods.training.groups import HEAD, split_by_decay
from headstart.methods.training.settings import TrainConfig, changed

BIAS = "bias"


class BitFitConfig(TrainConfig):
    """Biases learn faster than weights would."""

    weight_decay: float = changed("weight_decay", 0.0)


class BitFit(Training):
    """Biases above the boundary, and the head."""

    lr_scale: ClassVar[float] = 4.0

    def param_groups(self, model: Model) -> list[ParamGroup]:
        """Head and biases; raises ConfigError where there are none."""
        backbone = model.backbone
        biases = [
            value
            for stage in backbone.stage_list[model.boundary :]
            for name, value in stage.tensors(backbone.network)
            if name.rsplit(".", 1)[-1] == BIAS and isinstance(value, nn.Parameter)
        ]
        if not biases:
            raise ConfigError(
                f"bitfit trains biases; the stages {list(backbone.stages[model.boundary :])} of {backbone.name} have "
                "none. Freeze fewer stages, or use lora."
            )
        return [
            *split_by_decay(HEAD, model.head.parameters(), self.config.head_lr_scale),
            ParamGroup("biases", biases, decays=False),
        ]


PLUGIN = Plugin(
    build=BitFit,
    title="BitFit",
    config=BitFitConfig,
    kind="train",
    paper="arXiv:2106.10199",
    targets=frozenset({"class", "ordinal", "multilabel", "real"}),
)
