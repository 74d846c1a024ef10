"""What runs the model in a browser: modules that make tensors of its inputs, one that runs it, and a page."""

from __future__ import annotations

import json
from dataclasses import dataclass
from importlib.resources import files
from pathlib import Path

from headstart.core.preprocessing.text import TOKENIZER
from headstart.exporting.exportable import Exportable
from headstart.exporting.formats.contract import Format
from headstart.exporting.reader import PARTS

PAGE = "index.html"
MODULES = {  # by kind of input; what makes its tensor stands last
    "image": ("picture.mjs",),
    "text": ("texts.mjs", "wordpiece.mjs"),
    "terms": ("texts.mjs", "terms.mjs"),
    "sound": ("sound.mjs",),
    "columns": ("columns.mjs",),
}
ALWAYS = ("reader.mjs", "answers.mjs", "page.mjs", "page.css")
OF_ROWS = ("columns.mjs", "rows.mjs", "form.mjs", "table.mjs")
INPUTS = "inputs.mjs"
INPUTS_SAYS = "// What makes tensors of inputs, by the kind that model.json names."
SLOT = "<!-- input -->\n"  # of page.html, which all kinds of input share
WORD_PIECES = {"normalizer": "BertNormalizer", "pre_tokenizer": "BertPreTokenizer", "model": "WordPiece"}


@dataclass(frozen=True)
class Browser:
    """What a browser is given of a model.

    Attributes:
        page: Part that is put into page.html.
        noun: What an example is called.
        kinds: Of the inputs, keys of ``MODULES``.
    """

    page: str
    noun: str
    kinds: tuple[str, ...]

    @property
    def files(self) -> list[str]:
        """Names of what is written."""
        rows = OF_ROWS if self.page == "rows.html" else ()
        own = (name for kind in self.kinds for name in MODULES[kind])
        return list(dict.fromkeys([PAGE, *ALWAYS, INPUTS, *own, *rows]))

    def write(self, folder: Path) -> None:
        """All files."""
        for name in self.files:
            if name == PAGE:
                content = _part("page.html").replace(SLOT, _part(self.page))
            elif name == INPUTS:
                content = self._inputs()
            else:
                content = _part(name)
            (folder / name).write_text(content, encoding="utf-8")

    def _inputs(self) -> str:
        imports = [f'import * as {kind} from "./{MODULES[kind][-1]}";' for kind in self.kinds]
        return "\n".join([INPUTS_SAYS, *imports, f"export const KINDS = {{ {', '.join(self.kinds)} }};\n"])


def browser_of(model: Exportable, written: Format) -> Browser | None:
    """What runs the model there; None where a browser cannot: another format, or a tokenizer that is not known there.

    Of texts it knows counted words, and the word pieces of BERT's tokenizers.
    """
    kinds = tuple(dict.fromkeys(each.kind for each in model.inputs))
    if not written.browser or ("text" in kinds and not _has_word_pieces(model)):
        return None
    if model.is_row:
        return Browser("rows.html", "row", kinds)
    part = model.shipped.schema.parts[0]
    nouns = {"image": "picture", "sound": "recording", "text": "pair of texts" if len(part.columns) > 1 else "text"}
    page = {"image": "picture.html", "sound": "sound.html", "text": "text.html"}
    return Browser(page[part.modality], nouns[part.modality], kinds)


def _has_word_pieces(model: Exportable) -> bool:
    """Of all networks for texts."""
    tokenizers = [network.assets[TOKENIZER] for network in model.networks if TOKENIZER in network.assets]
    return all(_is_word_pieces((model.shipped.folder / place).read_text(encoding="utf-8")) for place in tokenizers)


def _is_word_pieces(content: str) -> bool:
    tokenizer = json.loads(content)
    around = tokenizer.get("post_processor") or {}
    return around.get("type") in ("TemplateProcessing", "BertProcessing") and all(
        (tokenizer.get(part) or {}).get("type") == kind for part, kind in WORD_PIECES.items()
    )


def _part(name: str) -> str:
    return files(PARTS).joinpath(name).read_text(encoding="utf-8")
