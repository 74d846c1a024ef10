"""What the model learned from and was tested on."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from headstart.reports.names import shorten
from headstart.reports.numbers import count, is_number, percent
from headstart.reports.run_files import RunFiles, listing, mapping
from headstart.reports.sections.section import Section

SHOWN_AT_ONCE = 20
LONGEST_NAME = 300  # characters; here, names stand in full
SPLITS = ("train", "val", "test")
UNSPLIT = "all"  # what plan.json counts by class where the data came without a split


@dataclass(frozen=True)
class DataRow:
    """A class with its number of examples per split."""

    name: str
    counts: tuple[str, ...]


@dataclass(frozen=True)
class LeftOut:
    """An input that could not be used, and why."""

    name: str
    reason: str


@dataclass(frozen=True)
class Data:
    """Sizes, classes and identity of the data set."""

    facts: tuple[tuple[str, str], ...]
    splits: tuple[str, ...]
    totals: tuple[str, ...]
    rows: tuple[DataRow, ...]
    folded: tuple[DataRow, ...]
    fingerprint: str
    left_out: tuple[LeftOut, ...]


def build(run: RunFiles) -> Section | None:
    """None when neither the plan nor the evidence says anything about the data."""
    planned, sizes = mapping(run.plan.get("data")), run.section("n")
    if not planned and not sizes:
        return None
    classes = {name: mapping(row) for name, row in mapping(planned.get("classes")).items()}
    is_split = not any(UNSPLIT in row for row in classes.values())
    given = [split for split in SPLITS if sizes.get(split) or any(row.get(split) for row in classes.values())]
    used = tuple(given) if is_split else (UNSPLIT,)
    rows = tuple(
        DataRow(shorten(name, LONGEST_NAME), tuple(count(row.get(split, 0)) for split in used))
        for name, row in classes.items()
    )
    seen = run.section("data")
    content = Data(
        tuple(_facts(run, len(classes))),
        tuple(split.replace("val", "validation") for split in used),
        tuple(count(sizes.get(split) if is_split else planned.get("n")) for split in used),
        rows[:SHOWN_AT_ONCE],
        rows[SHOWN_AT_ONCE:],
        str(seen.get("fingerprint") or planned.get("fingerprint") or ""),
        tuple(_left_out(mapping(item)) for item in listing(planned.get("left_out"))),
    )
    says = (
        f"{count(sizes.get('train'))} examples to learn from, {count(sizes.get('test'))} "
        f"{'given to evaluate' if run.is_evaluation else 'kept apart for the test'}. "
        f"{_balance(classes)}"
    )
    read = "The fingerprint changes when a single byte of an input or a label does."
    return Section("data", "The data", "Data", says.strip(), read, content)


def _left_out(item: Mapping[str, Any]) -> LeftOut:
    return LeftOut(shorten(item.get("id", ""), 80), str(item.get("reason") or ""))


def _facts(run: RunFiles, classes: int) -> list[tuple[str, str]]:
    planned, preprocessing = mapping(run.plan.get("data")), mapping(run.plan.get("preprocessing"))
    facts = [("Name", shorten(run.section("data").get("name") or planned.get("name") or "", 60))]
    if planned.get("modality"):
        facts.append(("Kind", str(planned["modality"])))
    if classes:
        facts.append(("Classes", count(classes)))
    elif planned.get("targets"):
        facts.append(("Targets", str(planned["targets"])))
    facts += _columns(mapping(planned.get("input")))
    return facts + _preprocessing(preprocessing)


def _columns(schema: Mapping[str, Any]) -> list[tuple[str, str]]:
    """Which columns a network sees, and which are taken as they are."""
    parts = [mapping(part) for part in listing(schema.get("parts"))]
    seen = [" and ".join(map(str, listing(part.get("columns")))) for part in parts if listing(part.get("columns"))]
    plain = [str(mapping(column).get("name")) for column in listing(schema.get("columns"))]
    facts = [("Seen by the network", shorten(", ".join(seen), LONGEST_NAME))] if seen else []
    return facts + ([("Plain columns", shorten(", ".join(plain), LONGEST_NAME))] if plain else [])


def _preprocessing(settings: Mapping[str, Any]) -> list[tuple[str, str]]:
    """In words, whatever the kind of input."""
    facts = []
    size = settings.get("image_size")
    if isinstance(size, list) and len(size) == 2:
        facts.append(("The network sees", f"{size[0]} \u00d7 {size[1]} pixels"))
    if settings.get("resize"):
        facts.append(("Resize", str(settings["resize"])))
    if is_number(most := settings.get("max_tokens")):
        facts.append(("The network reads", f"at most {count(most)} tokens"))
    if is_number(rate := settings.get("sample_rate")):
        facts.append(("The network hears", f"{count(rate)} samples a second"))
    if is_number(share := settings.get("cut_off_fraction")):
        facts.append(("Cut off, on average", percent(share)))
    return facts


def _balance(classes: Mapping[str, Mapping[str, Any]]) -> str:
    sizes = [size for row in classes.values() if is_number(size := row.get("train", row.get(UNSPLIT)))]
    if not sizes:
        return ""
    what = "examples" if any(UNSPLIT in row for row in classes.values()) else "training examples"
    if min(sizes) == max(sizes):
        return f"Every class has {count(sizes[0])} {what}."
    return f"The smallest class has {count(min(sizes))} {what}, the largest {count(max(sizes))}."
