"""The head of the page: the result in one sentence, the verdict, and the four numbers most people ask for."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from headstart.reports.measures import level_text, measure
from headstart.reports.names import readable
from headstart.reports.numbers import NO_VALUE, Interval, count, decimal, is_number
from headstart.reports.run_files import RunFiles, listing, mapping


@dataclass(frozen=True)
class Fact:
    """A number with its name and a remark."""

    label: str
    value: str
    remark: str = ""


@dataclass(frozen=True)
class Verdict:
    """The answer as a word, a sign that does not need colour, and a sentence. ``tone`` names the colours."""

    tone: str
    sign: str
    answer: str
    why: str


@dataclass(frozen=True)
class Result:
    """What the head of the page shows."""

    sentence: str
    verdict: Verdict | None
    facts: tuple[Fact, ...]
    warnings: tuple[str, ...]


ANSWERS = {
    "yes": ("good", "\u2713", "Transfer helps: yes"),
    "no": ("bad", "\u2715", "Transfer helps: no"),
    "unclear": ("unclear", "?", "Transfer helps: unclear"),
    "not_applicable": ("plain", NO_VALUE, "Transfer helps: not applicable"),
}


def build_result(run: RunFiles) -> Result:
    """The head of the page; works for a run that has nothing but a primary metric."""
    return Result(_sentence(run), _verdict(run), tuple(_facts(run)), tuple(_warnings(run)))


def _sentence(run: RunFiles) -> str:
    if isinstance(given := run.evidence.get("sentence"), str) and given.strip():
        return given
    shown, interval = measure(run.primary), Interval.of(run.section("test").get(run.primary))
    chosen = readable(run.section("verdict").get("chosen") or "The model")
    span = f" ({level_text([interval])} interval {shown.range(interval)})" if shown.range(interval) else ""
    text = f"{chosen}: {shown.label.lower()} {shown.value(interval)}{span} on {count(run.n_test)} test examples."
    if run.section("verdict").get("transfer_helps") == "unclear":
        text += " Whether transfer helps is unclear."
    return text


def _verdict(run: RunFiles) -> Verdict | None:
    answer = run.section("verdict").get("transfer_helps")
    if answer not in ANSWERS:
        return None
    return Verdict(*ANSWERS[answer], why=str(run.section("verdict").get("why") or ""))


def _facts(run: RunFiles) -> list[Fact]:
    shown, interval = measure(run.primary), Interval.of(run.section("test").get(run.primary))
    remark = f"{shown.range(interval)}, {level_text([interval])} interval" if shown.range(interval) else "no interval"
    facts = [Fact(shown.label, shown.value(interval), remark), *_best_without(run)]
    if run.n_test is not None:
        reads = run.evidence.get("test_reads")
        facts.append(Fact("Test examples", count(run.n_test), "read once, at the end" if reads == 1 else ""))
    milliseconds = run.section("cost").get("predict_ms_per_input")
    if is_number(milliseconds):
        facts.append(Fact("Per prediction", f"{decimal(milliseconds, 1)}\u202fms", "on the machine of this run"))
    return facts


def _best_without(run: RunFiles) -> list[Fact]:
    """The strongest comparison without transfer: what the result has to be held against."""
    rows = [mapping(row) for row in listing(run.evidence.get("comparisons"))]
    found = [(Interval.of(row.get(run.primary)), row) for row in rows if row.get("transfer") is False]
    known = [(interval, row) for interval, row in found if interval is not None]
    if not known:
        return []
    sign = -1 if measure(run.primary).better == "lower" else 1
    interval, row = max(known, key=lambda pair: sign * pair[0].value)
    return [Fact("Best without transfer", measure(run.primary).value(interval), readable(row.get("name")))]


def _warnings(run: RunFiles) -> list[str]:
    """``warnings`` of the evidence, after what the number of test reads makes necessary to say."""
    reads = run.evidence.get("test_reads")
    said = []
    if is_number(reads) and reads > 1:
        said.append(
            f"The test split was read {count(reads)} times, by this run and those it was made from. Each further look "
            "lets choices adapt to these examples, so the numbers here lean to the optimistic side. New test data "
            "would settle it."
        )
    return said + [_warning_text(item) for item in listing(run.evidence.get("warnings"))]


def _warning_text(item: Any) -> str:
    if isinstance(item, dict):
        parts = [str(item[key]) for key in ("message", "text", "what", "why") if item.get(key)]
        return " ".join(parts) or ", ".join(f"{key}: {value}" for key, value in item.items())
    return str(item)
