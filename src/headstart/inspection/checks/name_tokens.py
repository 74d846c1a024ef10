"""Groups that names of files may hold: "7_jackson_32" was spoken by "jackson"."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass

from headstart.core.learning import Ints
from headstart.data.grouping import first_seen

TOKEN = re.compile(r"[^\W\d_]+|\d+")
USUAL = 0.8  # share of names with one structure, below which names are not made by a rule


@dataclass(frozen=True)
class Grouping:
    """One way to put rows together.

    Attributes:
        name: Where it comes from, for sentences.
        values: N texts, None for a row without one.
    """

    name: str
    values: tuple[str | None, ...]

    @property
    def numbers(self) -> Ints:
        """``(N,)`` numbers from 0; rows without a value are alone in their group."""
        return first_seen([value if value is not None else (row,) for row, value in enumerate(self.values)])


def stem(name: str) -> str:
    """A file's name without folders and extension.

    >>> stem("train/7/7_jackson_32.wav"), stem("plain")
    ('7_jackson_32', 'plain')
    """
    last = name.rsplit("/", 1)[-1]
    start, dot, ending = last.rpartition(".")
    return start if dot and start and ending.isalnum() else last


def groupings_of_names(ids: Sequence[str]) -> list[Grouping]:
    """Every token of the names, and every beginning of two tokens or more, where most names have one structure.

    >>> [(each.name, each.values) for each in groupings_of_names(["a1_x.png", "a2_x.png"])]  # doctest: +ELLIPSIS
    [("part 1 of the file name ('a')", ('a', 'a')), ("part 2 of the file name ('1')", ('1', '2')), ...]
    """
    stems = [stem(name) for name in ids]
    structures = [TOKEN.sub(lambda found: "0" if found[0].isdigit() else "a", text) for text in stems]
    if not structures:
        return []
    usual, count = Counter(structures).most_common(1)[0]
    if count < USUAL * len(stems):
        return []
    tokens = [list(TOKEN.finditer(text)) if own == usual else None for text, own in zip(stems, structures, strict=True)]
    first = next(row for row, own in enumerate(structures) if own == usual)
    found = []
    for place, example in enumerate(tokens[first] or ()):
        values = tuple(each[place][0] if each else None for each in tokens)
        found.append(Grouping(f"part {place + 1} of the file name ({example[0]!r})", values))
    for place, example in list(enumerate(tokens[first] or ()))[1:-1]:
        begins = tuple(text[: each[place].end()] if each else None for text, each in zip(stems, tokens, strict=True))
        found.append(Grouping(f"the beginning of the file name ({stems[first][: example.end()]!r})", begins))
    return found
