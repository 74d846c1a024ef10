"""The folder of an audit: findings for programs, lists for people, labels that can be put right, a page."""

from __future__ import annotations

import csv
from collections.abc import Iterator
from io import StringIO
from pathlib import Path
from typing import TYPE_CHECKING, Any

from headstart.api.examples import excerpt
from headstart.core.files import write_json, write_text

if TYPE_CHECKING:
    from headstart.api.audit_result import Audit
    from headstart.inspection.examined import Examined

DOCUMENT, SUSPECTS, CORRECTED, EXCERPTS = "audit.json", "suspects.csv", "corrected.csv", "examples.json"
SUGGESTIONS = "suggestions.csv"
SHOWN = 24  # suspects of a finding that the page shows
SCHEMA = 1


def write_audit(folder: Path, result: Audit, seen: Examined, *, examples: bool) -> None:
    """audit.json, suspects.csv, corrected.csv where labels are suspected, audit.html."""
    from headstart.reports.audit_page import render_audit

    folder.mkdir(parents=True, exist_ok=True)
    write_json(folder / DOCUMENT, dict(result.document))
    write_text(folder / SUSPECTS, _table(("finding", "id", "given", "suggested", "why"), _suspects(result)))
    if corrections := _corrections(result):
        write_text(folder / CORRECTED, _table(("id", "label", "given", "changed"), _corrected(seen, corrections)))
    if suggested := result.document.get("suggestions"):
        rows = ((each["id"], each["why"], str(each["margin"]), str(each["gain"])) for each in suggested)
        write_text(folder / SUGGESTIONS, _table(("id", "why", "margin", "gain"), rows))
    if examples:
        write_json(folder / EXCERPTS, {"schema": SCHEMA, "suspects": _excerpts(result, seen)})
    render_audit(folder)


def _suspects(result: Audit) -> Iterator[tuple[str, ...]]:
    for finding in result.findings:
        for each in finding["suspects"]:
            yield finding["id"], each["id"], each.get("given", ""), each.get("suggested", ""), each["why"]


def _corrections(result: Audit) -> dict[str, str]:
    """Suggested label by id."""
    return {
        each["id"]: each["suggested"]
        for finding in result.findings
        if finding["id"].split("/")[0] == "label_errors" and finding["severity"] != "hint"
        for each in finding["suspects"]
        if each.get("suggested")
    }


def _corrected(seen: Examined, corrections: dict[str, str]) -> Iterator[tuple[str, ...]]:
    """All examples with a target, the suspected ones with what was suggested: to be looked through before use."""
    for name, given in zip(seen.learned.ids, seen.learned.targets.tolist(), strict=True):
        label = corrections.get(name, str(given))
        yield name, label, str(given), "yes" if name in corrections else "no"


def _excerpts(result: Audit, seen: Examined) -> dict[str, Any]:
    place = {name: row for row, name in enumerate(seen.inputs.ids)}
    shown = dict.fromkeys(each["id"] for finding in result.findings for each in finding["suspects"][:SHOWN])
    return {name: excerpt(seen.inputs, place[name]) for name in shown if name in place}


def _table(header: tuple[str, ...], rows: Iterator[tuple[str, ...]]) -> str:
    text = StringIO()
    writer = csv.writer(text, lineterminator="\n")
    writer.writerow(header)
    writer.writerows(rows)
    return text.getvalue()
