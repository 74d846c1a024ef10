"""Which map, if any, held-out rows are enough for: the simplest one that is not clearly worse on rows it did not see.

The rule of one standard error (Breiman and others, Classification and Regression Trees, 1984, ch. 3.4.3),
with the error of the paired difference to the best, as the same rows are judged by all. To change nothing is the
simplest map.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

import numpy as np
from numpy.typing import NDArray

from headstart.core import plugins
from headstart.core.errors import ShapeError
from headstart.core.learning import TargetKind, Targets
from headstart.evaluation.calibrators.contract import Arrays, Calibrator, checked, log_losses
from headstart.evaluation.parting import numbered, parted, strata_of

Floats = NDArray[np.float64]
ROOM = "evaluation.calibrators"
NONE = "none"
FOLDS = 5
FEWEST_ROWS = 30  # below, the loss of one row decides between the maps
MOST_OUTPUTS = 200_000  # that a map is learned from: 20,000 rows of 10 classes are more than any of them needs


@dataclass(frozen=True)
class Chosen:
    """What was chosen, and what follows from it.

    Attributes:
        name: "none", or the name of a calibrator.
        arrays: What the map needs, learned on all rows; empty for "none".
        outputs: ``(N, W)`` float64 logits of the rows themselves, each calibrated by a map of this sort that did not
            see it. What is chosen from here on (thresholds, sets) is chosen on these.
        losses: Mean log-loss of these rows by name, of every candidate tried.
        behind: By how much each candidate's mean loss is above the smallest one, in nats, and its standard error.
        left_out: Why the others were not tried, a clause each, by name.
        why: Why this one, a clause.
    """

    name: str
    arrays: Mapping[str, NDArray[Any]]
    outputs: Floats
    losses: Mapping[str, float] = field(default_factory=dict)
    behind: Mapping[str, tuple[float, float]] = field(default_factory=dict)
    left_out: Mapping[str, str] = field(default_factory=dict)
    why: str = ""


def choose_calibrator(
    targets: Targets,
    outputs: NDArray[Any],
    weights: NDArray[Any] | None,
    groups: NDArray[Any] | None,
    rng: np.random.Generator,
) -> Chosen:
    """Cross-fit every calibrator of the room, choose one, and learn it on all rows.

    Args:
        targets: Of N rows which the model did not see: classes, grades or label sets.
        outputs: ``(N, W)`` logits as ``core.learning.SolveMethod`` gives them; finite.
        weights: ``(N,)``, 0 or more; None counts every row once.
        groups: ``(N,)`` rows with equal values are calibrated together, by a map that saw none of them; fold numbers
            may stand here, too. None, also in an object array, is a row alone.
        rng: Decides the folds where the groups leave a choice.

    Returns:
        "none" with a reason where the rows are fewer than :data:`FEWEST_ROWS`, all in one group, or all of one class.

    Raises:
        ShapeError: shapes do not fit together, or a number is not finite.
        ConfigError: the targets are numbers.
    """
    z, shares = checked(targets, outputs, weights)
    if groups is not None and np.asarray(groups).shape != (len(z),):
        raise ShapeError(
            f"groups must be ({len(z)},), one for each row; got {np.asarray(groups).shape}. Take the same rows of both."
        )
    if too_few := _too_few(targets, shares):
        return Chosen(NONE, {}, z, why=too_few)
    folds = parted(strata_of(targets), groups, FOLDS, rng)
    if len(np.unique(folds[shares > 0])) < 2:
        return Chosen(NONE, {}, z, why="all rows are in one group")
    candidates, left_out = _candidates(targets)
    learned_from = _some(len(z), targets.width, rng)
    crossed = {name: _crossed(each, targets, z, shares, folds, learned_from) for name, each in candidates.items()}
    crossed = {NONE: z, **crossed}
    losses = {name: log_losses(targets, each) for name, each in crossed.items()}
    units = np.arange(len(z)) if groups is None else numbered(groups)
    name, behind = simplest(losses, shares, units)
    arrays = {}
    if name != NONE:
        arrays = candidates[name].fit(targets.take(learned_from), z[learned_from], shares[learned_from])
    means = {each: float(loss @ shares) for each, loss in losses.items()}
    return Chosen(name, arrays, crossed[name], means, behind, left_out, _reason(name, means, behind))


def calibrated(name: str, arrays: Arrays, outputs: NDArray[Any], kind: TargetKind) -> Floats:
    """Outputs ``(N, W)`` through the map that was chosen; "none" gives them back as float64."""
    if name == NONE:
        return np.asarray(outputs, dtype=np.float64)
    return _built(name).apply(arrays, outputs, kind)


def simplest(losses: Mapping[str, Floats], shares: Floats, units: NDArray[Any]) -> tuple[str, dict[str, Any]]:
    """The first name whose mean loss is at most one standard error above the smallest, and how far each one is.

    Args:
        losses: ``(N,)`` by name, the simplest first.
        shares: ``(N,)`` weights that sum to 1.
        units: ``(N,)`` whole numbers from 0; rows with the same one err together.
    """
    best = min(losses, key=lambda name: float(losses[name] @ shares))
    behind = {name: _difference(loss - losses[best], shares, units) for name, loss in losses.items()}
    return next(name for name, (mean, error) in behind.items() if mean <= error), behind


def _difference(differences: Floats, shares: Floats, units: NDArray[Any]) -> tuple[float, float]:
    """Weighted mean and its standard error, from the sums over units."""
    mean = float(differences @ shares)
    sums = np.bincount(units, weights=shares * (differences - mean))
    count = len(np.unique(units))
    error = float(np.sqrt((sums**2).sum() * count / (count - 1))) if count > 1 else float("inf")
    return mean, error


def _crossed(
    calibrator: Calibrator,
    targets: Targets,
    z: Floats,
    shares: Floats,
    folds: NDArray[np.int64],
    learned_from: NDArray[np.bool_],
) -> Floats:
    found = np.empty_like(z)
    for fold in range(int(folds.max()) + 1):
        held, rest = folds == fold, (folds != fold) & (shares > 0) & learned_from
        arrays = calibrator.fit(targets.take(rest), z[rest], shares[rest])
        found[held] = calibrator.apply(arrays, z[held], targets.kind)
    return found


def _some(n: int, width: int, rng: np.random.Generator) -> NDArray[np.bool_]:
    """``(N,)`` which rows maps are learned from: all, or as many as :data:`MOST_OUTPUTS` allow."""
    chosen = np.ones(n, bool)
    if n * width > MOST_OUTPUTS:
        chosen[rng.permutation(n)[max(MOST_OUTPUTS // width, FEWEST_ROWS) :]] = False
    return chosen


def _candidates(targets: Targets) -> tuple[dict[str, Calibrator], dict[str, str]]:
    """Those that take these targets, the simplest first, and why the others do not."""
    built = {name: _built(name) for name in plugins.names(ROOM) if targets.kind in plugins.load(ROOM, name).targets}
    left_out = {name: why for name, each in built.items() if (why := each.why_not(targets))}
    kept = sorted(built.keys() - left_out.keys(), key=lambda name: (built[name].numbers_learned(targets.width), name))
    return {name: built[name] for name in kept}, left_out


def _built(name: str) -> Calibrator:
    plugin = plugins.load(ROOM, name)
    calibrator: Calibrator = plugin.build(plugin.config())
    return calibrator


def _too_few(targets: Targets, shares: Floats) -> str:
    """Why nothing can be learned from these rows, a clause; "" where it can."""
    n = int(np.count_nonzero(shares))
    if n < FEWEST_ROWS:
        return f"{n} held-out rows are too few to calibrate on; {FEWEST_ROWS} are needed"
    if targets.kind != "multilabel" and len(np.unique(np.asarray(targets.values)[shares > 0])) < 2:
        return "all held-out rows are of one class"
    return ""


def _reason(name: str, means: Mapping[str, float], behind: Mapping[str, tuple[float, float]]) -> str:
    best = min(means, key=lambda each: means[each])
    if name == best:
        return "its log-loss on rows it did not see is the smallest"
    mean, error = behind[name]
    return f"{best} has a log-loss smaller by {mean:.4f}, within a standard error ({error:.4f}), and {name} is simpler"
