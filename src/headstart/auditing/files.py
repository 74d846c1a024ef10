"""The folder of an audit: findings for programs, lists for people, corrected labels, excerpts for a page."""

from __future__ import annotations

import csv
from collections.abc import Iterator, Mapping
from io import StringIO
from pathlib import Path
from typing import TYPE_CHECKING, Any

from headstart.core.files import write_json, write_text
from headstart.data.excerpt import excerpt

if TYPE_CHECKING:
    from headstart.inspection.examined import Examined

DOCUMENT, SUSPECTS, CORRECTED, EXCERPTS = "audit.json", "suspects.csv", "corrected.csv", "examples.json"
SUGGESTIONS = "suggestions.csv"
SHOWN = 24  # suspects of a finding that the page shows
SCHEMA = 1


def write_audit(folder: Path, document: Mapping[str, Any], seen: Examined, *, examples: bool) -> None:
    """audit.json, suspects.csv, corrected.csv where labels are suspected, excerpts for the page."""
    folder.mkdir(parents=True, exist_ok=True)
    write_json(folder / DOCUMENT, dict(document))
    write_text(folder / SUSPECTS, _table(("finding", "id", "given", "suggested", "why"), _suspects(document)))
    if corrections := _corrections(document):
        write_text(folder / CORRECTED, _table(("id", "label", "given", "changed"), _corrected(seen, corrections)))
    if suggested := document.get("suggestions"):
        rows = ((each["id"], each["why"], str(each["margin"]), str(each["gain"])) for each in suggested)
        write_text(folder / SUGGESTIONS, _table(("id", "why", "margin", "gain"), rows))
    if examples:
        write_json(folder / EXCERPTS, {"schema": SCHEMA, "suspects": _excerpts(document, seen)})


def _suspects(document: Mapping[str, Any]) -> Iterator[tuple[str, ...]]:
    for finding in document["findings"]:
        for each in finding["suspects"]:
            yield finding["id"], each["id"], each.get("given", ""), each.get("suggested", ""), each["why"]


def _corrections(document: Mapping[str, Any]) -> dict[str, str]:
    """Suggested label by id."""
    return {
        each["id"]: each["suggested"]
        for finding in document["findings"]
        if finding["id"].split("/")[0] == "label_errors" and finding["severity"] != "hint"
        for each in finding["suspects"]
        if each.get("suggested")
    }


def _corrected(seen: Examined, corrections: dict[str, str]) -> Iterator[tuple[str, ...]]:
    """All examples with a target, the suspected ones with what was suggested: to be looked through before use."""
    for name, given in zip(seen.learned.ids, seen.learned.targets.tolist(), strict=True):
        label = corrections.get(name, str(given))
        yield name, label, str(given), "yes" if name in corrections else "no"


def _excerpts(document: Mapping[str, Any], seen: Examined) -> dict[str, Any]:
    place = {name: row for row, name in enumerate(seen.inputs.ids)}
    shown = dict.fromkeys(each["id"] for finding in document["findings"] for each in finding["suspects"][:SHOWN])
    return {name: excerpt(seen.inputs, place[name]) for name in shown if name in place}


def _table(header: tuple[str, ...], rows: Iterator[tuple[str, ...]]) -> str:
    text = StringIO()
    writer = csv.writer(text, lineterminator="\n")
    writer.writerow(header)
    writer.writerows(rows)
    return text.getvalue()
