"""How features are standardised by some of the rows: what a penalty on weights is to mean the same for."""

from __future__ import annotations

from headstart.core.learning import Floats


def standard(features: Floats, weights: Floats, least_spread: float) -> tuple[Floats, Floats]:
    """Mean and reciprocal spread ``(D,)`` float64 of the rows that weigh something, ``(N, D)``."""
    import torch

    from headstart.methods.inputs import as_tensor
    from headstart.methods.standardisation import moments, reciprocal_spread

    mean, spread = moments(as_tensor(features), torch.from_numpy(weights[None]))
    return mean[0].numpy(), reciprocal_spread(spread, least_spread)[0].numpy()
