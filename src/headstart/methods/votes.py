"""Votes of neighbours, weighted by similarity, as outputs of each kind of target."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np

from headstart.core.learning import Floats, Ints, TargetKind, Targets


@dataclass(frozen=True)
class Electorate:
    """Those who vote, and what stands before anyone has.

    Attributes:
        kind: Of the targets.
        values: ``(M,)`` classes or numbers, ``(M, L)`` labels.
        weights: ``(M,)``.
        prior: ``(W,)`` shares of the classes or labels, each within 0-1, or the mean of the numbers.
        strength: What the prior counts, in votes of the nearest.
    """

    kind: TargetKind
    values: Any
    weights: Floats
    prior: Floats
    strength: float

    @classmethod
    def of(cls, targets: Targets, weights: Floats, strength: float) -> Electorate:
        """All rows given; a class, or a side of a label, without rows counts as half a row."""
        total = weights.sum()
        if targets.kind == "real":
            prior = np.array([weights @ targets.values / total])
        elif targets.kind == "multilabel":
            prior = np.clip(weights @ targets.values, 0.5, max(0.5, total - 0.5)) / max(total, 1.0)
        else:
            counts = np.bincount(targets.values, weights=weights, minlength=targets.width)
            counts = np.where(counts > 0, counts, 0.5)
            prior = counts / counts.sum()
        return cls(targets.kind, targets.values, weights, prior, strength)

    def arrays(self) -> dict[str, Any]:
        """For keeping."""
        return {
            "values": self.values,
            "weights": self.weights,
            "prior": self.prior,
            "strength": np.array([self.strength]),
        }

    @classmethod
    def from_arrays(cls, arrays: Mapping[str, Any], kind: TargetKind) -> Electorate:
        """What was kept."""
        return cls(kind, arrays["values"], arrays["weights"], arrays["prior"], float(arrays["strength"][0]))

    def outputs(self, found: Ints, cosines: Floats, temperature: float) -> Floats:
        """``(Q, W)`` outputs from the indices and cosines ``(Q, k)`` of those found, nearest first."""
        votes = vote_sizes(cosines, self.weights[found], temperature)
        total = votes.sum(axis=1) + self.strength
        shares = np.tile(self.strength * self.prior, (len(found), 1))
        every = np.arange(len(found))
        for column in range(found.shape[1]):
            theirs = self.values[found[:, column]]
            if self.kind in ("class", "ordinal"):
                shares[every, theirs] += votes[:, column]
            else:
                shares += votes[:, column, None] * theirs.reshape(len(found), -1)
        shares /= total[:, None]
        if self.kind == "real":
            return shares
        logits: Floats = np.log(shares)
        return logits - np.log1p(-shares) if self.kind == "multilabel" else logits


def vote_sizes(cosines: Floats, weights: Floats, temperature: float) -> Floats:
    """``exp((cosine - highest cosine) / temperature)`` times the weight, ``(Q, k)`` float64.

    Relative to the nearest, so that the prior counts alike in dense and in empty regions.
    """
    sizes: Floats = weights * np.exp((cosines - cosines[:, :1]).astype(np.float64) / temperature)
    return sizes
