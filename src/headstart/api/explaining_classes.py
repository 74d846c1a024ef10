"""``explain RUN --by-class``: which words, columns, bands or regions drive each class over a whole data set."""

from __future__ import annotations

import base64
import sys
from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from headstart.api.explanations import ExplainedClasses
from headstart.core.errors import BackendError, ConfigError, DataError
from headstart.core.files import write_json
from headstart.core.progress import Progress, Silent

if TYPE_CHECKING:
    from headstart.bundle import Predictor
    from headstart.explanation.by_class import ByClass
    from headstart.explanation.example import Example
    from headstart.explanation.explaining import Answer, Asked, Explained, Explaining

SCHEMA = 1
DOCUMENT, PAGE = "by_class.json", "by_class.html"
CHUNK = 64
PROTOTYPES = 4  # examples of a class that are drawn


@dataclass(frozen=True)
class Data:
    """What is explained.

    Attributes:
        inputs: As ``predict`` takes them; None: the run's own training examples.
        input: Columns with the inputs, for a table that calls them otherwise.
        per_class: Examples of a class, at most.
        at_least: Texts that must hold a word before it is named.
    """

    inputs: Any
    input: Any
    per_class: int
    at_least: int


def explain_classes(
    run: Path, asked: Asked, data: Data, *, out: Path | None, threads: int | None, progress: Progress | None
) -> ExplainedClasses:
    """Explain up to ``data.per_class`` examples of each class and put them together.

    Args:
        run: A run folder or bundle; a run folder where no inputs are given.
        asked: How one is explained.
        data: What.
        out: New or empty folder for by_class.json and by_class.html; None: nothing is written.
        threads: Processor threads.
        progress: Told of the step "explain" and of every example.

    Raises:
        ConfigError, IntegrityError: about the run; a method that cannot explain this model.
        DataError: nothing can be read.
    """
    from headstart import bundle
    from headstart.data.unlabeled import read_unlabeled
    from headstart.explanation.by_class import ByClass
    from headstart.explanation.explaining import Explaining

    shipped = bundle.read(run)
    try:
        explaining = Explaining(shipped, asked, threads=threads)
    except BackendError as error:
        raise ConfigError(str(error)) from error
    gathered, drawn = ByClass(shipped.schema.modality, data.at_least), _Prototypes()
    listener, failed, read = progress or Silent(), 0, 0
    if data.inputs is None:
        chunks: Iterable[Any] = [_own(run, explaining, data.per_class, threads, listener)]
    else:
        sources = list(data.inputs) if isinstance(data.inputs, list | tuple) else [data.inputs]
        schema = explaining.predictor.schema
        chunks = read_unlabeled(sources, schema=schema, input=data.input, lines=sys.stdin, chunk_size=CHUNK)
    listener.step("explain", 0)
    for name, example in _examples(explaining.predictor, chunks):
        read += 1
        if isinstance(example, str):
            failed += 1
        else:
            failed += not _add(explaining, name, example, data.per_class, gathered, drawn)
        listener.advance(1)
        if all(gathered.count(column) >= data.per_class for column in range(max(1, len(shipped.class_names)))):
            break
    classes = gathered.document(shipped.class_names)
    if not classes:
        raise DataError(f"at least one example must be explained; none of {read:,} could be.")
    document = {
        "schema": SCHEMA, "method": explaining.method, "why_method": explaining.why,
        "modality": shipped.schema.modality, "read": read, "failed": failed, "per_class": data.per_class,
        "at_least": data.at_least, "classes": classes,
    }  # fmt: skip
    if out is not None:
        _write(out, document, drawn)
    return ExplainedClasses(document, out)


def _examples(predictor: Predictor, chunks: Iterable[Any]) -> Iterator[tuple[str, Example | str]]:
    """Name and example, or why it cannot be read."""
    from headstart.explanation.example import read_example

    for chunk in chunks:
        for row, name in enumerate(chunk.ids):
            try:
                yield str(name), read_example(predictor, chunk.parts, chunk.table, row)
            except (DataError, OSError) as error:
                yield str(name), str(error) or type(error).__name__


def _own(run: Path, explaining: Explaining, per_class: int, threads: int | None, progress: Progress) -> Any:
    """The run's training examples, in an order of chance; of each predicted class as many as are wanted."""
    from headstart.api.training_examples import training_examples_of
    from headstart.core.seeding import generator

    found = training_examples_of(
        run, explaining.shipped, explaining.predictor, 1, threads=threads, progress=progress
    )  # fmt: skip
    if isinstance(found, str):
        raise ConfigError(f"--by-class without inputs takes the run's own training examples; {found}. Name inputs.")
    answers, taken, rows = found.neighbours.predictions, Counter[Any](), list[int]()
    for row in generator(0, "by_class").permutation(len(found.dataset)).tolist():
        answer = None if isinstance(answers[row], float) else answers[row]
        if taken[answer] < per_class:
            taken[answer] += 1
            rows.append(row)
    return found.dataset.take(np.array(rows, np.int64))


def _add(
    explaining: Explaining, name: str, example: Example, per_class: int, gathered: ByClass, drawn: _Prototypes
) -> bool:
    """One example for each class that it tells something of; False where it cannot be explained."""
    try:
        answer = explaining.answer(example)
        for each in _answers(explaining, answer):
            if gathered.count(each.column) < per_class:
                found = explaining.explain(example, each)
                gathered.add(found, {key: column.values[0] for key, column in example.table.columns.items()})
                if each.column == answer.column:
                    drawn.add(name, found)
    except (DataError, OSError):
        return False
    return True


def _answers(explaining: Explaining, answer: Answer) -> list[Answer]:
    """The class that is predicted; of plain rows every class, since one tells of all of them at little cost."""
    from headstart.explanation.explaining import Answer

    predictor = explaining.predictor
    is_plain = bool(predictor.schema.columns) and not predictor.passes and not predictor.contents
    if not is_plain or explaining.asked.class_name is not None:
        return [answer]
    return [Answer(answer.features, answer.outputs, column) for column in range(answer.outputs.shape[1])]


class _Prototypes:
    """Of each class the examples whose margin is largest, drawn."""

    def __init__(self) -> None:
        self.found: dict[str | None, list[dict[str, Any]]] = defaultdict(list)

    def add(self, name: str, explained: Explained) -> None:
        """One more; it is drawn only where it is among the first."""
        kept = self.found[explained.document["explained"]]
        margin = explained.document["margin"]
        if len(kept) < PROTOTYPES or margin > kept[-1]["margin"]:
            kept.append({"id": name, "margin": margin, **_seen(explained)})
            kept.sort(key=lambda each: -each["margin"])
            del kept[PROTOTYPES:]


def _seen(explained: Explained) -> dict[str, Any]:
    from headstart.explanation.drawing import overlay

    picture, pieces = explained.units.picture(), explained.units.pieces()
    values = explained.attribution.values
    if picture is not None:
        drawn = base64.b64encode(overlay(picture, values, "WEBP")).decode("ascii")
        return {"overlay": f"data:image/webp;base64,{drawn}"}
    return {"pieces": [list(piece) for piece in pieces], "values": values.reshape(-1).tolist()} if pieces else {}


def _write(out: Path, document: dict[str, Any], drawn: _Prototypes) -> None:
    """The figures, and the page, which alone shows examples."""
    from headstart.reports.by_class_page import render_by_class

    out.mkdir(parents=True, exist_ok=True)
    write_json(out / DOCUMENT, document)
    render_by_class(out / PAGE, document, drawn.found)
