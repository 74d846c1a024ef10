"""Facts of the inputs, as checks look at them: what the feature pass kept, and what is known without decoding."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from headstart.data.dataset import Dataset
    from headstart.data.part import Part
    from headstart.engine.activations.address import Space
    from headstart.engine.activations.store import Store
    from headstart.features.compute import Features
    from headstart.features.networks import Network, Networks
    from headstart.inspection.examined import Facts


def facts_of(dataset: Dataset, networks: Networks, features: Features, store: Store) -> dict[str, Facts]:
    """By modality, the facts of the first part of that modality, one row per example.

    Names are those of the modality's ``fact_names`` (of prepared inputs), of its ``size_fact_names``, and "bytes",
    the encoded length: not of texts, whose characters say the same, nor where it is not known without encoding.

    Raises:
        IntegrityError: facts of an example are not kept; the feature pass keeps them.
    """
    found: dict[str, Facts] = {}
    for part in dataset.parts:
        if part.modality not in found and part.modality in features.lanes:
            space = features.lanes[part.modality].described.facts
            found[part.modality] = _of_part(part, networks[part.modality], space, store)
    return found


def _of_part(part: Part, network: Network, space: Space | None, store: Store) -> Facts:
    from headstart.data.byte_lengths import byte_lengths
    from headstart.inspection.examined import Facts

    modality = network.modality
    names, columns = list(modality.size_fact_names), [modality.size_facts(part.sizes)]
    if space is not None:
        names += modality.fact_names
        columns.append(store.read(space, part.keys))
    lengths = byte_lengths(part.inputs) if part.modality != "text" else None
    if lengths is not None:
        names.append("bytes")
        columns.append(lengths[:, None].astype(np.float32))
    return Facts(tuple(names), np.concatenate(columns, axis=1))
