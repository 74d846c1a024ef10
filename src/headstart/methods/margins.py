"""Linear support vector machines, one against the rest, on sparse features."""

from __future__ import annotations

import warnings
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

from headstart.core.errors import MissingExtraError
from headstart.core.learning import Floats, TargetKind, Targets

if TYPE_CHECKING:
    from headstart.methods.calibration import Calibration


@dataclass(frozen=True)
class Recipe:
    """How machines are trained; see ``SparseLinearConfig``."""

    c: float
    tolerance: float
    passes: int
    seed: int


@dataclass(frozen=True)
class Margins:
    """A linear model: ``weight`` ``(W, D)`` and ``bias`` ``(W,)``, float64."""

    weight: Floats
    bias: Floats

    def outputs(self, features: Any) -> Floats:
        """``(N, W)``."""
        outputs: Floats = features @ np.ascontiguousarray(self.weight.T) + self.bias
        return outputs

    def calibrated(self, calibration: Calibration, kind: TargetKind) -> Margins:
        """The model whose outputs are this one's, calibrated."""
        shift = calibration.shifts(len(self.bias), kind)
        return Margins(calibration.scale * self.weight, calibration.scale * self.bias + shift)


def support_vector_margins(features: Any, targets: Targets, weights: Floats, recipe: Recipe) -> Margins:
    """Margins of each class against all others, or of each label, on the rows that weigh something.

    A class without rows has the margin -1 everywhere, what a machine asks of rows that are not its own; so has a label
    that no row has, and 1 one that all have.

    Args:
        features: ``(N, D)``, an array or sparse.
        targets: Classes, grades or labels of the N rows.
        weights: ``(N,)``, 0 or more.
        recipe: For each machine.

    Raises:
        MissingExtraError: scikit-learn is not installed.
    """
    seen = np.flatnonzero(weights > 0)
    rows = _rows(features, seen)
    own, part = weights[seen], targets.take(seen)
    weight = np.zeros((targets.width, features.shape[1]))
    bias = np.full(targets.width, -1.0)
    if targets.kind == "multilabel":
        for label in range(targets.width):
            values = part.values[:, label]
            if len(np.unique(values)) == 1:
                bias[label] = 1.0 if values[0] else -1.0
            else:
                machine = _machine(rows, values, own, recipe)
                weight[label], bias[label] = machine.coef_[0], machine.intercept_[0]
        return Margins(weight, bias)
    present = np.unique(part.values)
    if len(present) == 1:
        bias[present[0]] = 1.0
        return Margins(weight, bias)
    machine = _machine(rows, part.values, own, recipe)
    if len(present) == 2:  # one machine, whose margin says how far a row is on the second one's side
        weight[present[0]], bias[present[0]] = -machine.coef_[0], -machine.intercept_[0]
        weight[present[1]], bias[present[1]] = machine.coef_[0], machine.intercept_[0]
    else:
        weight[present], bias[present] = machine.coef_, machine.intercept_
    return Margins(weight, bias)


def _rows(features: Any, seen: Any) -> Any:
    """Some rows in float64, which LIBLINEAR would copy them to for each machine."""
    from scipy.sparse import csr_matrix, issparse

    rows = features[seen]
    return csr_matrix(rows, dtype=np.float64) if issparse(rows) else np.asarray(rows, np.float64)


def _machine(rows: Any, values: Any, weights: Floats, recipe: Recipe) -> Any:
    try:
        from sklearn.exceptions import ConvergenceWarning
        from sklearn.svm import LinearSVC
    except ImportError:
        raise MissingExtraError("scikit-learn", "text", "sparse_linear") from None
    machine = LinearSVC(C=recipe.c, tol=recipe.tolerance, max_iter=recipe.passes, random_state=recipe.seed, dual=True)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", ConvergenceWarning)  # features of unlike scales; what it reached still serves
        warnings.filterwarnings("ignore", message="The number of unique classes")  # few rows a class are no mistake
        return machine.fit(rows, values, sample_weight=weights)
