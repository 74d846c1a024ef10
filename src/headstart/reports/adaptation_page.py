"""report.html of an adapted run: what was tried, what it is likely to bring, whose answers change."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from headstart.core.files import write_text
from headstart.reports.adaptation_classes import ClassTable, class_table
from headstart.reports.adaptation_order import order_table
from headstart.reports.adaptation_setting import absent_names, absent_table, open_table, setting_facts
from headstart.reports.adaptation_sources import sources_table
from headstart.reports.adaptation_tried import WaysTried, ways_tried
from headstart.reports.changed_answers import ChangedAnswers, changed_answers
from headstart.reports.domain_map import DomainMap, domain_map, told_apart
from headstart.reports.frame import draw
from headstart.reports.measures import measure
from headstart.reports.names import quoted, shorten
from headstart.reports.numbers import NO_VALUE, Interval, count, decimal, is_number, percent
from headstart.reports.run_files import checked, listing, mapping
from headstart.reports.sections.result import Fact, Verdict
from headstart.reports.showable import showable
from headstart.reports.table_section import TableSection

Row = tuple[str, ...]
MOST_CLASSES, MOST_NAMED = 100, 5
ADAPTED = Verdict("good", "✓", "Adapted", "")
KEPT = Verdict("unclear", "!", "Left as it is", "")
MEASURED = {
    "run": "The model as it is",
    "source_only": "The same, held-out fifth left out",
    "ships": "What ships",
    "target_labels": "With labels of the new domain",
}
CHECK = "Label 20 of the new examples, drawn at random, and adapt again with --labels: they check the estimate."
SHARES = ("Class", "Learned from", "Answered before", "Answered after")


@dataclass(frozen=True)
class AdaptationPage:
    """Everything that the template draws; what is empty is left out."""

    name: str
    title: str
    verdict: Verdict
    sentence: str
    facts: tuple[Fact, ...]
    steps: tuple[str, ...]
    tried: WaysTried
    left_out: tuple[Row, ...]
    measured_titles: Row
    measured: tuple[Row, ...]
    measured_note: str
    settings: tuple[TableSection, ...]
    by_class: ClassTable | None
    map: DomainMap | None
    share_titles: Row
    shares: tuple[Row, ...]
    share_says: str
    changes: ChangedAnswers | None
    notes: tuple[str, ...]
    version: str


def render_adaptation(
    path: Path, evidence: Mapping[str, Any], excerpts: Mapping[str, Mapping[str, Any]] | None = None
) -> Path:
    """Write the page of an adapted run's evidence.json and return its path.

    Args:
        path: Of the page.
        evidence: evidence.json.
        excerpts: What may be shown of examples, by id.
    """
    shown: dict[str, Any] = showable(excerpts or {})
    write_text(path, draw("adaptation.html", page=page_of(checked(evidence, "evidence.json"), shown)))
    return path


def page_of(evidence: Mapping[str, Any], excerpts: Mapping[str, Mapping[str, Any]] | None = None) -> AdaptationPage:
    """What the template draws; whatever is missing is left out."""
    section = mapping(evidence.get("adaptation"))
    is_adapted = section.get("method") is not None
    to, tried = mapping(section.get("to")), [mapping(each) for each in listing(section.get("methods"))]
    labels, shares = mapping(section.get("labels")), [mapping(each) for each in listing(section.get("shares"))]
    setting = mapping(section.get("setting"))
    absent = absent_names(setting)
    gone = [each for each in shares if str(each.get("class")) not in absent] if is_adapted else []
    titles = {str(each.get("name")): str(each.get("title")) for each in tried}
    return AdaptationPage(
        name=shorten(str(to.get("name") or "target"), 60),
        title="The model was adapted" if is_adapted else "The model is better left as it is",
        verdict=ADAPTED if is_adapted else KEPT,
        sentence=str(evidence.get("sentence") or ""),
        facts=_facts(section, str(evidence.get("primary"))),
        steps=_steps(section, bool(_vanished(gone))),
        tried=ways_tried(section),
        left_out=tuple((str(name), str(why)) for name, why in mapping(section.get("left_out")).items()),
        measured_titles=("Way", "Right", "Better by"),
        measured=_measured(labels, titles, str(evidence.get("primary"))),
        measured_note=str(labels.get("note") or ""),
        settings=tuple(
            each
            for each in (
                open_table(mapping(labels.get("open_set"))),
                absent_table(setting),
                sources_table(section.get("sources")),
                order_table(section.get("order")),
            )
            if each is not None
        ),
        by_class=class_table(mapping(labels.get("by_class"))),
        map=domain_map(mapping(section.get("map"))),
        share_titles=SHARES if is_adapted else SHARES[:-1],
        shares=tuple(
            _share(each)[: len(SHARES) if is_adapted else -1] for each in sorted(shares, key=_moved)[:MOST_CLASSES]
        ),
        share_says=_vanished(gone),
        changes=changed_answers(mapping(section.get("changed")), excerpts or {}),
        notes=tuple(map(str, listing(evidence.get("warnings")))),
        version=str(evidence.get("headstart_version") or ""),
    )


def _facts(section: Mapping[str, Any], primary: str) -> tuple[Fact, ...]:
    changed, to, home = (mapping(section.get(name)) for name in ("changed", "to", "home"))
    unusable = to.get("unusable")
    found = [
        Fact("New examples", count(to.get("n")), f"{count(unusable)} could not be read" if unusable else "no labels")
    ]
    if section.get("method") is not None:
        found.append(Fact("Answers that change", count(changed.get("n")), f"of {count(changed.get('of'))}"))
    apart = [told_apart(mapping(mapping(section.get("map")).get(when))) for when in ("before", "after")]
    known = [decimal(each, 2) for each in apart if each is not None]
    if known:
        found.append(Fact("Told apart", " \u2192 ".join(dict.fromkeys(known)), "area under the curve; 0.50 is chance"))
    found += setting_facts(mapping(section.get("setting")))
    shown, difference = measure(primary), Interval.of(home.get("difference"))
    if difference is not None and section.get("method") is not None:
        found.append(
            Fact("On the old test", shown.difference(difference), f"points; {shown.difference_range(difference)}")
        )
    return tuple(found)


def _steps(section: Mapping[str, Any], has_vanished: bool) -> tuple[str, ...]:
    if section.get("method") is not None:
        vanished = (
            "A class is not answered any more, see \u201cWhat is answered?\u201d: make sure that it may be missing."
        )
        return (
            *([vanished] if has_vanished else []),
            *(["Look at ten of the answers that change, below."] if mapping(section.get("changed")).get("n") else []),
            *([] if section.get("few_labels") else [CHECK]),
            "Ship the bundle for the new examples only; for the old ones keep the model that was there.",
        )
    return (
        "Keep the model. If its answers look wrong on the new examples, label some: 20 check the estimates "
        "(headstart adapt --labels), 100 or more teach it (headstart fit --update RUN --add THEM).",
        "Or name a way with --method, and compare its answers with what you know.",
    )


def _measured(labels: Mapping[str, Any], titles: Mapping[str, str], primary: str) -> tuple[Row, ...]:
    shown, rows = measure(primary), list[Row]()
    for each in map(mapping, listing(labels.get("methods"))):
        value, difference = Interval.of(each.get("value")), Interval.of(each.get("difference"))
        told = shown.value(value) + (f" ({shown.range(value)})" if value and value.bounds else "")
        better = NO_VALUE if difference is None else shown.difference(difference)
        better += f" ({shown.difference_range(difference)})" if difference and difference.bounds else ""
        name = str(each.get("name"))
        rows.append((MEASURED.get(name) or titles.get(name) or name, told, better))
    return tuple(rows)


def _share(each: Mapping[str, Any]) -> Row:
    values = (each.get(name) for name in ("learned", "before", "after"))
    return shorten(str(each.get("class"))), *(percent(float(v)) if is_number(v) else NO_VALUE for v in values)


def _vanished(shares: list[Mapping[str, Any]]) -> str:
    """Classes that were answered and are not any more."""
    gone = [each for each in shares if each.get("after") == 0 and is_number(each.get("before")) and each["before"] > 0]
    if not gone:
        return ""
    named = ", ".join(quoted(each.get("class")) for each in gone[:MOST_NAMED])
    more = f" and {len(gone) - MOST_NAMED} more" if len(gone) > MOST_NAMED else ""
    return f"No new example is called {named}{more} any more. Unless it left the new domain, that is a mistake."


def _moved(each: Mapping[str, Any]) -> float:
    before, after = each.get("before"), each.get("after")
    return -abs(float(after) - float(before)) if is_number(before) and is_number(after) else 0.0
