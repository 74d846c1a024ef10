"""audit.html: what is wrong with a data set, one file that needs nothing else, drawn from the folder of an audit."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from headstart.core.errors import ConfigError
from headstart.core.files import write_text
from headstart.reports.findings import SEVERITIES, Finding, Severity, Suspect, read_findings
from headstart.reports.frame import draw
from headstart.reports.measures import measure
from headstart.reports.names import about_rows, shorten
from headstart.reports.numbers import Interval, count, duration, is_number, memory
from headstart.reports.run_files import listing, mapping, read_optional
from headstart.reports.sections.result import Fact, Verdict

DOCUMENT, EXCERPTS, PAGE = "audit.json", "examples.json", "audit.html"
NUMBERED = (
    "Unless --id named a column, an example that is called by a number is a row, counted from 0 below the header: 0 is "
    "the first example, which is row 2 of a spreadsheet that begins with a header."
)
SHOWN = 24  # suspects of a finding with a picture or text
MOST_LISTED = 1000  # further ones by name; a page with all of a large data set would not open


@dataclass(frozen=True)
class FindingSection:
    """A finding with its suspects as they are laid out.

    Attributes:
        anchor: Name of the place in the page; ours, since ids of findings may hold names of columns.
        finding: What was found.
        shown: The first suspects.
        layout: "pictures", "words", or "names" where nothing of them can be shown.
        listed: Further ones, by name.
        unlisted: Number of those that are named in suspects.csv alone.
        has_labels: Whether any of the listed has a given label.
    """

    anchor: str
    finding: Finding
    shown: tuple[Suspect, ...]
    layout: str
    listed: tuple[Suspect, ...]
    unlisted: int
    has_labels: bool


@dataclass(frozen=True)
class AuditPage:
    """Everything that the template draws."""

    data_name: str
    sentence: str
    verdict: Verdict
    facts: tuple[Fact, ...]
    sections: tuple[FindingSection, ...]
    contents: tuple[tuple[Severity, tuple[FindingSection, ...]], ...]
    about: tuple[tuple[str, str], ...]
    fingerprint: str
    version: str


def render_audit(folder: Path) -> Path:
    """Write ``audit.html`` into the folder of an audit and return its path.

    Args:
        folder: Holds audit.json, and examples.json where examples may be shown. The page names suspects either way.

    Raises:
        ConfigError: there is no audit.json.
        IntegrityError: a file does not parse, or was written by a newer version.
    """
    folder = Path(folder)
    if not (folder / DOCUMENT).exists():
        raise ConfigError(f"{folder} must be the folder of an audit; it has no {DOCUMENT}. Name it with --out.")
    document, examples = read_optional(folder / DOCUMENT), read_optional(folder / EXCERPTS)
    path = folder / PAGE
    write_text(path, audit_html(document, mapping(examples.get("suspects"))))
    return path


def audit_html(document: Mapping[str, Any], excerpts: Mapping[str, Any]) -> str:
    """The page as text.

    Args:
        document: audit.json, every string in it fit to be shown.
        excerpts: What can be shown of an example, by id.
    """
    return draw("audit.html", page=build_page(document, excerpts))


def build_page(document: Mapping[str, Any], excerpts: Mapping[str, Any]) -> AuditPage:
    """The page as data."""
    findings = read_findings(document, excerpts)
    sections = tuple(_section(f"finding-{place}", finding) for place, finding in enumerate(findings, 1))
    data = mapping(document.get("data"))
    return AuditPage(
        data_name=shorten(data.get("name") or "data", 60),
        sentence=str(document.get("sentence") or "") or f"{len(findings)} findings.",
        verdict=_verdict(findings),
        facts=tuple(_facts(document)),
        sections=sections,
        contents=_contents(sections),
        about=tuple(_about(document)),
        fingerprint=str(data.get("fingerprint") or ""),
        version=str(document.get("headstart_version") or ""),
    )


def _section(anchor: str, finding: Finding) -> FindingSection:
    shown, listed = finding.suspects[:SHOWN], finding.suspects[SHOWN : SHOWN + MOST_LISTED]
    layout = "names" if all(each.excerpt.is_empty for each in shown) else "words"
    if any(each.excerpt.source for each in shown):
        layout = "pictures"
    unlisted = finding.count - len(shown) - len(listed)
    has_labels = any(each.given or each.suggested for each in finding.suspects)
    return FindingSection(anchor, finding, shown, layout, listed, unlisted, has_labels)


def _contents(sections: tuple[FindingSection, ...]) -> tuple[tuple[Severity, tuple[FindingSection, ...]], ...]:
    """The sections of each severity, the worst first, as they come."""
    severities = dict.fromkeys((*SEVERITIES.values(), *(section.finding.severity for section in sections)))
    groups = (
        (severity, tuple(section for section in sections if section.finding.severity == severity))
        for severity in severities
    )
    return tuple((severity, group) for severity, group in groups if group)


def _verdict(findings: tuple[Finding, ...]) -> Verdict:
    """What a fit on these data would do, and why."""
    refused = sum(finding.is_refused for finding in findings)
    accepted = sum(finding.is_accepted for finding in findings)
    words = {finding.severity.word for finding in findings}
    if refused:
        them = "it makes" if refused == 1 else "they make"
        each = "the finding" if refused == 1 else "each finding"
        return Verdict(
            "bad",
            "\u2715",
            f"fit would refuse these data because of {_findings(refused)}",
            f"As it stands, {them} any result meaningless. Mend what is named, or accept {each} by its name; a result "
            "then says that you did.",
        )
    if accepted:
        return Verdict(
            "unclear",
            "!",
            f"fit would go on, since you accepted {_findings(accepted)}",
            "What was accepted is still there: a result on these data may mean nothing.",
        )
    if SEVERITIES["warning"].word in words:
        return Verdict(
            "unclear",
            "!",
            "fit would go on, with warnings",
            "They say what makes a result worse, or look better, than it is.",
        )
    if findings:
        return Verdict("good", "\u2713", "fit would go on", "Nothing here makes a result worse than it need be.")
    return Verdict(
        "good",
        "\u2713",
        "fit would go on",
        "No check found anything. Checks know what they look for, and nothing else: a look at the data is still worth "
        "its time.",
    )


def _findings(number: int) -> str:
    return "1 finding" if number == 1 else f"{count(number)} findings"


def _facts(document: Mapping[str, Any]) -> list[Fact]:
    """The numbers that say how much was looked at."""
    n, probe = mapping(document.get("n")), mapping(document.get("probe"))
    facts = []
    if is_number(examined := n.get("examined")):
        facts.append(Fact("Examples examined", count(examined)))
    if is_number(learned := n.get("with_targets")):
        facts.append(Fact("With a target", count(learned), "these targets were looked at"))
    if is_number(test := n.get("test")) and test:
        is_read = is_number(examined) and examined == learned
        facts.append(Fact("Kept for the test", count(test), "" if is_read else "these targets stay unread"))
    value = Interval.of(probe.get("value"))
    if value is not None:
        shown = measure(str(probe.get("metric") or ""))
        facts.append(Fact(f"{shown.label} of the probe", shown.value(value), _probe_remark(probe)))
    return facts


def _probe_remark(probe: Mapping[str, Any]) -> str:
    rows = probe.get("rows")
    return f"on {count(rows)} examples that it did not see" if is_number(rows) else "on examples that it did not see"


def _names(document: Mapping[str, Any]) -> list[str]:
    """Of all examples that a finding is about."""
    suspects = [each for item in listing(document.get("findings")) for each in listing(mapping(item).get("suspects"))]
    return [str(mapping(each).get("id") or "") for each in suspects]


def _about(document: Mapping[str, Any]) -> list[tuple[str, str]]:
    data, cost = mapping(document.get("data")), mapping(document.get("cost"))
    parts = [
        ("Data", shorten(data.get("name") or "", 120)),
        ("Kind", str(data.get("modality") or "")),
        ("Examples", NUMBERED if about_rows(_names(document)) else ""),
        ("Task", str(document.get("task") or "").replace("_", " ")),
        ("Accepted", ", ".join(shorten(name, 120) for name in listing(document.get("accepted")))),
        ("Time", duration(cost["wall_seconds"]) if is_number(cost.get("wall_seconds")) else ""),
        ("Memory, at most", memory(cost["peak_memory_mib"]) if is_number(cost.get("peak_memory_mib")) else ""),
    ]
    return [(label, value) for label, value in parts if value]
