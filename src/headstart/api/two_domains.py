"""The rows of a run and of another domain, in the features of the run's model."""

from __future__ import annotations

import os
import re
from dataclasses import dataclass, replace
from pathlib import Path, PurePath
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from headstart.core.errors import ConfigError, DataError, HeadstartError
from headstart.core.learning import NEVER_HELD_OUT
from headstart.core.resources import cache_folder, cpu_count
from headstart.data.paths import below, source_name
from headstart.features.bundle_features import bundle_features
from headstart.features.own_data import read_again

if TYPE_CHECKING:
    from headstart.adaptation.domains import Domains
    from headstart.api.order import Order
    from headstart.bundle import Bundle, Predictor
    from headstart.core.learning import Floats, Targets
    from headstart.core.progress import Progress
    from headstart.core.run_folder import RunFolder
    from headstart.data.dataset import Dataset, LabeledDataset

FEWEST = 10  # target examples
USUAL = frozenset({"label", "labels", "target", "targets", "class"})  # names of columns with targets


@dataclass(frozen=True)
class SourceRows:
    """What a run learned from.

    Attributes:
        dataset: n examples, none of them tested.
        features: ``(n, D)``.
        targets: Of them.
        groups: ``(n,)``: kept together.
        fresh: ``(n,)``: held out from the model at least once.
        held_out: ``(n, K)`` calibrated outputs while held out; NaN elsewhere.
        folds: ``(n,)`` in which they were held out, NEVER_HELD_OUT elsewhere: near-duplicates share one.
        test: Its test examples.
        test_features: ``(t, D)``.
        origin: ``(n,)`` numbers of source domains, None: it is one.
        origin_names: Of them, in the order of their numbers.
    """

    dataset: LabeledDataset
    features: Any
    targets: Targets
    groups: NDArray[np.int64]
    fresh: NDArray[np.bool_]
    held_out: Floats
    folds: NDArray[np.int64]
    test: LabeledDataset
    test_features: Any
    origin: NDArray[np.int64] | None = None
    origin_names: tuple[str, ...] = ()


@dataclass(frozen=True)
class TargetRows:
    """Examples of the other domain.

    Attributes:
        dataset: m examples that can be used; there are no targets in it.
        features: ``(m, D)``.
        name: What to call them.
        has_targets: Whether targets seem to be there.
        unusable: How many examples could not be read.
        places: ``(m,)`` which of all examples that were read each of them is.
    """

    dataset: Dataset
    features: Any
    name: str
    has_targets: bool
    unusable: int
    places: NDArray[np.int64]

    @property
    def ids(self) -> tuple[str, ...]:
        """Of the m examples."""
        return self.dataset.ids


@dataclass(frozen=True)
class Given:
    """What is adapted, and to what.

    Attributes:
        source: None where the data of the run are not there any more.
        notes: What people should know.
        examples: Whether the page may show examples of the new domain.
        order: Along which the target is the last window; None: there is no order.
    """

    shipped: Bundle
    predictor: Predictor
    domains: Domains
    source: SourceRows | None
    aim: TargetRows
    notes: tuple[str, ...]
    examples: bool = True
    order: Order | None = None

    @property
    def is_continuous(self) -> bool:
        """Whether features come from networks and descriptors of inputs alone, and not from columns of a table."""
        manifest = self.shipped.manifest
        return all(each.kind == "network" or each.part is not None for each in manifest.sources)

    @property
    def is_linear(self) -> bool:
        """Of the head."""
        return self.shipped.manifest.method.get("form") == "linear"


def source_rows(
    folder: RunFolder,
    shipped: Bundle,
    predictor: Predictor,
    *,
    column: str | None = None,
    threads: int | None,
    progress: Progress,
) -> SourceRows | str:
    """The examples of a run; or why there are none, a clause. ``column`` names the source domain of each.

    Raises:
        ConfigError: there is no such column.
        DataError: it names one domain alone.
    """
    from headstart.api.source_domains import origins_of
    from headstart.evidence.run_answers import FOLD, read_column, read_held_out, read_run_answers

    if not folder.config.exists() or not folder.predictions.exists():
        return "a bundle holds no examples; name the run folder that it comes from"
    try:
        dataset = read_again(folder, {} if column is None else {"sources": column})
        tested, held = read_run_answers(folder.path), read_held_out(folder.path)
        numbers = read_column(folder.held_out, FOLD)
    except HeadstartError as error:
        if column is not None and isinstance(error, ConfigError):  # no such column
            raise
        return f"the data of the run cannot be read again: {error}"
    if isinstance(dataset, str):
        return dataset
    progress.step("features of the run", len(dataset))
    rows, features = features_of(shipped, predictor, dataset, threads, progress)
    dataset = dataset.take(rows)
    is_test = np.isin(np.array(dataset.ids, dtype=object), tested.ids)
    learned, task = dataset.take(~is_test), shipped.task()
    place = {str(name): row for row, name in enumerate(learned.ids)}
    outputs = np.full((len(learned), held.outputs.shape[1]), np.nan)
    folds = np.full(len(learned), NEVER_HELD_OUT, np.int64)
    for row, name in enumerate(held.ids):
        if str(name) in place:
            outputs[place[str(name)]], folds[place[str(name)]] = held.outputs[row], numbers[row]
    origin, names = (None, ()) if column is None else origins_of(learned, column)
    return SourceRows(
        learned, features[~is_test], task.encode(learned.targets), _groups(learned),
        np.isfinite(outputs).all(axis=1), outputs, folds, dataset.take(is_test), features[is_test], origin, names,
    )  # fmt: skip


def target_rows(
    data: Any, input: Any, shipped: Bundle, predictor: Predictor, *, threads: int | None, progress: Progress
) -> TargetRows:
    """Examples of the other domain; of targets that they may have nothing is read.

    Raises:
        DataError: of another modality, or fewer than FEWEST can be used.
    """
    from headstart.data.unlabeled import read_unlabeled
    from headstart.data.unlabeled_dataset import gathered, ids_in

    schema, name = shipped.schema, source_name(data)
    chunks = list(read_unlabeled(sources_in(data), schema=schema, input=input))
    dataset, bad = gathered(chunks, schema, _short(name), threads or cpu_count())
    progress.step("features of the target", len(dataset))
    rows, features = features_of(shipped, predictor, dataset, threads, progress)
    if len(rows) < FEWEST:
        raise DataError(
            f"--to must hold at least {FEWEST} examples that can be used; {len(rows)} of {len(dataset) + len(bad)} "
            "can. Collect more of the new domain: a few dozen without labels are enough to begin with."
        )
    used = replace(dataset.take(rows), ids=below([dataset.ids[row] for row in rows], data))
    unusable = len(bad) + len(dataset) - len(rows)
    place = {name: number for number, name in enumerate(ids_in(chunks))}
    places = np.array([place[dataset.ids[row]] for row in rows], np.int64)
    return TargetRows(used, features, dataset.name, seems_labelled(data, shipped.class_names), unusable, places)


def sources_in(data: Any) -> list[Any]:
    """One source, or several."""
    return list(data) if isinstance(data, list | tuple) else [data]


def _short(name: str) -> str:
    """Of a folder its last part, of a file that without its ending."""
    place = PurePath(name)
    return (place.stem if place.suffix else place.name) or name


def seems_labelled(data: Any, class_names: tuple[str, ...]) -> bool:
    """Whether targets stand beside the examples: folders called as classes are, or a column that is usual for them."""
    if isinstance(data, str | os.PathLike) and Path(data).is_dir():
        return any(each.is_dir() and each.name in class_names for each in Path(data).rglob("*"))
    if isinstance(data, str | os.PathLike) and Path(data).suffix.lower() in (".csv", ".tsv"):
        with Path(data).open(encoding="utf-8", errors="replace") as stream:
            names = re.split(r"[,;\t]", stream.readline().strip())
    else:
        names = list(map(str, getattr(data, "columns", ())))
    return any(name.strip('"').lower() in USUAL for name in names)


def features_of(
    shipped: Bundle, predictor: Predictor, dataset: Any, threads: int | None, progress: Progress
) -> tuple[NDArray[np.int64], Any]:
    """Rows ``(n,)`` of the examples that can be read, and their features ``(n, D)``, kept ones where there are some."""
    from headstart.engine.activations.store import Store

    root = cache_folder() / "activations"
    with Store.open(root) as store:
        return bundle_features(shipped, predictor, dataset, store, threads=threads, advance=progress.advance)


def _groups(dataset: LabeledDataset) -> NDArray[np.int64]:
    """Equal examples, and those that the data keep together."""
    from headstart.data.grouping import join_groups

    same = np.unique(dataset.keys, axis=0, return_inverse=True)[1].reshape(-1) if len(dataset) else np.arange(0)
    return join_groups(same) if dataset.groups is None else join_groups(same, dataset.groups)
