"""Both ends of a shift as tables of files, some rows of each drawn anew for every seed."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np

from headstart.core.seeding import generator
from headstart.data.corruptions.contract import corruptions_of

from .sets import SETS, Frame, Worse

MOST_SOURCE, MOST_TARGET = 300, 300


def both_ends(name: str, seed: int, data: Path, work: Path) -> tuple[Frame, Frame]:
    """Source and target rows with ``input`` and ``label``.

    Args:
        name: ``SET/DOMAIN_to_DOMAIN``, or ``SET/CORRUPTION``: then the target is other rows than the source, worse.
        seed: Of the draw.
        data: Folder of the sets.
        work: Where worse pictures are written.
    """
    set_name, _, way = name.partition("/")
    frame = SETS[set_name].frame(data).reset_index(drop=True)
    order = generator(seed, "ends", name).permutation(len(frame))
    if way in SETS[set_name].worse:
        source, target = order[:MOST_SOURCE], order[MOST_SOURCE : MOST_SOURCE + MOST_TARGET]
    else:
        ours, _, theirs = way.partition("_to_")
        source, target = (order[(frame.domain == domain).to_numpy()[order]] for domain in (ours, theirs))
        source, target = source[:MOST_SOURCE], target[:MOST_TARGET]
    ends = [frame.iloc[np.sort(rows)][["input", "label"]].reset_index(drop=True) for rows in (source, target)]
    if way in SETS[set_name].worse:
        ends[1] = _worse(ends[1], SETS[set_name].worse[way], work / "worse" / f"{set_name}-{way}-{seed}")
    return ends[0], ends[1]


def _worse(frame: Frame, how: Worse, folder: Path) -> Frame:
    """The same rows, of files that are worse."""
    name, strength = how
    corruption, rng = corruptions_of("image")[name], generator(0, "worse", str(folder.name))
    folder.mkdir(parents=True, exist_ok=True)
    paths: list[Any] = []
    for number, path in enumerate(map(Path, frame.input)):
        place = folder / f"{number}.png"
        place.write_bytes(corruption.corrupt(path.read_bytes(), strength, rng))
        paths.append(str(place))
    return frame.assign(input=paths)
