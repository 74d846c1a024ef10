"""Findings of an audit as the pages show them: in words, with a sign that needs no colour, and shortened."""

from __future__ import annotations

import shlex
from collections.abc import Collection, Mapping
from dataclasses import dataclass
from typing import Any

from headstart.reports.excerpts import Excerpt, read_excerpt
from headstart.reports.figures import Figures, figures, in_words
from headstart.reports.names import shorten
from headstart.reports.run_files import listing, mapping
from headstart.reports.showable import REPLACEMENT

LONGEST_NAME = 300  # characters; somebody has to find the example again
LONGEST_DETAIL = 120
LONGEST_REASON = 200
SHORT_NAME = 60  # under a picture, as are labels


@dataclass(frozen=True)
class Severity:
    """How bad it is: the word, a sign that does not need colour, the name of the colours, and what the word means."""

    word: str
    sign: str
    tone: str
    meaning: str = ""


SEVERITIES = {
    "severe": Severity("Severe", "\u2715", "bad", "A result on these data means nothing."),
    "warning": Severity("Warning", "!", "unclear", "A result is worse, or looks better, than it is."),
    "hint": Severity("Hint", "i", "plain", "Worth knowing."),
}


@dataclass(frozen=True)
class Suspect:
    """An example that a finding is about.

    Attributes:
        name: Its id.
        why: A few words about it.
        given: Its label as written; empty where labels are not the matter.
        suggested: What it probably should be; empty where nothing can be said.
        excerpt: What can be shown of it.
    """

    name: str
    why: str
    given: str
    suggested: str
    excerpt: Excerpt

    @property
    def short_name(self) -> str:
        """Its id under a picture."""
        return shorten(self.name, SHORT_NAME)


@dataclass(frozen=True)
class Finding:
    """One thing that is wrong, or worth knowing.

    Attributes:
        id: As ``--accept`` takes it.
        kind: The id in words.
        detail: What the finding is about among several of its kind; empty elsewhere. Foreign.
        severity: How bad it is.
        what: One sentence with the figures.
        action: What to do.
        count: Number of suspects.
        suspects: Those that are named, the most telling first.
        figures: The numbers behind it.
        is_refused: Whether ``fit`` goes no further.
        is_accepted: Whether somebody accepted it by name.
        accept: The option that accepts it, as a shell takes it; empty where it cannot be typed.
    """

    id: str
    kind: str
    detail: str
    severity: Severity
    what: str
    action: str
    count: int
    suspects: tuple[Suspect, ...]
    figures: Figures
    is_refused: bool = False
    is_accepted: bool = False
    accept: str = ""


def read_findings(
    document: Mapping[str, Any], excerpts: Mapping[str, Any], most: int | None = None
) -> tuple[Finding, ...]:
    """The findings of audit.json, or of the evidence's "audit", in their order.

    Args:
        document: Holds "findings"; "accepted" and "refused" where there are any.
        excerpts: What can be shown of an example, by id.
        most: Suspects that are named at most; None for all.
    """
    accepted, refused = (set(map(str, listing(document.get(key)))) for key in ("accepted", "refused"))
    return tuple(
        _finding(mapping(item), accepted, refused, excerpts, most) for item in listing(document.get("findings"))
    )


def _finding(
    item: Mapping[str, Any],
    accepted: Collection[str],
    refused: Collection[str],
    excerpts: Mapping[str, Any],
    most: int | None,
) -> Finding:
    name = str(item.get("id") or "finding")
    kind, _, detail = name.partition("/")
    suspects, count = listing(item.get("suspects")), item.get("count")
    severity = str(item.get("severity") or "finding")
    return Finding(
        name,
        in_words(shorten(kind, LONGEST_DETAIL)),
        shorten(detail, LONGEST_DETAIL) if detail else "",
        SEVERITIES.get(severity) or Severity(in_words(shorten(severity)), "i", "plain"),
        str(item.get("what") or ""),
        str(item.get("action") or ""),
        count if isinstance(count, int) and count > len(suspects) else len(suspects),
        tuple(_suspect(mapping(each), excerpts) for each in suspects[:most]),
        figures(mapping(item.get("evidence"))),
        name in refused,
        name in accepted,
        "" if REPLACEMENT in name else f"--accept {shlex.quote(name)}",
    )


def _suspect(item: Mapping[str, Any], excerpts: Mapping[str, Any]) -> Suspect:
    name = str(item.get("id") or "")
    return Suspect(
        shorten(name, LONGEST_NAME),
        shorten(item["why"], LONGEST_REASON) if item.get("why") else "",
        _label(item.get("given")),
        _label(item.get("suggested")),
        read_excerpt(mapping(excerpts.get(name))),
    )


def _label(value: Any) -> str:
    return "" if value is None or value == "" else shorten(value, SHORT_NAME)
