"""Features that a bundle's model takes: kept ones of its fit, kept ones of its own, else computed by the bundle."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from headstart.bundle.manifest import WEIGHTS
from headstart.features.kept_features import kept_features
from headstart.features.through_bundle import CHUNK, through

if TYPE_CHECKING:
    from headstart.bundle import Bundle, Predictor
    from headstart.core.learning import Ints
    from headstart.data.dataset import Dataset
    from headstart.engine.activations.address import Space
    from headstart.engine.activations.store import Store

KIND = "bundle"


def bundle_features(
    shipped: Bundle,
    predictor: Predictor,
    dataset: Dataset,
    store: Store | None,
    *,
    threads: int | None,
    advance: Callable[[int], None] = lambda count: None,
) -> tuple[Ints, Any]:
    """Rows ``(n,)`` of the examples that can be read, ascending, and their features ``(n, D)``, which may be sparse.

    What a network computed is kept in ``store``, so that the same examples through the same bundle cost nothing again.

    Args:
        shipped: The bundle.
        predictor: Of it.
        dataset: N examples.
        store: Where activations are looked for and kept; None: nowhere.
        threads: That prepare inputs.
        advance: Told of examples that are done.
    """
    every = np.arange(len(dataset))
    if not len(dataset) or store is None or not predictor.passes:
        return computed_features(predictor, dataset, threads, advance)
    found = kept_features(shipped, predictor, dataset, store)
    if found is not None:
        advance(len(dataset))
        return every, found
    keys, space = dataset.keys, _space(shipped, predictor)
    missing = store.missing(space, keys)
    advance(int((~missing).sum()))
    if missing.any():
        rows, features = computed_features(predictor, dataset.take(missing), threads, advance)
        if len(rows) and not isinstance(features, np.ndarray):
            return computed_features(predictor, dataset, threads, lambda count: None)
        if len(rows):
            absent = keys[missing][rows]
            first = np.unique(absent, axis=0, return_index=True)[1]
            store.write(space, absent[first], np.asarray(features, np.float32)[first])
        missing = store.missing(space, keys)
    kept = np.flatnonzero(~missing)
    return kept, store.read(space, keys[kept]) if len(kept) else np.zeros((0, 0), np.float32)


def computed_features(
    predictor: Predictor, dataset: Dataset, threads: int | None, advance: Callable[[int], None]
) -> tuple[Ints, Any]:
    """As :func:`bundle_features`, by the bundle alone."""
    chunks = (dataset.take(np.arange(low, min(low + CHUNK, len(dataset)))) for low in range(0, len(dataset), CHUNK))
    rows, features, first = list[NDArray[np.int64]](), list[Any](), 0
    for chunk, found in through(predictor, chunks, workers=threads, advance=advance, keep_features=True):
        if len(found.rows):
            rows.append(first + found.rows)
            features.append(found.features)
        first += len(chunk)
    if not rows:
        return np.zeros(0, np.int64), np.zeros((0, 0), np.float32)
    if all(isinstance(each, np.ndarray) for each in features):
        return np.concatenate(rows), np.concatenate(features)
    from scipy import sparse

    return np.concatenate(rows), sparse.vstack(features, format="csr")


def _graphs(shipped: Bundle) -> dict[str, Any]:
    """INT8 networks compute by their graphs: other ranges give other features of the same tensors."""
    networks = shipped.manifest.networks.values()
    found = [shipped.manifest.files[each.graph].sha256 for each in networks if each.is_quantized]
    return {"graphs": found} if found else {}


def _space(shipped: Bundle, predictor: Predictor) -> Space:
    """Where the joined features of this bundle are kept: its weights, what computes, how inputs are prepared."""
    from headstart.engine.activations.address import Space

    preparation = [[over.part, over.preparer.address()] for over in predictor.passes]
    return Space(
        {
            "kind": KIND,
            "name": shipped.manifest.candidate["backbone"],
            "weights": shipped.manifest.files[WEIGHTS].sha256,
            "runtime": {"name": predictor.runtime, "precision": predictor.precision},
            "sources": [[each.kind, each.name, each.part] for each in shipped.manifest.sources],
            "preparation": preparation,
            **_graphs(shipped),
        }
    )
