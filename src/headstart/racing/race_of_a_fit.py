"""Whether there is a race in a fit, over what, and for how long."""

from __future__ import annotations

import logging
import math
import time
from collections.abc import Mapping
from dataclasses import replace
from typing import TYPE_CHECKING, Any

from headstart.core.errors import ConfigError
from headstart.core.files import read_json, write_json
from headstart.evidence.guard import guard
from headstart.features.lanes import lanes_of
from headstart.racing.beside import solved_beside
from headstart.racing.progress import RaceProgress
from headstart.racing.race import RaceOutcome, raced
from headstart.racing.solve_race import tunable, tuned
from headstart.request.train_request import TrainRequest, is_raced, is_tuned_alone
from headstart.selection.first import METHODS, WITHOUT_TRANSFER
from headstart.solving.candidates import solves
from headstart.training.closing import CLOSING, closing_seconds, ensemble_seconds
from headstart.training.guess import can_train, guessed_seconds
from headstart.training.required import require_trainable

if TYPE_CHECKING:
    from headstart.core.progress import Progress
    from headstart.core.run_folder import RunFolder
    from headstart.request.fit_config import FitConfig
    from headstart.solving.work import Solved, Trial, Work

logger = logging.getLogger(__name__)


def require_race(request: FitConfig) -> None:
    """Raise ConfigError for a storage that is out of reach: told before the work, not after it."""
    if request.storage is not None and (is_raced(request) or is_tuned_alone(request)):
        from headstart.selection.study import require_storage

        require_storage(request.storage)


def race_of(work: Work, solved: Solved, progress: Progress, seconds: float) -> tuple[Solved, Trial | None]:
    """Race over what the request leaves open: trainings; where nothing can be trained, settings of what is solved.

    Returns:
        What is solved, with the race's document, and the best training.
    """
    if is_tuned_alone(work.job.request):
        found, document = tuned(work, solved, progress, seconds - CLOSING)
        return replace(found, race=document), None
    until = time.monotonic() + seconds
    solved = solved_beside(work, solved, progress, seconds)
    outcome = _trainings(work, solved, progress, until - time.monotonic())
    if outcome.document["trials"] or outcome.finished or tunable(solved) is None or _can_train(work, solved):
        beside = {"beside": list(solved.beside_told)} if solved.beside_told else {}
        return replace(solved, race={**outcome.document, **beside}), outcome.finished
    found, document = tuned(work, solved, progress, seconds - CLOSING)
    return replace(found, race=document), None


def _can_train(work: Work, solved: Solved) -> bool:
    dataset = solved.reading.dataset
    return can_train(dataset, lanes_of(dataset, work.networks))


def _trainings(work: Work, solved: Solved, progress: Progress, seconds: float) -> RaceOutcome:
    """A race of trainings; nothing is trained where nothing can be, and the reason is told."""
    methods = (work.train_request.name,) if work.train_request else _methods(solved)
    options = dict(work.train_request.options) if work.train_request else {}
    first = TrainRequest(methods[0], options)
    try:
        require_trainable(first, work, solved)
    except ConfigError as error:
        if work.train_request:
            raise
        progress.note(f"nothing is trained: {error}")
        return RaceOutcome(None, {"best": None, "trials": [], "stopped": str(error), "seconds": 0.0, "importance": {}})
    (lane,) = lanes_of(solved.reading.dataset, work.networks)
    is_timed, is_ensemble = math.isfinite(seconds), work.job.request.ensemble
    return raced(
        work,
        solved,
        RaceProgress(progress, seconds, work.job.request.tune),
        seconds=seconds,
        afterwards=closing_seconds(work, solved) if is_timed else 0.0,
        guess=guessed_seconds(first, lane, len(solved.reading.dataset)),
        methods=methods,
        options=options,
        most_trials=work.job.request.tune,
        spare=ensemble_seconds(work, solved, seconds) if is_timed and is_ensemble else 0.0,
    )


def _methods(solved: Solved) -> tuple[str, ...]:
    """All that compete; training from nothing too, where a solved baseline beats what was pretrained."""
    learning = solved.learning
    best = guard(learning.task, learning.targets, solved.contenders).name
    is_transfer = next(each.is_transfer for each in solved.contenders if each.name == best)
    methods = METHODS if is_transfer else (*METHODS, WITHOUT_TRANSFER)
    return tuple(name for name in methods if solves(name, learning.task.kind))


def update_plan(folder: RunFolder, race: Mapping[str, Any]) -> None:
    """plan.json says what became of the plan."""
    document = read_json(folder.plan)
    write_json(folder.plan, {**document, "race": dict(race)})
