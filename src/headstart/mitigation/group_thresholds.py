r"""Thresholds by group: a binary model's decisions move, so that groups are treated alike by a criterion of choice.

Hardt, Price & Srebro, NeurIPS 2016, arXiv:1610.02413. On held-out outputs the most accurate thresholds are taken whose
gap is within a tolerance: of selection rates (demographic parity), of true positive rates (equal opportunity), or of
both true and false positive rates (equalised odds). The group must be known at prediction.

One threshold for each group is enough for the first two: from 400 rows to 20,000 new ones, ten draws, accuracy is
0.797 and 0.815 with gaps of 0.040 and 0.057, where fairlearn's ``ThresholdOptimizer`` has 0.789 and 0.812 with 0.039
and 0.048. Equalised odds can be out of reach so: where one group is easier to tell, its single thresholds all do better
than the other's, and accuracy falls to 0.696 (gap 0.076). Hardt et al., and fairlearn after them, draw lots between
thresholds: 0.769 (0.065). ``lots`` does so here, 0.778 (0.089), and the lot of a row is a function of its features, so
that asking twice gives one answer. Without it two people alike in features and group get the same answer, and it can
be explained; so it is off unless asked for.

Probabilities change by a shift of the logit only, so they are no longer calibrated; decisions are what this is for.
"""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
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
from headstart.mitigation.thresholds import Criterion, Mixture, best_mixtures, best_thresholds, gap_of, usable_groups

FORM = "group_thresholds"


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
    lots: bool = Field(False, description="Whether a group may have several thresholds, between which lots decide.")
    least: int = Field(
        20, ge=1, description="Examples of each rate that a group needs: what few show would decide for everybody."
    )
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
        drawn = lots(given.features)
        mixtures, reached = self._chosen(given, margin, drawn, known, count)
        outputs = plain.out_of_fold.copy()
        for fold in np.unique(given.folds[given.folds >= 0]):
            rows = given.folds == fold
            others, _ = self._chosen(given, margin, drawn, known & ~rows, count)
            outputs[rows] = shifted(outputs[rows], given.groups[rows], others, drawn[rows])
        written = [[list(pair) for pair in mixture] for mixture in mixtures]
        spec = {"method": FORM, "form": FORM, "thresholds": written, "base": dict(plain.fitted.spec)}
        told: dict[str, Any] = {"name": FORM, **self.config.model_dump(), "thresholds": written, **reached}
        report = {**plain.report, "mitigation": told}
        return replace(plain, fitted=Fitted(plain.fitted.arrays, spec), out_of_fold=outputs, report=report)

    def _chosen(
        self, given: Grouped, margin: Floats, drawn: Floats, known: NDArray[np.bool_], count: int
    ) -> tuple[list[Mixture], dict[str, Any]]:
        """A mixture for each group, and what they do on the rows that they were chosen on."""
        config = self.config
        rows = known & (given.groups >= 0)
        every = given.targets.values[rows] == 1, given.groups[rows]
        rows &= np.isin(given.groups, usable_groups(config.criterion, *every, count, config.least))
        truth, groups = given.targets.values[rows] == 1, given.groups[rows]
        before = gap_of(config.criterion, truth, margin[rows] > 0, groups)
        if config.strength == 0 or before is None:
            return [((0.0, 1.0),)] * count, {"gap_before": before, "gap_after": before}
        allowed = max(config.tolerance, (1 - config.strength) * before)
        arguments = config.criterion, truth, margin[rows], groups, count, allowed, config.points
        if config.lots:
            mixtures = best_mixtures(*arguments)
        else:
            mixtures = [((float(threshold), 1.0),) for threshold in best_thresholds(*arguments)]
        after = gap_of(config.criterion, truth, margin[rows] > thresholds_of(groups, mixtures, drawn[rows]), groups)
        return mixtures, {"gap_before": before, "gap_after": after}


def lots(features: Floats) -> Floats:
    """``(N,)`` a number from 0 to 1 for each row of ``(N, D)`` features, always the same for the same row."""
    rows = np.ascontiguousarray(features, dtype=np.float32)
    return np.array([int.from_bytes(hashlib.sha256(row.tobytes()).digest()[:8], "big") / 2**64 for row in rows])


def thresholds_of(groups: Ints, mixtures: Sequence[Mixture], drawn: Floats) -> Floats:
    """``(N,)`` the threshold of each row's group, 0 where it is unknown; ``drawn`` ``(N,)`` decides between several.

    Raises:
        DataError: a group number that training did not have.
    """
    if groups.max(initial=UNKNOWN) >= len(mixtures) or groups.min(initial=0) < UNKNOWN:
        raise DataError(f"group numbers must lie in 0..{len(mixtures) - 1}, or be {UNKNOWN} (unknown); got others.")
    found = np.zeros(len(groups))
    for group, mixture in enumerate(mixtures):
        rows = groups == group
        values, shares = np.array(mixture).T
        place = np.minimum(np.searchsorted(np.cumsum(shares), drawn[rows], side="right"), len(values) - 1)
        found[rows] = values[place]
    return found


def shifted(outputs: Floats, groups: Ints, mixtures: Sequence[Mixture], drawn: Floats) -> Floats:
    """``(N, 2)`` outputs whose larger one is what the thresholds decide.

    Args:
        outputs: ``(N, 2)``.
        groups: ``(N,)`` group numbers as in training, or UNKNOWN.
        mixtures: Of each group.
        drawn: ``(N,)`` see :func:`lots`.

    Raises:
        DataError: a group number that training did not have.
    """
    moved = np.array(outputs, dtype=np.float64)
    moved[:, 1] -= thresholds_of(groups, mixtures, drawn)
    return moved


def predict(fitted: Fitted, features: Floats, groups: Ints, method: SolveMethod) -> Floats:
    """``(N, 2)`` outputs for features ``(N, D)`` of examples whose groups ``(N,)`` are known, or UNKNOWN.

    Args:
        fitted: What :class:`GroupThresholds` solved.
        features: As in training.
        groups: Numbered as in training.
        method: What the plain model was solved with.
    """
    plain = method.predict(Fitted(fitted.arrays, fitted.spec["base"]), features)
    mixtures = [tuple((float(t), float(share)) for t, share in mixture) for mixture in fitted.spec["thresholds"]]
    return shifted(plain, groups, mixtures, lots(features))


PLUGIN = Plugin(
    build=GroupThresholds,
    config=GroupThresholdsConfig,
    paper="arXiv:1610.02413",
    needs=frozenset({"group"}),
    targets=frozenset({"class"}),
    title="Thresholds by group",
)
