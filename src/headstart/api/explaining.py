"""``explain``: why a run's model predicted what it did, with checks of the explanation itself."""

from __future__ import annotations

import json
import re
import sys
from collections.abc import Iterator, Sequence
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from headstart.api.explanations import ExplainedClasses, ExplainedMistakes, Explanations
from headstart.api.threads import require_threads
from headstart.core.errors import BackendError, ConfigError, DataError
from headstart.core.files import require_new_folder, write_bytes, write_text
from headstart.core.progress import Progress, Silent
from headstart.core.text_content import without_lone_surrogates

if TYPE_CHECKING:
    from headstart.api.training_examples import TrainingExamples
    from headstart.explanation.explaining import Explained, Explaining

LINES = "explanations.jsonl"
PAGE = "explain.html"
CHUNK = 64


def explain(
    run: str | Path,
    inputs: Any = None,
    *,
    mistakes: bool = False,
    by_class: bool = False,
    per_class: int = 50,
    at_least: int = 3,
    out: str | Path | None = None,
    class_name: str | None = None,
    method: str = "auto",
    steps: int = 16,
    checks: bool = True,
    neighbours: int = 3,
    input: str | Sequence[str] | None = None,
    seed: int = 0,
    threads: int | None = None,
    progress: Progress | None = None,
) -> Explanations | ExplainedMistakes | ExplainedClasses:
    """Say which parts of each input the model's answer rests on, and whether that can be trusted.

    Args:
        run: A run folder, its ``bundle/``, or a bundle copied elsewhere. Training examples are shown where it is
            a run folder whose data are still there.
        inputs: As ``predict`` takes them; None with ``mistakes``.
        mistakes: Explain, without ``inputs``, the mistakes that the report of the run shows, and write it again
            (:func:`headstart.api.explaining_mistakes.explain_mistakes`).
        by_class: Put the explanations of ``inputs``, or without them of the run's training examples, together for each
            class (:func:`headstart.api.explaining_classes.explain_classes`); no checks, no neighbours.
        per_class: Examples of each class that are then explained, at most.
        at_least: Texts of a class that must hold a word before it is named.
        out: Folder for explanations.jsonl (by_class.json), a page and drawings, new or empty; None: nothing is
            written.
        class_name: Class, grade or label to explain; None: the one with the largest output.
        method: "auto", or a way of explaining: "hires_cam", "grad_cam", "class_activation" (pictures),
            "integrated_gradients" (pictures, texts, recordings), "shapley", "occlusion" (anything).
        steps: Of integrated gradients.
        checks: Whether to measure deletion and insertion, and to compare with random weights.
        neighbours: Nearest training examples to show; 0: none.
        input: Columns with the inputs, for tables that call them otherwise.
        seed: Of random orders and random weights.
        threads: Processor threads.
        progress: Told of the step "explain" and of every example.

    Returns:
        One document for each input, those that could not be read with their error.

    Raises:
        ConfigError: not one of ``inputs`` and ``mistakes``; no bundle there, no such class or method, a method that
            cannot explain this model, torch missing where gradients are wanted.
        DataError: there is no input at all, or a table lacks columns.
        IntegrityError: the bundle is damaged.
    """
    from headstart import bundle
    from headstart.api.explaining_classes import Data, explain_classes
    from headstart.api.explaining_mistakes import explain_mistakes
    from headstart.api.training_examples import training_examples_of
    from headstart.explanation.explaining import Asked, Explaining
    from headstart.explanation.model import column_of
    from headstart.runtimes.process_settings import settle_process

    settle_process()
    require_threads(threads)
    if steps < 1 or neighbours < 0:
        raise ConfigError(f"steps must be 1 or more and neighbours 0 or more; got {steps} and {neighbours}.")
    if per_class < 1 or at_least < 1:
        raise ConfigError(f"per_class and at_least must be 1 or more; got {per_class} and {at_least}.")
    asked = Asked(method, class_name, steps, "all" if checks else "none", seed)
    if mistakes:
        if inputs is not None or out is not None or by_class:
            raise ConfigError(
                "mistakes are the run's and go to its report; leave out the inputs, --out and --by-class."
            )
        return explain_mistakes(Path(run), asked, threads=threads, progress=progress)
    place = None if out is None else Path(out)
    if place is not None:
        require_new_folder(place)
    if by_class:
        data = Data(inputs, input, per_class, at_least)
        return explain_classes(
            Path(run), replace(asked, checks="none"), data, out=place, threads=threads, progress=progress
        )
    if inputs is None:
        raise ConfigError("explain needs inputs, or --mistakes for those that the run got wrong; name one of the two.")
    shipped = bundle.read(run)
    task = shipped.task()
    column_of(class_name, np.zeros((1, max(len(task.class_names), 1))), task.class_names, task.kind)
    try:
        explaining = Explaining(shipped, asked, threads=threads)
    except BackendError as error:  # for the user it is the request that cannot work on this machine
        raise ConfigError(str(error)) from error
    report = progress or Silent()
    near = training_examples_of(Path(run), shipped, explaining.predictor, neighbours, threads=threads, progress=report)
    report.step("explain", 0)
    documents, shown = [], []
    for number, name, found in _explained(explaining, inputs, input):
        document = _document(explaining, name, found, near)
        if place is not None and not isinstance(found, str):
            document["files"] = _drawn(place, f"{number:04d}-{_safe(name)}", found, document)
            shown.append({**document, "excerpts": near.excerpts(document) if not isinstance(near, str) else {}})
        documents.append(document)
        report.advance(1)
    if place is not None:
        _write(place, documents, shown)
    return Explanations(tuple(documents), place)


def _explained(explaining: Explaining, inputs: Any, input: Any) -> Iterator[tuple[int, str, Explained | str]]:
    """Number, name and explanation of each input, in order; a text where there is none, why."""
    from headstart.data.unlabeled import read_unlabeled
    from headstart.explanation.example import read_example

    predictor = explaining.predictor
    sources = list(inputs) if isinstance(inputs, list | tuple) else [inputs]
    number = 0
    for chunk in read_unlabeled(sources, schema=predictor.schema, input=input, lines=sys.stdin, chunk_size=CHUNK):
        for row, name in enumerate(chunk.ids):
            try:
                found: Explained | str = explaining.explain(read_example(predictor, chunk.parts, chunk.table, row))
            except (DataError, OSError) as error:
                found = str(error) or type(error).__name__
            yield number, name, found
            number += 1


def _document(
    explaining: Explaining, name: str, found: Explained | str, near: TrainingExamples | str
) -> dict[str, Any]:
    if isinstance(found, str):
        return {"id": name, "error": found}
    said = explaining.task.predictions(found.outputs)["prediction"]
    prediction = said[0].item() if hasattr(said[0], "item") else said[0]
    document = {"id": name, "error": None, "prediction": prediction, **found.document}
    if isinstance(near, str):
        document["neighbours"] = {"nearest": [], "otherwise": None, "why_not": near}
    else:
        document["neighbours"] = near.neighbours.of(found.features, prediction)
    return document


def _drawn(place: Path, stem: str, found: Explained, document: dict[str, Any]) -> dict[str, str]:
    """Write what can be seen of one explanation: a picture with its cells, or a text with its words."""
    from headstart.explanation.drawing import overlay

    picture, pieces = found.units.picture(), found.units.pieces()
    if picture is not None:
        place.mkdir(parents=True, exist_ok=True)
        write_bytes(place / f"{stem}.png", overlay(picture, found.attribution.values))
        return {"overlay": f"{stem}.png"}
    if pieces:
        from headstart.reports.explain_page import render_text

        document["pieces"] = [list(piece) for piece in pieces]
        place.mkdir(parents=True, exist_ok=True)
        render_text(place / f"{stem}.html", document)
        return {"highlighted": f"{stem}.html"}
    return {}


def _write(place: Path, documents: Sequence[dict[str, Any]], shown: Sequence[dict[str, Any]]) -> None:
    """The lines, and the page, which alone holds pictures and texts of training examples."""
    from headstart.reports.explain_page import render_explanations

    place.mkdir(parents=True, exist_ok=True)
    lines = (json.dumps(document, ensure_ascii=False, allow_nan=False) for document in documents)
    write_text(place / LINES, "".join(f"{without_lone_surrogates(line)}\n" for line in lines))
    render_explanations(place / PAGE, [*shown, *(each for each in documents if each["error"] is not None)])


def _safe(name: str) -> str:
    """The last part of a name, as it can stand in a file's name anywhere.

    >>> _safe("photos/red bag.png"), _safe("0")
    ('red_bag', '0')
    """
    stem = Path(name).stem or "input"
    return re.sub(r"[^A-Za-z0-9-]+", "_", stem)[:40] or "input"
