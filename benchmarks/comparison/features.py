"""Features of the default network as ``headstart fit`` keeps them."""

from __future__ import annotations

import tempfile
from pathlib import Path
from typing import Any

import numpy as np


def features_of(folder: Path) -> tuple[Any, Any]:
    """Features ``(N, D)`` of a folder's examples, which have one input each, and the data set that they are of."""
    from headstart.core.progress import Silent
    from headstart.core.run_folder import RunFolder
    from headstart.features.compute import compute_features
    from headstart.features.networks import ModelOptions, find_networks
    from headstart.features.reading import read_sources
    from headstart.features.workshop import open_workshop
    from headstart.request.fit_config import merge

    request = merge({"data": str(folder)})
    dataset = read_sources(request, (request.data, None)).dataset
    networks = find_networks(ModelOptions(), None, dataset.schema)
    with open_workshop(request, dry_run=False) as workshop, tempfile.TemporaryDirectory() as place:
        found = compute_features(
            dataset, networks, workshop, RunFolder(Path(place)), strata=np.zeros(len(dataset), np.int64),
            resplit=False, progress=Silent(), with_twin=False,
        )  # fmt: skip
        (lane,) = found.lanes.values()
        return workshop.store.read(lane.space, dataset.parts[0].keys), dataset
