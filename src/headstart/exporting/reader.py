"""``reader.py`` of an export: the parts that its inputs and its format need, as one file."""

from __future__ import annotations

import re
from collections.abc import Iterable
from importlib.resources import files

PARTS = "headstart.exporting.parts"
FUTURE = "from __future__ import annotations"
# Parts, and the function of the last one, that make the tensor of a kind of input.
DECODING = {
    "image": (("picture",), "pixels"),
    "text": (("texts", "text"), "tokens"),
    "sound": (("sound",), "waveform"),
    "terms": (("texts", "terms"), "terms"),
    "columns": (("columns",), "values"),
}
# Where the file takes fixed sizes, instead.
FIXED = {"image": (("picture", "resized"), "resized"), "terms": (("texts", "terms", "counts"), "counts")}
NEEDS = {
    "image": ("numpy", "pillow"),
    "text": ("numpy", "tokenizers"),
    "sound": ("numpy", "scipy", "soundfile"),
    "terms": ("numpy",),
    "columns": ("numpy",),
}
OTHERS = re.compile(r"(import|from) (numpy|PIL|tokenizers|scipy|soundfile|torch)\b")  # not brought by Python


def reader_source(kinds: Iterable[str], running: str, fixed: bool = False) -> str:
    """The file's text.

    Args:
        kinds: Of the inputs, keys of ``DECODING``.
        running: Part that runs the format, for example "run_onnx".
        fixed: Whether the file takes inputs of fixed sizes.
    """
    kinds = list(dict.fromkeys(kinds))
    decoding = {**DECODING, **FIXED} if fixed else DECODING
    around = ["rows", *(["fitting"] if fixed else []), running, "answers", "main"]
    imports: dict[str, None] = {}
    bodies = []
    for part in dict.fromkeys([*(part for kind in kinds for part in decoding[kind][0]), *around]):
        own, body = _split(files(PARTS).joinpath(f"{part}.py").read_text(encoding="utf-8"))
        imports |= dict.fromkeys(own)
        if part == "rows":
            known = ", ".join(f'"{kind}": {decoding[kind][1]}' for kind in kinds)
            bodies.append(f"KINDS = {{{known}}}")
        bodies.append(body)
    standard = sorted((line for line in imports if not OTHERS.match(line)), key=_order)
    others = sorted((line for line in imports if OTHERS.match(line)), key=_order)
    title = '"""Run the exported model: python reader.py FILE...   (its packages: README.md)."""'
    head = [title, "", FUTURE, "", *standard, "", *others]
    return "\n".join(head) + "\n\n\n" + "\n\n\n".join(bodies) + "\n"


def _order(line: str) -> tuple[bool, str]:
    return line.startswith("from"), line


def _split(source: str) -> tuple[list[str], str]:
    """Import lines without those of other parts, and the rest without its docstring."""
    lines = source.split("\n")
    imports = [line for line in lines if re.match(r"(import|from) ", line) and PARTS not in line and line != FUTURE]
    rest = [line for line in lines[1:] if not re.match(r"(import|from) ", line)]
    return imports, "\n".join(rest).strip("\n")
