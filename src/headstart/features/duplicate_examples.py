"""Which examples are nearly the same: all their inputs are, and so are their columns."""

from __future__ import annotations

from hashlib import blake2b
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

if TYPE_CHECKING:
    from headstart.data.dataset import Dataset
    from headstart.engine.activations.address import Space
    from headstart.engine.activations.store import Store
    from headstart.features.compute import Features
    from headstart.features.networks import Network, Networks

COMMON = 0.1  # share of rows equal to another from which equal rows of plain columns are no copies, only few values


def duplicate_groups(dataset: Dataset, networks: Networks, features: Features, store: Store) -> NDArray[np.int64]:
    """``(N,)`` group numbers; an example without a near-duplicate is alone in its group."""
    columns = []
    for part in dataset.parts:
        marks = store.read(features.lanes[part.modality].described.fingerprint, part.keys)
        columns.append(networks[part.modality].modality.near_duplicates(part.keys, marks))
    if not columns:
        return _equal_rows(dataset)
    if dataset.table.columns:
        columns.append(_equal_rows(dataset))
    return np.unique(np.stack(columns, axis=1), axis=0, return_inverse=True)[1].reshape(-1)


def groups_in_view(dataset: Dataset, view: Network, fingerprint: Space, store: Store) -> NDArray[np.int64]:
    """``(N,)`` group numbers of examples of one input, by fingerprints of what any one network sees of them."""
    (part,) = dataset.parts
    groups = view.modality.near_duplicates(part.keys, store.read(fingerprint, part.keys))
    return np.unique(groups, return_inverse=True)[1].reshape(-1)


def _equal_rows(dataset: Dataset) -> NDArray[np.int64]:
    digests = b"".join(blake2b(dataset.table.row_bytes(row), digest_size=8).digest() for row in range(len(dataset)))
    rows = np.frombuffer(digests, np.uint64)
    _, groups, counts = np.unique(rows, return_inverse=True, return_counts=True)
    groups = groups.reshape(-1)
    return np.arange(len(dataset)) if (counts[groups] > 1).mean() > COMMON else groups
