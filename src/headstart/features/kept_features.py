"""Features that a bundle's model takes, from kept activations: nothing is computed."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

if TYPE_CHECKING:
    from headstart.bundle import Bundle, Predictor
    from headstart.bundle.manifest import NetworkRecord
    from headstart.bundle.predictor import Pass
    from headstart.data.dataset import Dataset
    from headstart.engine.activations.store import Store


def kept_features(shipped: Bundle, predictor: Predictor, dataset: Dataset, store: Store) -> Any | None:
    """Features ``(N, D)`` where all come from networks whose activations are kept, and from columns; else None.

    Args:
        shipped: The bundle.
        predictor: Of it.
        dataset: N examples.
        store: Where activations are looked for.
    """
    networks = [shipped.manifest.networks[s.name] for s in shipped.manifest.sources if s.kind == "network"]
    if predictor.contents or len(networks) != len(predictor.passes):
        return None
    found = [
        _rows(store, record, over, dataset.parts[over.part].keys)
        for record, over in zip(networks, predictor.passes, strict=True)
    ]
    computed = [rows for rows in found if rows is not None]
    return predictor.features(computed, None, dataset.table) if len(computed) == len(found) else None


def _rows(store: Store, record: NetworkRecord, over: Pass, keys: NDArray[np.uint8]) -> NDArray[np.float32] | None:
    """Kept features of one network, computed as the fit did; None unless all are there."""
    from headstart.engine.activations.address import Space

    for kept in store.list():
        parts = kept.parts
        runtime = parts.get("runtime") or {}
        if (
            parts.get("weights") == record.backbone.weights_digest
            and parts.get("view") == 0
            and parts.get("preparation") == over.preparer.address()
            and (runtime.get("name"), runtime.get("precision")) == (record.runtime.name, record.runtime.precision)
        ):
            space = Space(parts, kept.dtype)  # type: ignore[arg-type]  # it was written by a Space
            if not store.missing(space, keys).any():
                return np.asarray(store.read(space, keys), np.float32)
    return None
