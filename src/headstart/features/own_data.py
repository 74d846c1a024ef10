"""The data of a finished run, read again as it read them."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from headstart.core.run_folder import RunFolder
    from headstart.data.dataset import LabeledDataset

DAMAGED, COPIES = "left out", "copies left out"  # decisions that list examples


def read_again(folder: RunFolder, columns: Mapping[str, str] | None = None) -> LabeledDataset | str:
    """The data, without what the run left out; or why they cannot be read, a clause.

    Args:
        folder: The run.
        columns: Further ones, by the option that names them; they come with the slices.

    Raises:
        DataError: they are not there any more, or cannot be read.
        ConfigError: config.yaml is damaged, or a further column is not there.
    """
    from headstart.features.reading import read_sources, sources_of
    from headstart.request.fit_config import FitConfig, read_config
    from headstart.request.update_request import NOT_ON_DISK

    config = FitConfig.parse(read_config(folder.config), "config.yaml")
    for name in (config.data, config.test, *(each.data for each in config.additions)):
        if name is not None and name.startswith(NOT_ON_DISK):
            return f"the data were given in Python ({name}), so they are not on disk"
    dataset = read_sources(config, sources_of(config), columns=columns or {}).dataset
    left_out = ids_left_out(folder)
    kept = np.flatnonzero([str(name) not in left_out for name in dataset.ids])
    return dataset.take(kept) if left_out else dataset


def ids_left_out(folder: RunFolder) -> set[str]:
    """Of examples that a run read and did not use."""
    return {str(each["id"]) for name in (DAMAGED, COPIES) for each in folder.decision(name) or ()}
