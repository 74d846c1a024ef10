"""What was wrong with the data, as found before anything was trained."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any

from headstart.reports.findings import SEVERITIES, Finding, read_findings
from headstart.reports.names import about_rows
from headstart.reports.numbers import count
from headstart.reports.run_files import RunFiles, listing, mapping
from headstart.reports.sections.section import Section

SHOWN = 5  # suspects of a finding; the rest is in audit.json
SHOWN_AT_ONCE = 8  # findings; more are folded


@dataclass(frozen=True)
class Audited:
    """Findings, the worst first; ``left_out`` when the examples they name may not be in the page.

    ``about_ids`` says what examples are called by, where that is their row.
    """

    findings: tuple[Finding, ...]
    folded: tuple[Finding, ...] = ()
    left_out: bool = False
    about_ids: str = ""


def build(run: RunFiles) -> Section | None:
    """None when the data were not looked at."""
    audit = run.section("audit")
    if not audit:
        return None
    findings = _with_suspects(read_findings(audit, {}), run.audit or {})
    left_out = run.audit is None and any(each.count for each in findings)
    named = [each.name for finding in findings for each in finding.suspects]
    about_ids = about_rows(named, run.config.get("id"))
    content = Audited(findings[:SHOWN_AT_ONCE], findings[SHOWN_AT_ONCE:], left_out, about_ids)
    return Section("audit", "Is anything wrong with the data?", "Audit", _says(findings), _read(findings), content)


def _with_suspects(findings: tuple[Finding, ...], document: Mapping[str, Any]) -> tuple[Finding, ...]:
    """The evidence counts suspects and names none, since it ships with the model; audit.json of the run does."""
    wanted = {finding.id for finding in findings}
    parts = [part for item in listing(document.get("findings")) if (part := mapping(item)).get("id") in wanted]
    named = {each.id: each for each in read_findings({"findings": parts}, {}, SHOWN)}
    return tuple(
        replace(finding, suspects=named[finding.id].suspects) if finding.id in named else finding
        for finding in findings
    )


def _says(findings: tuple[Finding, ...]) -> str:
    if not findings:
        return "The data were looked through before anything was trained, and nothing was found that should be mended."
    lead = "Before anything was trained, the data were looked through"
    found = "one thing was found" if len(findings) == 1 else f"{count(len(findings))} things were found"
    severe = [finding for finding in findings if finding.severity == SEVERITIES["severe"]]
    if severe:
        part = "and it is severe" if len(findings) == 1 else f"{count(len(severe))} of them severe"
        accepted = ", which was accepted by name" if all(finding.is_accepted for finding in severe) else ""
        return f"{lead}: {found}, {part}. This result may mean nothing{accepted}."
    if any(finding.severity == SEVERITIES["warning"] for finding in findings):
        return f"{lead}: {found}. Mending what is named makes a result better, or more honest."
    return f"{lead}: {found}, and nothing that makes this result worse than it need be."


def _read(findings: tuple[Finding, ...]) -> str:
    """What the words mean that are used here, the worst first."""
    severities = dict.fromkeys(finding.severity for finding in findings if finding.severity.meaning)
    return " ".join(f"{each.word}: {each.meaning[:1].lower()}{each.meaning[1:]}" for each in severities)
