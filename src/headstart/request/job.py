"""Which folder a fit writes to: a new one, or an unfinished one to go on with."""

from __future__ import annotations

import re
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from headstart.core.errors import ConfigError, HeadstartError
from headstart.core.files import write_text
from headstart.core.lock import lock
from headstart.core.run_folder import RunFolder
from headstart.request.fit_config import FitConfig, read_config

RUNS = Path("runs")
NO_REQUEST = "Begin a new run with another --out."


@dataclass(frozen=True)
class Job:
    """A request and the folder it is carried out in."""

    request: FitConfig
    folder: RunFolder

    @contextmanager
    def held(self) -> Iterator[None]:
        """Hold the folder against other processes; the lock file goes with the holder."""
        with lock(self.folder.lock, f"The run folder {self.folder.path}"):
            try:
                yield
            finally:
                self.folder.lock.unlink(missing_ok=True)

    def begin(self) -> None:
        """Write down what was asked, unless a killed process did so before."""
        if not self.folder.is_started:
            write_text(self.folder.request, self.request.yaml())


def new_job(request: FitConfig, out: Path | None) -> Job:
    """A job in a new or empty folder."""
    folder = RunFolder(out if out is not None else _default_folder(request.data))
    folder.require_new()
    return Job(request, folder)


def resumed_job(request: FitConfig | None, out: Path | None) -> Job:
    """The job to go on with: in ``out``, else the newest unfinished run with the same request.

    A folder that was killed before it held a request is begun anew when the request is given again.
    """
    if out is None:
        if request is None:
            raise ConfigError(
                "--resume needs the data and options of the run, or its folder by --out; neither was given."
            )
        return Job(request, RunFolder(_newest_unfinished(request)))
    folder = RunFolder(out)
    if not folder.is_started:
        if request is None:
            raise ConfigError(f"--resume needs a run in --out; {out} holds none. Give the data to begin it.")
        return Job(request, folder)
    asked = FitConfig.parse(read_config(folder.request, NO_REQUEST), "request.yaml")
    if request is not None and request != asked:
        changed = [key for key in FitConfig.model_fields if getattr(request, key) != getattr(asked, key)]
        raise ConfigError(
            f"a run is resumed with the options it began with; {', '.join(changed)} differ from {folder.request}. "
            "Leave the options out, or begin a new run with another --out."
        )
    return Job(asked, folder)


def _newest_unfinished(request: FitConfig) -> Path:
    found = []
    for path in RUNS.glob("*/request.yaml"):
        folder = RunFolder(path.parent)
        if not folder.is_finished and _asks_for(path, request):
            found.append((path.stat().st_mtime, path.parent))
    if not found:
        raise ConfigError(
            f"--resume needs an unfinished run with the same data and options; {RUNS}/ holds none. "
            "Leave --resume out to begin one, or name its folder with --out."
        )
    return max(found)[1]


def _asks_for(path: Path, request: FitConfig) -> bool:
    """Whether a request.yaml holds ``request``; one that is damaged, or of another version, holds none."""
    try:
        return FitConfig.parse(read_config(path), str(path)) == request
    except HeadstartError:
        return False


def _default_folder(data: str) -> Path:
    name = re.sub(r"[^\w.-]+", "-", Path(data).resolve().stem).strip("-.") or "data"
    folder = RUNS / f"{name}-{time.strftime('%Y%m%d-%H%M%S')}"
    number = 1
    while folder.exists():
        number += 1
        folder = RUNS / f"{name}-{time.strftime('%Y%m%d-%H%M%S')}-{number}"
    return folder
