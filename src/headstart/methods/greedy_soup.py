"""Greedy soup: a few trainings from the same start at different rates, averaged as long as validation gets better.

Wortsman et al., ICML 2022, arXiv:2203.05482. The ingredients are taken by validation loss, best first; each is kept in
the average if the average's validation loss does not rise.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any, Self

from pydantic import model_validator

from headstart.core.plugins import Plugin
from headstart.core.training import Change, Model, ParamGroup, TrainContext
from headstart.methods.training.base import Training
from headstart.methods.training.groups import groups_by_stage
from headstart.methods.training.settings import TrainConfig, changed

if TYPE_CHECKING:
    from torch import Tensor

FACTORS = (1.0, 0.4, 2.0, 0.7)  # on the learning rate, one trial after another


class GreedySoupConfig(TrainConfig):
    """Each cycle is a trial; the epochs are shared among them."""

    usual_epochs: int = changed("usual_epochs", 9)
    cycles: int = changed("cycles", 3)
    patience: int = changed("patience", 1000)  # a trial may be worse than the one before it

    @model_validator(mode="after")
    def _shares(self) -> Self:
        if self.epochs != "auto" and self.epochs % self.cycles:
            raise ValueError(f"epochs must be a multiple of cycles; got {self.epochs} and {self.cycles}")
        return self


class GreedySoup(Training):
    """Trials one after another in one loop: what is kept, how it resumes and what it logs is that of any training."""

    def prepare(self, model: Model, ctx: TrainContext) -> None:
        """Fill the head with the probe's, and remember the start."""
        super().prepare(model, ctx)
        self.began = ctx.taken(model)
        self.ingredients: list[dict[str, Tensor]] = []
        self.trial = 0

    def on_epoch_start(self, model: Model, ctx: TrainContext) -> Change:
        """Keep what a trial ended with, and begin the next one from the start."""
        self.trial, into = divmod(ctx.epoch, self.config.epochs // self.config.cycles)
        if into or not ctx.epoch:
            return Change()
        self.ingredients.append(ctx.taken(model))
        ctx.put_back(model, self.began)
        return Change(restart=True)

    def param_groups(self, model: Model) -> list[ParamGroup]:
        """All at the rate of this trial."""
        factor = FACTORS[self.trial % len(FACTORS)]
        groups = groups_by_stage(model, self.config.stage_decay, self.config.head_lr_scale)
        return [ParamGroup(each.name, each.parameters, each.lr_scale * factor, each.decays) for each in groups]

    def state(self) -> dict[str, Tensor]:
        """The ingredients, tensors of any shape as ``"number/name"``, and which trial it is, a scalar."""
        import torch

        found = {
            f"{number}/{name}": value
            for number, tensors in enumerate(self.ingredients)
            for name, value in tensors.items()
        }
        return {**found, "trial": torch.tensor(self.trial)}

    def load_state(self, state: Mapping[str, Tensor]) -> None:
        """Take back what :meth:`state` gave, in the same shapes."""
        self.trial = int(state["trial"])
        numbers = sorted({int(key.split("/")[0]) for key in state if "/" in key})
        self.ingredients = [
            {key.removeprefix(f"{number}/"): value for key, value in state.items() if key.startswith(f"{number}/")}
            for number in numbers
        ]

    def finish(self, model: Model, ctx: TrainContext) -> Mapping[str, Any]:
        """Average the ingredients, as long as it helps."""
        best, best_loss = ctx.taken(model), ctx.validate(model)
        points = [*self.ingredients, dict(ctx.last)]

        def loss_of(numbers: Sequence[int]) -> float:
            ctx.put_back(model, mean_of([points[number] for number in numbers]))
            return ctx.validate(model)

        losses = [loss_of([number]) for number in range(len(points))]
        first, *others = sorted(range(len(points)), key=losses.__getitem__)
        chosen, soup_loss = [first], losses[first]
        for number in others:
            if (loss := loss_of([*chosen, number])) <= soup_loss:
                chosen, soup_loss = [*chosen, number], loss
        is_better = soup_loss < best_loss
        ctx.put_back(model, mean_of([points[number] for number in chosen]) if is_better else best)
        return {"ingredients": chosen, "losses": losses, "soup": soup_loss, "moved": is_better}


def mean_of(points: Sequence[Mapping[str, Tensor]]) -> dict[str, Tensor]:
    """The mean of floating-point tensors of any shape, by name; others are the first one's."""
    import torch

    first = points[0]
    return {
        name: torch.stack([point[name] for point in points]).mean(0) if value.is_floating_point() else value
        for name, value in first.items()
    }


PLUGIN = Plugin(
    build=GreedySoup,
    title="Greedy soup",
    config=GreedySoupConfig,
    kind="train",
    paper="arXiv:2203.05482",
    targets=frozenset({"class", "ordinal", "multilabel", "real"}),
)
