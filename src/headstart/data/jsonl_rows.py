"""Tables as one JSON object per line: .jsonl."""

from __future__ import annotations

import json
from collections.abc import Iterator
from itertools import islice
from pathlib import Path
from typing import Any

from headstart.core.errors import DataError
from headstart.core.text_content import LONE_SURROGATE, without_lone_surrogates

Record = dict[str, Any]


def jsonl_names(path: Path, encoding: str) -> list[str]:
    """All keys that any line has, in order of first appearance; reads the whole file, which checks it as well."""
    names: dict[str, None] = {}
    for record in records(path, encoding):
        if not names.keys() >= record.keys():
            names |= dict.fromkeys(record)
    return list(names)


def jsonl_batches(path: Path, encoding: str, size: int) -> Iterator[list[Record]]:
    """Up to ``size`` objects at a time; lists and objects inside them stay as they are."""
    stream = records(path, encoding)
    while batch := list(islice(stream, size)):
        yield batch


def records(path: Path, encoding: str) -> Iterator[Record]:
    """One object per line that is not blank.

    Raises:
        DataError: a line that is not an object, or one that has a key twice; the message has its number.
    """
    decode = json.JSONDecoder(object_pairs_hook=_object).decode  # json.loads would build one for each line
    with path.open(encoding=encoding, newline="\n") as stream:
        for number, line in enumerate(stream, start=1):
            if line.isspace():
                continue
            try:
                record = decode(line)
            except (ValueError, RecursionError) as error:
                raise DataError(
                    f"{path} must hold one JSON object per line; line {number} is none ({_short(error)})."
                ) from None
            if not isinstance(record, dict):
                kind = type(record).__name__
                raise DataError(f"{path} must hold one JSON object per line; line {number} is a {kind}.")
            yield _mended(record) if "\\u" in line and _needs_mending(record) else record


def _object(pairs: list[tuple[str, Any]]) -> Record:
    record = dict(pairs)
    if len(record) < len(pairs):
        keys = [key for key, _ in pairs]
        raise ValueError(f"the key {next(key for key in keys if keys.count(key) > 1)!r} stands in it twice")
    return record


def _short(error: Exception) -> str:
    return "it is nested too deeply" if isinstance(error, RecursionError) else str(error)


def _needs_mending(record: Record) -> bool:
    return LONE_SURROGATE.search(json.dumps(record, ensure_ascii=False)) is not None


def _mended(value: Any) -> Any:
    """The same value without lone halves of surrogate pairs, which no file could hold."""
    if isinstance(value, str):
        return without_lone_surrogates(value)
    if isinstance(value, list):
        return [_mended(one) for one in value]
    if isinstance(value, dict):
        return {_mended(key): _mended(one) for key, one in value.items()}
    return value
