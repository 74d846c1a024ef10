"""Baselines without a network in a ranking: the classical yardstick."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING, Any

from headstart.core import plugins
from headstart.core.pairs import Matrix
from headstart.features.descriptors import FITTED, DescribedLane, build_fitted
from headstart.features.lanes import Lane
from headstart.features.network_in_pass import Workshop
from headstart.features.networks import Network
from headstart.features.sources import FittedSource
from headstart.features.timings import SAMPLE, Timing, compute_seconds, sampled
from headstart.ranking.entrant_features import EntrantFeatures
from headstart.ranking.entrants import Entrant

if TYPE_CHECKING:
    from headstart.data.dataset import LabeledDataset


def fitted_features(
    one: Entrant, train: LabeledDataset, described: DescribedLane, workshop: Workshop, network: Network
) -> EntrantFeatures:
    """Of a baseline without a network, fitted on the inputs of the training part as a fit does it."""
    method = plugins.load(FITTED, one.name).method
    code = build_fitted(one.name)
    source = FittedSource(one.name, code, 0, {}, described.fitted.get(one.name), workshop.store)
    is_dense = "sparse" not in plugins.load("methods", method).needs

    def read() -> Matrix:
        raw = source.raw(train)
        return code.transform(code.fit(raw), raw)

    timing = _fitted_timing(code, Lane(network, (0,), train), workshop)
    return EntrantFeatures(one, read, method, is_dense, timing, "numpy", 0)


def _fitted_timing(code: Any, lane: Lane, workshop: Workshop) -> Timing | None:
    """Of a few inputs, each time: it takes milliseconds."""
    if code.takes == "prepared":
        batches, prepare = sampled(lane, workshop.threads)
        return Timing(prepare=prepare, compute=compute_seconds(code.describe, batches)) if batches else None
    contents = lane.sample(SAMPLE)
    if not contents:
        return None
    arrays = code.fit(contents)
    began = time.perf_counter()
    code.transform(arrays, contents)
    return Timing(prepare=0.0, compute=(time.perf_counter() - began) / len(contents))
