"""Answers that an adaptation changes: how often from which to which, and for which examples."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from os.path import commonprefix
from typing import Any

from headstart.reports.excerpts import Excerpt, read_excerpt
from headstart.reports.names import shorten
from headstart.reports.numbers import NO_VALUE, count, is_number, percent
from headstart.reports.run_files import listing, mapping

Row = tuple[str, ...]
MOST, AT_ONCE = 50, 6  # examples, and those before the rest is folded away


@dataclass(frozen=True)
class Change:
    """One example."""

    name: str
    before: str
    after: str
    sure: str
    excerpt: Excerpt

    @property
    def row(self) -> Row:
        """As a line of a table."""
        return self.name, self.before, self.after, self.sure


@dataclass(frozen=True)
class ChangedAnswers:
    """``shown`` and ``folded`` have an excerpt, ``rows`` have none; ``layout`` "words" without any picture."""

    moves: tuple[Row, ...]
    shown: tuple[Change, ...]
    folded: tuple[Change, ...]
    rows: tuple[Row, ...]
    layout: str


def changed_answers(changed: Mapping[str, Any], excerpts: Mapping[str, Mapping[str, Any]]) -> ChangedAnswers | None:
    """None where no answer changes, or which one is not known."""
    raw = [mapping(each) for each in listing(changed.get("examples"))[:MOST]]
    place = _common_folder([str(each.get("id")) for each in raw])
    found = [_change(each, excerpts, len(place)) for each in raw]
    moves = tuple(
        (shorten(str(each.get("before")), 60), shorten(str(each.get("after")), 60), count(each.get("n")))
        for each in map(mapping, listing(changed.get("moves")))
    )
    if not found and not moves:
        return None
    visible = [each for each in found if not each.excerpt.is_empty]
    layout = "" if any(each.excerpt.source for each in visible) else "words"
    rows = tuple(each.row for each in found if each.excerpt.is_empty)
    return ChangedAnswers(moves, tuple(visible[:AT_ONCE]), tuple(visible[AT_ONCE:]), rows, layout)


def _common_folder(names: list[str]) -> str:
    """What all paths begin with, up to the folder before the last one: where the data lie says nothing of them."""
    if len(names) < 2:
        return ""
    parts = commonprefix([name.split("/")[:-1] for name in names])
    return "".join(f"{part}/" for part in parts)


def _change(each: Mapping[str, Any], excerpts: Mapping[str, Mapping[str, Any]], skipped: int) -> Change:
    before, after = (shorten(str(each.get(key)), 60) for key in ("before", "after"))
    name = shorten(str(each.get("id"))[skipped:], 80)
    sure = percent(float(each["sure"]), 0) if is_number(each.get("sure")) else NO_VALUE
    return Change(name, before, after, sure, read_excerpt(mapping(excerpts.get(str(each.get("id"))))))
