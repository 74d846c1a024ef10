"""shift.html: what kind of shift lies between two domains, how strong, what carries it, what to do."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from headstart.core.files import write_text
from headstart.reports.frame import draw
from headstart.reports.names import shorten
from headstart.reports.numbers import NO_VALUE, count, decimal, is_number, number, percent
from headstart.reports.run_files import checked, listing, mapping
from headstart.reports.sections.result import Fact, Verdict
from headstart.reports.table_section import Row, TableSection

PAGE = "shift.html"
NOTHING = "Nothing differs by more than chance."
VERDICTS = {
    "none": Verdict("good", "✓", "No shift", ""),
    "label": Verdict("unclear", "!", "Other shares of classes", ""),
    "covariate": Verdict("unclear", "!", "Other looks", ""),
    "both": Verdict("unclear", "!", "Other looks and other shares", ""),
    "part": Verdict("bad", "!", "A part is new", ""),
}
UNKNOWN = Verdict("plain", "?", "Not judged", "")
EXAMPLES = (
    ("like_nothing", "Like nothing that was learned"),
    ("unlike", "Least like what was learned"),
    ("alike", "Most like what was learned"),
)


@dataclass(frozen=True)
class ShiftPage:
    """Everything that the template draws."""

    name: str
    title: str
    verdict: Verdict
    sentence: str
    facts: tuple[Fact, ...]
    steps: tuple[str, ...]
    tables: tuple[TableSection, ...]


def render_shift(path: Path, document: Mapping[str, Any]) -> Path:
    """Write the page of what ``headstart audit --against`` says and return its path."""
    write_text(path, draw("shift.html", page=page_of(checked(document, "shift.json"))))
    return path


def page_of(document: Mapping[str, Any]) -> ShiftPage:
    """What the template draws; whatever is missing is left out."""
    kind, target = str(document.get("kind")), mapping(document.get("target"))
    return ShiftPage(
        name=shorten(str(target.get("name") or "target"), 60),
        title="What lies between the two?",
        verdict=VERDICTS.get(kind, UNKNOWN),
        sentence=str(document.get("sentence") or ""),
        facts=_facts(document),
        steps=tuple(map(str, listing(document.get("advice")))),
        tables=tuple(each for each in (*_carriers(mapping(document.get("carriers"))), _classes(document),
                                       _examples(mapping(document.get("examples")))) if each is not None),
    )  # fmt: skip


def _facts(document: Mapping[str, Any]) -> tuple[Fact, ...]:
    source, target = mapping(document.get("source")), mapping(document.get("target"))
    found = [Fact("Learned from", count(source.get("n"))), Fact("New examples", count(target.get("n")))]
    for name, label in (("separation", "Told apart"), ("separation_with_equal_shares", "With equal shares of classes")):
        each = mapping(document.get(name))
        if is_number(each.get("auc")):
            found.append(Fact(label, decimal(float(each["auc"]), 2), "area under the curve; 0.50 is chance"))
    return tuple(found)


def _carriers(raw: Mapping[str, Any]) -> list[TableSection | None]:
    titles = ("What", "Before", "Now", "Differs")
    found: list[TableSection | None] = []
    for name, title, read in (
        (
            "columns",
            "Which columns?",
            "Columns whose values differ: the middle value, or the category that moved most.",
        ),
        ("looks", "How do they look?", "What can be measured without knowing what an input means; middle values."),
    ):
        if name == "columns" and not raw.get(name):
            continue
        rows: tuple[Row, ...] = tuple(
            (
                shorten(str(each.get("name"))), _value(each.get("source")), _value(each.get("target")),
                percent(float(each["distance"]), 0) if is_number(each.get("distance")) else NO_VALUE,
            )
            for each in map(mapping, listing(raw.get(name)))
        )  # fmt: skip
        found.append(TableSection(name, title, read, titles, rows, (3,), NOTHING))
    if "words" in raw:
        rows = tuple(
            (shorten(str(each.get("name"))), *(_often(each.get(side)) for side in ("source", "target")))
            for each in map(mapping, listing(raw["words"]))
        )
        read = "Words that come clearly more often in one of the two, in 1,000 words."
        found.append(TableSection("words", "Which words?", read, ("Word", "Before", "Now"), rows, (1, 2), NOTHING))
    return found


def _classes(document: Mapping[str, Any]) -> TableSection | None:
    rows = tuple(
        (
            shorten(str(each.get("class"))),
            *(percent(float(each[name])) if is_number(each.get(name)) else NO_VALUE for name in ("learned", "now")),
            f"{percent(float(each['low']), 0)} to {percent(float(each['high']), 0)}"
            if is_number(each.get("low"))
            else "",
            "yes" if each.get("differs") else "no",
        )
        for each in map(mapping, listing(document.get("classes")))
    )
    why = str(document.get("why_no_classes") or "")
    read = (
        "Estimated from the answers, corrected for how classes are confused. It holds where classes look as they did; "
        "where the examples look different, it is a guess."
    )
    titles = ("Class", "Learned from", "Now, estimated", "Interval", "Differs")
    return TableSection("classes", "Which classes?", read, titles, rows, (1, 2, 3), f"This cannot be told: {why}.")


def _examples(raw: Mapping[str, Any]) -> TableSection:
    rows = tuple((shorten(str(name), 80), title) for key, title in EXAMPLES for name in listing(raw.get(key)))
    return TableSection(
        "examples", "Which examples?", "Look at some of each kind.", ("Example", "It is"), rows, (), NOTHING
    )


def _value(raw: Any) -> str:
    return number(raw) if is_number(raw) else shorten(str(raw if raw is not None else NO_VALUE))


def _often(raw: Any) -> str:
    return decimal(1000 * float(raw), 2) if is_number(raw) else NO_VALUE
