"""About how long a training will take, before anything is measured: for the plan, the bar and the last line."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

from headstart.core.resources import cpu_count
from headstart.request.train_request import AFTER_THE_PROBE, TrainRequest, is_raced, is_train_method
from headstart.training.closing import CLOSING, CLOSING_PER_EXAMPLE, INPUTS_PER_SECOND, MINUTE, REFERENCE_FLOPS
from headstart.training.setup import LEAST_SECONDS, usual_epochs
from headstart.training.shorter import SHORTEST, SMALLEST_SHARE, VALIDATING

if TYPE_CHECKING:
    from headstart.data.dataset import LabeledDataset
    from headstart.features.lanes import Lane
    from headstart.request.fit_config import FitConfig

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
    least = math.ceil(10 * (others + _cheapest_seconds(_asked(request), lanes[0], len(dataset))) / MINUTE) / 10
    return least if least > request.minutes else None


def _cheapest_seconds(asked: TrainRequest, lane: Lane, examples: int) -> float:
    """Of the least that is trained where the time is short: one view, few epochs, as much frozen as can be.

    A depth that was named is kept; what follows the training is part of it.
    """
    config, card = asked.config(), lane.network.card
    epochs = usual_epochs(config, max(1, round(TRAINED * examples)))
    share = SMALLEST_SHARE if config.freeze == "auto" else 1.0
    steps = (guessed_seconds(asked, lane, examples) - SETTLING) * min(1.0, SHORTEST / epochs) * share * VALIDATING
    each = (card.flops or REFERENCE_FLOPS) / REFERENCE_FLOPS / (INPUTS_PER_SECOND * cpu_count())
    passes = 2 * each * examples  # a view of the examples, and the features of the trained network
    return LEAST_SECONDS + steps + passes + CLOSING + CLOSING_PER_EXAMPLE * examples


def cheaper_note(request: FitConfig, dataset: LabeledDataset, lanes: list[Lane], others: float) -> list[str]:
    """What the plan says where the minutes are too few for a whole training, and enough for a cheaper one."""
    if request.minutes is None or not is_raced(request) or not can_train(dataset, lanes):
        return []
    whole = math.ceil(10 * (others + guessed_seconds(_asked(request), lanes[0], len(dataset))) / MINUTE) / 10
    if request.minutes >= whole or least_minutes(request, dataset, lanes, others) is not None:
        return []
    return [
        f"a whole training needs about {whole:g} minutes here; with {request.minutes:g} it is made cheaper: fewer "
        "views, fewer epochs, or more of the network frozen, whichever fits"
    ]


def more_minutes(dataset: LabeledDataset, lanes: list[Lane]) -> int | None:
    """Minutes with which ``--minutes`` would try a training; None where there is nothing to train."""
    if not can_train(dataset, lanes):
        return None
    return max(1, math.ceil(1.5 * guessed_seconds(TrainRequest(AFTER_THE_PROBE, {}), lanes[0], len(dataset)) / MINUTE))
