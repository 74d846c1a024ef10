"""``report``: the HTML page again, from a run's files alone."""

from __future__ import annotations

from pathlib import Path

from headstart.core.errors import ConfigError
from headstart.core.run_folder import RunFolder


def report(run: str | Path, *, examples: bool = True) -> Path:
    """Write ``report.html`` of a finished run and return its path.

    Args:
        run: A run folder.
        examples: False leaves pictures out of the page.

    Raises:
        ConfigError: ``run`` is no run folder, or the run is not finished.
    """
    folder = RunFolder(Path(run))
    if not folder.path.is_dir():
        raise ConfigError(f"report needs a run folder; {run} is not a folder. Name the folder that fit printed.")
    if not folder.is_started:  # a bundle has an evidence.json too, and must stay as it is
        raise ConfigError(f"report needs a run folder; {run} holds no run. Name the folder that fit printed.")
    folder.read_evidence()
    from headstart.reports.page import render

    return render(folder.path, examples=examples)
