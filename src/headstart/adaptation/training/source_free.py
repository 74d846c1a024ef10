"""The form of methods that need no source rows: the fitted model and target rows are all."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING

from headstart.adaptation.training.base import Adapting, full_precision
from headstart.core.training import Change, Model, Objective, StepLoss, TrainContext, UnlabeledBatch

if TYPE_CHECKING:
    from torch import Tensor


class SourceFree(Adapting):
    """A loss of target rows and of what is remembered of all of them.

    Attributes:
        memory: Tensors by name, of the m target rows: computed anew before every epoch.
    """

    def prepare(self, model: Model, ctx: TrainContext) -> None:
        """The run's own head; what the network says of the target before anything is trained."""
        super().prepare(model, ctx)
        self.memory = self.remembered(model, ctx)

    def on_epoch_start(self, model: Model, ctx: TrainContext) -> Change:
        """Look at all target rows again."""
        self.memory = self.remembered(model, ctx)
        return super().on_epoch_start(model, ctx)

    def remembered(self, model: Model, ctx: TrainContext) -> dict[str, Tensor]:
        """Of all target rows, by the model as it is."""
        import torch

        with torch.no_grad():
            features = ctx.embed(model, "target").float()
            return self.kept(features, model.outputs(features).float().softmax(1))

    def kept(self, features: Tensor, probabilities: Tensor) -> dict[str, Tensor]:
        """What is remembered of ``(m, D)`` features and ``(m, K)`` probabilities."""
        raise NotImplementedError

    def step(self, model: Model, batch: UnlabeledBatch, objective: Objective, phase: int) -> StepLoss:
        """The loss of a batch in float32, whatever the precision."""
        features = model.features(batch)
        outputs = model.outputs(features).float()
        with full_precision(outputs):
            return self.loss(batch, features.float(), outputs)

    def loss(self, batch: UnlabeledBatch, features: Tensor, outputs: Tensor) -> StepLoss:
        """Of ``(B, D)`` features and ``(B, K)`` logits of the batch."""
        raise NotImplementedError

    def state(self) -> dict[str, Tensor]:
        """What is remembered, too."""
        return {**super().state(), **self.memory}

    def load_state(self, state: Mapping[str, Tensor]) -> None:
        """Take it back."""
        super().load_state(state)
        self.memory = {name: state[name].clone() for name in self.memory}
