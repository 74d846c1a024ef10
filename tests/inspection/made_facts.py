"""Facts of inputs without a network: measured from contents, or said outright."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np

from headstart.core.preprocessing import Preprocessing
from headstart.data.modalities import modality
from headstart.inspection.examined import Facts


def measured(name: str, contents: Sequence[bytes], preprocessing: Preprocessing, **assets: bytes) -> dict[str, Facts]:
    """By modality, what the feature pass would keep, and the sizes."""
    kind = modality(name)
    preparer = kind.preparer(preprocessing, {f"{key}.json": value for key, value in assets.items()})
    of_arrays = np.concatenate([kind.facts(preparer.prepare(content)[None], preparer) for content in contents])
    of_sizes = kind.size_facts(np.array([kind.look(content) for content in contents], np.int64))
    return {name: Facts((*kind.size_fact_names, *kind.fact_names), np.concatenate([of_sizes, of_arrays], axis=1))}


def said(name: str, **columns: Any) -> dict[str, Facts]:
    """By modality, these columns."""
    values = np.stack([np.asarray(column, np.float32) for column in columns.values()], axis=1)
    return {name: Facts(tuple(columns), values)}
