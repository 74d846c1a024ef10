"""``report``: the HTML page again, from a run's files alone."""

from __future__ import annotations

from pathlib import Path

from headstart.core.errors import ConfigError
from headstart.core.run_folder import RunFolder


def report(run: str | Path, *, against: str | Path | None = None, examples: bool = True) -> Path:
    """Write ``report.html`` and the model card of a finished run again, or with ``against`` a page that compares two.

    The path of the page is returned.

    Args:
        run: A run folder, or a folder that ``evaluate`` wrote: its page says how the model does on those data.
        against: Another run folder with the same test examples: ``against-NAME.html`` and ``.json`` in the folder of
            ``run`` then say which of the two is better, where they differ, and for whom.
        examples: False leaves pictures, and names of examples that changed, out of the page.

    Raises:
        ConfigError: ``run`` or ``against`` is no run folder, is not finished, or their tests are not the same.
        IntegrityError: a file of theirs is damaged.
    """
    folder = RunFolder(Path(run))
    is_run = folder.is_started
    if not folder.path.is_dir():
        raise ConfigError(f"report needs a run folder; {run} is not a folder. Name the folder that fit printed.")
    if against is None and (page := _of_a_compression(folder)) is not None:
        return page
    if not (is_run or folder.predictions.exists()):  # a bundle has an evidence.json too, and must stay as it is
        raise ConfigError(
            f"report needs a run folder; {run} holds no run. Name the folder that fit printed, or the one that "
            "evaluate --out wrote."
        )
    folder.read_evidence()
    if against is not None:
        return _compared(folder.path, Path(against), examples)
    from headstart.reports.model_card import write_model_card
    from headstart.reports.page import render

    if is_run:  # what evaluate wrote is no model
        write_model_card(folder.path)
    return render(folder.path, examples=examples)


def _of_a_compression(folder: RunFolder) -> Path | None:
    """The page of what compress wrote; None of anything else, a bundle among it."""
    from headstart.bundle.manifest import MANIFEST
    from headstart.reports.compression_page import render_compression

    if folder.is_started or not folder.evidence.exists() or (folder.path / MANIFEST).exists():
        return None
    evidence = folder.read_evidence()
    return render_compression(folder.report, evidence) if "compression" in evidence else None


def _compared(run: Path, other: Path, examples: bool) -> Path:
    from headstart.core.files import write_json
    from headstart.evidence.against import against
    from headstart.evidence.run_answers import read_run_answers
    from headstart.reports.against_page import render_against

    document = against(read_run_answers(run), read_run_answers(other))
    name = f"against-{document['other']}"
    write_json(run / f"{name}.json", document)
    return render_against(run / f"{name}.html", document, examples=examples)
