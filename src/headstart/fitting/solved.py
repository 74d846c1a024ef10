"""Features computed, the data parted, and every candidate that needs no training solved on the same folds."""

from __future__ import annotations

import logging
from typing import TYPE_CHECKING

import numpy as np

from headstart.features.compute import compute_features
from headstart.racing.beside import with_those_beside
from headstart.ranking.copies import copies_in
from headstart.solving.candidates import Ingredients, candidates_of, solves
from headstart.solving.parting import Parts, Problem, parted, problem_of
from headstart.solving.precision import in_float32, refusal
from headstart.solving.solve import Learning, solve_all
from headstart.solving.work import Solved, Work

if TYPE_CHECKING:
    from headstart.core.progress import Progress
    from headstart.features.compute import Features
    from headstart.features.network_in_pass import Workshop
    from headstart.runtimes.choice import RuntimeChoice

logger = logging.getLogger(__name__)


def solved(work: Work, progress: Progress) -> Solved:
    """With features of the fastest runtime; again in float32 where its answers would be others."""
    found = _solved(work, progress)
    reason = refusal(found.learning, work.workshop, found.candidates[0], found.contenders[0])
    if not reason:
        return found
    logger.warning("features are computed again in float32: %s", reason)
    for decision, reduced in _decisions(found.learning.features):
        exact = in_float32(reduced)
        work.job.folder.decide(decision, exact.model_dump(mode="json"), exact.reason)
    return _solved(work, progress)


def _solved(work: Work, progress: Progress) -> Solved:
    request, folder, reading = work.job.request, work.job.folder, work.reading
    features = compute_features(
        reading.dataset, work.networks, work.workshop, folder,
        strata=work.meaning.strata, resplit=request.resplit, progress=progress,
    )  # fmt: skip
    strata = np.delete(work.meaning.strata, sorted(features.failures))
    if features.failures:
        damaged = [{"id": reading.dataset.ids[row], "reason": why} for row, why in sorted(features.failures.items())]
        folder.decide("left out", damaged, "these inputs turned out to be damaged when they were prepared")
    reading = reading.without(features.failures, request.allow_bad)
    duplicates = copies_in(reading.dataset, request, work.networks, features, work.workshop, progress)
    parts = parted(reading.dataset, duplicates, strata, request)
    problem = problem_of(parts.train, work.meaning.task_name, parts.groups, request)
    folder.decide("primary metric", problem.task.primary, problem.task.primary_reason)
    learning = _learning(problem, parts, work.workshop, features, request.seed)
    progress.step("solve", 0)
    given = Ingredients(work.networks, features, work.workshop.store, parts.train, problem.task.kind)
    candidates = candidates_of(given, work.method_name, work.method)
    beside = tuple(name for name in request.beside if solves(name, problem.task.kind))
    candidates = with_those_beside(candidates, beside)
    return Solved(learning, candidates, solve_all(learning, candidates), parts, reading, beside=beside)


def _learning(problem: Problem, parts: Parts, workshop: Workshop, features: Features, seed: int) -> Learning:
    return Learning(
        parts.train, parts.test, problem.task, problem.targets, problem.strata, problem.folds, problem.weights,
        workshop.store, features, seed,
    )  # fmt: skip


def _decisions(features: Features) -> list[tuple[str, RuntimeChoice]]:
    """Names and values of the runtime decisions of the pretrained networks, as ``NetworkInPass`` writes them."""
    several = len(features.lanes) > 1
    return [
        (f"runtime/backbone/{modality}" if several else "runtime/backbone", lane.runtime)
        for modality, lane in features.lanes.items()
    ]
