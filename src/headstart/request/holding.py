"""The run folder while a fit writes to it: finished, resumable, or gone."""

from __future__ import annotations

import contextlib
import logging
import shutil
from collections.abc import Iterator
from pathlib import Path

from headstart.core.errors import (
    ConfigError,
    DataError,
    GateError,
    LeakError,
    MissingExtraError,
    RunInterrupted,
    StageError,
)
from headstart.core.resources import MIB, require_space
from headstart.core.run_folder import RunFolder
from headstart.request.job import Job

RUN_BYTES = 64 * MIB  # a bundle, a report and records


@contextlib.contextmanager
def held_folder(job: Job, cache: Path, feature_bytes: int) -> Iterator[None]:
    """Hold the folder, log into it; after an error in the data or options, or where a gate
    refused, nothing is left that was not there before.
    """
    folder = job.folder
    place = folder.path.absolute()
    was_started, made = folder.is_started, [path for path in (place, *place.parents) if not path.exists()]
    require_space(folder.path, RUN_BYTES, "The run folder")
    require_space(cache, feature_bytes, "The kept activations")
    try:
        with job.held(), _logged(folder):
            job.begin()
            # what a process that was interrupted had chosen opens no seal of this one, which chooses for itself
            folder.config.unlink(missing_ok=True)
            yield
    except (DataError, ConfigError, LeakError, MissingExtraError, StageError, GateError):
        if not was_started:
            _empty(place)
            with contextlib.suppress(OSError):  # another run was put there in the meantime
                for path in made:
                    path.rmdir()
        raise
    except KeyboardInterrupt:
        raise RunInterrupted(folder.path) from None


def _empty(folder: Path) -> None:
    for path in folder.iterdir() if folder.is_dir() else ():
        if path.is_dir():
            shutil.rmtree(path, ignore_errors=True)
        else:
            path.unlink(missing_ok=True)


@contextlib.contextmanager
def _logged(folder: RunFolder) -> Iterator[None]:
    """Everything the library logs goes to run.log too."""
    handler = logging.FileHandler(folder.log, encoding="utf-8")
    handler.setFormatter(logging.Formatter("%(asctime)s %(levelname)s %(name)s: %(message)s"))
    package = logging.getLogger("headstart")
    level = package.level
    package.addHandler(handler)
    package.setLevel(logging.INFO if level == logging.NOTSET else min(level, logging.INFO))
    try:
        yield
    finally:
        package.removeHandler(handler)
        package.setLevel(level)
        handler.close()
