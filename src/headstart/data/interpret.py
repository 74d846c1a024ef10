"""What the rows of a source mean: its columns of targets, splits and inputs, as the user wished or by inference."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

from headstart.core.errors import ConfigError, DataError, choice_message
from headstart.core.schema import InputSchema
from headstart.data.candidates import candidates
from headstart.data.cells import text_of
from headstart.data.examples import Examples, examples_of_listing, examples_of_sheet
from headstart.data.infer import inferred, named
from headstart.data.joining import joined_by
from headstart.data.listing import SPLITS, Listing, split_name
from headstart.data.sheet import Sheet
from headstart.data.sources import require_table, rows_of
from headstart.data.targets import target_column, target_texts
from headstart.data.walk import called

FILES = ("image", "sound")  # kinds whose column may be called otherwise in new data: paths show what they are


@dataclass(frozen=True)
class Wishes:
    """What the user said about columns; see ``read``."""

    target: str | None = None
    input: tuple[str, ...] = ()
    id: str | None = None
    drop: tuple[str, ...] = ()
    groups: str | None = None
    modality: str | None = None
    target_optional: bool = False


def interpreted(source: Any, wishes: Wishes, schema: InputSchema | None = None) -> Examples:
    """Rows of a source with their inputs and targets known; nothing is opened yet.

    Args:
        source: See ``read``.
        wishes: What the user said.
        schema: What an example consists of, where that is fixed; ``wishes.input`` may rename its columns.

    Raises:
        DataError: the source does not hold what it must.
        ConfigError: a column was named that is not there.
    """
    wanted = wishes.modality or (schema.modality if schema is not None else None)
    rows = rows_of(source, target=wishes.target, modality=wanted)
    require_table(rows, source, input=wishes.input, id=wishes.id)
    if isinstance(rows, Listing):
        _require_columns_of_listing(rows, wishes)
        examples = examples_of_listing(rows, wishes.modality)
        return examples if schema is None else _fitting(examples, schema)
    return _of_sheet(rows, wishes, schema)


def split_input(input: Sequence[str], names: Sequence[str]) -> tuple[str, ...]:
    """Names in ``--input`` or ``--drop``: one text is taken apart at its commas, unless it is a column's name.

    >>> split_input(["a,b"], ["a", "b"]), split_input(["mass, kg"], ["mass, kg"])
    (('a', 'b'), ('mass, kg',))
    """
    if len(input) == 1 and input[0] not in names:
        return tuple(name.strip() for name in input[0].split(",") if name.strip())
    return tuple(input)


def _of_sheet(sheet: Sheet, wishes: Wishes, schema: InputSchema | None) -> Examples:
    names = split_input(wishes.input, sheet.names)
    drop = split_input(wishes.drop, sheet.names) if wishes.drop else ()
    asked = [("input", name) for name in names] + [("drop", name) for name in drop]
    for option, wish in (*asked, ("id", wishes.id), ("groups", wishes.groups)):
        if wish is not None:
            sheet.require(wish, option)
    target = _target(sheet, wishes)
    if target in names:
        raise ConfigError(f"input must name other columns than the target {target!r}. Leave it out of --input.")
    differing: tuple[str, ...] = ()
    if wishes.id is not None:
        sheet, differing = joined_by(sheet, wishes.id, target)
    sheet = _with_splits(sheet, target)
    targets = target_texts(sheet.columns[target], target) if target else (None,) * len(sheet)
    if schema is None:
        apart = [target, wishes.groups, *drop, *differing, *(["split"] if "split" in sheet.columns else [])]
        apart += [wishes.id] if wishes.id and not _holds_files(sheet, wishes.id) else []
        kept = [name for name in apart if name is not None and name not in names]
        columns = candidates(sheet, targets, kept)
        chosen = named(columns, names, wishes.modality) if names else inferred(columns, wishes.modality)
        schema = chosen.schema
        said = [f"target is the column {target!r}"] if target else []
        sheet = replace(sheet, notes=(*sheet.notes, *said, *chosen.notes), left_out=chosen.left_out)
    else:
        schema = _renamed(schema, names, sheet, targets, target, wishes)
    return examples_of_sheet(sheet, schema, targets, joined=wishes.id is not None)


def _target(sheet: Sheet, wishes: Wishes) -> str | None:
    if wishes.target is None and wishes.target_optional:
        try:
            return target_column(sheet.names, None)
        except DataError:
            return None
    name = target_column(sheet.names, wishes.target)
    if name in sheet.known:
        came = called(sheet.known[name].modality)
        raise DataError(f"the target column must hold names or numbers; {name!r} holds {came}. Name another one.")
    return name


def _holds_files(sheet: Sheet, name: str) -> bool:
    (candidate,) = candidates(sheet, (None,) * len(sheet), [other for other in sheet.names if other != name]).values()
    return candidate.files[0] is not None


def _with_splits(sheet: Sheet, target: str | None) -> Sheet:
    """The column "split" honoured, where no split is known from elsewhere."""
    if "split" not in sheet.columns or target == "split" or any(sheet.split):
        return sheet
    texts = [text_of(value) for value in sheet.columns["split"]]
    names = [None if text is None else split_name(text) for text in texts]
    unknown = sorted({text for text, name in zip(texts, names, strict=True) if text is not None and name is None})
    if unknown:
        raise DataError(choice_message("the column 'split'", unknown[0], SPLITS))
    found = {name for name in names if name}
    if found == {"train"} or not found:
        return sheet
    blank = names.count(None)
    notes = [f"{blank} rows without a split were counted to train"] if blank else []
    return replace(sheet, split=tuple(name or "train" for name in names), notes=(*sheet.notes, *notes))


def _renamed(
    schema: InputSchema,
    names: tuple[str, ...],
    sheet: Sheet,
    targets: Sequence[str | None],
    target: str | None,
    wishes: Wishes,
) -> InputSchema:
    """The schema with the columns that its parts have in this table."""
    wanted = [name for part in schema.parts for name in part.columns or ("",)]
    if not wanted or (all(name in sheet.names for name in wanted) and not names):
        return schema
    if names:
        given = [name for name in names if name not in {column.name for column in schema.columns}]
        if len(given) != len(wanted):
            raise ConfigError(
                f"input must name {len(wanted)} columns, for {schema.modality} inputs; it names {list(names)}."
            )
        return _with_names(schema, dict(zip(wanted, given, strict=True)))
    if len(schema.parts) == 1 and (schema.parts[0].modality in FILES or not schema.parts[0].columns):
        apart = [name for name in (target, wishes.groups, "split") if name]
        found = inferred(candidates(sheet, targets, apart), schema.parts[0].modality)
        return _with_names(schema, {wanted[0]: found.schema.parts[0].name})
    return schema  # what is missing is named where the columns are read


def _with_names(schema: InputSchema, names: Mapping[str, str]) -> InputSchema:
    parts = tuple(
        part.model_copy(update={"columns": tuple(names[name] for name in part.columns or ("",))})
        for part in schema.parts
    )
    return InputSchema(parts=parts, columns=schema.columns)


def _fitting(examples: Examples, schema: InputSchema) -> Examples:
    if len(schema.parts) != 1 or schema.columns or schema.parts[0].modality != examples.schema.modality:
        raise DataError(
            f"the data must hold {schema.modality} inputs, as the model was fitted on; {examples.name} holds "
            f"{called(examples.schema.modality)}. Give data of the same kind."
        )
    return examples


def _require_columns_of_listing(listing: Listing, wishes: Wishes) -> None:
    for name in wishes.drop:
        if name not in listing.columns:
            raise ConfigError(choice_message("drop", name, listing.columns))
