"""What a network whose batch normalisations hold a target's statistics makes of the target, computed once and kept."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np

from headstart import bundle
from headstart.adaptation.stream.moving import FEWEST, move_statistics
from headstart.adaptation.stream.network import StreamNetwork
from headstart.bundle.torch_backbone import rebuild
from headstart.data.inputs import take
from headstart.features.networks import Network

from .features import CLEAN, ways_of
from .sets import Source
from .variations import Variation

BATCH = 50
_INPUTS: dict[str, dict[str, Any]] = {}


def moved_features(source: Source, variation: Variation, data: Path, work: Path) -> Any:
    """``(m, D)`` of the target rows; None where the network has no batch normalisations or the rows are too few."""
    if source.is_plain or len(variation.target) < FEWEST:
        return None
    place = work / "moved" / f"{variation.name.replace('/', '--')}.npz"
    if not place.exists():
        place.parent.mkdir(parents=True, exist_ok=True)
        found = _computed(source, variation, data, work)
        np.savez(place, features=np.zeros((0, 0), np.float32) if found is None else found)
    kept = np.load(place)["features"]
    return kept if len(kept) else None


def _computed(source: Source, variation: Variation, data: Path, work: Path) -> Any:
    import torch

    folder, inputs = _opened(variation.set, source, data, work)
    shipped = bundle.read(folder)
    record = shipped.manifest.networks[shipped.manifest.sources[0].name]
    backbone = rebuild(shipped.folder, record)
    preparer = Network(backbone.card, None).with_backbone(backbone).preparer
    network = StreamNetwork(backbone, shipped.fitted())
    if not network.can_move:
        return None
    ours, theirs = take(inputs[CLEAN], variation.source), take(inputs[variation.condition], variation.target)
    move_statistics(network, preparer, ours, theirs, lambda: None)
    found, waiting = [], []
    with torch.no_grad():
        for row in range(len(theirs)):
            waiting.append(preparer.prepare(theirs.read(row)))
            if len(waiting) == BATCH or row == len(theirs) - 1:
                found.append(network.features(torch.from_numpy(np.stack(waiting))).numpy())
                waiting = []
    return np.concatenate(found)


def _opened(name: str, source: Source, data: Path, work: Path) -> tuple[Path, dict[str, Any]]:
    run = work / "runs" / name
    if name not in _INPUTS:
        _INPUTS[name] = ways_of(source.frame(data).reset_index(drop=True), source.worse, bundle.read(run))
    return run, _INPUTS[name]
