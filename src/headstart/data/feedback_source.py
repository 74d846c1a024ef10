"""Feedback of a server as labelled data: what people said is right, beside the inputs that were kept with it."""

from __future__ import annotations

import base64
import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from headstart.core.errors import DataError
from headstart.core.schema import InputSchema
from headstart.core.text_content import decoded
from headstart.data.feedback import FeedbackStore
from headstart.data.inputs import Files, Objects
from headstart.data.listing import Listing
from headstart.data.sheet import Known, Sheet, sheet_of
from headstart.data.text_inputs import Decoded
from headstart.data.walk import shortened

MAGIC = b"SQLite format 3\0"
DATA = "data"  # key of an input's bytes, base64, in a kept row
SETS = "|"  # between the labels of one example
KEEP = "Start the server with --keep-inputs FOLDER, so that what people correct can be learned from."


@dataclass(frozen=True)
class FeedbackSource:
    """A database of feedback.

    Attributes:
        place: A file for SQLite, or a URL that SQLAlchemy understands.
        upto: Number of the last remark that counts; None: all. Remarks are only ever added, so this names the same
            ones for ever.
        has_sets: Whether a label may be several, joined by ``|``.
    """

    place: str
    upto: int | None = None
    has_sets: bool = False


@dataclass(frozen=True)
class Remarks:
    """What a database says, in the end, of each input that was kept.

    Attributes:
        labels: By the name of the kept input, in the order of the first remark.
        folders: Where the inputs may lie, the likeliest first.
        unlabelled, unkept: Remarks that do not say what is right, and those whose input was not kept.
        disagreed: Inputs of which people said different things; the last word counts.
    """

    labels: Mapping[str, str]
    folders: Sequence[Path]
    unlabelled: int
    unkept: int
    disagreed: int

    @property
    def notes(self) -> tuple[str, ...]:
        """Sentences for people."""
        told = [
            (self.unlabelled, "remarks say that an answer is wrong, but not what is right"),
            (self.unkept, "remarks are about inputs that were not kept"),
            (self.disagreed, "inputs were labelled in several ways; what was said last counts"),
        ]
        return tuple(f"feedback: {count:,} {what}" for count, what in told if count)


def is_feedback(place: str) -> bool:
    """Whether this names a database: a URL, or a file of SQLite."""
    if "://" in place:
        return True
    try:
        with Path(place).open("rb") as stream:
            return stream.read(len(MAGIC)) == MAGIC
    except OSError:
        return False


def last_remark(place: str) -> int:
    """The number of the newest remark, 0 where there is none; raises what :class:`FeedbackStore` raises."""
    store = FeedbackStore(place, writes=False)
    try:
        return max((int(row["number"]) for row in store.rows()), default=0)
    finally:
        store.close()


def remarks_of(source: FeedbackSource) -> Remarks:
    """Read a database; it is left as it is.

    A label is what a remark calls right: its ``label``, else the prediction where the verdict is "right". Of several
    remarks on one input the last counts; a "wrong" without a label takes back what called that prediction right.
    """
    store = FeedbackStore(source.place, writes=False)
    try:
        rows, folders = store.rows(), [Path(each) for each in reversed(store.folders())]
    finally:
        store.close()
    said: dict[str, str | None] = {}
    every: dict[str, set[str]] = {}
    unlabelled = unkept = 0
    for row in rows:
        if source.upto is not None and int(row["number"]) > source.upto:
            continue
        label = row["label"] if row["label"] is not None else row["prediction"] if row["verdict"] == "right" else None
        unlabelled += label is None
        if row["content"] is None:
            unkept += label is not None
        elif label is not None:
            said[row["content"]] = str(label)
            every.setdefault(row["content"], set()).add(str(label))
        elif said.get(row["content"]) == row["prediction"]:
            said[row["content"]] = None
    if "://" not in source.place:  # database and inputs may have been moved together
        folders += [Path(source.place).absolute().parent / each.name for each in folders]
    labels = {content: label for content, label in said.items() if label is not None}
    disagreed = sum(len(every[content]) > 1 for content in labels)
    return Remarks(labels, folders, unlabelled, unkept, disagreed)


def rows_of_feedback(source: FeedbackSource, schema: InputSchema, target: str) -> Listing | Sheet:
    """Its rows as those of a data set with such inputs and a column ``target``.

    Raises:
        DataError: nobody said what is right, or the inputs are not there.
    """
    remarks = remarks_of(source)
    if not remarks.labels:
        raise DataError(
            "feedback must say of at least one kept input what is right; "
            f"{'; '.join(remarks.notes) or 'it holds no remark'}. {KEEP}"
        )
    paths = _found(remarks)
    labels = [label.split(SETS) if source.has_sets else label for label in remarks.labels.values()]
    texts = [json.dumps(label) if isinstance(label, list) else label for label in labels]
    ids, name = tuple(remarks.labels), "feedback"
    if _is_single(schema):
        (part,) = schema.parts
        inputs = Decoded(Files(paths)) if part.modality == "text" else Files(paths)
        if not part.columns:
            return Listing(inputs, ids, tuple(texts), ("",) * len(ids), name, {}, remarks.notes, part.modality)
        known = {part.columns[0]: Known(part.modality, inputs)}
        return replace(sheet_of({target: labels}, Path("."), name, known), ids=ids, notes=remarks.notes)
    columns, known = _columns([_row(path) for path in paths], schema)
    return replace(sheet_of({**columns, target: labels}, Path("."), name, known), ids=ids, notes=remarks.notes)


def _is_single(schema: InputSchema) -> bool:
    """Whether an example is one input of one column, which is kept as a file of its own."""
    return len(schema.parts) == 1 and not schema.columns and len(schema.parts[0].columns) < 2


def _found(remarks: Remarks) -> list[str]:
    """The file of each input, in order."""
    paths, missing = [], []
    for name in remarks.labels:
        found = next((folder / name for folder in remarks.folders if (folder / name).is_file()), None)
        if found is None:
            missing.append(name)
        else:
            paths.append(str(found))
    if missing:
        places = shortened([str(folder) for folder in remarks.folders]) if remarks.folders else "no folder is known"
        raise DataError(
            f"the inputs that feedback is about must lie where the server kept them ({places}); {len(missing)} of "
            f"{len(remarks.labels)} are missing, {missing[0]!r} first. Put them back, or move database and folder "
            "together."
        )
    return paths


def _row(path: str) -> dict[str, Any]:
    try:
        row = json.loads(decoded(Path(path).read_bytes()))
    except (OSError, ValueError) as error:
        raise DataError(f"a kept input must be readable JSON; {path} is not ({error}). Remove it.") from None
    if not isinstance(row, dict):
        raise DataError(f"a kept input must be a JSON object; {path} holds {type(row).__name__}. Remove it.")
    return row


def _columns(rows: Sequence[Mapping[str, Any]], schema: InputSchema) -> tuple[dict[str, list[Any]], dict[str, Known]]:
    """Cells by column, and the columns that hold bytes."""
    columns = {each.name: [row.get(each.name) for row in rows] for each in schema.columns}
    known: dict[str, Known] = {}
    for part in schema.parts:
        for name in part.columns:
            cells = [row.get(name) for row in rows]
            if part.modality == "text":
                columns[name] = cells
            else:
                contents = [base64.b64decode(cell[DATA]) if isinstance(cell, Mapping) else None for cell in cells]
                known[name] = Known(part.modality, Objects(contents))
    return columns, known
