r"""Thresholds by group: a binary model's decisions move, so that groups are treated alike by a criterion of choice.

Hardt, Price & Srebro, NeurIPS 2016, arXiv:1610.02413. On held-out outputs the most accurate thresholds are taken, one
for each group, whose gap is within a tolerance: of selection rates (demographic parity), of true positive rates (equal
opportunity), or of both true and false positive rates (equalised odds). The group must be known at prediction.

Hardt et al., and fairlearn's ``ThresholdOptimizer`` after them, reach every point under a group's ROC curve by choosing
between two thresholds at random. These here do not: two people with the same features and the same group get the same
answer, and the answer can be explained. What that costs is a tolerance: equality may be out of reach on the curves
themselves, and then the smallest gap that is within reach is taken and said. Nor are probabilities changed but by a
shift of the group's logit, so they are no longer calibrated; decisions are what this is for.
"""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import numpy as np
from numpy.typing import NDArray
from pydantic import Field

from headstart.core.config import Config
from headstart.core.errors import DataError
from headstart.core.learning import Fitted, Floats, Ints, Solution, SolveMethod
from headstart.core.plugins import Plugin
from headstart.methods.inputs import check_inputs
from headstart.mitigation.grouped import UNKNOWN, Grouped
from headstart.mitigation.thresholds import Criterion, best_thresholds, gap_of

FORM = "group_shifts"


class GroupThresholdsConfig(Config):
    """Defaults are ours."""

    criterion: Criterion = Field("equalized_odds", description="What groups are to share.")
    strength: float = Field(
        1.0,
        ge=0,
        le=1,
        description="Share of the gap that is to go: 0 leaves all thresholds alone, 1 leaves tolerance.",
    )
    tolerance: float = Field(0.02, ge=0, le=1, description="Gap that is as good as none, a fraction.")
    points: int = Field(100, ge=2, description="Thresholds tried of each group, at quantiles of its outputs.")


class GroupThresholds:
    """The plain model, whose logit is shifted by group."""

    def __init__(self, config: GroupThresholdsConfig) -> None:
        self.config = config

    def fit(self, given: Grouped, method: SolveMethod, rng: np.random.Generator) -> Solution:
        """See ``grouped.Mitigation``; out-of-fold outputs have thresholds that were chosen on the other folds."""
        own = check_inputs(given.features, given.targets, given.folds, given.weights, kinds=frozenset({"class"}))
        if given.targets.width != 2:
            raise DataError(
                f"thresholds by group decide between two classes; got {given.targets.width}. Use another mitigation."
            )
        plain = method.fit(given.features, given.targets, given.folds, rng, given.weights)
        count = int(given.groups.max()) + 1
        margin = plain.out_of_fold[:, 1] - plain.out_of_fold[:, 0]
        known = np.isfinite(margin) & (own > 0)
        shifts, reached = self._chosen(given, margin, known, count)
        outputs = plain.out_of_fold.copy()
        for fold in np.unique(given.folds[given.folds >= 0]):
            rows = given.folds == fold
            others, _ = self._chosen(given, margin, known & ~rows, count)
            outputs[rows] = shifted(outputs[rows], given.groups[rows], others)
        spec = {"method": "group_thresholds", "form": FORM, "shifts": shifts.tolist(), "base": dict(plain.fitted.spec)}
        told: dict[str, Any] = {
            "name": "group_thresholds",
            **self.config.model_dump(),
            "shifts": shifts.tolist(),
            **reached,
        }
        report = {**plain.report, "mitigation": told}
        return replace(plain, fitted=Fitted(plain.fitted.arrays, spec), out_of_fold=outputs, report=report)

    def _chosen(
        self, given: Grouped, margin: Floats, known: NDArray[np.bool_], count: int
    ) -> tuple[Floats, dict[str, Any]]:
        """Shifts ``(G,)``, and what they do on the rows that they were chosen on."""
        config = self.config
        rows = known & (given.groups >= 0)
        truth, groups = given.targets.values[rows] == 1, given.groups[rows]
        plain = np.zeros(count)
        before = gap_of(config.criterion, truth, margin[rows] > 0, groups)
        if config.strength == 0 or before is None:
            return plain, {"gap_before": before, "gap_after": before}
        allowed = max(config.tolerance, (1 - config.strength) * before) if config.strength < 1 else config.tolerance
        thresholds = best_thresholds(config.criterion, truth, margin[rows], groups, count, allowed, config.points)
        after = gap_of(config.criterion, truth, margin[rows] > thresholds[groups], groups)
        return -thresholds, {"gap_before": before, "gap_after": after}


def shifted(outputs: Floats, groups: Ints, shifts: Floats) -> Floats:
    """``(N, 2)`` outputs with the logit of class 1 moved by its group's shift; unknown groups are left alone.

    Args:
        outputs: ``(N, 2)``.
        groups: ``(N,)`` group numbers as in training, or UNKNOWN.
        shifts: ``(G,)``.

    Raises:
        DataError: a group number that training did not have.
    """
    if groups.max(initial=UNKNOWN) >= len(shifts) or groups.min(initial=0) < UNKNOWN:
        raise DataError(f"group numbers must lie in 0..{len(shifts) - 1}, or be {UNKNOWN} (unknown); got others.")
    moved = np.array(outputs, dtype=np.float64)
    moved[:, 1] += np.where(groups >= 0, shifts[groups], 0.0)
    return moved


def predict(fitted: Fitted, features: Floats, groups: Ints, method: SolveMethod) -> Floats:
    """``(N, 2)`` outputs for features ``(N, D)`` of examples whose groups ``(N,)`` are known, or UNKNOWN.

    Args:
        fitted: What :class:`GroupThresholds` solved.
        features: As in training.
        groups: Numbered as in training.
        method: What the plain model was solved with.
    """
    plain = Fitted(fitted.arrays, fitted.spec["base"])
    return shifted(method.predict(plain, features), groups, np.asarray(fitted.spec["shifts"], dtype=np.float64))


PLUGIN = Plugin(
    build=GroupThresholds,
    config=GroupThresholdsConfig,
    paper="arXiv:1610.02413",
    needs=frozenset({"group"}),
    targets=frozenset({"class"}),
    title="Thresholds by group",
)
