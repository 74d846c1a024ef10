"""What a check found: how bad it is, the figures behind it, and what to do."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Literal

Severity = Literal["severe", "warning", "hint"]
SEVERITIES: tuple[Severity, ...] = ("severe", "warning", "hint")  # worst first


@dataclass(frozen=True)
class Suspect:
    """One example that a finding is about.

    Attributes:
        row: Position among ``Examined.inputs``.
        id: Its name.
        why: A few words about this example alone.
        given: Its target as written, where that is the matter; "" elsewhere.
        suggested: What it probably should be; "" where nothing can be said.
    """

    row: int
    id: str
    why: str
    given: str = ""
    suggested: str = ""

    def to_dict(self) -> dict[str, str]:
        """JSON; what is empty is left out."""
        parts = {"id": self.id, "why": self.why, "given": self.given, "suggested": self.suggested}
        return {key: value for key, value in parts.items() if value}


@dataclass(frozen=True)
class Finding:
    """One thing that is wrong, or worth knowing.

    Attributes:
        id: Stable name of the kind of finding: the check's file name, or "check/detail" where a check finds several
            ("leaking_column/price"); what ``--accept`` takes.
        severity: "severe": a result on these data means nothing until it is mended or accepted. "warning": the result
            is worse, or looks better, than it is. "hint": worth knowing.
        what: One sentence with the figures, for people who train no models.
        action: What to do, one sentence.
        evidence: The numbers behind it, JSON.
        suspects: The examples it is about, the most telling first; all of them, displays shorten.
    """

    id: str
    severity: Severity
    what: str
    action: str
    evidence: Mapping[str, Any] = field(default_factory=dict)
    suspects: tuple[Suspect, ...] = ()

    def to_dict(self) -> dict[str, Any]:
        """JSON for audit.json."""
        return {
            "id": self.id,
            "severity": self.severity,
            "what": self.what,
            "action": self.action,
            "evidence": dict(self.evidence),
            "count": len(self.suspects),
            "suspects": [suspect.to_dict() for suspect in self.suspects],
        }


def worst_first(findings: list[Finding]) -> list[Finding]:
    """By severity; within one, in the order they came."""
    return sorted(findings, key=lambda finding: SEVERITIES.index(finding.severity))
