"""Every candidate solved on the same rows and folds, and asked about the test inputs."""

from __future__ import annotations

import warnings
from collections.abc import Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from headstart.core import plugins
from headstart.core.learning import Floats, Solution, Targets, Task
from headstart.core.pairs import Matrix
from headstart.core.resources import one_blas_thread
from headstart.core.seeding import generator
from headstart.evidence.contender import Contender
from headstart.features.sources import joined
from headstart.methods.blend import Blend, mixed
from headstart.solving.candidates import Candidate, default_method

if TYPE_CHECKING:
    from headstart.data.dataset import Dataset, LabeledDataset
    from headstart.engine.activations.store import Store
    from headstart.features.compute import Features, Twin

FOLDS = 5


@dataclass(frozen=True)
class Learning:
    """What every candidate is given: rows of the training part, and the test inputs without their targets.

    Attributes:
        train, test: The two parts.
        task: Configured from the training targets.
        targets: Of the training part.
        strata: ``(N,)`` of the training part: what folds balance.
        folds: ``(N,)`` fold numbers.
        weights: ``(N,)`` or None.
        store: Where features are read from.
        features: Their addresses.
        seed: Of the run.
    """

    train: LabeledDataset
    test: Dataset
    task: Task
    targets: Targets
    strata: NDArray[np.int64]
    folds: NDArray[np.int64]
    weights: Floats | None
    store: Store
    features: Features
    seed: int


def solve_all(learning: Learning, candidates: list[Candidate]) -> list[Contender]:
    """A contender for each candidate, in order, and the twin with random weights after those with pretrained ones."""
    contenders = _solved(learning, candidates)
    for modality, lane in learning.features.lanes.items():
        if lane.twin is not None:
            place = sum(contender.is_transfer for contender in contenders)
            contenders.insert(place, _random_weights(learning, lane.twin, candidates[0], modality))
    return contenders


def _solved(learning: Learning, candidates: list[Candidate]) -> list[Contender]:
    """In order. Those that another library trains, outside Python's lock, are solved beside the others.

    Threads and warnings are settings of the whole process: they are set here for both sides, and each candidate draws
    from a generator of its own, so that the results are those of solving one after another.
    """
    alone = [candidate for candidate in candidates if candidate.blends is None]
    beside = [candidate for candidate in alone if plugins.load("methods", candidate.method_name).extra]
    features = _LastRead(learning)
    with one_blas_thread(), warnings.catch_warnings(), ThreadPoolExecutor(1, thread_name_prefix="solve") as pool:
        warnings.simplefilter("ignore")
        later = {id(each): pool.submit(_solve_alone, learning, each) for each in beside}
        now = {id(each): _solve(learning, each, *features.of(each)) for each in alone if id(each) not in later}
        solved = {id(each): now[id(each)] if id(each) in now else later[id(each)].result() for each in alone}
    named = {each.name: solved[id(each)] for each in alone}
    return [solved[id(each)] if id(each) in solved else _blended(learning, each, named) for each in candidates]


def blended_anew(
    learning: Learning, candidates: Sequence[Candidate], contenders: Sequence[Contender]
) -> list[Contender]:
    """The contenders, with those that are blends put together again, since a part of theirs may be another one now."""
    found, blends = {each.name: each for each in contenders}, {each.name: each for each in candidates if each.blends}
    return [_blended(learning, blends[each.name], found) if each.name in blends else each for each in contenders]


def _blended(learning: Learning, candidate: Candidate, found: Mapping[str, Contender]) -> Contender:
    """A blend of two that are solved: neither is solved again, nor asked about the test inputs."""
    assert isinstance(candidate.method, Blend) and candidate.blends  # noqa: S101 - as candidates are made
    linear, trees = (found[name] for name in candidate.blends)
    solution = candidate.method.join(
        linear.solution, trees.solution, learning.targets, learning.folds, learning.weights
    )
    weight = float(solution.fitted.spec["weight"])
    return _contender(learning, candidate, solution, mixed(weight, linear.test_outputs, trees.test_outputs))


def solve_one(learning: Learning, candidate: Candidate) -> Contender:
    """One candidate as :func:`solve_all` would."""
    with one_blas_thread():
        return _solve_alone(learning, candidate)


def _solve_alone(learning: Learning, candidate: Candidate) -> Contender:
    return _solve(learning, candidate, *_both(learning, candidate))


def _both(learning: Learning, candidate: Candidate) -> tuple[Matrix, Matrix]:
    """Features of the training part and of the test inputs."""
    return joined(candidate.sources, learning.train), joined(candidate.sources, learning.test)


class _LastRead:
    """Features of the last candidate's sources: neighbours in the list often share them."""

    def __init__(self, learning: Learning) -> None:
        self.learning = learning
        self._sources: object = None
        self._found: tuple[Matrix, Matrix] = (None, None)

    def of(self, candidate: Candidate) -> tuple[Matrix, Matrix]:
        """Of the training part and of the test inputs."""
        if self._sources != candidate.sources:
            self._found = (None, None)  # let go of the others first
            self._found = _both(self.learning, candidate)
            self._sources = candidate.sources
        return self._found


def _solve(learning: Learning, candidate: Candidate, train: Matrix, test: Matrix) -> Contender:
    solution = candidate.method.fit(
        train, learning.targets, learning.folds, generator(learning.seed, candidate.name), learning.weights
    )
    return _contender(learning, candidate, solution, candidate.method.predict(solution.fitted, test))


def _contender(learning: Learning, candidate: Candidate, solution: Solution, test_outputs: Floats) -> Contender:
    return Contender(
        name=candidate.name,
        candidate=candidate.title,
        kind=candidate.kind,
        what=candidate.what,
        can_ship=candidate.can_ship,
        n_train=len(learning.targets),
        solution=solution,
        test_rows=np.arange(len(test_outputs)),
        test_outputs=test_outputs,
        task=learning.task.settle(learning.targets, solution.out_of_fold),
    )


def _random_weights(learning: Learning, twin: Twin, preferred: Candidate, modality: str) -> Contender:
    """The same network with random weights, on the examples whose features are kept."""
    from headstart.data.modalities import modality as modality_named
    from headstart.features.compute import TWIN_TRAIN, kept_rows

    train_rows = kept_rows(twin, learning.train.keys, learning.strata, TWIN_TRAIN)
    test_rows = kept_rows(twin, learning.test.keys)
    method = default_method("linear_probe")
    targets = learning.targets.take(train_rows)
    solution = method.fit(
        learning.store.read(twin.space, learning.train.keys[train_rows]),
        targets,
        _compact(learning.folds[train_rows]),
        generator(learning.seed, "random_weights"),
        None if learning.weights is None else learning.weights[train_rows],
    )
    features = learning.store.read(twin.space, learning.test.keys[test_rows])
    plural = modality_named(modality).plural
    return Contender(
        name="random_weights",
        candidate=f"{preferred.sources[0].name} with random weights + linear_probe",
        kind="ablation",
        what=f"The same network without its pretraining, learning from {len(train_rows)} {plural}.",
        can_ship=False,
        n_train=len(train_rows),
        solution=solution,
        test_rows=test_rows,
        test_outputs=method.predict(solution.fitted, features),
        task=learning.task.settle(targets, solution.out_of_fold),
        train_rows=train_rows,
    )


def _compact(folds: NDArray[np.int64]) -> NDArray[np.int64]:
    """Fold numbers of a subset without gaps, since a fold may have lost all its rows."""
    used = np.unique(folds[folds >= 0])
    return np.where(folds >= 0, np.searchsorted(used, folds), folds)
