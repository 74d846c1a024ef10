"""Do probabilities, sets and silence keep what they promise? The reliability diagram, and two tables beside it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from headstart.reports.axes import Axis, linear_axis
from headstart.reports.numbers import Interval, count, decimal, is_number, percent
from headstart.reports.run_files import RunFiles, listing, mapping
from headstart.reports.sections.section import Section

SETS = {"split": "One threshold for all classes", "class_conditional": "A threshold for each class"}


@dataclass(frozen=True)
class Bin:
    """Predictions of about one probability; positions in percent from the left and from the top."""

    x: float
    y: float
    low: float
    high: float
    n: str
    confidence: str
    accuracy: str
    span: str


@dataclass(frozen=True)
class SetRow:
    """One kind of sets."""

    name: str
    coverage: str
    span: str
    size: str
    single: str
    ships: bool


@dataclass(frozen=True)
class AnswerRow:
    """What answering from a probability on gives."""

    threshold: str
    answered: str
    accuracy: str
    span: str


@dataclass(frozen=True)
class Certainty:
    """All of it; parts that the run does not have are empty."""

    bins: tuple[Bin, ...]
    axis: Axis
    summary: str
    sets: tuple[SetRow, ...]
    promised: str
    answers: tuple[AnswerRow, ...]


def build(run: RunFiles) -> Section | None:
    """None where the evidence has no calibration, or it says nothing of the test."""
    section, domain = run.section("calibration"), run.section("out_of_domain")
    chosen = mapping(section.get("chosen"))
    axis = linear_axis((0.0, 1.0), lambda value: percent(value, 0), within=(0.0, 1.0))
    bins = tuple(found for raw in listing(section.get("reliability")) if (found := _bin(mapping(raw), axis)))
    facts = mapping(chosen.get("sets"))
    sets = _set_rows(mapping(section.get("sets")), str(facts.get("ships") or ""))
    answers = tuple(row for raw in listing(section.get("answered")) if (row := _answer(mapping(raw))))
    said = [*_of_sets(section, facts), *_of_abstaining(section, chosen), *_of_domain(domain)]
    if not (bins or said):
        return None
    says = " ".join([*_of_bins(section), *said])
    coverage = facts.get("coverage")
    promised = percent(coverage, 0) if is_number(coverage) else ""
    read = (
        "Each dot is a group of test examples of about the same probability. On the diagonal the model is right as "
        "often as it says; below it, it is too sure. Bars are 95 % intervals."
        if bins
        else ""
    )
    content = Certainty(bins, axis, says, sets, promised, answers)
    glance = " ".join(_of_bins(section))
    return Section("certainty", "How sure can one be?", "Certainty", says, read, content, glance=glance)


def _bin(raw: Mapping[str, Any], axis: Axis) -> Bin | None:
    accuracy, confidence = Interval.of(raw.get("accuracy")), raw.get("confidence")
    if accuracy is None or not is_number(confidence):
        return None
    low, high = accuracy.bounds or (accuracy.value, accuracy.value)
    return Bin(
        axis.at(confidence), round(100 - axis.at(accuracy.value), 2), round(100 - axis.at(low), 2),
        round(100 - axis.at(high), 2), count(raw.get("n")), percent(confidence, 0), percent(accuracy.value, 0),
        f"{percent(low, 0)} to {percent(high, 0)}",
    )  # fmt: skip


def _set_rows(section: Mapping[str, Any], ships: str) -> tuple[SetRow, ...]:
    rows = []
    for name, title in SETS.items():
        found = mapping(section.get(name))
        coverage, size, single = (Interval.of(found.get(key)) for key in ("coverage", "mean_size", "single"))
        if coverage and size and single:
            low, high = coverage.bounds or (coverage.value, coverage.value)
            rows.append(
                SetRow(title, percent(coverage.value), f"{percent(low, 0)} to {percent(high, 0)}",
                       decimal(size.value, 2), percent(single.value, 0), name == ships)
            )  # fmt: skip
    return tuple(rows)


def _answer(raw: Mapping[str, Any]) -> AnswerRow | None:
    accuracy, answered = Interval.of(raw.get("accuracy")), Interval.of(raw.get("answered"))
    if accuracy is None or answered is None or not is_number(raw.get("threshold")):
        return None
    low, high = accuracy.bounds or (accuracy.value, accuracy.value)
    return AnswerRow(
        decimal(raw["threshold"], 2), percent(answered.value, 0), percent(accuracy.value),
        f"{percent(low, 0)} to {percent(high, 0)}",
    )  # fmt: skip


def _of_bins(section: Mapping[str, Any]) -> list[str]:
    rows = [mapping(raw) for raw in listing(section.get("reliability"))]
    known = [
        (float(row["n"]), float(row["confidence"]), accuracy.value)
        for row in rows
        if is_number(row.get("n"))
        and is_number(row.get("confidence"))
        and (accuracy := Interval.of(row.get("accuracy")))
    ]
    total = sum(n for n, _, _ in known)
    if not total:
        return []
    sure, right = (sum(row[0] * row[place] for row in known) / total for place in (1, 2))
    return [
        f"On average the model gives its answers a probability of {percent(sure, 0)}, and {percent(right, 0)} of them "
        "are right."
    ]


def _of_sets(section: Mapping[str, Any], facts: Mapping[str, Any]) -> list[str]:
    if facts.get("why_not"):
        return [f"There are no sets of likely classes: {facts['why_not']}."]
    found = mapping(mapping(section.get("sets")).get(str(facts.get("ships"))))
    coverage, size = Interval.of(found.get("coverage") or found.get("kept")), Interval.of(found.get("mean_size"))
    if coverage is None or size is None or not is_number(facts.get("coverage")):
        return []
    held = "hold the right class" if "coverage" in found else "hold a label that is true"
    return [
        f"Sets of likely classes are to {held} in {percent(facts['coverage'], 0)} of cases; on the test they do in "
        f"{percent(coverage.value)}, with {decimal(size.value, 1)} in a set on average.",
        *_of_rare(facts),
    ]


def _of_rare(facts: Mapping[str, Any]) -> list[str]:
    rare = len(listing(facts.get("classes_too_few")))
    if facts.get("ships") != "class_conditional" or not rare:
        return []
    classes = "1 class has" if rare == 1 else f"{rare} classes have"
    return [f"{classes} too few examples for such a promise, and may be in their sets more or less often."]


def _of_abstaining(section: Mapping[str, Any], chosen: Mapping[str, Any]) -> list[str]:
    wanted = mapping(chosen.get("abstaining")).get("wanted")
    if not is_number(wanted):
        return []
    found = mapping(section.get("abstaining"))
    accuracy, answered = Interval.of(found.get("accuracy")), Interval.of(found.get("answered"))
    if answered is None:
        why = mapping(chosen.get("abstaining")).get("why")
        return [f"No probability could be found from which on {percent(wanted, 0)} of answers are right: {why}."]
    if accuracy is None:
        return ["On the test the model abstains from every answer."]
    return [
        f"Answering only where held-out examples were right {percent(wanted, 0)} of the time, it answers "
        f"{percent(answered.value, 0)} of the test and is right on {percent(accuracy.value)} of that."
    ]


def _of_domain(section: Mapping[str, Any]) -> list[str]:
    flagged, expected = Interval.of(section.get("flagged")), section.get("expected")
    if flagged is None or not is_number(expected):
        return []
    return [
        f"{percent(flagged.value)} of the test inputs are called unlike those learned from; {percent(expected, 0)} are "
        "to be expected where nothing is unusual."
    ]
