"""About how long a training will take, before anything is measured: for the plan, the bar and the last line."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

from headstart.api.train_request import AFTER_THE_PROBE, TrainRequest, is_train_method
from headstart.api.train_setup import usual_epochs
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


def train_step(request: FitConfig, dataset: LabeledDataset, lanes: list[Lane]) -> tuple[str, float] | None:
    """What the plan says of a training, and its seconds; None where none is asked for."""
    if not can_train(dataset, lanes):
        return None
    name = str(request.method["name"])
    if is_train_method(name):
        asked = TrainRequest(name, {key: value for key, value in request.method.items() if key != "name"})
        what = f"{name}, from the linear probe, on four fifths of the training examples; checked on the rest"
        return what, guessed_seconds(asked, lanes[0], len(dataset))
    if request.minutes is not None and name == "auto":
        asked = TrainRequest(AFTER_THE_PROBE, {})
        seconds = min(guessed_seconds(asked, lanes[0], len(dataset)), request.minutes * 60)
        return f"{AFTER_THE_PROBE}, as far as {request.minutes:g} minutes allow", seconds
    return None


def more_minutes(dataset: LabeledDataset, lanes: list[Lane]) -> int | None:
    """Minutes with which ``--minutes`` would try a training; None where there is nothing to train."""
    if not can_train(dataset, lanes):
        return None
    return max(1, math.ceil(1.5 * guessed_seconds(TrainRequest(AFTER_THE_PROBE, {}), lanes[0], len(dataset)) / 60))
