"""A run whose network has the new domain's statistics in its batch normalisations; nothing is trained."""

from __future__ import annotations

import time
from collections.abc import Iterator, Sequence
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from headstart.api.adaptation_result import Adaptation
from headstart.api.adapted_by_training import InNewFeatures, in_new_features
from headstart.api.network_of_run import RunNetwork, network_of_run
from headstart.core.errors import DataError
from headstart.core.resources import cache_folder

if TYPE_CHECKING:
    from torch import Tensor

    from headstart.api.adaptation_measured import Measured
    from headstart.api.two_domains import Given
    from headstart.core.progress import Progress
    from headstart.data.dataset import Dataset

NAME = "network_statistics"
SEED = 0
BATCH = 32
MOST_SOURCE, MOST_TARGET = 256, 1000  # examples that are looked at
FEWEST = 64  # of the target: fewer say too little about variances


def settled_for(
    given: Given, measured: Measured | None, place: Path | None, threads: int | None, progress: Progress
) -> Adaptation:
    """Look at both domains, move the statistics, measure what changes, write.

    The head is solved on examples of the run by the network as it was. Li and others, 2016, arXiv:1603.04779, with the
    statistics of a frozen network moved by what differs between the domains, see ``adaptation/stream/network.py``.

    Raises:
        DataError: features are not those of one network with batch normalisations, or FEWEST examples are not there.
    """
    from headstart.adaptation.domains import Unlabeled
    from headstart.adaptation.stream.network import StreamNetwork
    from headstart.adaptation.trying import parts_of
    from headstart.api.adapted import solver_for
    from headstart.bundle.torch_backbone import rebuild
    from headstart.engine.activations.store import Store

    source, shipped = given.source, given.shipped
    assert source is not None  # noqa: S101 - a run without its data was refused before
    if len(given.aim.ids) < FEWEST:
        raise DataError(f"{NAME} needs {FEWEST} examples of the new domain or more; {len(given.aim.ids)} are there.")
    run, solver = _exact(network_of_run(given, threads)), solver_for(given)
    parts = parts_of(given.domains, solver, SEED)
    began = time.perf_counter()
    record = shipped.manifest.networks[shipped.manifest.sources[0].name]
    network = StreamNetwork(rebuild(shipped.folder, record), shipped.fitted())
    progress.step("look at both domains", min(len(source.dataset), MOST_SOURCE) + min(len(given.aim.ids), MOST_TARGET))
    network.learn_statistics(_batches(run, source.dataset, MOST_SOURCE, progress))
    if not network.knows_statistics:
        raise DataError(f"{NAME} needs a network with batch normalisations; {record.backbone.name} has none.")
    network.settle_statistics(_batches(run, given.aim.dataset, MOST_TARGET, progress))
    seconds = time.perf_counter() - began
    backbone = network.backbone.requires_grad_(False).eval()
    others = [] if measured is None else [measured.dataset]
    with Store.open(cache_folder() / "activations") as store:
        theirs, test, *labelled = run.features(backbone, [given.aim.dataset, source.test, *others], store, progress)
    learned = parts.domains.source
    assert learned is not None  # noqa: S101 - parts were made of it
    seen = replace(parts, domains=replace(parts.domains, target=Unlabeled(theirs)))
    fitted = solver.fit(learned.features, learned.targets)
    report = {"seconds": round(seconds, 3)}
    new = InNewFeatures(backbone, fitted, report, seen, test, labelled[0] if labelled else None, seconds)
    return in_new_features(given, run, solver, NAME, new, measured, place)


def _exact(run: RunNetwork) -> RunNetwork:
    """In float32: moved statistics make some activations large, and bfloat16 would round them too much."""
    from headstart.runtimes.settled import settled

    old = run.runtime
    return replace(run, runtime=settled(old.name, "float32", old.threads, old.batch_size, "moved statistics need it"))


def _batches(run: RunNetwork, dataset: Dataset, most: int, progress: Progress) -> Iterator[Tensor]:
    """Prepared inputs of one shape together, drawn at random, so that every batch is a fair sample."""
    import torch

    rows = np.random.default_rng(SEED).permutation(len(dataset))[:most]
    waiting: dict[tuple[int, ...], list[NDArray[Any]]] = {}
    inputs = dataset.parts[run.part].inputs
    for row in rows.tolist():
        prepared = run.network.preparer.prepare(inputs.read(row))
        alike = waiting.setdefault(prepared.shape, [])
        alike.append(prepared)
        progress.advance()
        if len(alike) == BATCH:
            yield torch.from_numpy(_stacked(alike))
            alike.clear()
    for alike in waiting.values():
        if len(alike) > 1:
            yield torch.from_numpy(_stacked(alike))


def _stacked(arrays: Sequence[NDArray[Any]]) -> NDArray[Any]:
    return np.ascontiguousarray(np.stack(arrays))
