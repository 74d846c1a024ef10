"""A request's body as examples: JSON, a form with files, or the bytes of one input."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from headstart.core.errors import DataError
from headstart.core.schema import InputSchema
from headstart.core.text_content import decoded
from headstart.data.text_inputs import written
from headstart.serving.examples import Fetch, cell_of, columns_of, content_of, example_of, is_single, kind_of
from headstart.serving.forms import Field, fields_of
from headstart.serving.models import Example
from headstart.serving.refusals import Refusal, malformed, too_large, unusable

JSON, FORM, TEXT = "application/json", "multipart/form-data", "text/plain"
BINARY = ("image/", "audio/", "application/octet-stream")
INPUTS = "inputs"


@dataclass(frozen=True)
class Read:
    """One example of a request.

    Attributes:
        id: What the caller calls it: the file's name, else its place.
        example: None where it is bad.
        error: Why.
    """

    id: str
    example: Example | None
    error: str | None = None


def examples_of(body: bytes, content_type: str, schema: InputSchema, most: int, fetch: Fetch) -> list[Read]:
    """The examples of a request, bad ones with their reason.

    Args:
        body: Whole.
        content_type: Of the request.
        schema: What the model was fitted on.
        most: Examples that are allowed.
        fetch: For inputs that come as URLs.

    Raises:
        Refusal: 400, 413, 415 or 422, the request as a whole cannot be read.
    """
    kind = content_type.partition(";")[0].strip().lower()
    if kind == JSON:
        return _of_json(document_of(body), schema, most, fetch)
    if kind == FORM:
        most_fields = most if is_single(schema) else len(columns_of(schema))
        return _of_form(fields_of(body, content_type, most_fields), schema, fetch)
    if kind == TEXT or kind.startswith(BINARY):
        return [_of_bytes("0", body, schema)]
    raise Refusal(415, "media_type", f"a request must be {JSON}, {FORM}, {TEXT}, or an image or audio type.")


def document_of(body: bytes) -> Any:
    """Strict JSON: UTF-8, no NaN; raises Refusal 400."""

    def refuse(name: str) -> Any:
        raise ValueError(name)

    try:
        return json.loads(body.decode("utf-8"), parse_constant=refuse)
    except (ValueError, RecursionError):
        raise malformed("the body must be JSON in UTF-8; it does not parse.") from None


def _of_json(document: Any, schema: InputSchema, most: int, fetch: Fetch) -> list[Read]:
    values = document.get(INPUTS) if isinstance(document, dict) else None
    if not isinstance(values, list) or not values:
        raise unusable(f'the body must be {{"inputs": [...]}} with at least one example; got {kind_of(document)}.')
    return values_to_reads(values, schema, most, fetch)


def values_to_reads(values: Sequence[Any], schema: InputSchema, most: int, fetch: Fetch) -> list[Read]:
    """JSON values as examples, bad ones with their reason; raises Refusal where there are more than ``most``."""
    if len(values) > most:
        raise too_large(f"a request may hold at most {most} examples; this one holds {len(values)}.")
    found = []
    for row, value in enumerate(values):
        try:
            found.append(Read(str(row), example_of(value, schema, fetch)))
        except DataError as error:
            found.append(Read(str(row), None, str(error)))
    return found


def _of_form(fields: Sequence[Field], schema: InputSchema, fetch: Fetch) -> list[Read]:
    if not fields:
        raise unusable("the form must hold at least one file; it holds none.")
    if is_single(schema) and len(schema.parts[0].columns) < 2:
        return [_of_bytes(each.filename or str(row), each.content, schema) for row, each in enumerate(fields)]
    by_name = {each.name: each for each in fields}
    if lacking := [name for name in columns_of(schema) if name not in by_name]:
        raise unusable(f"the form must have a field for each of {columns_of(schema)}; it lacks {lacking}.")
    try:
        return [Read("0", _row_of_form(by_name, schema, fetch))]
    except DataError as error:
        return [Read("0", None, str(error))]


def _row_of_form(fields: dict[str, Field], schema: InputSchema, fetch: Fetch) -> Example:
    contents = []
    for part in schema.parts:
        texts = [decoded(fields[name].content) for name in part.columns]
        if part.modality != "text":
            contents.append(fields[part.columns[0]].content)
        elif len(texts) == 2:
            contents.append(content_of(texts, part, fetch))
        else:
            contents.append((written(texts[0]) or "-").encode())
    cells = {each.name: cell_of(decoded(fields[each.name].content) or None, each.name) for each in schema.columns}
    return Example(tuple(contents), cells)


def _of_bytes(name: str, content: bytes, schema: InputSchema) -> Read:
    """One input as its own bytes."""
    if not is_single(schema) or len(schema.parts[0].columns) > 1:
        raise unusable(f"an example of this model has the columns {columns_of(schema)}; send them as JSON.")
    if schema.parts[0].modality == "text":
        content = written(decoded(content)).encode("utf-8", "replace")
    return Read(name, Example((content,))) if content else Read(name, None, "an empty input")
