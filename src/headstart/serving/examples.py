"""Values of a JSON request as examples. A text is a text here and never a path: nothing is opened that did not come."""

from __future__ import annotations

import base64
import binascii
from collections.abc import Mapping
from typing import Any, Protocol

from headstart.core.errors import DataError
from headstart.core.schema import InputSchema, PartSchema
from headstart.data.text_inputs import BLANK, bytes_of_pair, written
from headstart.serving.models import Example
from headstart.serving.refusals import unusable

DATA, URL = "data", "url"
LARGEST_NUMBER = 1 << 63


class Fetch(Protocol):
    """The bytes behind a URL."""

    def __call__(self, url: str) -> bytes:
        """Raise DataError, or Refusal where the server's settings forbid it."""


def is_single(schema: InputSchema) -> bool:
    """Whether an example is one input, or one pair of texts, and nothing beside it."""
    return len(schema.parts) == 1 and not schema.columns


def example_of(value: Any, schema: InputSchema, fetch: Fetch) -> Example:
    """One example from its JSON value.

    Args:
        value: A text, a pair of texts ``[first, second]``, ``{"data": BASE64}``, ``{"url": URL}``, a base64 string, or
            an object with a value for each column.
        schema: What the model was fitted on.
        fetch: For URLs.

    Raises:
        Refusal: 422, the value is of another shape than the model's examples.
        DataError: this one input is bad, for example an empty text.
    """
    if is_single(schema):
        (part,) = schema.parts
        if isinstance(value, Mapping) and part.columns and set(part.columns) <= value.keys():
            cells = [value[name] for name in part.columns]
            value = cells if len(cells) == 2 else cells[0]
        return Example((content_of(value, part, fetch),))
    if not isinstance(value, Mapping):
        raise unusable(f"an example must be an object with the columns {columns_of(schema)}; got {kind_of(value)}.")
    if lacking := [name for name in columns_of(schema) if name not in value]:
        raise unusable(f"an example must hold the columns {columns_of(schema)}; one lacks {lacking}. Unknown is null.")
    contents = tuple(_content_beside(value, part, fetch) for part in schema.parts)
    return Example(contents, {column.name: cell_of(value[column.name], column.name) for column in schema.columns})


def content_of(value: Any, part: PartSchema, fetch: Fetch) -> bytes:
    """The bytes of one input from its JSON value; raises as :func:`example_of`."""
    if part.modality == "text":
        return _text(value, part)
    if isinstance(value, Mapping) and value.keys() == {URL} and isinstance(value[URL], str):
        return fetch(value[URL])
    data = value.get(DATA) if isinstance(value, Mapping) else value
    if not isinstance(data, str):
        raise unusable(f'an input must be {{"data": BASE64}}, or a base64 string; got {kind_of(value)}.')
    return decoded_base64(data)


def decoded_base64(text: str) -> bytes:
    """Bytes of base64, with or without the start of a data URL; raises DataError."""
    if text.startswith("data:"):
        text = text.partition(",")[2]
    try:
        return base64.b64decode(text, validate=True)
    except (binascii.Error, ValueError):
        raise DataError("not base64") from None


def cell_of(value: Any, name: str) -> Any:
    """The value of a plain column; raises Refusal where it is none."""
    if value is not None and not isinstance(value, str | int | float | bool):
        raise unusable(f"the column {name!r} must hold a text, a number, true, false or null; got {kind_of(value)}.")
    if isinstance(value, int) and abs(value) >= LARGEST_NUMBER:
        raise unusable(f"numbers must be below 2**63; the column {name!r} holds a larger one. Send it as 1e30.")
    return value


def columns_of(schema: InputSchema) -> list[str]:
    """Names of all columns of an example."""
    return [*(name for part in schema.parts for name in part.columns), *(each.name for each in schema.columns)]


def kind_of(value: Any) -> str:
    """What a JSON value is, in JSON's own words; its content is never quoted."""
    if value is None:
        return "null"
    kinds = ((bool, "true or false"), (str, "a string"), (int | float, "a number"), (list | tuple, "a list"))
    return next((name for kind, name in kinds if isinstance(value, kind)), "an object")


def _content_beside(value: Mapping[str, Any], part: PartSchema, fetch: Fetch) -> bytes:
    """Beside other inputs a text may be missing; a row is not lost for it."""
    cells = [value[name] for name in part.columns]
    if part.modality == "text" and len(cells) == 1:
        return _text(cells[0], part) if written(cells[0]) else BLANK.encode()
    return content_of(cells if len(cells) == 2 else cells[0], part, fetch)


def _text(value: Any, part: PartSchema) -> bytes:
    if len(part.columns) == 2:
        if isinstance(value, list) and len(value) == 2 and all(isinstance(one, str | None) for one in value):
            return bytes_of_pair(*value)
        raise unusable(f'an input must be a pair of texts, ["first", "second"]; got {kind_of(value)}.')
    if not isinstance(value, str):
        raise unusable(f"an input must be a text; got {kind_of(value)}.")
    if text := written(value):
        return text.encode("utf-8")
    raise DataError("an empty text")
