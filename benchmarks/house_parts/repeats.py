"""Blocks of code that are there more than once."""

from __future__ import annotations

from collections import defaultdict

LEAST = 6  # lines
SHORT = 3  # letters: a line of a bracket alone says nothing


def blocks(files: dict[str, str]) -> list[list[str]]:
    r"""Places ("file:line") of each block of LEAST lines, blank ones and imports left out, that is there again.

    Overlapping blocks of the same places are counted once.

    >>> text = "\\n".join(f"value_{number} = {number}" for number in range(7))
    >>> blocks({"a.py": text, "b.py": "other = 1\\n" + text})
    [['a.py:1', 'b.py:2']]
    """
    places: dict[tuple[str, ...], list[tuple[str, int, int]]] = defaultdict(list)
    for name, text in files.items():
        kept = [(number, line.strip()) for number, line in enumerate(text.splitlines(), 1) if _counts(line)]
        for start in range(len(kept) - LEAST + 1):
            block = tuple(line for _, line in kept[start : start + LEAST])
            places[block].append((name, start, kept[start][0]))
    seen: set[tuple[str, int]] = set()
    found = []
    for where in places.values():
        is_new = any((name, start - 1) not in seen for name, start, _ in where)
        if len(where) > 1:
            seen |= {(name, start) for name, start, _ in where}
            if is_new:
                found.append([f"{name}:{line}" for name, _, line in where])
    return found


def _counts(line: str) -> bool:
    text = line.strip()
    return len(text) > SHORT and not text.startswith(("import ", "from ", "#"))
