"""``reader.py`` of an export: the parts that its kind of input and its format need, as one file."""

from __future__ import annotations

import re
from importlib.resources import files

PARTS = "headstart.exporting.parts"
FUTURE = "from __future__ import annotations"
DECODING = {"image": "picture", "text": "text", "sound": "sound"}  # part by modality
NEEDS = {"image": ("numpy", "pillow"), "text": ("numpy", "tokenizers"), "sound": ("numpy", "scipy", "soundfile")}
# Modules that Python brings come first, as everywhere.
STANDARD = re.compile(
    r"(import|from) (__future__|argparse|collections|fractions|functools|io|json|os|pathlib|re|sys|time|typing)\b"
)


def reader_source(modality: str, running: str) -> str:
    """The file's text.

    Args:
        modality: "image", "text" or "sound".
        running: Part that runs the format, for example "run_onnx".
    """
    imports: dict[str, None] = {}
    bodies = []
    for part in (DECODING[modality], running, "answers", "main"):
        own, body = _split(files(PARTS).joinpath(f"{part}.py").read_text(encoding="utf-8"))
        imports |= dict.fromkeys(own)
        bodies.append(body)
    standard = sorted((line for line in imports if STANDARD.match(line)), key=_order)
    others = sorted((line for line in imports if not STANDARD.match(line)), key=_order)
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
