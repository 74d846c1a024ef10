"""The form that methods of adaptation share: the run's own head to begin with, a step over two domains, a fixed end.

A training for another domain cannot be judged by the domain whose labels are known: the epoch that is best there is
the first. So such a method goes on to its last epoch, and held-out source rows only say whether it diverges.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, ClassVar

from pydantic import Field

from headstart.adaptation.training.reversal import ramp
from headstart.adaptation.training.statistics import statistics_untouched
from headstart.core.training import Change, DomainBatch, Model, Objective, ParamGroup, StepLoss, TrainContext
from headstart.methods.training.base import Training
from headstart.methods.training.settings import Auto, TrainConfig, changed

if TYPE_CHECKING:
    from torch import Tensor, nn


class DomainConfig(TrainConfig):
    """Settings of a training, and how much the target domain weighs."""

    usual_epochs: int = changed("usual_epochs", 10)
    views: int | Auto = changed("views", 2)
    trade_off: float = Field(1.0, ge=0, description="Of what is learned from the target domain, at the end.")
    new_lr_scale: float = Field(
        3.0, gt=0, description="Factor on the learning rate of networks that are added for the training."
    )


@dataclass(frozen=True)
class Seen:
    """Both domains through the network, in float32.

    Attributes:
        source: ``(n, D)`` pooled features.
        source_outputs: ``(n, K)`` logits.
        target: ``(m, D)``.
        target_outputs: ``(m, K)``.
    """

    source: Tensor
    source_outputs: Tensor
    target: Tensor
    target_outputs: Tensor


class Adapting(Training):
    """What methods with and without source rows have in common.

    Attributes:
        progress: Share of the training that is done, 0 to 1, as of the middle of its epoch.
    """

    ends: ClassVar[str] = "last"

    def prepare(self, model: Model, ctx: TrainContext) -> None:
        """Fill the head with the run's own, and add networks."""
        super().prepare(model, ctx)
        self.progress = 0.0
        self.added = self.networks(model, ctx)
        for name, network in self.added.items():
            _module(model).add_module(name, network)

    def networks(self, model: Model, ctx: TrainContext) -> Mapping[str, nn.Module]:
        """Networks that only the training needs, by name; none."""
        return {}

    def param_groups(self, model: Model) -> list[ParamGroup]:
        """Those of the base, and each added network at its own rate."""
        added = [
            ParamGroup(name, list(network.parameters()), self.config.new_lr_scale)
            for name, network in self.added.items()
        ]
        return [*super().param_groups(model), *added]

    def on_epoch_start(self, model: Model, ctx: TrainContext) -> Change:
        """The training has come further."""
        self.progress = (ctx.epoch + 0.5) / ctx.epochs
        return Change()

    def state(self) -> dict[str, Tensor]:
        """How far it has come."""
        import torch

        return {"progress": torch.tensor(self.progress, dtype=torch.float64)}

    def load_state(self, state: Mapping[str, Tensor]) -> None:
        """Take it back."""
        self.progress = float(state["progress"])

    def finish(self, model: Model, ctx: TrainContext) -> Mapping[str, Any]:
        """Take away what was added; the network is another one in any case."""
        for name in self.added:
            delattr(model, name)
        return {"moved": True}


class DomainTraining(Adapting):
    """The task's loss on source rows, and an alignment of both domains that grows while the training goes on."""

    def step(self, model: Model, batch: DomainBatch, objective: Objective, phase: int) -> StepLoss:
        """Both losses; the alignment is computed in float32 whatever the precision."""
        seen = seen_by(model, batch)
        loss = objective(seen.source_outputs, batch.source)
        with full_precision(seen.source):
            other = self.alignment(model, seen)
        total = loss + self.config.trade_off * self.strength() * other
        return StepLoss(total, {"loss": loss.detach(), self.part: other.detach()})

    @property
    def part(self) -> str:
        """What the log calls the alignment: the method's file."""
        return type(self).__module__.rpartition(".")[2]

    def strength(self) -> float:
        """Of the alignment, 0 to 1; methods that reverse a gradient ramp that instead."""
        return ramp(self.progress)

    def alignment(self, model: Model, seen: Seen) -> Tensor:
        """A scalar that is small where the target looks as the source does."""
        raise NotImplementedError


def seen_by(model: Model, batch: DomainBatch) -> Seen:
    """Features and logits of both domains, each in a pass of its own."""
    with statistics_untouched(model):
        source = model.features(batch.source)
    target = model.features(batch.target)
    outputs = model.outputs(source), model.outputs(target)
    return Seen(source.float(), outputs[0].float(), target.float(), outputs[1].float())


def full_precision(like: Tensor) -> Any:
    """A context without automatic lower precision, on the device of ``like``."""
    import torch

    return torch.autocast(like.device.type, enabled=False)


def _module(model: Model) -> Any:
    """The model as the torch module that it is."""
    return model
