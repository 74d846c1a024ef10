"""The data of a finished run, read again as it read them."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from headstart.core.run_folder import RunFolder
    from headstart.data.dataset import LabeledDataset

NOT_ON_DISK = "<"  # how a source that was no path is written into config.yaml


def read_again(folder: RunFolder) -> LabeledDataset | str:
    """The data, without what the run left out; or why they cannot be read, a clause.

    Raises:
        DataError: they are not there any more, or cannot be read.
        ConfigError: config.yaml is damaged.
    """
    from headstart.features.reading import read_sources
    from headstart.request.fit_config import FitConfig, read_config

    config = FitConfig.parse(read_config(folder.config), "config.yaml")
    if config.data.startswith(NOT_ON_DISK) or (config.test or "").startswith(NOT_ON_DISK):
        return f"the data were given in Python ({config.data}), so they are not on disk"
    dataset = read_sources(config, (config.data, config.test)).dataset
    left_out = {each["id"] for each in folder.decision("left out") or ()}
    kept = np.flatnonzero([str(name) not in left_out for name in dataset.ids])
    return dataset.take(kept) if left_out else dataset
