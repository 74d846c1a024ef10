"""The head of the page: the result in one sentence, the verdict, and the four numbers most people ask for."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Any

from headstart.reports.measures import level_text, measure
from headstart.reports.names import readable, shorten
from headstart.reports.numbers import NO_VALUE, Interval, count, decimal, is_number
from headstart.reports.rivals import best_rival, chosen_is_transfer, known_rows
from headstart.reports.run_files import RunFiles, listing


@dataclass(frozen=True)
class Fact:
    """A number with its name and a remark."""

    label: str
    value: str
    remark: str = ""


@dataclass(frozen=True)
class Verdict:
    """The answer as a word, a sign that does not need colour, and a sentence. ``tone`` names the colours.

    ``further`` is what else the run says of it, for those who ask.
    """

    tone: str
    sign: str
    answer: str
    why: str
    further: str = ""


@dataclass(frozen=True)
class Result:
    """What the head of the page shows."""

    sentence: str
    verdict: Verdict | None
    facts: tuple[Fact, ...]
    warnings: tuple[str, ...]


ANSWERS = {
    "yes": ("good", "\u2713", "Yes"),
    "no": ("bad", "\u2715", "No"),
    "unclear": ("unclear", "?", "Unclear"),
    "not_applicable": ("plain", NO_VALUE, "Not applicable"),
}
SHORT_ANSWERS = {
    "yes": "Transfer helps.",
    "no": "Transfer does not help.",
    "unclear": "Whether transfer helps is unclear.",
}


def build_result(run: RunFiles) -> Result:
    """The head of the page; works for a run that has nothing but a primary metric."""
    return Result(_sentence(run), _verdict(run), tuple(_facts(run)), tuple(_warnings(run)))


def _sentence(run: RunFiles) -> str:
    """The run's own sentence, or one made from its numbers; what the verdict says at length is said shortly here."""
    given, why = (str(part or "").strip() for part in (run.evidence.get("sentence"), run.section("verdict").get("why")))
    lead = given.removesuffix(why).rstrip()
    if lead and lead == given:
        return given
    answer = SHORT_ANSWERS.get(str(run.section("verdict").get("transfer_helps")), "")
    return f"{lead or given or _made_sentence(run)} {answer}".rstrip()


def _made_sentence(run: RunFiles) -> str:
    shown, interval = measure(run.primary), Interval.of(run.section("test").get(run.primary))
    chosen = readable(run.section("verdict").get("chosen") or "The model")
    span = f" ({level_text([interval])} interval {shown.range(interval)})" if shown.range(interval) else ""
    return f"{chosen}: {shown.inline} {shown.value(interval)}{span} on {count(run.n_test)} test examples."


def _verdict(run: RunFiles) -> Verdict | None:
    answer = run.section("verdict").get("transfer_helps")
    if answer not in ANSWERS:
        return None
    tone, sign, word = ANSWERS[answer]
    if answer == "no" and not chosen_is_transfer(run):
        tone = "plain"  # nothing is wrong with this model: the guard has seen to it
    why, _, further = _why(run).partition(". ")
    return Verdict(tone, sign, word, f"{why}." if further else why, further)


def _why(run: RunFiles) -> str:
    """The run's own reason, less the answer that stands before it, and with the rival's name in words."""
    verdict = run.section("verdict")
    said, rival = str(verdict.get("why") or ""), str(verdict.get("against") or "")
    for answer in SHORT_ANSWERS.values():
        said = said.removeprefix(f"{answer.rstrip('.')}: ")
    if rival:  # what is fitted on its features is named behind a plus
        said = re.sub(rf"\({re.escape(rival)}( \+ \w+)?(?=[;)])", lambda _: f"({readable(rival)}", said, count=1)
    return said[:1].upper() + said[1:]


def _facts(run: RunFiles) -> list[Fact]:
    shown, interval = measure(run.primary), Interval.of(run.section("test").get(run.primary))
    remark = f"{shown.range(interval)}, {level_text([interval])} interval" if shown.range(interval) else "no interval"
    facts = [Fact(shown.label, shown.value(interval), remark), *_rival(run)]
    if run.n_test is not None:
        reads = run.evidence.get("test_reads")
        looks = "read once, at the end" if reads == 1 else f"read {count(reads)} times" if is_number(reads) else ""
        facts.append(Fact("Test examples", count(run.n_test), "given to evaluate" if run.is_evaluation else looks))
    milliseconds = run.section("cost").get("predict_ms_per_input")
    if is_number(milliseconds):
        facts.append(Fact("Per prediction", f"{decimal(milliseconds, 1)}\u202fms", "on the machine of this run"))
    return facts


def _rival(run: RunFiles) -> list[Fact]:
    """The strongest comparison on the other side of the question: what the result has to be held against."""
    found = best_rival(run)
    label = "Best with transfer" if found and found[0].get("transfer") else "Best without transfer"
    if run.section("verdict").get("transfer_helps") == "not_applicable":
        found, label = next(iter(known_rows(run)), None), "Next best"
    if found is None:
        return []
    row, interval = found
    return [Fact(label, measure(run.primary).value(interval), shorten(readable(row.get("name")), 60))]


def _warnings(run: RunFiles) -> list[str]:
    """``warnings`` of the evidence, after what the number of test reads makes necessary to say (once)."""
    reads = run.evidence.get("test_reads")
    texts = [text for item in listing(run.evidence.get("warnings")) if (text := _warning_text(item)).strip()]
    if not is_number(reads) or reads <= 1:
        return texts
    said = (
        f"The test split was read {count(reads)} times, by this run and those it was made from. Each further look "
        "lets choices adapt to these examples, so the numbers here lean to the optimistic side. New test data would "
        "settle it."
    )
    return [said, *(text for text in texts if f"read {count(reads)} times" not in text)]


def _warning_text(item: Any) -> str:
    if isinstance(item, dict):
        parts = [str(item[key]) for key in ("message", "text", "what", "why") if item.get(key)]
        return " ".join(parts) or ", ".join(f"{key}: {value}" for key, value in item.items())
    return str(item)
