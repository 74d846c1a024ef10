"""report.html of a compressed run: what is gained, what it costs whom, and every point that could be picked."""

from __future__ import annotations

import shlex
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from headstart.core.files import write_text
from headstart.reports.compression_costs import Costs, costs_of
from headstart.reports.compression_plot import ParetoPlot, pareto_plot, time_of, unit_of
from headstart.reports.compression_students import students_told
from headstart.reports.frame import draw
from headstart.reports.measures import measure
from headstart.reports.names import shorten
from headstart.reports.numbers import NARROW_SPACE, NO_VALUE, Interval, count, decimal, is_number, number, signed
from headstart.reports.run_files import checked, listing, mapping
from headstart.reports.sections.result import Fact, Verdict

Row = tuple[str, ...]
COMPRESSED = Verdict("good", "✓", "Compressed", "")
COSTLY = Verdict("unclear", "!", "Compressed, and it costs more than chance on the test", "")
KEPT = Verdict("unclear", "!", "Left as it is", "")
NOUNS = {"image": "pictures", "text": "texts", "sound": "recordings"}
MEGABYTE = 1e6


@dataclass(frozen=True)
class PointRow:
    """A point in the table; ``note`` marks it, ``command`` ships it."""

    number: str
    name: str
    cells: Row
    note: str
    command: str


@dataclass(frozen=True)
class CompressionPage:
    """Everything that the template draws; what is empty is left out."""

    name: str
    title: str
    verdict: Verdict
    sentence: str
    facts: tuple[Fact, ...]
    steps: tuple[str, ...]
    plot: ParetoPlot | None
    time: str
    points: tuple[PointRow, ...]
    n: str
    students: str
    target: str
    memory: str
    picks: tuple[PointRow, ...]
    kept: str
    tested: str
    costs: Costs
    skipped: tuple[Row, ...]
    notes: tuple[str, ...]
    version: str


def render_compression(path: Path, evidence: Mapping[str, Any]) -> Path:
    """Write the page of a compressed run's evidence.json and return its path; commands name the page's folder."""
    page = page_of(checked(evidence, "evidence.json"), path.absolute().parent.name)
    write_text(path, draw("compression.html", page=page))
    return path


def page_of(evidence: Mapping[str, Any], folder: str = "OUT") -> CompressionPage:
    """What the template draws; whatever is missing is left out."""
    section = mapping(evidence.get("compression"))
    points = [mapping(each) for each in listing(section.get("points"))]
    name = section.get("chosen")
    chosen = next((each for each in points if name is not None and each.get("name") == name), None)
    noun = NOUNS.get(str(mapping(evidence.get("data")).get("modality")), "examples")
    drop, by = mapping(section.get("asked")).get("max_drop"), str(mapping(section.get("asked")).get("by") or "both")
    rows, target = _points(points, section, folder), mapping(section.get("target"))
    primary = str(evidence.get("primary") or "accuracy")
    return CompressionPage(
        name=shorten(str(mapping(section.get("from")).get("name") or folder), 60),
        title=_title(chosen),
        verdict=_verdict(section, chosen),
        sentence=_sentence(section, chosen, noun),
        facts=_facts(section, points, chosen, primary, by),
        steps=_steps(section, chosen),
        plot=pareto_plot(points, None if name is None else str(name), float(drop) if is_number(drop) else None, by),
        time="one input among 32" if by == "throughput" else "one input",
        points=rows,
        n=count(section.get("n")),
        students=students_told(points, section, noun),
        target=" ".join(str(target.get(key)) for key in ("runtime", "precision") if target.get(key)),
        memory=_megabytes(target.get("memory")) if is_number(target.get("memory")) else "",
        picks=tuple(each for each in rows if each.command),
        kept=_kept(section),
        tested=_tested(section, primary, noun),
        costs=costs_of(section, primary),
        skipped=tuple((str(key), str(why)) for key, why in mapping(section.get("skipped")).items()),
        notes=tuple(map(str, listing(evidence.get("warnings")))),
        version=str(evidence.get("headstart_version") or ""),
    )


def _title(chosen: Mapping[str, Any] | None) -> str:
    if chosen is None:
        return "The model stays as it is"
    return f"Answers come {_times(chosen.get('speedup'))} as fast, the {_what(chosen)} is {_smaller(chosen)}"


def _what(chosen: Mapping[str, Any]) -> str:
    return "model" if mapping(chosen.get("knobs")).get("counted") else "network"


def _smaller(chosen: Mapping[str, Any]) -> str:
    ratio = chosen.get("smaller")
    return f"{_times(ratio)} smaller" if is_number(ratio) and ratio >= 1.05 else "as large as before"


def _times(ratio: Any) -> str:
    return f"{decimal(float(ratio), 1)} times" if is_number(ratio) else "an unknown number of times"


def _verdict(section: Mapping[str, Any], chosen: Mapping[str, Any] | None) -> Verdict:
    if chosen is None:
        return KEPT
    gap = Interval.of(mapping(section.get("test")).get("difference"))
    return COSTLY if gap is not None and gap.high is not None and gap.high < 0 else COMPRESSED


def _sentence(section: Mapping[str, Any], chosen: Mapping[str, Any] | None, noun: str) -> str:
    """What it costs in answers, then why this one."""
    why = str(section.get("why") or "")
    said = mapping(section.get("answers"))
    if chosen is None or not all(is_number(said.get(key)) for key in ("n", "wrong_before", "wrong_after")):
        return why
    more = said["wrong_after"] - said["wrong_before"]
    told = f"{count(abs(more))} {'more' if more > 0 else 'fewer'}" if more else "no more"
    are = "is" if abs(more) == 1 else "are"
    return (
        f"Of {count(said['n'])} test {noun} {told} {are} answered wrong: {count(said['wrong_after'])}, where it was "
        f"{count(said['wrong_before'])}. {why}"
    )


def _facts(
    section: Mapping[str, Any],
    points: Sequence[Mapping[str, Any]],
    chosen: Mapping[str, Any] | None,
    primary: str,
    by: str,
) -> tuple[Fact, ...]:
    if chosen is None:
        tried = max(0, len(points) - 1)
        return (Fact("Ways measured", count(tried)), Fact("Held-out examples", count(section.get("n"))))
    found = [Fact("Times as fast", decimal(float(chosen["speedup"]), 1), _from_to(points[0], chosen, by))
             if is_number(chosen.get("speedup")) else Fact("Times as fast", NO_VALUE)]  # fmt: skip
    found.append(
        Fact(
            "Network",
            f"{_megabytes(chosen.get('bytes'))}{NARROW_SPACE}MB",
            f"instead of {_megabytes(points[0].get('bytes'))}",
        )
    )
    low, high = _bounds(chosen, unit_of(points))
    held = chosen.get("points")
    if is_number(held):
        found.append(Fact("On held-out examples", signed(float(held), 1), f"points; {low} to {high}"))
    gap, shown = Interval.of(mapping(section.get("test")).get("difference")), measure(primary)
    if gap is not None:
        found.append(Fact("On the test", shown.difference(gap), f"points; {shown.difference_range(gap)}"
                          if shown.points else shown.difference_range(gap)))  # fmt: skip
    return tuple(found)


def _from_to(base: Mapping[str, Any], chosen: Mapping[str, Any], by: str) -> str:
    before, after = time_of(base, by), time_of(chosen, by)
    if before is None or after is None:
        return ""
    how = "32 at once" if by == "throughput" else "one at a time"
    return f"{decimal(after, 2)} ms an input, {how}, instead of {decimal(before, 2)}"


def _steps(section: Mapping[str, Any], chosen: Mapping[str, Any] | None) -> tuple[str, ...]:
    if chosen is None:
        return (
            "Keep the model. Where what a point below loses can be borne, pick it: its command stands there.",
            "Or search again with a larger --max-drop, or ask for less with --speedup.",
        )
    groups = mapping(section.get("groups"))
    worst = mapping(groups.get("worst"))
    looked = [
        f"Look at {worst.get('column')} = {worst.get('group')}: of all groups it lost most, see below."
    ] if worst and groups.get("clear") else []  # fmt: skip
    return (
        *looked,
        "Try it where it will run: headstart predict takes this folder as any run.",
        "If it loses too much, or is still too slow, pick another point below; nothing is searched again.",
        "Keep the run that it was made from: only from there can other points be picked, or the model be updated.",
    )


def _points(points: Sequence[Mapping[str, Any]], section: Mapping[str, Any], folder: str) -> tuple[PointRow, ...]:
    unit, graphs = unit_of(points), mapping(section.get("graphs"))
    rows = []
    for place, each in enumerate(points):
        name, took = str(each.get("name")), mapping(each.get("milliseconds"))
        lost, low_high = each.get("points"), _bounds(each, unit)
        is_chosen = name == str(section.get("chosen"))
        note = "ships" if is_chosen else "the model" if place == 0 else "front" if each.get("front") else ""
        cells = (
            signed(float(lost), 1) if is_number(lost) else NO_VALUE,
            f"{low_high[0]} to {low_high[1]}" if low_high[0] != low_high[1] else NO_VALUE,
            signed(float(each["expected"]), 1) if is_number(each.get("expected")) and place else NO_VALUE,
            *(decimal(float(v), 2) if is_number(v := took.get(key)) else NO_VALUE for key in ("alone", "batch")),
            decimal(float(each["speedup"]), 2) if is_number(each.get("speedup")) else NO_VALUE,
            _megabytes(each.get("bytes")),
            _megabytes(each.get("memory")),
        )
        command = f"headstart compress {shlex.quote(folder)} --pick {place} --out NEW"
        rows.append(PointRow(str(place), name, cells, note, command if name in graphs and not is_chosen else ""))
    return tuple(rows)


def _bounds(each: Mapping[str, Any], unit: float) -> tuple[str, str]:
    gap = Interval.of(each.get("difference"))
    if gap is None or gap.bounds is None:
        return NO_VALUE, NO_VALUE
    low, high = sorted(unit * end for end in gap.bounds)
    return signed(low, 1), signed(high, 1)


def _megabytes(size: Any) -> str:
    return decimal(float(size) / MEGABYTE, 1 if size >= MEGABYTE else 3) if is_number(size) else NO_VALUE


def _kept(section: Mapping[str, Any]) -> str:
    sizes = [mapping(each).get("bytes") for each in mapping(section.get("graphs")).values()]
    total = sum(each for each in sizes if is_number(each))
    if not sizes:
        return ""
    return (
        f"The networks of the front lie in points/, {number(round(total / MEGABYTE, 1))} MB in all; delete that folder "
        "when nothing else is to be picked. A pick solves the head again, which takes seconds where the features are "
        "still kept, and reads the test once more: to look at the test often and take the best makes it look better "
        "than it is."
    )


def _tested(section: Mapping[str, Any], primary: str, noun: str) -> str:
    test, said, shown = mapping(section.get("test")), mapping(section.get("answers")), measure(primary)
    gap = Interval.of(test.get("difference"))
    if gap is None:
        return ""
    span = f" ({shown.difference_range(gap)})" if gap.bounds else ""
    told = (
        f"On {count(test.get('n'))} test {noun}, read once after the choice, {shown.inline} changes by "
        f"{shown.difference(gap)}{shown.points}{span}, both models on the same {noun}."
    )
    if gap.low is not None and gap.high is not None and gap.low <= 0 <= gap.high:
        told += " That may be chance."
    if is_number(said.get("gained")) and is_number(said.get("lost")):
        told += (
            f" {count(said['lost'])} that were right are wrong now, {count(said['gained'])} that were wrong are right."
        )
    return told
