"""``monitor``: what a model is asked now, held against what it was held out on."""

from __future__ import annotations

import os
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from headstart.api.monitor_result import Monitoring
from headstart.api.monitored_data import Counted
from headstart.api.threads import require_threads
from headstart.core.errors import ConfigError
from headstart.core.progress import Progress, Silent


def monitor(
    run: str | Path,
    data: Any,
    *,
    target: str | None = None,
    input: str | Sequence[str] | None = None,
    window: int | None = None,
    out: str | Path | None = None,
    threads: int | None = None,
    progress: Progress | None = None,
) -> Monitoring:
    """Say whether inputs, predictions or accuracy have changed since the fit, what that costs, and what to do.

    Args:
        run: A run folder, its ``bundle/``, or a bundle copied elsewhere.
        data: The log of a server (``headstart serve --monitor-log``), or examples as ``predict`` takes them. Where they
            have targets, accuracy is measured too.
        target: Column of the targets, where it is not called label or target.
        input: Columns with the inputs, for a table that calls them otherwise.
        window: Examples that are judged together; None: 500 of a log, all of a data set.
        out: Folder for monitor.json and monitor.html, new or empty.
        threads: Processor threads.
        progress: Told of the step "predict" and of every example.

    Raises:
        ConfigError: no bundle there, or one that was written before monitoring existed.
        DataError: the log is empty or of another model, or the data cannot be read.
        IntegrityError: the bundle is damaged.
    """
    from headstart import bundle
    from headstart.core.files import require_new_folder, write_json
    from headstart.monitoring.document import WINDOW, Monitored, document_of
    from headstart.monitoring.log import is_log, read_log
    from headstart.monitoring.reference import Reference
    from headstart.runtimes.process_settings import settle_process
    from headstart.serving.models import name_of, version_of

    settle_process()
    require_threads(threads)
    if window is not None and window < 1:
        raise ConfigError(f"window must be 1 example or more; got {window}.")
    place = None if out is None else Path(out)
    if place is not None:
        require_new_folder(place)
    shipped = bundle.read(run)
    reference = Reference.of(shipped.postprocessing())
    model = Monitored(
        name_of(shipped.folder), version_of(shipped.folder), shipped.task().kind, tuple(shipped.class_names)
    )
    if isinstance(data, str | os.PathLike) and _seems_a_log(Path(data), is_log(Path(data))):
        log = read_log(Path(data), reference, model.version)
        stretches, source, size = log.stretches, "log", window or WINDOW
        notes = _about_log(log.damaged, log.others)
    else:
        counted = Counted(shipped, model.version, threads, progress or Silent())
        stretches, source = counted.of(data, target, input), "data"
        size, notes = window or sum(each.examples + each.unusable for each in stretches), counted.notes
    document = document_of(model, reference, stretches, size, source, notes)
    if place is None:
        return Monitoring(document)
    from headstart.reports.monitor_page import PAGE, render_monitor

    write_json(place / "monitor.json", document)
    render_monitor(place / PAGE, document)
    return Monitoring(document, place)


def _seems_a_log(path: Path, holds_lines: bool) -> bool:
    """A file that holds nothing is a log whose server answered nothing yet."""
    return holds_lines or (path.is_file() and path.stat().st_size == 0)


def _about_log(damaged: int, others: dict[str, int]) -> list[str]:
    found = [f"{damaged} damaged lines of the log were passed over."] if damaged else []
    return found + [f"{count} lines of the model {version} were passed over." for version, count in others.items()]
