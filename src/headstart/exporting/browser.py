"""What runs the model in a browser: a module that makes tensors of its kind of input, one that runs it, and a page."""

from __future__ import annotations

import json
from importlib.resources import files
from pathlib import Path

from headstart.core.preprocessing.text import TOKENIZER
from headstart.exporting.exportable import Exportable
from headstart.exporting.formats.contract import Format
from headstart.exporting.reader import PARTS

READER, INPUTS, PAGE = "reader.mjs", "inputs.mjs", "index.html"
SOURCES = {  # by kind of input, which part becomes inputs.mjs and which the page
    "image": ("picture.mjs", "picture.html"),
    "text": ("wordpiece.mjs", "text.html"),
    "terms": ("terms.mjs", "text.html"),
}
NOUN = {"image": "picture", "text": "text", "terms": "text"}
WORD_PIECES = {"normalizer": "BertNormalizer", "pre_tokenizer": "BertPreTokenizer", "model": "WordPiece"}


def browser_kind(model: Exportable, written: Format) -> str | None:
    """Kind of input that a browser can make a tensor of, a key of ``SOURCES``; None where it cannot run the model.

    Of texts it knows counted words and the word pieces of BERT's tokenizers; pairs, rows and recordings it does not.
    """
    kinds = [each.kind for each in model.inputs]
    if not written.browser or model.is_row or len(kinds) != 1 or kinds[0] not in SOURCES:
        return None
    if len(model.shipped.schema.parts[0].columns) > 1:
        return None
    return None if kinds[0] == "text" and not _has_word_pieces(model) else kinds[0]


def _has_word_pieces(model: Exportable) -> bool:
    content = (model.shipped.folder / model.networks[0].assets[TOKENIZER]).read_text(encoding="utf-8")
    tokenizer = json.loads(content)
    around = tokenizer.get("post_processor") or {}
    return around.get("type") in ("TemplateProcessing", "BertProcessing") and all(
        (tokenizer.get(part) or {}).get("type") == kind for part, kind in WORD_PIECES.items()
    )


def write_browser_files(folder: Path, kind: str) -> None:
    """``reader.mjs``, ``inputs.mjs`` and ``index.html``."""
    inputs, page = SOURCES[kind]
    for source, name in ((READER, READER), (inputs, INPUTS), (page, PAGE)):
        (folder / name).write_text(files(PARTS).joinpath(source).read_text(encoding="utf-8"), encoding="utf-8")
