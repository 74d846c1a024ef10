"""Several linear models as one: the mean of their weights gives the mean of their outputs."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np

from headstart.core.errors import ConfigError
from headstart.core.learning import Fitted, Floats, Solution

LINEAR = ("linear", "roots")  # forms whose outputs are linear in the arrays


def averaged(models: Sequence[Fitted]) -> Fitted:
    """The mean of linear models with the same ``spec``.

    Raises:
        ConfigError: they are not linear, or not of one form.
    """
    first = models[0]
    if first.spec.get("form") not in LINEAR:
        raise ConfigError(
            f"averaging takes linear models; got the form {first.spec.get('form')!r}. Use the linear probe, or "
            "reweighting, which takes any method."
        )
    other = next((model.spec for model in models if dict(model.spec) != dict(first.spec)), None)
    if other is not None:
        raise ConfigError(f"models that are averaged must be of one form; got {dict(first.spec)} and {dict(other)}.")
    arrays = {
        name: np.mean([model.arrays[name] for model in models], axis=0, dtype=np.float64).astype(array.dtype)
        for name, array in first.arrays.items()
    }
    return Fitted(arrays, first.spec)


def linear_fitted(weight: Floats, bias: Floats, **spec: Any) -> Fitted:
    """A linear model on raw features, as the linear probe's: ``weight`` ``(W, D)``, ``bias`` ``(W,)``."""
    arrays = {"weight": weight.astype(np.float32), "bias": bias.astype(np.float32)}
    return Fitted(arrays, {"method": "linear_probe", "form": "linear", **spec})


def mean_of(solutions: Sequence[Solution]) -> tuple[Fitted, Floats]:
    """The mean model, and the mean of the out-of-fold outputs ``(N, W)``."""
    outputs = np.mean([solution.out_of_fold for solution in solutions], axis=0)
    return averaged([solution.fitted for solution in solutions]), outputs
