"""What is said about columns that were chosen or left out, to people who train no models."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence

from headstart.core.schema import ColumnSchema, InputSchema
from headstart.data.candidates import Candidate
from headstart.data.walk import called, shortened

SHOWN = 8  # names in a note
SEVERAL = 5  # columns with one reason, from more of which on they share a sentence
GIVES_AWAY = "gives the answer away"  # how reasons of columns that tell the target begin
PLURALS = {"number": "numbers", "category": "categories", "date": "dates", "boolean": "yes or no"}


def column_schema(candidate: Candidate) -> ColumnSchema:
    """A candidate as a plain column."""
    kind = candidate.look.kind or "category"
    return ColumnSchema(name=candidate.name, kind=kind, spelling=candidate.look.spelling)


def described(schema: InputSchema, other: str = "") -> str:
    """In words: the texts in 'review' and the 3 columns: 2 numbers ('a', 'b'), 1 category ('c')."""
    said = [f"the {called(part.modality)} in {part.name!r}" for part in schema.parts]
    if schema.columns:
        counts = Counter(column.kind for column in schema.columns)
        kinds = []
        for kind, count in counts.most_common():
            names = [column.name for column in schema.columns if column.kind == kind]
            kinds.append(f"{count} {kind if count == 1 and kind != 'boolean' else PLURALS[kind]} ({quoted(names)})")
        n = len(schema.columns)
        only = schema.columns[0]
        one = f"the {other}column {only.name!r} ({'yes or no' if only.kind == 'boolean' else only.kind})"
        said.append(f"the {n} {other}columns: {', '.join(kinds)}" if n > 1 else one)
    return " and ".join(said)


def about_telling(kept: Sequence[Candidate], left: Sequence[Candidate]) -> list[str]:
    """About columns that tell the target: left out as leaks, or kept and worth a look."""
    notes = []
    if left:
        listed = "; ".join(f"{each.name!r}: {each.suspicion.why}" for each in left if each.suspicion)
        notes.append(
            f"LEFT OUT, since {'it' if len(left) == 1 else 'each'} would give the answer away and is probably known "
            f"only afterwards: {listed}. To use it all the same, name all input columns with --input"
        )
    for each in kept:
        if each.suspicion and each.suspicion.is_leak:
            notes.append(
                f"{each.name!r} gives the answer away ({each.suspicion.why}); kept, as no other column is left"
            )
        elif each.suspicion:
            notes.append(
                f"{each.name!r} tells much about the target ({each.suspicion.why}): kept, but ask whether it is known "
                f"when a prediction is made; --drop {argument([each.name])} leaves it out"
            )
    return notes


def reasons_left_out(leaks: Sequence[Candidate], columns: Sequence[Candidate]) -> dict[str, str]:
    """Why columns of a table are no inputs, by name: the leaks, then those that are no use."""
    told = {each.name: f"{GIVES_AWAY}: {each.suspicion.why}" for each in leaks if each.suspicion}
    return told | {each.name: each.unfit for each in columns if each.unfit}


def about_unfit(columns: Sequence[Candidate]) -> list[str]:
    """About columns that are no use, many with one reason in one sentence."""
    reasons: dict[str, list[str]] = {}
    for each in columns:
        if each.unfit:
            reasons.setdefault(each.unfit, []).append(each.name)
    notes = []
    for reason, names in reasons.items():
        if len(names) > SEVERAL:
            notes.append(f"each of {len(names)} columns {reason}: left out: {quoted(names)}")
        else:
            notes += [f"{name!r} {reason}: left out{_as_text(columns, name)}" for name in names]
    return notes


def _as_text(columns: Sequence[Candidate], name: str) -> str:
    """How codes of rows that may be more than that, the formula of a molecule, become texts."""
    is_text = any(each.name == name and each.look.is_text for each in columns)
    return f"; --input {argument([name])} reads it as text" if is_text else ""


def about_others(found: Mapping[str, Candidate], chosen: list[str]) -> list[str]:
    """What became of the columns that were not chosen, and how to join them."""
    others = [each for name, each in found.items() if name not in chosen]
    useful = [each.name for each in others if not each.unfit and not each.suspicion]
    notes = []
    if others:
        text = f"not used: {quoted([each.name for each in others])}"
        how = f"; to join one, name it too: --input {argument([*chosen, useful[0]])}" if useful else ""
        notes.append(text + how)
    for each in others:
        if each.suspicion and each.suspicion.is_leak:
            notes.append(f"do not join {each.name!r}, it would give the answer away: {each.suspicion.why}")
        elif each.suspicion:
            notes.append(f"{each.name!r} tells much about the target: {each.suspicion.why}")
    return notes


def about_spelling(columns: Sequence[Candidate]) -> list[str]:
    """What people should know about how texts of columns are read."""
    readings = {
        "decimal_comma": "numbers in {} are read with a decimal comma",
        "thousands_comma": "commas in numbers of {} are taken for thousands",
        "day_first": "dates in {} are read with the day first",
        "month_first": "dates in {} are read with the month first",
    }
    notes = [readings[each.look.spelling].format(repr(each.name)) for each in columns if each.look.spelling]
    return notes + [
        f"{each.name!r} is taken for categories, since values like {each.look.open_example!r} can be read in two ways; "
        "write numbers as 1234.5 and dates as 2024-12-31"
        for each in columns
        if each.look.open_example
    ]


def pair(names: Sequence[str]) -> str:
    """Two columns of texts that belong together."""
    return f"the pair of texts {names[0]!r} and {names[1]!r}"


def quoted(names: list[str]) -> str:
    """The first few names in quotes."""
    return shortened([repr(name) for name in names], SHOWN)


def argument(names: list[str]) -> str:
    """Column names as the command line takes them."""
    text = ",".join(names)
    return f'"{text}"' if any(not (c.isalnum() or c in "_-.,") for c in text) else text
