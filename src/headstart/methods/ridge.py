r"""Ridge regression under many penalties from one decomposition, and Huber's loss on top of it.

Hoerl & Kennard, Technometrics 12, 1970, doi:10.1080/00401706.1970.10488634. With the features' weighted covariances
:math:`C = V S V^\top` the weights for a penalty :math:`\alpha` are :math:`V (S + \alpha)^{-1} V^\top X^\top W y`: one
decomposition serves every penalty and every response. With fewer rows than features the rows' products are decomposed
instead, which gives the same weights.

Huber, The Annals of Mathematical Statistics 35, 1964, doi:10.1214/aoms/1177703732: residuals beyond delta count by
their size instead of their square. It is minimised by ridge regressions on responses whose residuals are cut off at
delta (Huber & Dutter, 1974: the curvature of the squared loss bounds that of Huber's), so each step only multiplies.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import torch
from torch import Tensor

CHUNK = 1 << 20  # values turned to float64 at a time
MAX_STEPS = 200
STEP_LEFT = 1e-4  # of delta: changes of a prediction below this end the steps


@dataclass(frozen=True)
class Rows:
    """Features as one weighting of the rows sees them.

    Attributes:
        features: ``(N, D)`` standardised over all rows.
        weights: ``(N,)`` float64, with a sum above 0.
        scale, shift: ``(D,)`` float64; ``features * scale - shift`` is standardised over the weighting's rows.
    """

    features: Tensor
    weights: Tensor
    scale: Tensor
    shift: Tensor

    def chunks(self) -> Iterator[tuple[slice, Tensor]]:
        """Standardised rows in float64, a few at a time."""
        rows = max(1, CHUNK // self.features.shape[1])
        for start in range(0, len(self.features), rows):
            which = slice(start, start + rows)
            yield which, self.features[which].double() * self.scale - self.shift

    def times(self, weight: Tensor, bias: Tensor) -> Tensor:
        """Predictions ``(N, S)`` of S models ``(D, S)`` and ``(S,)``."""
        return torch.cat([part @ weight for _, part in self.chunks()]) + bias

    def transposed_times(self, responses: Tensor) -> Tensor:
        """Weighted sums ``(D, S)`` of the rows by ``responses`` ``(N, S)``."""
        total = torch.zeros(self.features.shape[1], responses.shape[1], dtype=torch.float64)
        for which, part in self.chunks():
            total += part.T @ (self.weights[which, None] * responses[which])
        return total


class Ridge:
    """Ridge regressions of one weighting of the rows, with an intercept that is not penalised."""

    def __init__(self, rows: Rows) -> None:
        self.rows = rows
        self.seen = torch.nonzero(rows.weights > 0)[:, 0]
        self.is_dual = len(self.seen) < rows.features.shape[1]
        if self.is_dual:
            part = rows.features[self.seen].double() * rows.scale - rows.shift
            self.root = rows.weights[self.seen].sqrt()
            self.part = part * self.root[:, None]
            products = self.part @ self.part.T
        else:
            products = torch.zeros(2 * (rows.features.shape[1],), dtype=torch.float64)
            for which, part in rows.chunks():
                products += (part * rows.weights[which, None]).T @ part
        values, self.vectors = torch.linalg.eigh(products)
        self.values = values.clamp_min(0)

    def fit(self, responses: Tensor, penalties: Tensor) -> tuple[Tensor, Tensor]:
        """Weights ``(D, S)`` and intercepts ``(S,)``, one model per column of ``responses`` ``(N, S)`` and penalty.

        Args:
            responses: Float64.
            penalties: ``(S,)`` above 0, on half the squared weights against half the weighted sum of squares.
        """
        weights = self.rows.weights
        mean = (weights @ responses) / weights.sum()
        centred = responses - mean
        along = self.root[:, None] * centred[self.seen] if self.is_dual else self.rows.transposed_times(centred)
        solved = self.vectors @ ((self.vectors.T @ along) / (self.values[:, None] + penalties))
        return (self.part.T @ solved if self.is_dual else solved), mean

    def fit_huber(self, response: Tensor, penalties: Tensor, delta: float) -> tuple[Tensor, Tensor]:
        """The same with Huber's loss for one ``response`` ``(N,)``: delta, above 0, is in its unit."""
        responses = response[:, None].expand(-1, len(penalties))
        weight, bias = self.fit(responses, penalties)
        predicted = self.rows.times(weight, bias)
        for _ in range(MAX_STEPS):
            cut = predicted + (responses - predicted).clamp(-delta, delta)
            weight, bias = self.fit(cut, penalties)
            before, predicted = predicted, self.rows.times(weight, bias)
            if float((predicted - before)[self.seen].abs().max()) <= STEP_LEFT * delta:
                break
        return weight, bias
