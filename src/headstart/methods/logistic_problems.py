"""Several logistic regressions on the same features: what is shared between them, and what each sees of it.

Problem f has row weights of its own and standardises the features with the mean and spread of its own rows; a fold is
a problem whose held-out rows weigh 0. Standardising is folded into the weights, so all problems share one ``(N, D)``
matrix, two matrix products an iteration serve them all, and the logits of held-out rows come for free.
"""

from __future__ import annotations

from dataclasses import dataclass

import torch
from torch import Tensor

from headstart.methods.logistic_targets import LogisticTargets
from headstart.methods.spectrum import Spectrum, leading_spectrum
from headstart.methods.standardisation import moments, reciprocal_spread, standardise

LEADING = 64  # directions in which the preconditioner knows the features' spread


@dataclass(frozen=True)
class Coefficients:
    """Parameters of F problems, each on its own standardised features: ``weight`` (F, K, D), ``bias`` (F, K)."""

    weight: Tensor
    bias: Tensor

    def beyond(self, before: Coefficients) -> Coefficients:
        """As far again as from ``before`` to here: where equal steps along a smooth path lead next."""
        return Coefficients(2 * self.weight - before.weight, 2 * self.bias - before.bias)

    def __getitem__(self, which: slice) -> Coefficients:
        """Some of the problems."""
        return Coefficients(self.weight[which], self.bias[which])


@dataclass(frozen=True)
class Problems:
    """F problems on N shared rows.

    Attributes:
        features: ``(N, D)`` standardised over all rows.
        squares: ``(N,)`` the sum of squares of each row of ``features``.
        spectrum: Of ``features``; the preconditioner's, so it moves how fast the optimum is found and not where it is.
        targets: What is right in each row.
        weights: ``(F, N)``, 0 for a row that a problem does not see.
        mean: ``(D,)`` float64 of the raw features, and
        inverse: ``(D,)`` float64, 1 / spread of the raw features: how ``features`` came from them.
        scale: ``(F, 1, D)``; ``features * scale - shift`` is what problem f calls standardised.
        shift: ``(F, 1, D)``.
        present: ``(F, K)`` outputs that a problem can learn something about.
    """

    features: Tensor
    squares: Tensor
    spectrum: Spectrum
    targets: LogisticTargets
    weights: Tensor
    mean: Tensor
    inverse: Tensor
    scale: Tensor
    shift: Tensor
    present: Tensor

    @classmethod
    def build(
        cls,
        features: Tensor,
        targets: LogisticTargets,
        weights: Tensor,
        least_spread: float = 0.0,
        dtype: torch.dtype = torch.float32,
    ) -> Problems:
        """Standardise raw ``features`` ``(N, D)`` into one new matrix of ``dtype``.

        Args:
            features: ``(N, D)``.
            targets: Of one weighting of the rows.
            weights: ``(F, N)`` float64 weightings, each with a sum above 0.
            least_spread: See :func:`reciprocal_spread`.
            dtype: Of everything that is computed with; float64 for comparisons.
        """
        everything = torch.ones(1, len(features), dtype=torch.float64)
        means, spreads = moments(features, torch.cat([everything, weights]))
        inverses = reciprocal_spread(spreads, least_spread)
        mean, inverse = means[0], inverses[0]
        shared_spread = torch.where(inverse > 0, 1 / torch.where(inverse > 0, inverse, 1), 0)
        shared = standardise(features, mean, inverse, dtype)
        squares = torch.linalg.vector_norm(shared, dim=1).square_()

        def each(values: Tensor) -> Tensor:
            return values.repeat_interleave(targets.per_weighting, 0)

        return cls(
            features=shared,
            squares=squares,
            spectrum=leading_spectrum(shared, float(squares.sum()), LEADING),
            targets=targets.repeated(len(weights)),
            weights=each(weights).to(dtype),
            mean=mean,
            inverse=inverse,
            scale=each(inverses[1:] * shared_spread)[:, None].to(dtype),
            shift=each((means[1:] - mean) * torch.where(inverse > 0, inverses[1:], 0))[:, None].to(dtype),
            present=targets.repeated(len(weights)).present(each(weights)),
        )

    @classmethod
    def as_they_are(cls, features: Tensor, targets: LogisticTargets, weights: Tensor) -> Problems:
        """Features that are centred and whose scale says how much each is to count: nothing is standardised.

        Args:
            features: ``(N, D)`` float32, used and not copied.
            targets: Of one weighting of the rows.
            weights: ``(N,)`` float64 with a sum above 0.
        """
        count, d = targets.per_weighting, features.shape[1]
        squares, each = torch.linalg.vector_norm(features, dim=1).square_(), weights[None].repeat(count, 1)
        return cls(
            features=features,
            squares=squares,
            spectrum=leading_spectrum(features, float(squares.sum()), LEADING),
            targets=targets.repeated(1),
            weights=each.to(features.dtype),
            mean=torch.zeros(d, dtype=torch.float64),
            inverse=torch.ones(d, dtype=torch.float64),
            scale=features.new_ones(count, 1, d),
            shift=features.new_zeros(count, 1, d),
            present=targets.repeated(1).present(each),
        )

    def __len__(self) -> int:
        return len(self.weights)

    def __getitem__(self, which: slice) -> Problems:
        """Some of the problems, on the same features."""
        return Problems(
            self.features,
            self.squares,
            self.spectrum,
            self.targets[which],
            self.weights[which],
            self.mean,
            self.inverse,
            self.scale[which],
            self.shift[which],
            self.present[which],
        )

    def zeros(self) -> Coefficients:
        """Weights 0 and the intercepts that give the shares of the rows: the optimum without features."""
        weight = self.features.new_zeros(*self.present.shape, self.features.shape[1])
        return Coefficients(weight, self.targets.prior(self.weights))

    def logits(self, weight: Tensor, bias: Tensor) -> Tensor:
        """``(F, K, N)``: class by class in memory, so that a softmax runs along contiguous rows."""
        f, k, d = weight.shape
        out = ((weight * self.scale).view(f * k, d) @ self.features.T).view(f, k, -1)
        return out.add_((bias - (weight * self.shift).sum(2))[:, :, None])

    def transposed(self, residuals: Tensor) -> Tensor:
        """Gradient of ``sum(residuals * logits)`` in the weights, ``(F, K, D)``."""
        f, k, n = residuals.shape
        out = (residuals.view(f * k, n) @ self.features).view(f, k, -1)
        return out.mul_(self.scale).sub_(residuals.sum(2)[:, :, None] * self.shift)

    def raw(self, coefficients: Coefficients) -> tuple[Tensor, Tensor]:
        """``(F, K, D)`` and ``(F, K)`` float64 for raw features: standardising multiplied into the weights."""
        weight = coefficients.weight.double()
        on_shared = weight * self.scale
        bias = coefficients.bias.double() - (weight * self.shift).sum(2)
        on_raw = on_shared * self.inverse
        return on_raw, bias - on_raw @ self.mean

    def from_raw(self, weight: Tensor, bias: Tensor) -> Coefficients:
        """The inverse of :meth:`raw`, less what no problem of these would say: of constant features, absent outputs."""
        factor = self.scale * self.inverse
        on_own = torch.where(factor > 0, weight.double() / torch.where(factor > 0, factor, 1), 0)
        on_own = torch.where(self.present[:, :, None], on_own, 0)
        intercept = bias.double() + weight.double() @ self.mean + (on_own * self.shift).sum(2)
        return Coefficients(on_own.to(self.features), intercept.to(self.features))
