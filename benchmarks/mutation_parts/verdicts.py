"""What became of every mutant of a room, read from the files that mutmut leaves."""

from __future__ import annotations

import difflib
import json
import re
from dataclasses import dataclass
from pathlib import Path

SURVIVED = (0, 5, 33)  # all tests passed; none was there to run
TIMED_OUT = (-24, 24, 36, 152, 255)
SEPARATOR = "ǁ"  # mutmut's, between class and method


@dataclass(frozen=True)
class Mutant:
    """One change of one function.

    Attributes:
        name: mutmut's; its number is another one once the function is changed.
        file: Below src/headstart.
        function: "function" or "Class.method".
        was: The lines that were changed, in one.
        becomes: What stands there instead.
        verdict: "killed", "survived", "timeout", or None where nothing was judged yet.
    """

    name: str
    file: str
    function: str
    was: str
    becomes: str
    verdict: str | None


def read(place: Path) -> list[Mutant]:
    """All mutants below a folder of :func:`workshop.prepare`, file by file."""
    source = place / "mutants" / "src" / "headstart"
    found = []
    for meta in sorted(source.rglob("*.py.meta")):
        path = meta.with_suffix("")
        codes = json.loads(meta.read_text())["exit_code_by_key"]
        spans = json.loads(path.with_name(path.name + ".spans").read_text())["spans"] if codes else {}
        lines = path.read_text().splitlines()
        for name, code in codes.items():
            key = name.rpartition(".")[2]
            original, mutated = (_lines(lines, spans[each]) for each in (_original(key), key))
            was, becomes = change(original, mutated)
            file = path.relative_to(source).as_posix()
            found.append(Mutant(name, file, function_of(key), was, becomes, verdict(code)))
    return found


def verdict(code: int | None) -> str | None:
    """Of the exit code of the tests.

    >>> [verdict(code) for code in (1, 0, 33, -24, -11, None)]
    ['killed', 'survived', 'survived', 'timeout', 'killed', None]
    """
    if code is None:
        return None
    return "survived" if code in SURVIVED else "timeout" if code in TIMED_OUT else "killed"


def function_of(key: str) -> str:
    """The function's name in mutmut's key.

    >>> function_of("x_softmax__mutmut_2"), function_of("xǁStoreǁ_evict__mutmut_11")
    ('softmax', 'Store._evict')
    """
    name = key.partition("__mutmut_")[0]
    return name.removeprefix("x_") if SEPARATOR not in name else ".".join(name.split(SEPARATOR)[1:])


def change(original: list[str], mutated: list[str]) -> tuple[str, str]:
    """The lines that differ, each side in one line.

    >>> change(["def f(x):", "    y = x + 1", "    return y"], ["def f(x):", "    y = x - 1", "    return y"])
    ('y = x + 1', 'y = x - 1')
    """
    differing = [line for line in difflib.ndiff(original, mutated) if line[:2] in ("- ", "+ ")]
    sides = (" ".join(line[2:].strip() for line in differing if line[0] == sign) for sign in "-+")
    was, becomes = sides
    return was, becomes


def _original(key: str) -> str:
    return key.partition("__mutmut_")[0] + "__mutmut_orig"


def _lines(lines: list[str], span: tuple[int, int]) -> list[str]:
    """Those of a function, under the name that both versions had."""
    first, last = span
    return [re.sub(r"\bx[_ǁ]\S+?__mutmut_(orig|\d+)", "", line) for line in lines[first - 1 : last]]
