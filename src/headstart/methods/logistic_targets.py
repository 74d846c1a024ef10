"""What is multinomial and what is independent about logistic regression: classes against labels, for the solver.

Both have logits ``(F, K, N)`` of F problems with K outputs on N rows. Of classes exactly one is right, so K outputs
share a softmax and the rows' classes are the same in all problems. Of labels each is a problem of its own with one
output (K = 1) and a sigmoid, so L labels under F weightings of the rows are F * L problems, the labels of a weighting
side by side.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Protocol

import torch
from torch import Tensor
from torch.nn.functional import softplus

NEVER = -1e4  # logit of a class without rows: its probability is exactly 0 and its gradient too


class LogisticTargets(Protocol):
    """What the solver asks of targets; ``weights`` are ``(F, N)``, of the same F problems."""

    @property
    def width(self) -> int:
        """Outputs of one problem."""

    @property
    def per_weighting(self) -> int:
        """Problems that one weighting of the rows stands for."""

    def repeated(self, count: int) -> LogisticTargets:
        """For ``count`` weightings instead of one."""

    def __getitem__(self, which: slice) -> LogisticTargets:
        """Of some of the problems."""

    def to_probabilities(self, logits: Tensor, out: Tensor) -> None:
        """Probabilities of ``logits`` ``(F, K, n)``, which are overwritten, into ``out``."""

    def own(self, logits: Tensor) -> Tensor:
        """``(F, N)``: the sum of each row's logits over what is right in it."""

    def subtract(self, probabilities: Tensor) -> None:
        """Turn probabilities into the gradient of a row's loss in its logits, in place."""

    def losses(self, logits: Tensor) -> Tensor:
        """``(F, N)`` in nats."""

    def present(self, weights: Tensor) -> Tensor:
        """``(F, K)``: outputs that something can be learned about."""

    def prior(self, weights: Tensor) -> Tensor:
        """``(F, K)`` intercepts that give the shares of the rows; beyond doubt where nothing can be learned."""

    def doubtful(self, logits: Tensor, weights: Tensor) -> Tensor:
        """``(F, K)`` intercepts for outputs that nothing was learned about: as sure as half a row allows."""


@dataclass(frozen=True)
class ClassTargets:
    """Classes ``values`` ``(N,)`` int64 in 0..width-1."""

    values: Tensor
    width: int
    per_weighting: int = 1

    def repeated(self, count: int) -> ClassTargets:  # noqa: D102
        return self

    def __getitem__(self, which: slice) -> ClassTargets:
        return self

    def to_probabilities(self, logits: Tensor, out: Tensor) -> None:  # noqa: D102
        logits -= logits.amax(1, keepdim=True)
        logits.exp_()
        torch.div(logits, logits.sum(1, keepdim=True), out=out)

    def own(self, logits: Tensor) -> Tensor:  # noqa: D102
        return logits.gather(1, self.values.expand(len(logits), 1, -1))[:, 0]

    def subtract(self, probabilities: Tensor) -> None:  # noqa: D102
        probabilities[:, self.values, torch.arange(len(self.values))] -= 1

    def losses(self, logits: Tensor) -> Tensor:  # noqa: D102
        return logits.logsumexp(1) - self.own(logits)

    def present(self, weights: Tensor) -> Tensor:  # noqa: D102
        return self._counts(weights) > 0

    def prior(self, weights: Tensor) -> Tensor:  # noqa: D102
        counts = self._counts(weights)
        shares = counts / counts.sum(1, keepdim=True)
        return torch.where(counts > 0, shares.clamp_min(torch.finfo(shares.dtype).tiny).log(), NEVER)

    def doubtful(self, logits: Tensor, weights: Tensor) -> Tensor:  # noqa: D102
        total = weights.sum(1)
        level = (logits.logsumexp(1) * weights).sum(1) / total
        return (level - (2 * total).log())[:, None]

    def _counts(self, weights: Tensor) -> Tensor:
        return weights.new_zeros(len(weights), self.width).index_add_(1, self.values, weights)


@dataclass(frozen=True)
class LabelTargets:
    """Labels ``values`` ``(F, N)`` of 0 and 1, each row a problem; built from the ``(L, N)`` of one weighting."""

    values: Tensor
    per_weighting: int
    width: int = 1

    def repeated(self, count: int) -> LabelTargets:  # noqa: D102
        return LabelTargets(self.values.repeat(count, 1), self.per_weighting)

    def __getitem__(self, which: slice) -> LabelTargets:
        return LabelTargets(self.values[which], self.per_weighting)

    def to_probabilities(self, logits: Tensor, out: Tensor) -> None:  # noqa: D102
        torch.sigmoid(logits, out=out)

    def own(self, logits: Tensor) -> Tensor:  # noqa: D102
        return logits[:, 0] * self.values

    def subtract(self, probabilities: Tensor) -> None:  # noqa: D102
        probabilities[:, 0] -= self.values

    def losses(self, logits: Tensor) -> Tensor:  # noqa: D102
        return softplus(logits[:, 0]) - self.own(logits)

    def present(self, weights: Tensor) -> Tensor:  # noqa: D102
        with_it, without = self._counts(weights)
        return ((with_it > 0) & (without > 0))[:, None]

    def prior(self, weights: Tensor) -> Tensor:  # noqa: D102
        with_it, without = self._counts(weights)
        return (with_it.log() - without.log()).clamp(NEVER, -NEVER)[:, None]

    def doubtful(self, logits: Tensor, weights: Tensor) -> Tensor:  # noqa: D102
        with_it, without = (counts.clamp_min(0.5) for counts in self._counts(weights))
        return (with_it.log() - without.log())[:, None]

    def _counts(self, weights: Tensor) -> tuple[Tensor, Tensor]:
        with_it = (weights * self.values).sum(1)
        return with_it, (weights * (1 - self.values)).sum(1)
