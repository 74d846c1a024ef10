"""Domain-adaptive pretraining: the network learns to fill in hidden tokens of both domains' texts, then the task.

Gururangan, Marasovic, Swayamdipta, Lo, Beltagy, Downey & Smith, ACL 2020, arXiv:2004.10964. The task is learned beside
it, as in UDALM (Karouzos, Paraskevopoulos & Potamianos, NAACL 2021, arXiv:2104.07078), or with ``with_task`` off not
by the network at all. In both ways the head that ships is solved again on what the network makes of the labelled texts.

A network that ships to make sentences' features has no head that fills in tokens; a small one is learned first, over
the network's own table of tokens, while the network stays as it is.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Annotated, Any

from pydantic import Field

from headstart.adaptation.training.base import DomainConfig, DomainTraining, full_precision
from headstart.adaptation.training.filling import filling_loss, thinned, token_head, token_logits
from headstart.adaptation.training.masked_feed import parted_answers
from headstart.core.errors import DataError
from headstart.core.plugins import Plugin
from headstart.core.training import DomainBatch, Model, Objective, StepLoss, TrainContext
from headstart.methods.training.settings import Auto, changed

if TYPE_CHECKING:
    from torch import Tensor, nn


class DaptConfig(DomainConfig):
    """How much is hidden, and when the network begins to move."""

    views: Annotated[int, Field(ge=1)] | Auto = changed("views", 4)
    head_lr_scale: float = changed("head_lr_scale", 30.0)
    masked: float = Field(0.15, gt=0, lt=1, description="Share of each text's tokens that are to be filled in.")
    head_first: float = Field(
        0.2, ge=0, lt=1, description="Share of the training in which the head that fills in tokens learns alone."
    )
    with_task: bool = Field(True, description="Whether the network learns the task beside it (UDALM).")


class Dapt(DomainTraining):
    """The run's head follows the features meanwhile, so that a divergence is seen."""

    def networks(self, model: Model, ctx: TrainContext) -> Mapping[str, nn.Module]:
        """The head that fills in tokens."""
        tokens, embedded = embeddings_of(model).shape
        width = int(model.backbone.network.config.hidden_size)
        return token_head(width, embedded, tokens)

    def step(self, model: Model, batch: DomainBatch, objective: Objective, phase: int) -> StepLoss:
        """The loss of hidden tokens of both domains, and the task's, which moves the network only if asked to."""
        ours, source, first = _seen(model, batch.source.values, batch.source.start)
        _, target, second = _seen(model, batch.target.values, batch.target.start, pooled=False)
        loss = objective(model.outputs(ours if self.config.with_task else ours.detach()), batch.source)
        filled = self._filled(model, [(source, first), (target, second)])
        total = loss + self.config.trade_off * filled
        return StepLoss(total, {"loss": loss.detach(), self.part: filled.detach()})

    def _filled(self, model: Model, texts: list[tuple[Tensor, Tensor]]) -> Tensor:
        import torch

        states = torch.cat([states[answers >= 0] for states, answers in texts])  # (M, C)
        answers = torch.cat([answers[answers >= 0] for _, answers in texts])
        table = embeddings_of(model)
        states, answers = thinned(states, answers, len(table))
        if self.progress < self.config.head_first:
            states = states.detach()
        logits = token_logits(self.added, states, table)
        with full_precision(states):
            return filling_loss(logits.float(), answers)


def _seen(model: Any, values: Tensor, start: int, *, pooled: bool = True) -> tuple[Any, Tensor, Tensor]:
    """Features ``(B, D)`` if asked for, hidden states ``(B, T, C)`` before the pooling, answers ``(B, T)``."""
    backbone = model.backbone
    values, answers = parted_answers(values)
    last = len(backbone.stages) - 1
    before = backbone.run(backbone.unpack(values, start), start, last)
    features = backbone.run(before, last, last + 1).values if pooled else None
    return features, before.values, answers


def embeddings_of(model: Any) -> Tensor:
    """The network's table of tokens, ``(V, E)``.

    Raises:
        DataError: it has none.
    """
    inner = getattr(model.backbone.network, "model", None)
    if inner is None or not hasattr(inner, "get_input_embeddings"):
        raise DataError("masked language modelling needs a network with a table of tokens; name another method.")
    table: Tensor = inner.get_input_embeddings().weight
    return table


PLUGIN = Plugin(
    build=Dapt,
    needs=frozenset({"masked_texts", "solved_head"}),
    config=DaptConfig,
    kind="train",
    paper="arXiv:2004.10964",
    title="Domain-adaptive pretraining (masked language modelling)",
)
