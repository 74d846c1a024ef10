"""A run's training examples in the features of its model: from the kept activations, else computed again."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from headstart.core.errors import DataError, HeadstartError
from headstart.core.progress import Progress
from headstart.core.resources import cache_folder
from headstart.core.run_folder import RunFolder
from headstart.explanation.neighbours import Neighbours
from headstart.features.bundle_features import computed_features
from headstart.features.kept_features import kept_features
from headstart.features.own_data import read_again

if TYPE_CHECKING:
    from headstart.bundle import Bundle, Predictor
    from headstart.data.dataset import LabeledDataset

MOST_COMPUTED = 1000  # examples whose features are computed again where they are not kept


@dataclass(frozen=True)
class TrainingExamples:
    """What a run learned from.

    Attributes:
        neighbours: In feature space.
        dataset: The same rows, to show one.
    """

    neighbours: Neighbours
    dataset: LabeledDataset

    def excerpts(self, document: Mapping[str, Any]) -> dict[str, dict[str, Any]]:
        """By id, what a page may show of the examples that a document names."""
        from headstart.data.modalities import modality

        if len(self.dataset.parts) != 1:
            return {}
        part, row = self.dataset.parts[0], {str(name): row for row, name in enumerate(self.dataset.ids)}
        near = document["neighbours"]
        named = [each["id"] for each in (*near["nearest"], *filter(None, [near["otherwise"]]))]
        found = {}
        for name in named:
            try:
                found[name] = modality(part.modality).excerpt(part.inputs.read(row[name]))
            except (DataError, OSError):
                continue
        return found


def training_examples_of(
    run: Path, shipped: Bundle, predictor: Predictor, count: int, *, threads: int | None, progress: Progress
) -> TrainingExamples | str:
    """The examples of a run that were no test examples, ``count`` of which will be named; or why there are none.

    A bundle holds no features of single examples, so they come from the run's data: from the kept activations where the
    cache has them, else by the bundle's network, of up to MOST_COMPUTED examples.
    """
    if count == 0:
        return "not asked for"
    folder = RunFolder(run)
    if not folder.config.exists() or not folder.predictions.exists():
        return "a bundle holds no training examples; name the run folder that it comes from"
    try:
        dataset = read_again(folder)
    except HeadstartError as error:
        return f"the data of the run cannot be read again: {error}"
    if isinstance(dataset, str):
        return dataset
    dataset = _without_test(folder, dataset)
    features = _kept(shipped, predictor, dataset)
    if features is None and len(dataset) > MOST_COMPUTED:
        return f"features of {len(dataset):,} training examples are not kept (any more); fit again with --cache on"
    if features is None:
        dataset, features = _computed(predictor, dataset, threads, progress)
    if not len(dataset):
        return "no training example can be read any more"
    said = shipped.task().predictions(predictor.outputs_of(features))["prediction"]
    predictions = [value.item() if hasattr(value, "item") else value for value in said]
    dense = features.toarray() if hasattr(features, "toarray") else features
    ids = [str(name) for name in dataset.ids]
    return TrainingExamples(Neighbours(dense, ids, list(dataset.targets), predictions, count), dataset)


def _without_test(folder: RunFolder, dataset: LabeledDataset) -> LabeledDataset:
    import pyarrow.parquet

    tested = set(pyarrow.parquet.read_table(folder.predictions, columns=["id"])["id"].to_pylist())
    return dataset.take(np.flatnonzero([str(name) not in tested for name in dataset.ids]))


def _kept(shipped: Bundle, predictor: Predictor, dataset: LabeledDataset) -> Any | None:
    from headstart.engine.activations.store import Store

    root = cache_folder() / "activations"
    if not root.exists():
        return None
    with Store.open(root, None) as store:
        return kept_features(shipped, predictor, dataset, store)


def _computed(
    predictor: Predictor, dataset: LabeledDataset, threads: int | None, progress: Progress
) -> tuple[LabeledDataset, Any]:
    """The examples that can be read, and their features."""
    progress.step("predict", len(dataset))
    rows, features = computed_features(predictor, dataset, threads, progress.advance)
    return dataset.take(rows), features if len(rows) else None
