"""The training part that a ranking looks at: that of a fit with the default network, and its folds."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

import numpy as np

from headstart.core.errors import ConfigError, DataError
from headstart.core.learning import Ints
from headstart.core.progress import Progress
from headstart.features.descriptors import DescribedLane, prepared_descriptors
from headstart.features.lanes import Lane
from headstart.features.network_in_pass import Workshop
from headstart.features.networks import ModelOptions, Network, find_networks
from headstart.ranking.entrant_scores import TrainingPart
from headstart.request.fit_config import FitConfig
from headstart.solving.meaning import meaning_of
from headstart.solving.parting import problem_of
from headstart.solving.splitting import kept_together, make_split

if TYPE_CHECKING:
    from headstart.data.dataset import LabeledDataset
    from headstart.data.read import Reading


def without_test(reading: Reading, request: FitConfig) -> tuple[Reading, bool]:
    """Without the rows of a given test split; whether there was one."""
    is_test = reading.dataset.split == "test"
    if request.resplit or not is_test.any():
        return reading, False
    return replace(reading, dataset=reading.dataset.take(~is_test)), True


def require_one_input(dataset: LabeledDataset) -> None:
    """Raise ConfigError for examples of several inputs or of plain columns."""
    if len(dataset.parts) == 1 and not dataset.table.columns:
        return
    if not dataset.parts:
        raise ConfigError(
            "ranking is for data of one picture, text or recording per example; these are plain columns, for which fit "
            "compares the candidates itself. Run: headstart fit"
        )
    parts = [part.schema.name for part in dataset.parts]
    beside = " and plain columns" if dataset.table.columns else ""
    raise ConfigError(
        f"ranking is for data of one picture, text or recording per example; here an example is {parts}{beside}. "
        "Name one of them with --input, or run headstart fit, which compares what such data allow."
    )


@dataclass(frozen=True)
class Described:
    """What is known of the inputs without any network: where it is kept, and how they were prepared."""

    lane: DescribedLane
    network: Network


def training_part(
    request: FitConfig, reading: Reading, has_test: bool, workshop: Workshop, progress: Progress
) -> tuple[TrainingPart, Described, Reading]:
    """The training part and its folds, those of a fit with the default network."""
    meaning = meaning_of(reading.dataset, request.task, resplit=request.resplit)
    (network,) = find_networks(ModelOptions(), None, reading.dataset.schema).values()
    progress.step("split", 0)
    described, failures = described_inputs(Lane(network, (0,), reading.dataset), workshop, progress)
    strata = np.delete(meaning.strata, sorted(failures))
    reading = reading.without(failures, request.allow_bad)
    rows, groups = _training(reading.dataset, described, strata, has_test, request, workshop)
    train = reading.dataset.take(rows)
    problem = problem_of(train, meaning.task_name, groups[rows], request)
    if not (problem.folds >= 0).any():
        raise DataError(
            "at least one example must be held out once to rank anything; here every class has one example, or one "
            "group, alone. Add examples."
        )
    part = TrainingPart(
        train, problem.task, problem.targets, problem.folds, groups[rows], problem.weights, request.seed
    )
    return part, described, reading


def described_inputs(lane: Lane, workshop: Workshop, progress: Progress) -> tuple[Described, dict[int, str]]:
    """Fingerprints, by which copies are found, and descriptors of baselines; and inputs that turned out damaged."""
    from headstart.engine.feature_pass import run_pass

    described, extractions = prepared_descriptors(lane, workshop.store)
    failures: dict[int, str] = {}
    if extractions:
        result = run_pass(
            lane.inputs, lane.keys, lane.network.preparer, extractions, workshop.store,
            workers=workshop.threads, progress=progress,
        )  # fmt: skip
        failures = lane.examples(result.failures)
    return Described(described, lane.network), failures


def _training(
    dataset: LabeledDataset, described: Described, strata: Ints, has_test: bool, request: FitConfig, workshop: Workshop
) -> tuple[Ints, Ints]:
    """Rows of the training part, and group numbers of all rows."""
    keys = dataset.parts[0].keys
    marks = workshop.store.read(described.lane.fingerprint, keys)
    duplicates = np.unique(described.network.modality.near_duplicates(keys, marks), return_inverse=True)[1].reshape(-1)
    if has_test:
        return np.arange(len(dataset)), kept_together(dataset, duplicates)
    split = make_split(dataset, duplicates, strata, resplit=request.resplit, seed=request.seed)
    return split.train, split.groups
