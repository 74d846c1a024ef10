"""Heads that a few labelled rows of the target teach, and what those rows say of them while they do not teach.

- ``joint_training``: source rows and labelled target rows together; how much a target row weighs is chosen.
- ``biased_regularisation``: the model's own head, moved as the labelled rows ask and held where it was by a ridge
  towards it (Evgeniou & Pontil, KDD 2004; L2-SP of a linear head); how firmly is chosen.

No label both teaches and checks a head: the labelled rows are cut into folds without a look at their labels, each fold
is answered by a head that the others taught (weight and firmness chosen within those), and won and lost rows are
counted on these answers. They are of heads with four fifths of the labels, so the head that ships is rather better.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from functools import partial
from typing import Any

import numpy as np
from numpy.typing import NDArray
from scipy.special import log_softmax

from headstart.adaptation.choosing import Choice, Labels
from headstart.adaptation.contract import Solver
from headstart.adaptation.domains import Domains
from headstart.adaptation.geometry import doubles, spreads
from headstart.adaptation.guard import Gain, seen_by_folds, with_labels
from headstart.adaptation.trying import Tried
from headstart.core.learning import Fitted, Floats, Ints, Targets
from headstart.core.seeding import generator

JOINT, BIASED = "joint_training", "biased_regularisation"
TITLES = {JOINT: "Taught with the run's examples", BIASED: "The head, taught and held"}
FEWEST = 20  # labelled rows
FOLDS, INNER = 5, 2
WEIGHTS = (1.0, 5.0, 25.0)  # source rows that a labelled target row counts for
FIRMNESS = (1e-4, 1e-3, 1e-2, 1e-1, 1.0)  # of the ridge, per row
Way = tuple[NDArray[np.bool_], float]  # (n,) which of the labelled rows teach, and the strength
Teach = Callable[[Ints, Ints, Sequence[Way]], list[Fitted]]


@dataclass(frozen=True)
class Taught:
    """One head.

    Attributes:
        fitted: Taught by all labelled rows.
        tried: As the heads that no label taught.
        gain: What labels say of it, each of them while it did not teach.
        cross: ``(n, K)`` outputs of the labelled rows by heads that they did not teach, not calibrated.
        targets: Of these n rows.
    """

    fitted: Fitted
    tried: Tried
    gain: Gain
    cross: Floats
    targets: Targets


def taught(
    domains: Domains, solver: Solver, labels: Labels, seed: int, *, linear: bool, names: Sequence[str] = (JOINT, BIASED)
) -> tuple[list[Taught], dict[str, str]]:
    """Every head that these labels can teach, and why not the others, a clause each."""
    found: list[Taught] = []
    left_out: dict[str, str] = {}
    for name in names:
        if len(labels.rows) < FEWEST:
            left_out[name] = f"it needs {FEWEST} labelled examples of the new domain, and there are {len(labels.rows)}"
        elif len(np.unique(labels.truth)) < 2:
            left_out[name] = "it needs labelled examples of at least two classes, and all are of one"
        elif name == JOINT and (domains.source is None or not domains.is_dense):
            left_out[name] = "it needs the data that the run learned from, as features without missing values"
        elif name == BIASED and not (linear and domains.is_dense):
            left_out[name] = "it needs a linear head and features without missing values"
        else:
            found.append(_one(name, domains, solver, labels, seed))
    return found, left_out


def with_taught(choice: Choice, heads: Sequence[Taught], margin: float) -> Choice:
    """The choice, or a taught head that promises more; one whose interval reaches below 0 only where named."""
    gains = {**choice.gains, **{each.tried.name: each.gain.to_dict() for each in heads}}
    by_name = {each.tried.name: each.gain for each in heads}
    if choice.name in by_name:
        return Choice(choice.name, f"{choice.name} was asked for{_said(by_name[choice.name])}.", gains)
    sure = {name: gain for name, gain in by_name.items() if gain.low > 0}
    held_by = choice.gains.get(choice.name or "")
    floor = 0.0 if held_by is None else held_by["value"] - margin * (held_by["value"] - held_by["low"])
    was_asked = choice.name is not None and held_by is None or "was asked for" in choice.why
    best = max(sure, key=lambda name: sure[name].after(margin), default=None)
    if best is None or was_asked or sure[best].after(margin) <= floor:
        return replace(choice, gains=gains)
    why = f"{best} promises most{_said(sure[best])}. Each label was answered by a head that it did not teach."
    return Choice(best, why, gains)


def _said(gain: Gain) -> str:
    return f", with a gain of {gain.value:+.1f} points ({gain.low:+.1f} to {gain.high:+.1f}) by labels"


def _one(name: str, domains: Domains, solver: Solver, labels: Labels, seed: int) -> Taught:
    began, rng = time.perf_counter(), generator(seed, "taught", name)
    teach = partial(_joint if name == JOINT else _biased, domains, solver)
    grid = WEIGHTS if name == JOINT else FIRMNESS
    rows, truth = np.asarray(labels.rows), np.asarray(labels.truth, np.int64)
    target, folds = domains.target.features, rng.permutation(len(rows)) % FOLDS
    cross: Floats = np.zeros((len(rows), domains.classes))
    answers = []
    for fold in range(FOLDS):
        out = folds == fold
        fitted, _ = _chosen(teach, solver, target, rows[~out], truth[~out], grid, rng)
        cross[out] = solver.outputs(fitted, target[rows[out]])
        answers.append(solver.outputs(fitted, target).argmax(axis=1))
    fitted, strength = _chosen(teach, solver, target, rows, truth, grid, rng)
    seen = seen_by_folds(domains.start.argmax(axis=1), np.array(answers, np.int64), cross.argmax(axis=1), rows, truth)
    d = seen.gain.changed
    gain = with_labels(Gain(0.0, -d, d, d), seen)  # before labels: as likely to lose as to gain
    report = {"labels": len(rows), "won": seen.won, "lost": seen.lost, "chosen": strength}
    predict = partial(solver.outputs, fitted)
    tried = Tried(name, predict(target), {}, time.perf_counter() - began, predict, report)
    return Taught(fitted, tried, gain, cross, Targets(truth, domains.held_out_targets.kind, domains.classes))


def _chosen(
    teach: Teach, solver: Solver, target: Any, rows: Ints, truth: Ints, grid: Sequence[float], rng: np.random.Generator
) -> tuple[Fitted, float]:
    """With the strength whose log-loss is least on folds of these rows alone."""
    folds = rng.permutation(len(rows)) % INNER
    ways = [(folds != fold, strength) for strength in grid for fold in range(INNER)]
    losses = dict.fromkeys(grid, 0.0)
    for (learned, strength), fitted in zip(ways, teach(rows, truth, ways), strict=True):
        said = log_softmax(solver.outputs(fitted, target[rows[~learned]]), axis=1)
        losses[strength] -= said[np.arange(len(said)), truth[~learned]].sum()
    best = min(losses, key=lambda strength: losses[strength])
    (fitted,) = teach(rows, truth, [(np.ones(len(rows), bool), best)])
    return fitted, best


def _joint(domains: Domains, solver: Solver, rows: Ints, truth: Ints, ways: Sequence[Way]) -> list[Fitted]:
    """The strength is what a target row weighs; weights have a mean of 1 over the rows that teach."""
    source = domains.source
    assert source is not None  # noqa: S101 - left out where there is none
    values = np.concatenate([source.targets.values, truth])
    features = np.concatenate([source.features, domains.target.features[rows]])
    weightings = np.array([np.concatenate([np.ones(len(source)), weight * learned]) for learned, weight in ways])
    weightings /= weightings.sum(axis=1, keepdims=True) / (weightings > 0).sum(axis=1, keepdims=True)
    return solver.fit_each(features, Targets(values, source.targets.kind, domains.classes), weightings)


def _biased(domains: Domains, solver: Solver, rows: Ints, truth: Ints, ways: Sequence[Way]) -> list[Fitted]:
    return [_held(domains, solver, rows[learned], truth[learned], firmness) for learned, firmness in ways]


def _held(domains: Domains, solver: Solver, rows: Ints, truth: Ints, firmness: float) -> Fitted:
    """Moved in the span of the labelled rows, in which the optimum lies."""
    head, every = domains.head, doubles(domains.target.features)
    mean, scale = every.mean(axis=0), spreads(every) * np.sqrt(every.shape[1])
    inputs = np.hstack([(every[rows] - mean) / scale, np.ones((len(rows), 1))])  # (n, D + 1)
    left, size, right = np.linalg.svd(inputs, full_matrices=False)
    steps = right.T @ moved(left * size, np.asarray(solver.outputs(head, every[rows])), truth, firmness)  # (D + 1, K)
    change = steps[:-1].T / scale
    arrays = {
        "weight": (head.arrays["weight"] + change).astype(np.float32),
        "bias": (head.arrays["bias"] + steps[-1] - change @ mean).astype(np.float32),
    }
    return Fitted(arrays, dict(head.spec))


def moved(inputs: NDArray[np.float64], offset: Floats, truth: Ints, firmness: float) -> NDArray[np.float64]:
    """``(r, K)`` steps P: least mean log-loss of ``offset + inputs @ P`` ``(n, K)`` plus half ``firmness`` of |P|²."""
    from scipy.optimize import minimize

    shape, n = (inputs.shape[1], offset.shape[1]), len(truth)
    given = np.asarray(offset, np.float64)

    def cost(flat: NDArray[np.float64]) -> tuple[float, NDArray[np.float64]]:
        steps = flat.reshape(shape)
        said = log_softmax(given + inputs @ steps, axis=1)
        off = np.exp(said)
        off[np.arange(n), truth] -= 1
        value = -said[np.arange(n), truth].mean() + firmness / 2 * (flat**2).sum()
        return float(value), (inputs.T @ off / n + firmness * steps).ravel()

    found = minimize(cost, np.zeros(shape[0] * shape[1]), jac=True, method="L-BFGS-B", options={"maxiter": 200})
    return np.asarray(found.x).reshape(shape)
