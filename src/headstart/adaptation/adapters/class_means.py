"""Class means found anew in the target domain, from what the model takes its examples for; needs no source rows.

As the pseudo-labels of SHOT (Liang, Hu & Feng, ICML 2020, arXiv:2002.08546): the probabilities of the model as it is
weigh target rows into a mean for each class, and a row goes to the class whose mean is nearest. Its information
maximisation asks for classes in equal shares; so does this: the nearest mean decides, whatever the classes' sizes, but
for classes that hardly an example is taken for. Here the distance is Mahalanobis' with what the classes have in common
(linear discriminant analysis; Hastie, Tibshirani & Friedman, 2009, ch. 4.3) in the leading directions of the target
rows; the plain distance loses to a logistic head even where nothing has shifted. One round is the default: more rounds
follow the clusters of the target, which gains where the model starts well and loses where it does not.
"""

from __future__ import annotations

import numpy as np
from pydantic import Field

from headstart.adaptation.contract import CONTINUOUS, DENSE, LINEAR, Adapted, Solver
from headstart.adaptation.domains import Domains
from headstart.adaptation.geometry import Doubles, doubles, leading, require_rows, spreads
from headstart.core.config import Config
from headstart.core.learning import Fitted, Floats
from headstart.core.plugins import Plugin
from headstart.evaluation.softmax import softmax

HALVINGS = 40


class ClassMeansConfig(Config):
    """Defaults: ours."""

    rounds: int = Field(1, ge=1, description="How often means and labels are found from each other.")
    directions: float = Field(0.1, gt=0, le=1, description="Directions looked at, per row; at least one per class.")
    shrinkage: float = Field(0.1, gt=0, le=1, description="Of the covariance within classes towards a sphere.")


class ClassMeans:
    """A linear head from target rows alone."""

    def __init__(self, config: ClassMeansConfig) -> None:
        self.config = config

    def adapt(self, domains: Domains, solver: Solver, rng: np.random.Generator) -> Adapted:
        """See ``contract.Adapter``; nothing is drawn."""
        config = self.config
        return Adapted(
            head_of_means(
                domains.target.features, domains.start, config.rounds, config.directions, config.shrinkage
            )
        )  # fmt: skip


def head_of_means(target: Floats, start: Floats, rounds: int, directions: float, shrinkage: float) -> Fitted:
    """A linear head for raw features.

    Args:
        target: ``(m, D)``.
        start: ``(m, K)`` outputs of the model as it is.
        rounds: See the config, as the others.
        directions: Per row.
        shrinkage: 0 to 1.

    Raises:
        DataError: too few rows, or features that do not vary.
    """
    rows = doubles(target)
    m, k = start.shape
    require_rows(m, "target", max(10, 2 * k))
    centre, scale = rows.mean(axis=0), spreads(rows)
    rows = (rows - centre) / scale
    basis = leading(rows, min(m - 1, max(k, int(directions * m))))
    seen, members = rows @ basis, softmax(start)
    unsure = entropy(members)
    for _ in range(rounds):
        weight, bias = discriminants(seen, members, shrinkage)
        outputs = seen @ weight.T + bias
        sharpness = as_unsure_as(outputs, unsure)
        members = softmax(sharpness * outputs)
    whole = sharpness * (weight @ basis.T) / scale  # (K, D)
    arrays = {"weight": whole.astype(np.float32), "bias": (sharpness * bias - whole @ centre).astype(np.float32)}
    return Fitted(arrays, {"method": "linear_probe", "form": "linear"})


def discriminants(rows: Doubles, members: Doubles, shrinkage: float) -> tuple[Doubles, Doubles]:
    """``(K, k)`` and ``(K,)``: minus half the squared distance of rows ``(m, k)`` to the class means, without the part
    that is the same for all classes.

    A class that holds less than one row in all is held back by the logarithm of what it holds.
    """
    held = members.sum(axis=0)
    means = (members.T @ rows) / np.maximum(held, 1e-12)[:, None]
    within = (rows.T @ rows - (means.T * held) @ means) / len(rows)
    size = len(within)
    sphere = max(float(np.trace(within)) / size, 1e-12)
    within = (1 - shrinkage) * within + shrinkage * sphere * np.eye(size)
    weight = np.linalg.solve(within, means.T).T
    bias = -(weight * means).sum(axis=1) / 2 + np.log(np.clip(held, 1e-12, 1.0))
    return np.asarray(weight), np.asarray(bias)


def entropy(probabilities: Doubles) -> float:
    """Mean over rows, in nats."""
    return float(-(probabilities * np.log(np.maximum(probabilities, 1e-300))).sum(axis=1).mean())


def as_unsure_as(outputs: Doubles, wanted: float) -> float:
    """The factor (0.001 to 1,000) with which the probabilities of ``outputs`` have the mean entropy ``wanted``.

    Distances in many directions make every row certain; how sure the model was before is the better guess.
    """
    low, high = np.log(1e-3), np.log(1e3)
    for _ in range(HALVINGS):
        middle = (low + high) / 2
        if entropy(softmax(np.exp(middle) * outputs)) > wanted:
            low = middle
        else:
            high = middle
    return float(np.exp((low + high) / 2))


PLUGIN = Plugin(
    build=ClassMeans,
    config=ClassMeansConfig,
    paper="arXiv:2002.08546",
    needs=frozenset({DENSE, CONTINUOUS, LINEAR}),
    title="Class means of the target",
)
