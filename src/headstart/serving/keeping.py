"""Inputs kept for labelling and retraining; only where the operator asked for it."""

from __future__ import annotations

import base64
import hashlib
import json
from pathlib import Path
from typing import Any

from headstart.core.errors import ConfigError
from headstart.core.files import write_bytes
from headstart.core.schema import InputSchema
from headstart.core.text_content import texts_of
from headstart.data.headers import sniff
from headstart.serving.examples import DATA, is_single
from headstart.serving.models import Example

ENDINGS = {"JPEG": ".jpg", "PNG": ".png", "GIF": ".gif", "BMP": ".bmp", "WEBP": ".webp", "TIFF": ".tif"}
LENGTH = 32  # hex digits of a name: 128 bits


class Kept:
    """A folder with one file for each example, named by its bytes, so that the same input is kept once."""

    def __init__(self, folder: Path, schema: InputSchema) -> None:
        self._folder, self._schema = folder, schema
        try:
            folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        except OSError as error:
            raise ConfigError(
                f"keep_inputs must be a folder that can be written; {folder} is not ({error})."
            ) from error

    def keep(self, example: Example) -> str:
        """Its file's name; blocks until it is written."""
        content, ending = self._file(example)
        name = hashlib.sha256(content).hexdigest()[:LENGTH] + ending
        if not (self._folder / name).exists():
            write_bytes(self._folder / name, content)
        return name

    def _file(self, example: Example) -> tuple[bytes, str]:
        if not is_single(self._schema) or len(self._schema.parts[0].columns) > 1:
            return json.dumps(row_of(example, self._schema), ensure_ascii=False).encode(), ".json"
        (content,), (part,) = example.contents, self._schema.parts
        if part.modality == "text":
            return content, ".txt"
        return content, ENDINGS.get(sniff(content) or "", ".bin") if part.modality == "image" else ".wav"


def row_of(example: Example, schema: InputSchema) -> dict[str, Any]:
    """An example as the JSON object that a request would hold."""
    row: dict[str, Any] = dict(example.cells)
    for part, content in zip(schema.parts, example.contents, strict=True):
        if part.modality != "text":
            row[part.columns[0]] = {DATA: base64.b64encode(content).decode("ascii")}
        else:
            row |= dict(zip(part.columns, texts_of(content), strict=True))
    return row
