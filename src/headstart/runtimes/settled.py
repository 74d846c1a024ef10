"""A runtime that is settled: what is written down, replayed, and part of the address of what it computes."""

from __future__ import annotations

import logging
from pathlib import Path
from typing import TYPE_CHECKING, Any

from pydantic import Field

from headstart.core.config import Config
from headstart.runtimes.contract import DEFAULT_BATCH_SIZE, Compute, Precision, runtime
from headstart.runtimes.machine import cpu_model

if TYPE_CHECKING:
    from headstart.backbones.pretrained.backbone import Backbone

logger = logging.getLogger(__name__)


class RuntimeChoice(Config):
    """A runtime, settled: replayed without measuring, and part of the address of what it computes."""

    name: str = Field(description="The runtime's name.")
    precision: Precision = Field(description="Precision of the arithmetic.")
    batch_size: int = Field(DEFAULT_BATCH_SIZE, gt=0, description="Rows computed at a time; the last batch is filled.")
    threads: int = Field(gt=0, description="Threads that compute.")
    version: str = Field(description="Versions of the packages that compute.")
    machine: str = Field(description="The processor; another one may give other bits.")
    reason: str = Field("", description="Why this one.")

    def address(self) -> dict[str, Any]:
        """The part of it that decides bits: everything but the reason."""
        return self.model_dump(mode="json", exclude={"reason"})

    def prepare(self, backbone: Backbone, start: int, stop: int, cache_folder: Path) -> Compute:
        """Make ``stages[start:stop]`` runnable as chosen; warns when versions or machine are others by now."""
        found = settled(self.name, self.precision, self.threads, self.batch_size)
        if found.address() != self.address():
            logger.warning(
                "%s was chosen with %s on %s; this is %s on %s: results may differ in the last bits",
                *(self.name, self.version, self.machine, found.version, found.machine),
            )
        chosen = runtime(self.name, self.precision)
        return chosen.prepare(backbone, start, stop, self.batch_size, self.threads, cache_folder)


def settled(
    name: str, precision: str, threads: int, batch_size: int = DEFAULT_BATCH_SIZE, reason: str = ""
) -> RuntimeChoice:
    """A choice made by name, without measuring; raises what :meth:`Runtime.version` raises."""
    version = runtime(name, precision).version()
    values = {"name": name, "precision": precision, "batch_size": batch_size, "threads": threads}
    return RuntimeChoice.parse({**values, "version": version, "machine": cpu_model(), "reason": reason}, "runtime")
