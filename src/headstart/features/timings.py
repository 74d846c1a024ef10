"""How long one input takes, remembered beside the features that were computed meanwhile."""

from __future__ import annotations

import logging
import statistics
import time
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray
from pydantic import Field

from headstart.core.config import Config
from headstart.core.errors import DataError, UserError
from headstart.core.files import read_json, write_json
from headstart.features.lanes import Lane

if TYPE_CHECKING:
    from headstart.engine.activations.address import Space
    from headstart.runtimes.contract import Compute

logger = logging.getLogger(__name__)
FOLDER = "timings"
SAMPLE = 32  # inputs that are timed where no pass did it
ENOUGH = 96  # inputs of a pass from which its own seconds count: three batches, of which one is the median
SHAPES = 3  # of a sample, the most frequent ones


class Timing(Config):
    """Seconds of one input on this machine, of many in a row."""

    prepare: float = Field(ge=0, description="From bytes to what the network takes, all threads at work.")
    compute: float = Field(ge=0, description="From there to features.")

    @property
    def seconds(self) -> float:
        """Both."""
        return self.prepare + self.compute


def remembered(cache: Path, space: Space) -> Timing | None:
    """What is known of a space; a file that cannot be read counts as none."""
    path = _path(cache, space)
    try:
        return Timing.parse(read_json(path), path.name) if path.exists() else None
    except (UserError, TypeError, OSError) as error:
        logger.info("timed again: %s", error)
        return None


def remember(cache: Path, space: Space, timing: Timing) -> None:
    """Write it down; where that is not possible, it is measured again next time."""
    try:
        write_json(_path(cache, space), timing.model_dump(mode="json"))
    except OSError as error:
        logger.info("timings cannot be remembered: %s", error)


@dataclass
class Timed:
    """A function of batches that counts rows, and seconds of a row by batch."""

    compute: Compute
    rows: int = 0
    rates: list[float] = field(default_factory=list)

    @property
    def seconds_per_input(self) -> float:
        """The median over batches: the first one plans, the last one is filled, and others may be disturbed."""
        return statistics.median(self.rates)

    def __call__(self, values: NDArray[Any]) -> NDArray[Any]:
        """The function."""
        began = time.perf_counter()
        found = self.compute(values)
        self.rates.append((time.perf_counter() - began) / len(values))
        self.rows += len(values)
        return found


def sampled(lane: Lane, threads: int) -> tuple[list[NDArray[Any]], float]:
    """Prepared inputs of the data, in batches of one shape, and the seconds that preparing one takes."""
    preparer = lane.network.preparer
    found: dict[tuple[int, ...], list[NDArray[Any]]] = {}
    began, count = time.perf_counter(), 0
    for content in lane.sample(SAMPLE):
        try:
            values = preparer.prepare(content)
        except DataError:
            continue
        found.setdefault(values.shape, []).append(values)
        count += 1
    seconds = (time.perf_counter() - began) / max(1, count) / threads
    most = sorted(found.values(), key=len, reverse=True)[:SHAPES]
    return [np.stack(each) for each in most], seconds


def compute_seconds(compute: Compute, batches: list[NDArray[Any]]) -> float:
    """Seconds of one input, full batches of each shape weighed by how many inputs have it."""
    total, rows = 0.0, 0
    for batch in batches:
        full = np.resize(batch, (SAMPLE, *batch.shape[1:]))
        compute(full.copy())  # the first one of a shape plans; a copy, since stages go on from a batch they know
        began = time.perf_counter()
        compute(full)
        total += (time.perf_counter() - began) / SAMPLE * len(batch)
        rows += len(batch)
    return total / max(1, rows)


def _path(cache: Path, space: Space) -> Path:
    return cache / FOLDER / f"{space.digest[:32]}.json"
