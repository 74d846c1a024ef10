"""What a run of the command line must do, whatever it was given."""

from __future__ import annotations

import re
from collections.abc import Collection

SAYS = "headstart: "
SHORTEST = 40  # characters of a message that says what must hold, what came and what to do
LIBRARY = re.compile(r"\.py:\d+: \w*Warning")
OURS = "this is our fault"


def objections(code: int, text: str, allowed: Collection[int], *, whole: bool, hung: bool) -> list[str]:
    """Why a run does not pass; nothing where it does.

    ``text`` is what it printed, ``whole`` whether what it left looks like a finished result.

    >>> objections(0, "Traceback (most recent call last):", {0, 2}, whole=True, hung=False)
    ['a traceback']
    """
    if hung:
        return ["hung"]
    found = []
    if "Traceback (most recent call last)" in text:
        found.append("a traceback")
    if LIBRARY.search(text):
        found.append("a warning of a library in Python's form")
    if code not in allowed:
        found.append(f"exit code {code} where {', '.join(map(str, sorted(allowed)))} may be")
    if code == 0 and not whole:
        found.append("exit code 0 without a result")
    return found + (message_objections(text) if code in (1, 2) else [])


def message_objections(text: str) -> list[str]:
    r"""Of the paragraph that an error is.

    >>> message_objections("headstart: the target must be a column of the table; there is no 'x'. Name another one.")
    []
    >>> message_objections("headstart: no\nand more")
    ['a message of 2 lines', 'a message that is too short to say what to do']
    """
    lines = text.strip().splitlines()
    begins = [number for number, line in enumerate(lines) if line.startswith(SAYS)]
    if not begins:
        return [] if "inputs could not be used" in text else ["no message"]
    said = lines[begins[-1] :]
    found = [] if len(said) == 1 else [f"a message of {len(said)} lines"]
    if len(begins) > 1:
        found.append("two messages")
    sentence = said[0].removeprefix(SAYS)
    if len(sentence) < SHORTEST or not re.search(r"[.;:] ", sentence):
        found.append("a message that is too short to say what to do")
    if OURS in sentence:
        found.append("our fault")
    return found
