"""report.html of a compressed run: what is gained, what it costs whom, and every point that could be picked."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from headstart.core.files import write_text
from headstart.reports.compression_costs import Costs, costs_of
from headstart.reports.compression_plot import ParetoPlot, pareto_plot, time_of, unit_of
from headstart.reports.compression_points import MEGABYTE, PointRow, bounds_of, megabytes, points_of
from headstart.reports.compression_students import students_told
from headstart.reports.compression_vocabulary import vocabulary_told
from headstart.reports.frame import draw
from headstart.reports.measures import Measure, measure
from headstart.reports.names import quoted, shorten
from headstart.reports.numbers import NARROW_SPACE, NO_VALUE, Interval, count, decimal, is_number, number, signed
from headstart.reports.run_files import checked, listing, mapping
from headstart.reports.sections.result import Fact, Verdict

Row = tuple[str, ...]
COMPRESSED = Verdict("good", "✓", "Compressed", "")
COSTLY = Verdict("unclear", "!", "Compressed, and it costs more than chance on the test", "")
KEPT = Verdict("unclear", "!", "Left as it is", "")
NOUNS = {"image": "pictures", "text": "texts", "sound": "recordings"}


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
    vocabulary: str
    target: str
    memory: str
    picks: tuple[PointRow, ...]
    kept: str
    says: str
    judged: str
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
    rows, target = points_of(points, section, folder), mapping(section.get("target"))
    held = mapping(section.get("held_out"))  # of a search that shipped nothing
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
        vocabulary=vocabulary_told(points, section, noun),
        target=" ".join(str(target.get(key)) for key in ("runtime", "precision") if target.get(key)),
        memory=megabytes(target.get("memory")) if is_number(target.get("memory")) else "",
        picks=tuple(each for each in rows if each.command),
        kept=_kept(section),
        says="What the point that came nearest would cost" if held else "What the test says",
        judged="held-out examples" if held else "test examples",
        tested=_nearest(held, primary, noun) if held else _tested(section, primary, noun),
        costs=costs_of(held or section, primary),
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
            f"{megabytes(chosen.get('bytes'))}{NARROW_SPACE}MB",
            f"instead of {megabytes(points[0].get('bytes'))}",
        )
    )
    low, high = bounds_of(chosen, unit_of(points))
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


def _nearest(held: Mapping[str, Any], primary: str, noun: str) -> str:
    """Of what did not ship, on held-out examples."""
    shown, gap = measure(primary), Interval.of(held.get("difference"))
    if gap is None:
        return ""
    return (
        f"With {quoted(held.get('name'))}, which does not ship, on {count(held.get('n'))} held-out {noun}: "
        f"{_changes(gap, shown)}, both models on the same {noun}. The test was not read.{_exchanged(held)}"
    )


def _tested(section: Mapping[str, Any], primary: str, noun: str) -> str:
    test, shown = mapping(section.get("test")), measure(primary)
    gap = Interval.of(test.get("difference"))
    if gap is None:
        return ""
    told = (
        f"On {count(test.get('n'))} test {noun}, read once after the choice, {_changes(gap, shown)}, both models on "
        f"the same {noun}."
    )
    if gap.low is not None and gap.high is not None and gap.low <= 0 <= gap.high:
        told += " That may be chance."
    return told + _exchanged(section)


def _changes(gap: Interval, shown: Measure) -> str:
    span = f" ({shown.difference_range(gap)})" if gap.bounds else ""
    return f"{shown.inline} changes by {shown.difference(gap)}{shown.points}{span}"


def _exchanged(section: Mapping[str, Any]) -> str:
    said = mapping(section.get("answers"))
    if not is_number(said.get("gained")) or not is_number(said.get("lost")):
        return ""
    return f" {count(said['lost'])} that were right are wrong now, {count(said['gained'])} that were wrong are right."
