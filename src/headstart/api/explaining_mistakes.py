"""``explain RUN --mistakes``: what all the mistakes that a run's report shows rest on, drawn into the report."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from headstart.api.explanations import ExplainedMistakes
from headstart.core.errors import BackendError, ConfigError, DataError
from headstart.core.files import read_json, write_json
from headstart.core.progress import Progress, Silent
from headstart.core.run_folder import RunFolder
from headstart.features.own_data import read_again

if TYPE_CHECKING:
    from headstart.explanation.explaining import Asked


def explain_mistakes(
    run: Path, asked: Asked, *, threads: int | None = None, progress: Progress | None = None
) -> ExplainedMistakes:
    """Explain every mistake of examples.json, write explanations.json, and draw both into the report again.

    Args:
        run: A run folder.
        asked: How.
        threads: Processor threads.
        progress: Told of the step "explain" and of every mistake.

    Raises:
        ConfigError, IntegrityError: no finished run is there, it keeps no examples, or it is damaged; a method that
            cannot explain this model.
        DataError: its data cannot be read any more.
    """
    from headstart.bundle import read
    from headstart.explanation.explaining import Explaining
    from headstart.fitting.explained import explained_mistakes
    from headstart.reports.page import render

    folder = RunFolder(run)
    if not folder.config.exists() or not folder.evidence.exists():
        raise ConfigError(f"--mistakes needs a finished run folder; {run} is none. Name the folder that fit printed.")
    if not folder.examples.exists():
        raise ConfigError("--mistakes shows examples of the data; this run keeps none. Fit without --no-examples.")
    names = [str(each["id"]) for each in read_json(folder.examples).get("mistakes", [])]
    dataset = read_again(folder)
    if isinstance(dataset, str):
        raise DataError(f"mistakes are explained from the run's own test examples; {dataset}. Fit from a file.")
    place = {str(name): row for row, name in enumerate(dataset.ids)}
    found = [(place[name], name) for name in names if name in place]
    if names and not found:
        raise DataError("mistakes are explained from the run's own test examples; none of them is there any more.")
    try:
        explaining = Explaining(read(folder.bundle), asked, threads=threads)
    except BackendError as error:
        raise ConfigError(str(error)) from error
    listener = progress or Silent()
    listener.step("explain", len(found))
    document = explained_mistakes(explaining, dataset, found, advance=listener.advance)
    write_json(folder.explanations, document)
    return ExplainedMistakes(folder.path, document, render(folder.path))
