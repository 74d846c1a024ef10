"""monitor.html: what changed since the fit, what it costs and what to do, one file that needs nothing else."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from headstart.core.files import write_text
from headstart.monitoring.families import NAMES
from headstart.reports.axes import Axis, linear_axis
from headstart.reports.forest import ForestRow
from headstart.reports.frame import draw
from headstart.reports.measures import Measure, measure
from headstart.reports.names import shorten
from headstart.reports.numbers import NO_VALUE, Interval, count, decimal, duration, is_number, percent
from headstart.reports.run_files import checked, listing, mapping
from headstart.reports.sections.result import Fact, Verdict

PAGE = "monitor.html"
MOST_WINDOWS, MOST_CLASSES = 50, 100
SMALLEST_P = 1e-12  # that is written out
LATEST_SECONDS = 4e9  # since 1970: the year 2096; later ones are damage
VERDICTS = {
    "unchanged": Verdict("good", "\u2713", "Unchanged", ""),
    "changed": Verdict("unclear", "!", "Changed", ""),
    "worse": Verdict("bad", "\u2717", "Worse", ""),
}
TITLES = {
    "unchanged": "No change was found",
    "changed": "What the model is asked has changed",
    "worse": "The model is worse than when it was fitted",
}
CHANGE = ("What", "Of", "Before", "Now", "Differs", "p, corrected")
CLASSES = (
    *("Class", "Predicted before", "Predicted now", "Share before", "Share now"),
    *("Right before", "Right, estimated", "Right, measured"),
)
UNKNOWN = Verdict("plain", "?", "Not judged", "")
ACCURACIES = (
    ("held_out", "When it was fitted, held out"),
    ("measured", "Measured now"),
    ("confidence", "Estimated by its probabilities"),
    ("threshold", "Estimated by how many answers are sure"),
    ("shares", "Estimated, if only the shares of classes changed"),
)


Row = tuple[str, ...]


@dataclass(frozen=True)
class Step:
    """Something to do."""

    do: str
    why: str
    ids: tuple[str, ...]


@dataclass(frozen=True)
class MonitorPage:
    """Everything that the template draws.

    Attributes:
        changes: Alarms, the surest first; ``others`` are no alarms. Cells of tables are in the order of their titles.
        accuracy: With its ``axis`` and where the held-out one is on it; empty where nothing is known.
        untold: What cannot be told, and other notes.
    """

    name: str
    title: str
    verdict: Verdict
    sentence: str
    facts: tuple[Fact, ...]
    steps: tuple[Step, ...]
    change_titles: tuple[str, ...]
    changes: tuple[Row, ...]
    others: tuple[Row, ...]
    metric: str
    accuracy: tuple[ForestRow, ...]
    axis: Axis | None
    zero: float | None
    class_titles: tuple[str, ...]
    classes: tuple[Row, ...]
    more_classes: int
    window_titles: tuple[str, ...]
    windows: tuple[Row, ...]
    untold: tuple[str, ...]
    level: str
    version: str


def render_monitor(path: Path, document: Mapping[str, Any]) -> Path:
    """Write the page of what :func:`headstart.monitor` says and return its path."""
    write_text(path, draw("monitor.html", page=page_of(checked(document, "monitor.json"))))
    return path


def page_of(document: Mapping[str, Any]) -> MonitorPage:
    """What the template draws; whatever is missing is left out."""
    findings = [mapping(each) for each in listing(document.get("findings"))]
    accuracy = mapping(document.get("accuracy"))
    shown = measure("accuracy" if accuracy.get("metric") == "accuracy" else "mae")
    rows, axis, zero = _accuracy(accuracy, shown)
    classes = [mapping(each) for each in listing(document.get("classes"))]
    why_not = mapping(document.get("why_not"))
    untold = [f"{NAMES.get(name, name)}: {why}" for name, why in why_not.items()]
    untold += [str(accuracy["why_not"])] if accuracy.get("why_not") else []
    verdict, when = str(document.get("verdict")), _when if document.get("source") == "log" else _example
    since = "Since (UTC)" if document.get("source") == "log" else "Since example"
    return MonitorPage(
        name=shorten(str(mapping(document.get("model")).get("name") or "model"), 60),
        title=TITLES.get(verdict, "The monitor's document"),
        verdict=VERDICTS.get(verdict, UNKNOWN),
        sentence=str(document.get("sentence") or ""),
        facts=_facts(document),
        steps=tuple(
            Step(
                str(each.get("do")),
                str(each.get("why")),
                tuple(shorten(str(one), 80) for one in listing(each.get("ids"))),
            )
            for each in map(mapping, listing(document.get("advice")))
        ),
        change_titles=(*CHANGE, since),
        changes=tuple(_change(each, when) for each in findings if each.get("alarm") is True),
        others=tuple(_change(each, when) for each in findings if each.get("alarm") is not True),
        metric=shown.label,
        accuracy=rows,
        axis=axis,
        zero=zero,
        class_titles=CLASSES,
        classes=tuple(map(_of_class, sorted(classes, key=_moved, reverse=True)[:MOST_CLASSES])),
        more_classes=max(0, len(classes) - MOST_CLASSES),
        window_titles=("From", "To", "Examples", "Alarms", shown.label),
        windows=tuple(_window(mapping(each), shown, when) for each in listing(document.get("windows"))[-MOST_WINDOWS:]),
        untold=(*untold, *map(str, listing(document.get("notes")))),
        level=percent(float(document["level"])) if is_number(document.get("level")) else NO_VALUE,
        version=str(document.get("headstart_version") or ""),
    )


def _ids(raw: Any) -> tuple[str, ...]:
    return tuple(shorten(str(each), 80) for each in listing(raw))


def _facts(document: Mapping[str, Any]) -> tuple[Fact, ...]:
    window, latency = mapping(document.get("window")), mapping(document.get("latency"))
    unusable = window.get("unusable")
    found = [
        Fact(
            "Examples judged", count(window.get("examples")), f"{count(unusable)} could not be read" if unusable else ""
        ),
        Fact("Held against", count(window.get("reference_examples")), "held-out examples of the fit"),
    ]
    if is_number(window.get("smallest_change")):
        found.append(
            Fact("Smallest change it could show", percent(float(window["smallest_change"]), 0), "of the examples")
        )
    if latency:
        slowest = latency.get("p99_seconds_at_most")
        found.append(Fact("99 of 100 answers within", duration(slowest) if is_number(slowest) else "longer", ""))
    return tuple(found)


def _change(finding: Mapping[str, Any], when: Callable[[Any], str]) -> Row:
    family, distance, p = str(finding.get("family")), finding.get("distance"), finding.get("p_corrected")
    return (
        shorten(str(finding.get("name"))),
        NAMES.get(family, family),
        shorten(str(finding.get("before") or NO_VALUE)),
        shorten(str(finding.get("now") or NO_VALUE)),
        percent(float(distance), 0) if is_number(distance) else NO_VALUE,
        (f"{p:.2g}" if p >= SMALLEST_P else f"< {SMALLEST_P:g}") if is_number(p) else NO_VALUE,
        when(finding.get("since")),
    )


def _accuracy(accuracy: Mapping[str, Any], shown: Measure) -> tuple[tuple[ForestRow, ...], Axis | None, float | None]:
    known = {**mapping(accuracy.get("estimated")), **{name: accuracy.get(name) for name in ("held_out", "measured")}}
    found = [(title, Interval.of(known.get(name)), mapping(known.get(name))) for name, title in ACCURACIES]
    there = [(title, each, raw) for title, each, raw in found if each is not None]
    if not there:
        return (), None, None
    axis = linear_axis([end for _, each, _ in there for end in each.ends], shown.tick)
    rows = []
    for title, each, raw in there:
        low, high = (axis.at(end) for end in each.bounds) if each.bounds else (None, None)
        rows.append(ForestRow(title, count(raw.get("n")), shown.value(each), shown.range(each), axis.at(each.value),
                                low, high))  # fmt: skip
    before = Interval.of(known.get("held_out"))
    return tuple(rows), axis, axis.at(before.value) if before else None


def _of_class(each: Mapping[str, Any]) -> Row:
    now = Interval.of(each.get("share_now"))
    corrected = NO_VALUE if now is None else percent(now.value)
    if now is not None and now.bounds:
        corrected += f" ({decimal(100 * now.bounds[0], 0)} to {decimal(100 * now.bounds[1], 0)})"
    return (
        shorten(str(each.get("name"))),
        *(_percent(each.get(name)) for name in ("predicted_before", "predicted_now", "share_before")),
        corrected,
        *(_percent(each.get(name)) for name in ("right_before", "right_estimated", "right_measured")),
    )


def _moved(each: Mapping[str, Any]) -> float:
    before, now = each.get("predicted_before"), each.get("predicted_now")
    return abs(float(now) - float(before)) if is_number(before) and is_number(now) else 0.0


def _percent(raw: Any) -> str:
    each = Interval.of(raw)
    return NO_VALUE if each is None else percent(each.value)


def _window(each: Mapping[str, Any], shown: Measure, when: Callable[[Any], str]) -> Row:
    families = ", ".join(NAMES.get(str(name), str(name)) for name in listing(each.get("families")))
    accuracy = Interval.of(each.get("accuracy_measured")) or Interval.of(each.get("accuracy_estimated"))
    value = shown.value(accuracy) if accuracy else NO_VALUE
    return when(each.get("begin")), when(each.get("end")), count(each.get("examples")), families or "none", value


def _when(seconds: Any) -> str:
    """In UTC, to the second."""
    if not is_number(seconds) or not 0 <= seconds < LATEST_SECONDS:
        return NO_VALUE
    return datetime.fromtimestamp(float(seconds), UTC).strftime("%Y-%m-%d %H:%M:%S")


def _example(number: Any) -> str:
    """Of a data set, counted from 1."""
    return count(number + 1) if is_number(number) else NO_VALUE
