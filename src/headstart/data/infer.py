"""Which columns of a table are the inputs, and what they are: named by the user, or inferred with a reason."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from headstart.core.errors import DataError
from headstart.core.schema import ColumnSchema, InputSchema, PartSchema
from headstart.data.candidates import Candidate
from headstart.data.inferred_notes import (
    about_others,
    about_spelling,
    about_telling,
    about_unfit,
    column_schema,
    described,
    pair,
    quoted,
    reasons_left_out,
)
from headstart.data.walk import called

# Names that win where several columns hold paths that exist.
INPUT_COLUMNS = ("image", "file", "file_name", "filename", "path", "image_path", "file_path", "img", "audio", "sound")


@dataclass(frozen=True)
class Chosen:
    """What an example consists of, and why, in sentences.

    ``left_out`` are the columns of a table that are no inputs though nobody said so, with a clause each.
    """

    schema: InputSchema
    notes: tuple[str, ...]
    left_out: Mapping[str, str] = field(default_factory=dict)


def named(found: Mapping[str, Candidate], names: Sequence[str], modality: str | None = None) -> Chosen:
    """The columns that the user named. Two texts are one pair.

    Args:
        found: All columns that may be inputs, the named ones among them.
        names: In order.
        modality: "text" reads categories, codes and numbers as text too; "table" reads all as plain columns.

    Raises:
        DataError: a column holds lists, or files of several kinds.
    """
    parts: list[PartSchema] = []
    columns: list[ColumnSchema] = []
    notes: list[str] = []
    for name in names:
        kind, note = (None, "") if modality == "table" else _part_of(found[name], modality)
        if kind:
            parts.append(PartSchema(modality=kind, columns=(name,)))
        elif found[name].look.kind is None:
            raise DataError(
                f"an input column must hold texts, numbers, dates, or paths of files that exist; {name!r} holds lists "
                "or objects. Leave it out of --input, or make a text of it."
            )
        else:
            columns.append(column_schema(found[name]))
        notes += [note] if note else []
    notes = [*notes, *about_spelling([found[each.name] for each in columns])]
    for name in names:
        if suspected := found[name].suspicion:
            notes.append(f"{name!r} tells much about the target ({suspected.why}); kept, since --input names it")
    if len(names) == 2 and [part.modality for part in parts] == ["text", "text"]:
        both = PartSchema(modality="text", columns=tuple(names))
        return Chosen(InputSchema(parts=(both,)), (f"input is {pair(names)}, as --input says", *notes))
    schema = InputSchema(parts=tuple(parts), columns=tuple(columns))
    return Chosen(schema, (f"input is {described(schema)}, as --input says", *notes))


def inferred(found: Mapping[str, Candidate], modality: str | None = None) -> Chosen:
    """The column of files, else the columns of prose, else all other columns as plain ones.

    Args:
        found: All columns that may be inputs.
        modality: Only inputs of this kind, "table" for plain columns; None: of any.

    Raises:
        DataError: there is none, or it is not clear which.
    """
    files = [] if modality == "table" else [each for each in found.values() if _is_wanted(each.files[0], modality)]
    if files:
        return _of_files(found, files)
    prose = [each for each in found.values() if each.look.is_prose] if modality in (None, "text") else []
    if not prose and modality in (None, "image", "sound"):
        _refuse_missing_files(found, modality)
    if not prose and modality in (None, "text"):
        prose = _only_text(found, modality)
    if prose:
        return _of_prose(found, prose)
    if modality not in (None, "table"):
        raise DataError(
            f"one column must hold {called(modality)}; none of {list(found)} does. Name it with --input COLUMN."
        )
    return _of_plain(found)


def _of_files(found: Mapping[str, Candidate], files: list[Candidate]) -> Chosen:
    usual = [each for each in files if each.name.strip().lower() in INPUT_COLUMNS]
    if len(files) > 1 and len(usual) != 1:
        raise DataError(
            f"one column must hold the inputs, or paths of them; several do: {[each.name for each in files]}. "
            "Name it with --input COLUMN."
        )
    (chosen,) = usual if len(files) > 1 else files
    kind, note = chosen.files
    part = PartSchema(modality=str(kind), columns=(chosen.name,))
    why = f"input is the column {chosen.name!r}: it holds {called(kind)}, or paths of them"
    return Chosen(InputSchema(parts=(part,)), (why, *([note] if note else []), *about_others(found, [chosen.name])))


def _of_prose(found: Mapping[str, Candidate], prose: list[Candidate]) -> Chosen:
    names = [each.name for each in prose]
    words = ", ".join(f"{each.look.words:.0f}" for each in prose)
    if len(prose) == 2:
        parts: tuple[PartSchema, ...] = (PartSchema(modality="text", columns=tuple(names)),)
        why = f"input is {pair(names)}: the columns of prose, {words} words a row on average"
    else:
        parts = tuple(PartSchema(modality="text", columns=(name,)) for name in names)
        what = f"column {names[0]!r}" if len(names) == 1 else f"{len(names)} columns {quoted(names)}"
        held = "prose" if all(each.look.is_prose for each in prose) else "text, and no other column can be used"
        number = "word" if words == "1" else "words"
        why = f"input is the {what}: {held}, {words} {number} a row on average"
    return Chosen(InputSchema(parts=parts), (why, *about_others(found, names)))


def _of_plain(found: Mapping[str, Candidate]) -> Chosen:
    usable = [each for each in found.values() if not each.unfit]
    honest = [each for each in usable if not (each.suspicion and each.suspicion.is_leak)]
    kept = honest or usable
    if not kept:
        reasons = "; ".join(f"{each.name!r} {each.unfit}" for each in found.values()) or "there is none"
        raise DataError(
            f"a table must hold a column that can be learned from beside the target; {reasons}. "
            "Name columns with --input to use them anyway."
        )
    schema = InputSchema(columns=tuple(map(column_schema, kept)))
    are = "inputs are" if len(kept) > 1 else "input is"
    why = f"no column holds files or prose, so the {are} {described(schema, 'other ')}"
    leaks = [each for each in usable if each not in kept]
    notes = (why, *about_telling(kept, leaks), *about_unfit(list(found.values())), *about_spelling(kept))
    return Chosen(schema, notes, reasons_left_out(leaks, list(found.values())))


def _part_of(candidate: Candidate, modality: str | None) -> tuple[str | None, str]:
    """Modality of a named column as a part of its own, None for a plain one; and a note."""
    kind, note = candidate.files
    if kind:
        return kind, note
    if candidate.names_missing_files and modality != "text":
        raise DataError(
            f"the column {candidate.name!r} must hold paths of files relative to its table; hardly any of them exists. "
            "Correct the paths, or put the files where they lead."
        )
    look = candidate.look
    is_text = look.is_text or (modality == "text" and look.kind is not None)
    return ("text" if is_text else None), ""


def _only_text(found: Mapping[str, Candidate], modality: str | None) -> list[Candidate]:
    """The one column of texts, if no column can be used otherwise (names, codes) or text was asked for."""
    texts = [each for each in found.values() if each.look.is_text]
    if len(texts) != 1 or (modality is None and any(not each.unfit for each in found.values() if each is not texts[0])):
        return []
    return texts


def _refuse_missing_files(found: Mapping[str, Candidate], modality: str | None) -> None:
    missing = [each.name for each in found.values() if each.names_missing_files]
    if missing:
        raise DataError(
            f"paths must lead to files, relative to the table or to one folder beside it; hardly any in the column "
            f"{missing[0]!r} does. Correct the paths, or name the input columns with --input."
        )


def _is_wanted(kind: str | None, modality: str | None) -> bool:
    return kind is not None and modality in (None, kind)
