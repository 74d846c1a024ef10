"""About how long a training will take, before anything is measured: for the plan, the bar and the last line."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

from headstart.api.race_time import MINUTE
from headstart.api.train_request import AFTER_THE_PROBE, TrainRequest, is_raced, is_train_method
from headstart.api.train_setup import SHORTEST, usual_epochs
from headstart.core.resources import cpu_count

if TYPE_CHECKING:
    from headstart.api.fit_config import FitConfig
    from headstart.api.lanes import Lane
    from headstart.data.dataset import LabeledDataset

SETTLING = 15.0  # seconds: probes of the stages, first views, precision, rate, the features of the trained network
OPERATIONS_PER_SECOND = 30e9  # of a core, forward and backward; measured on two processors, within a factor of two
WORK_OF_A_STEP = 2.0  # times a whole forward pass, for the part above the boundary, forward and backward
TRAINED = 0.8  # share of the training examples
UNKNOWN_FLOPS = 1e9


def can_train(dataset: LabeledDataset, lanes: list[Lane]) -> bool:
    """Whether examples are one picture, text or recording each."""
    return len(lanes) == 1 and len(lanes[0].numbers) == 1 and not dataset.table.columns


def guessed_seconds(request: TrainRequest, lane: Lane, examples: int) -> float:
    """Seconds that a training of so many examples takes here, about."""
    rows = max(1, round(TRAINED * examples))
    work = rows * (lane.network.card.flops or UNKNOWN_FLOPS) * WORK_OF_A_STEP
    return SETTLING + usual_epochs(request.config(), rows) * work / (OPERATIONS_PER_SECOND * cpu_count())


def train_step(
    request: FitConfig, dataset: LabeledDataset, lanes: list[Lane], others: float
) -> tuple[str, float] | None:
    """What the plan says of a training or a race, and its seconds; None where none is asked for.

    ``others`` are the seconds of everything else.
    """
    if not can_train(dataset, lanes):
        return None
    first = _asked(request)
    seconds = guessed_seconds(first, lanes[0], len(dataset))
    if is_raced(request):
        return _race(request, first.name, seconds, others)
    if is_train_method(str(request.method["name"])):
        what = f"{first.name}, from the linear probe, on four fifths of the training examples; checked on the rest"
        return what, seconds
    return None


def _asked(request: FitConfig) -> TrainRequest:
    """What is trained, or what a race begins with."""
    name = str(request.method["name"])
    if not is_train_method(name):
        return TrainRequest(AFTER_THE_PROBE, {})
    return TrainRequest(name, {key: value for key, value in request.method.items() if key != "name"})


def _race(request: FitConfig, first: str, each: float, others: float) -> tuple[str, float]:
    """As long as the minutes allow, or so many trainings that take ``each`` seconds."""
    number = request.tune
    what = "a race of trainings" if number is None else f"a race of {number} trainings"
    what = f"one training, {first}" if number == 1 else f"{what}, {first} first"
    least = math.inf if number is None else number * each
    if request.minutes is None:
        return what, least
    return (
        f"{what}, as far as {request.minutes:g} minutes allow",
        min(least, max(0.0, request.minutes * MINUTE - others)),
    )


def least_minutes(request: FitConfig, dataset: LabeledDataset, lanes: list[Lane], others: float) -> float | None:
    """Minutes below which a race trains nothing, about; None where enough were given, or nothing is raced.

    ``others`` are the seconds of everything but the trainings.
    """
    if request.minutes is None or not is_raced(request) or not can_train(dataset, lanes):
        return None
    asked, examples = _asked(request), len(dataset)
    epochs = usual_epochs(asked.config(), max(1, round(TRAINED * examples)))
    shortest = (guessed_seconds(asked, lanes[0], examples) - SETTLING) * min(1.0, SHORTEST / epochs)
    least = math.ceil(10 * (SETTLING + shortest + others) / MINUTE) / 10
    return least if least > request.minutes else None


def more_minutes(dataset: LabeledDataset, lanes: list[Lane]) -> int | None:
    """Minutes with which ``--minutes`` would try a training; None where there is nothing to train."""
    if not can_train(dataset, lanes):
        return None
    return max(1, math.ceil(1.5 * guessed_seconds(TrainRequest(AFTER_THE_PROBE, {}), lanes[0], len(dataset)) / MINUTE))
