"""How good in a domain that nobody has seen: each domain held out, their mean with its interval, and the ways tried."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from headstart.core import plugins
from headstart.reports.axes import Axis, linear_axis
from headstart.reports.measures import Measure, level_text, measure
from headstart.reports.names import quoted, shorten
from headstart.reports.numbers import NO_VALUE, Interval, count, is_number, signed
from headstart.reports.run_files import RunFiles, listing, mapping
from headstart.reports.sections.comparison import Mark
from headstart.reports.sections.section import Section

PLAIN = "none"
MOST = 20  # domains with a row of their own, the worst ones; a forest of hundreds is read by nobody


@dataclass(frozen=True)
class Line:
    """A figure that is drawn: of a domain, or over domains."""

    name: str
    note: str
    n: str
    value: str
    span: str
    mark: Mark
    is_chosen: bool = False
    is_hollow: bool = False


@dataclass(frozen=True)
class Way:
    """A way to prepare the model for a new domain, against the plain one."""

    name: str
    mean: str
    worst: str
    change: str
    change_span: str
    gain: str
    ships: bool


@dataclass(frozen=True)
class Domains:
    """Lines on one axis; ``mean_at`` marks the mean over domains in percent of its width."""

    column: str
    metric: str
    lines: tuple[Line, ...]
    axis: Axis
    mean_at: float
    ways: tuple[Way, ...]
    points: str
    notes: tuple[str, ...]


def build(run: RunFiles) -> Section | None:
    """None where no domains were named."""
    section = run.section("domains")
    held, mean = _figures(section.get("each")), Interval.of(section.get("mean"))
    if not held or mean is None:
        return None
    shown, column = measure(str(section.get("metric") or run.primary)), str(section.get("column") or "domain")
    content = _content(section, shown, column, held, mean)
    return Section(
        "domains",
        "How good in a new domain?",
        "New domains",
        _says(section, shown, column, held, mean),
        f"A dot by itself is one domain, by the model that learned from the others. The first row is their mean; its "
        f"bar is the {level_text([mean])} interval over domains, so more examples of the same ones do not make it "
        "narrower. Hollow dots had no part in that mean.",
        content,
        glance=_glance(section, shown, column, mean),
    )


def _figures(raw: Any) -> list[tuple[Mapping[str, Any], float]]:
    """Entries of ``each`` or ``test`` that have a value."""
    listed = map(mapping, listing(raw))
    return [(each, float(each["value"])) for each in listed if is_number(each.get("value"))]


def _content(
    section: Mapping[str, Any], shown: Measure, column: str, held: list[tuple[Mapping[str, Any], float]], mean: Interval
) -> Domains:
    tested, ordinary = _figures(section.get("test")), Interval.of(section.get("ordinary"))
    values = [*mean.ends, *(value for _, value in [*held, *tested]), *([ordinary.value] if ordinary else [])]
    axis = linear_axis(values, shown.tick, within=shown.limits)
    held = sorted(held, key=lambda each: each[1], reverse=shown.better == "lower")
    examples = count(sum(each["n"] for each, _ in held if is_number(each.get("n"))))
    lines = [_mean_line(shown, mean, axis, examples)]
    lines += [_line(shown, each, value, axis, "worst" if place == 0 else "")
              for place, (each, value) in enumerate(held[:MOST])]  # fmt: skip
    lines += [_line(shown, each, value, axis, "test", is_hollow=True) for each, value in tested[:MOST]]
    if ordinary:
        text = shown.value(ordinary)
        mark = Mark(axis.at(ordinary.value), None, None, f"Folds that ignore domains: {text}")
        lines.append(
            Line("Folds that ignore domains", "the same domains again", examples, text, "", mark, is_hollow=True)
        )
    notes = [*_more(held, "held out"), *_more(tested, "of the test"), *_notes(section, shown)]
    ways = tuple(_way(mapping(each), section, shown) for each in listing(section.get("methods")))
    points = shown.points.strip()
    return Domains(shorten(column), shown.label, tuple(lines), axis, axis.at(mean.value), ways, points, tuple(notes))


def _mean_line(shown: Measure, mean: Interval, axis: Axis, examples: str) -> Line:
    low, high = (axis.at(end) for end in mean.bounds) if mean.bounds else (None, None)
    value, span = shown.value(mean), shown.range(mean)
    mark = Mark(axis.at(mean.value), low, high, f"Mean over domains: {value} ({span or 'no interval'})")
    return Line("Mean over domains", "expect this", examples, value, span or "no interval", mark, is_chosen=True)


def _line(
    shown: Measure, each: Mapping[str, Any], value: float, axis: Axis, note: str, *, is_hollow: bool = False
) -> Line:
    name, text = shorten(str(each.get("domain"))), shown.text(value)
    plain = f"plain {shown.text(float(each['plain']))}" if is_number(each.get("plain")) else ""
    mark = Mark(axis.at(value), None, None, f"{name}: {text}")
    return Line(name, note, count(each.get("n")), text, plain, mark, is_hollow=is_hollow)


def _more(found: list[tuple[Mapping[str, Any], float]], where: str) -> Iterable[str]:
    if len(found) > MOST:
        yield f"{MOST} of {len(found):,} domains {where} are drawn; evidence.json has all."


def _way(each: Mapping[str, Any], section: Mapping[str, Any], shown: Measure) -> Way:
    change, gain, error = Interval.of(each.get("difference")), each.get("loss_gain"), each.get("standard_error")
    is_plain = each.get("name") == PLAIN
    told = signed(float(gain), 3) if is_number(gain) and not is_plain else ""
    return Way(
        name_of(each.get("name")),
        shown.text(float(each["mean"])) if is_number(each.get("mean")) else NO_VALUE,
        shown.text(float(each["worst"])) if is_number(each.get("worst")) else NO_VALUE,
        shown.difference(change) if change else "",
        shown.difference_range(change),
        f"{told} \u00b1 {float(error):.3f}" if told and is_number(error) else told,
        each.get("name") is not None and each.get("name") == section.get("ships"),
    )


def name_of(name: object) -> str:
    """What a way is called in a sentence.

    >>> name_of("none"), name_of("group_dro")
    ('the plain model', 'Group DRO')
    """
    if name == PLAIN:
        return "the plain model"
    known = str(name) in plugins.names("mitigation")
    return str(plugins.stated("mitigation", str(name)).get("title", name)) if known else shorten(str(name))


def _notes(section: Mapping[str, Any], shown: Measure) -> Iterable[str]:
    if section.get("metric_reason"):
        yield f"{shown.label} is told here, since {section['metric_reason']}."
    worth = section.get("choice_held_out")
    if is_number(worth) and len(listing(section.get("methods"))) > 1:
        yield (
            f"Choosing among these ways by the other domains alone gives {shown.text(float(worth))} in the mean: what "
            "the choice is worth where it had no say."
        )
    for key, says in (
        ("never_held_out", "have all examples of some class, so they were learned from and never held out"),
        ("one_class", "have one class alone, which says little about telling classes apart"),
    ):
        named = [quoted(each) for each in listing(section.get(key))]
        if named:
            more = f" and {len(named) - 5:,} more" if len(named) > 5 else ""
            yield f"{', '.join(named[:5])}{more} {says}."


def _says(
    section: Mapping[str, Any], shown: Measure, column: str, held: list[tuple[Mapping[str, Any], float]], mean: Interval
) -> str:
    span = shown.range(mean)
    said = [
        f"In a new {quoted(column)}, expect {shown.inline} {shown.value(mean)}"
        f"{f' ({level_text([mean])} interval over domains {span})' if span else ''}: the mean of {len(held)}, each "
        "held out in turn."
    ]
    worst, chance = mapping(section.get("worst")), section.get("chance_of_worse")
    if is_number(worst.get("value")):
        told = f"Worst was {quoted(worst.get('domain'))} with {shown.text(float(worst['value']))}"
        often = f"; about 1 new one in {1 / chance:.0f} is worse still" if is_number(chance) and 0 < chance <= 1 else ""
        said.append(f"{told}{often}.")
    if is_number(section.get("ordinary")):
        same = shown.text(float(section["ordinary"]))
        said.append(f"Folds that ignore domains say {same}: that is for more of the same ones.")
    return " ".join([*said, str(section.get("why") or "")]).strip()


def _glance(section: Mapping[str, Any], shown: Measure, column: str, mean: Interval) -> str:
    worst = mapping(section.get("worst")).get("value")
    at_worst = f", {shown.text(float(worst))} in the worst" if is_number(worst) else ""
    return f"In a new {quoted(column)}: {shown.inline} {shown.value(mean)} in the mean{at_worst}."
