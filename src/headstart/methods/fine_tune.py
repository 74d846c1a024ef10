"""Fine-tuning from a new head, with learning rates that fall from the head to the first trained stage.

Discriminative learning rates: Howard & Ruder, ACL 2018, arXiv:1801.06146. In the first epoch the head alone is trained,
as in fastai's ``fine_tune`` (Howard & Gugger, 2020, doi:10.3390/info11020108).
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING

from pydantic import Field

from headstart.core.plugins import Plugin
from headstart.core.training import Change, Model, ParamGroup, TrainContext
from headstart.methods.training.base import Training
from headstart.methods.training.groups import HEAD, groups_by_stage, split_by_decay
from headstart.methods.training.head import draw_head
from headstart.methods.training.settings import TrainConfig, changed

if TYPE_CHECKING:
    from torch import Tensor


class FineTuneConfig(TrainConfig):
    """A new head learns ten times as fast as the last stage."""

    usual_epochs: int = changed("usual_epochs", 6)
    head_lr_scale: float = changed("head_lr_scale", 10.0)
    stage_decay: float = changed("stage_decay", 0.6)
    head_epochs: int = Field(1, ge=0, description="Epochs in which the head alone is trained.")


class FineTune(Training):
    """A drawn head, trained alone first."""

    def prepare(self, model: Model, ctx: TrainContext) -> None:
        """A head that knows nothing."""
        draw_head(model.head, int(ctx.rng("head").integers(2**31)))
        self.is_head_alone = self.config.head_epochs > 0

    def state(self) -> dict[str, Tensor]:
        """Whether the head is alone, a scalar of bool."""
        import torch

        return {"is_head_alone": torch.tensor(self.is_head_alone)}

    def load_state(self, state: Mapping[str, Tensor]) -> None:
        """Take the scalar back."""
        self.is_head_alone = bool(state["is_head_alone"])

    def on_epoch_start(self, model: Model, ctx: TrainContext) -> Change:
        """The network joins the head."""
        was_alone, self.is_head_alone = self.is_head_alone, ctx.epoch < self.config.head_epochs
        return Change(regroup=was_alone != self.is_head_alone)

    def param_groups(self, model: Model) -> list[ParamGroup]:
        """Head and trained stages; the head alone at first."""
        if self.is_head_alone:
            return split_by_decay(HEAD, model.head.parameters(), self.config.head_lr_scale)
        return groups_by_stage(model, self.config.stage_decay, self.config.head_lr_scale)


PLUGIN = Plugin(
    build=FineTune,
    title="Fine-tuning",
    config=FineTuneConfig,
    kind="train",
    paper="arXiv:1801.06146",
    targets=frozenset({"class", "ordinal", "multilabel", "real"}),
)
