"""Features computed, the data parted, and every candidate that needs no training solved on the same folds."""

from __future__ import annotations

import logging
from dataclasses import replace
from typing import TYPE_CHECKING

import numpy as np

from headstart.features.compute import compute_features
from headstart.features.own_data import DAMAGED
from headstart.fitting.updated import with_places
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
    from headstart.updating.joining import Joining
    from headstart.updating.placing import Placing

logger = logging.getLogger(__name__)


def solved(work: Work, joining: Joining | None, progress: Progress) -> tuple[Solved, Placing | None]:
    """With features of the fastest runtime; again in float32 where its answers would be others.

    Where a run is updated, also which part each of its examples, and each new one, belongs to.
    """
    found, placing = _solved(work, joining, progress)
    reason = refusal(found.learning, work.workshop, found.candidates[0], found.contenders[0])
    if not reason:
        return found, placing
    logger.warning("features are computed again in float32: %s", reason)
    for decision, reduced in _decisions(found.learning.features):
        exact = in_float32(reduced)
        work.job.folder.decide(decision, exact.model_dump(mode="json"), exact.reason)
    return _solved(work, joining, progress)


def _solved(work: Work, joining: Joining | None, progress: Progress) -> tuple[Solved, Placing | None]:
    request, folder, reading = work.job.request, work.job.folder, work.reading
    features = compute_features(
        reading.dataset, work.networks, work.workshop, folder,
        strata=work.meaning.strata, resplit=request.resplit, progress=progress,
    )  # fmt: skip
    strata = np.delete(work.meaning.strata, sorted(features.failures))
    if features.failures:
        damaged = [{"id": reading.dataset.ids[row], "reason": why} for row, why in sorted(features.failures.items())]
        folder.decide(DAMAGED, damaged, "these inputs turned out to be damaged when they were prepared")
    reading = reading.without(features.failures, request.allow_bad)
    duplicates = copies_in(reading.dataset, request, work.networks, features, work.workshop, progress)
    dataset, placing = reading.dataset, None
    if joining is not None:
        reading, placing = with_places(work, joining, reading, duplicates, strata)
        duplicates, strata = duplicates[placing.rows], strata[placing.rows]
        dataset = replace(reading.dataset, split=placing.split)
    parts = parted(dataset, duplicates, strata, request)
    kept = None if joining is None else joining.folds_of(parts.train)
    problem = problem_of(parts.train, work.meaning.task_name, parts.groups, request, kept)
    folder.decide("primary metric", problem.task.primary, problem.task.primary_reason)
    learning = _learning(problem, parts, work.workshop, features, request.seed)
    progress.step("solve", 0)
    given = Ingredients(work.networks, features, work.workshop.store, parts.train, problem.task.kind)
    candidates = candidates_of(given, work.method_name, work.method)
    beside = tuple(name for name in request.beside if solves(name, problem.task.kind))
    candidates = with_those_beside(candidates, beside)
    return Solved(learning, candidates, solve_all(learning, candidates), parts, reading, beside=beside), placing


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
