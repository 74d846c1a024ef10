r"""Boosted directions: boosted trees on the directions in which a network's features vary most.

Friedman, The Annals of Statistics 29, 2001, doi:10.1214/aos/1013203451. A tree asks one feature at a time, and a
thousand of them that say about the same make it slow and no wiser: features are standardised and turned to their
leading principal directions (Halko et al., 2011) first. Directions are found in each fold's training rows alone, then
in all rows, so that what is held out is unseen; how many rounds, the folds choose. Trees can tell what no plane parts,
and on features that were made for planes they seldom have to: measure before you believe in them.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Any

import numpy as np
from pydantic import Field

from headstart.core.config import Config
from headstart.core.errors import ShapeError
from headstart.core.learning import Fitted, Floats, Ints, Solution, Targets
from headstart.core.plugins import Plugin
from headstart.core.resources import one_blas_thread
from headstart.methods.boosted_trees import BoostedTrees
from headstart.methods.inputs import ALL_KINDS, as_tensor, check_inputs
from headstart.methods.row_losses import row_losses
from headstart.methods.train_boosting import Setting, train_boosting
from headstart.methods.training_parts import training_parts

BLOCK = 32  # rows turned at a time, so that a row's bits do not depend on its neighbours
STAGES = 20  # numbers of rounds that are compared


class BoostedDirectionsConfig(Config):
    """Defaults are ours; trees are few, since each class has some in every round of every fold."""

    directions: int = Field(32, ge=1, description="Leading directions that trees see.")
    least_spread: float = Field(0.1, ge=0, description="As the linear probe's, of the features given.")
    leaves: int = Field(8, ge=2, description="Of a tree, at most.")
    least_rows: int = Field(10, ge=1, description="Rows in a leaf, at least.")
    l2: float = Field(1.0, ge=0, description="Penalty on half the squared values of leaves.")
    rounds: int = Field(100, ge=1, description="Rounds tried at most; each grows a tree per class or label.")
    most_trees: int = Field(600, ge=1, description="Trees at most, over all classes or labels: fewer rounds for many.")
    learning_rate: float = Field(0.1, gt=0, le=1, description="Share of each tree's correction that is taken.")
    fallback_rounds: int = Field(50, ge=1, description="Rounds where no row can be held out to choose by.")
    threads: int = Field(1, ge=1, description="Torch threads.")


@dataclass(frozen=True)
class Directions:
    """Where features ``(N, D)`` are turned.

    Attributes:
        mean: ``(D,)`` float32.
        across: ``(D, R)`` float32, the reciprocal spreads included.
    """

    mean: Floats
    across: Floats

    def of(self, features: Floats) -> Floats:
        """``(N, R)`` float64: ``(features - mean) @ across``.

        Raises:
            ShapeError: ``features`` is not ``(N, D)`` with the D of training.
        """
        d, r = self.across.shape
        if features.ndim != 2 or features.shape[1] != d:
            raise ShapeError(f"features must be (N, {d}), as in training; got shape {features.shape}.")
        out = np.empty((len(features), r))
        block = np.zeros((BLOCK, d), np.float32)
        with one_blas_thread():
            for start in range(0, len(features), BLOCK):
                rows = features[start : start + BLOCK] - self.mean
                block[: len(rows)] = rows
                block[len(rows) :] = 0.0
                out[start : start + len(rows)] = (block @ self.across)[: len(rows)]
        return out


def leading_directions(features: Floats, weights: Floats, count: int, least_spread: float) -> Directions:
    """The directions in which the rows that weigh something vary most, once each feature is standardised.

    Args:
        features: ``(N, D)``.
        weights: ``(N,)``, some above 0.
        count: R at most.
        least_spread: As the linear probe's.
    """
    import torch

    from headstart.methods.spectrum import leading_spectrum
    from headstart.methods.standardisation import moments, reciprocal_spread, standardise

    rows = as_tensor(features[weights > 0])
    means, spreads = moments(rows, torch.from_numpy(weights[weights > 0][None]))
    inverse = reciprocal_spread(spreads, least_spread)
    scaled = standardise(rows, means[0], inverse[0], torch.float32)
    spectrum = leading_spectrum(scaled, float(scaled.double().square().sum()), count)
    across = inverse[0][:, None] * spectrum.directions.double()
    return Directions(means[0].numpy().astype(np.float32), across.numpy().astype(np.float32))


class BoostedDirections:
    """Boosted trees on leading directions."""

    def __init__(self, config: BoostedDirectionsConfig) -> None:
        self.config = config

    def fit(
        self,
        features: Floats,
        targets: Targets,
        folds: Ints,
        rng: np.random.Generator,
        weights: Floats | None = None,
    ) -> Solution:
        """See ``core.learning.SolveMethod``; ``rng`` seeds scikit-learn."""
        from headstart.methods.threads import torch_threads

        row_weights = check_inputs(features, targets, folds, weights)
        setting = self._setting(targets, int(rng.integers(2**31)))
        fold_of_row, training = training_parts(folds, row_weights)
        out_of_fold = np.full((len(features), targets.width), np.nan)
        path: list[dict[str, Any]] = []
        with torch_threads(self.config.threads):
            if row_weights[fold_of_row >= 0].sum() > 0:
                setting, path = self._chosen(features, targets, fold_of_row, training, setting, out_of_fold)
            else:
                setting = replace(setting, rounds=min(setting.rounds, self.config.fallback_rounds))
            turned, model = self._model(features, targets, row_weights, setting)
        spec = {
            "method": "boosted_directions", "form": "directions_trees",
            "width": targets.width, "features": turned.across.shape[1],
        }  # fmt: skip
        report = {"directions": turned.across.shape[1], "rounds": setting.rounds, "trees": model.count, "path": path}
        arrays = {**model.arrays(), "mean": turned.mean, "across": turned.across}
        return Solution(Fitted(arrays, spec), out_of_fold, report)

    def predict(self, fitted: Fitted, features: Floats) -> Floats:
        """``(N, W)`` outputs; raises ShapeError when D differs from the training rows'."""
        arrays = dict(fitted.arrays)
        turned = Directions(arrays.pop("mean"), arrays.pop("across"))
        return BoostedTrees.from_arrays(arrays, fitted.spec).outputs(turned.of(features))

    def _setting(self, targets: Targets, seed: int) -> Setting:
        config = self.config
        trees_a_round = targets.width if targets.kind == "multilabel" or targets.width > 2 else 1
        rounds = max(1, min(config.rounds, config.most_trees // trees_a_round))
        return Setting(config.leaves, rounds, config.learning_rate, config.least_rows, config.l2, 1, seed)

    def _model(
        self, features: Floats, targets: Targets, weights: Floats, setting: Setting
    ) -> tuple[Directions, BoostedTrees]:
        turned = leading_directions(features, weights, self.config.directions, self.config.least_spread)
        return turned, train_boosting(turned.of(features), targets, weights, setting)

    def _chosen(
        self,
        features: Floats,
        targets: Targets,
        fold_of_row: Ints,
        training: Floats,
        setting: Setting,
        out_of_fold: Floats,
    ) -> tuple[Setting, list[dict[str, Any]]]:
        """The rounds of smallest held-out loss; ``out_of_fold`` is filled with the outputs after so many."""
        every = -(-setting.rounds // STAGES)
        weights = training[0]
        outputs: dict[int, Floats] = {}
        for number, part in enumerate(training[1:]):
            held_out = fold_of_row == number
            turned, model = self._model(features, targets, part, setting)
            for count, found in model.stages(turned.of(features[held_out]), every, setting.rounds):
                outputs.setdefault(count, out_of_fold.copy())[held_out] = found
        known = fold_of_row >= 0
        losses = {
            count: float(np.average(row_losses(targets.take(known), found[known]), weights=weights[known]))
            for count, found in outputs.items()
        }
        best = min(losses, key=lambda count: (losses[count], count))
        out_of_fold[:] = outputs[best]
        return replace(setting, rounds=best), [{"rounds": count, "loss": loss} for count, loss in losses.items()]


PLUGIN = Plugin(
    build=BoostedDirections,
    title="Boosted trees on the features",
    config=BoostedDirectionsConfig,
    kind="solve",
    paper="doi:10.1214/aos/1013203451",
    targets=ALL_KINDS,
    extra="tables",
)
