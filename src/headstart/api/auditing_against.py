"""``audit SOURCE --against TARGET``: what kind of shift lies between a run's data and others, and what carries it."""

from __future__ import annotations

import tempfile
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from headstart.api.adapting import domains_of
from headstart.api.shift_result import ShiftAudit
from headstart.api.shift_told import advice_of, sentence_of
from headstart.api.two_domains import source_rows, target_rows
from headstart.core.errors import ConfigError, DataError
from headstart.core.progress import Progress, Silent
from headstart.core.run_folder import RunFolder

if TYPE_CHECKING:
    from headstart.adaptation.shift.kind import Shift
    from headstart.api.two_domains import SourceRows, TargetRows
    from headstart.bundle import Bundle, Predictor
    from headstart.core.learning import Floats
    from headstart.core.modality import Preparer
    from headstart.data.part import Part

SEED = 0
MOST_LOOKED_INTO = 300  # inputs of each domain that are decoded for how they look
SHOWN = 8  # examples that are named


def audit_against(
    source: Any,
    other: Any,
    *,
    target: str | None = None,
    input: str | Sequence[str] | None = None,
    out: str | Path | None = None,
    threads: int | None = None,
    progress: Progress | None = None,
) -> ShiftAudit:
    """Tell the kind of a shift, how strong it is, what carries it, and what an adaptation may gain.

    Args:
        source: A finished run folder; or labelled data as ``fit`` takes them, of which a linear probe is fitted.
        other: Examples of the other domain; targets that they may have are not read.
        target: Column with the targets of labelled data.
        input: Columns with the inputs, for a table that calls them otherwise.
        out: Folder for shift.json and shift.html, new or empty.
        threads: Processor threads.
        progress: Told of steps.

    Raises:
        ConfigError: the run's data are not there any more.
        DataError: another kind of input, too few examples, targets that are no classes.
    """
    from headstart import bundle
    from headstart.core.files import require_new_folder, write_json
    from headstart.runtimes.process_settings import settle_process

    settle_process()
    listener = progress or Silent()
    place = None if out is None else Path(out)
    if place is not None:
        require_new_folder(place)
    with tempfile.TemporaryDirectory() as made:
        run = _run_of(source, Path(made), target, threads, listener)
        shipped = bundle.read(run)
        predictor = shipped.predictor(threads=threads)
        ours = source_rows(RunFolder(run), shipped, predictor, threads=threads, progress=listener)
        if isinstance(ours, str):
            raise ConfigError(f"audit --against needs the data that the run learned from; {ours}.")
        theirs = target_rows(other, input, shipped, predictor, threads=threads, progress=listener)
        document = document_of(shipped, predictor, ours, theirs)
    if place is None:
        return ShiftAudit(document)
    from headstart.reports.shift_page import PAGE, render_shift

    write_json(place / "shift.json", document)
    render_shift(place / PAGE, document)
    return ShiftAudit(document, place)


def is_run(source: Any) -> bool:
    """Whether a source names a run folder."""
    return isinstance(source, str | Path) and (RunFolder(Path(source)).bundle / "manifest.json").is_file()


def _run_of(source: Any, made: Path, target: str | None, threads: int | None, progress: Progress) -> Path:
    """The run that was named, or one of a linear probe."""
    if is_run(source):
        return Path(source)
    from headstart.api.fitting import fit

    fitted = fit(
        source, target=target, method="linear_probe", out=made / "run", threads=threads, examples=False,
        progress=progress,
    )  # fmt: skip
    return Path(fitted.path)  # type: ignore[union-attr]  # a fit that is no dry run, with one seed


def document_of(shipped: Bundle, predictor: Predictor, ours: SourceRows, theirs: TargetRows) -> dict[str, Any]:
    """What the page and the terminal show."""
    from headstart.adaptation.shift.kind import shift_between
    from headstart.api.unread_texts import unread_notes

    domains = domains_of(shipped, predictor, ours, theirs)
    found = shift_between(domains, shipped.class_names, SEED)
    carriers = _carriers(predictor, ours, theirs)
    document = {
        "schema": 1,
        "source": {"name": ours.dataset.name, "n": len(ours.dataset)},
        "target": {"name": theirs.name, "n": len(theirs.ids), "unusable": theirs.unusable},
        "kind": found.kind,
        "strength": found.strength,
        "separation": _told(found.separation),
        "separation_with_equal_shares": None if found.alike is None else _told(found.alike),
        "classes": list(found.shares),
        "why_no_classes": found.why_no_shares,
        "accuracy": dict(found.accuracy),
        "carriers": carriers,
        "examples": _examples(found, ours, theirs),
    }
    unread = unread_notes(predictor, ours.dataset, theirs.dataset)
    return document | {"sentence": sentence_of(document), "advice": [*unread, *advice_of(document)]}


def _told(separation: Any) -> dict[str, Any]:
    return {"auc": separation.auc, "low": separation.low, "high": separation.high}


def _examples(found: Shift, ours: SourceRows, theirs: TargetRows) -> dict[str, list[str]]:
    """Ids: of the target those least and most like the source, and those that are like nothing learned."""
    order = np.argsort(-found.separation.target, kind="stable")
    rows = found.rows[order]
    return {
        "unlike": [theirs.ids[row] for row in rows[:SHOWN]],
        "alike": [theirs.ids[row] for row in rows[::-1][:SHOWN]],
        "like_nothing": [theirs.ids[row] for row in found.apart[: 5 * SHOWN]],
    }


def _carriers(predictor: Predictor, ours: SourceRows, theirs: TargetRows) -> dict[str, list[dict[str, Any]]]:
    from headstart.adaptation.shift import carriers
    from headstart.core.text_content import texts_of

    found = {"columns": carriers.columns_that_differ(ours.dataset.table, theirs.dataset.table)}
    looks: list[dict[str, Any]] = []
    preparers = {over.part: over.preparer for over in predictor.passes}
    for number, part in enumerate(ours.dataset.parts):
        other = theirs.dataset.parts[number]
        if part.modality == "text":
            texts = [[" ".join(texts_of(each.inputs.read(row))) for row in range(len(each))] for each in (part, other)]
            found["words"] = [*found.get("words", []), *carriers.words_that_differ(*texts)]
        looks += carriers.numbers_that_differ(*(_facts(each, preparers.get(number)) for each in (part, other)))
    return found | {"looks": sorted(looks, key=lambda each: -each["distance"])}


def _facts(part: Part, preparer: Preparer | None) -> dict[str, Floats]:
    """How up to a few hundred inputs look: sizes, brightness, loudness, make-up of letters."""
    from headstart.data.modalities import modality
    from headstart.monitoring.quality import part_facts

    kind = modality(part.modality)
    contents, sizes, measured = list[bytes](), list[Any](), list[Any]()
    for row in np.linspace(0, len(part) - 1, min(len(part), MOST_LOOKED_INTO)).astype(np.int64).tolist():
        try:
            content = part.inputs.read(row)
            size = kind.look(content)
            if preparer is not None and kind.fact_names:
                measured.append(kind.facts(preparer.prepare(content)[None], preparer))
        except (DataError, OSError):
            continue
        contents.append(content)
        sizes.append(size)
    facts = np.concatenate(measured) if measured else None
    return part_facts(kind, np.array(sizes, np.int64), facts, contents)
