"""A source, to a labelled data set whose inputs were all looked at once."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any

import numpy as np

from headstart.core.errors import ConfigError, DataError, choice_message
from headstart.core.schema import InputSchema
from headstart.data.adding import prefix_of, with_added
from headstart.data.cells import text_of
from headstart.data.dataset import LabeledDataset
from headstart.data.examples import Examples, stacked_examples
from headstart.data.interpret import Wishes, interpreted
from headstart.data.listing import SPLITS, Bad
from headstart.data.metadata import METADATA
from headstart.data.modalities import modality as modality_called
from headstart.data.part import Part
from headstart.data.scan import scan
from headstart.data.slicing import slices_of

ALLOW_BAD = 0.05
SHOWN_BAD = 5
NO_COLUMNS: Mapping[str, str] = {}


@dataclass(frozen=True)
class Reading:
    """What was read.

    Attributes:
        dataset: The examples that can be used.
        bad: Inputs that were left out, with reasons.
        notes: What was understood and why, sentences for people.
        left_out: Columns of a table that are no inputs though nobody said so, by name with a clause each.
    """

    dataset: LabeledDataset
    bad: tuple[Bad, ...] = ()
    notes: tuple[str, ...] = ()
    left_out: Mapping[str, str] = field(default_factory=dict)

    def without(self, failures: Mapping[int, str], allow_bad: float = ALLOW_BAD) -> Reading:
        """Leave out further rows, by row number with reasons: damage that showed only when they were decoded.

        Raises:
            DataError: more than ``allow_bad`` of all inputs are bad now.
        """
        if not failures:
            return self
        bad = (*self.bad, *(Bad(self.dataset.ids[row], reason) for row, reason in sorted(failures.items())))
        _require_few(bad, len(self.dataset) + len(self.bad), allow_bad)
        kept = self.dataset.take(np.asarray([row for row in range(len(self.dataset)) if row not in failures], int))
        return replace(self, dataset=kept, bad=bad)


def read(
    source: Any,
    *,
    target: str | None = None,
    input: str | Sequence[str] | None = None,
    id: str | None = None,
    drop: str | Sequence[str] = (),
    test: Any = None,
    added: Sequence[Any] = (),
    groups: str | None = None,
    slices: Sequence[str] = (),
    columns: Mapping[str, str] = NO_COLUMNS,
    modality: str | None = None,
    schema: InputSchema | None = None,
    allow_bad: float = ALLOW_BAD,
    workers: int = 2,
    to_learn: bool = True,
    target_optional: bool = False,
) -> Reading:
    """Read a source and look at every input once (hash and size, nothing decoded).

    Args:
        source: A folder or table (path), a DataFrame, a Hugging Face Dataset or DatasetDict, or (inputs, targets).
        target: Column of the targets; None: folder names, else the one column called label or target.
        input: Columns of the inputs, "a,b" or a sequence; two texts are a pair. None: the column of inputs or of paths
            that exist, else the columns of prose, else all other columns as a table.
        id: Column that is equal in rows of one input; they are joined and their labels become a set.
        drop: Columns that are no inputs, "a,b" or a sequence.
        test: A separate source for the test split.
        added: Further sources with the same columns, feedback among them; the ids of the k-th begin with "added-k/".
        groups: Column whose equal values stay on one side of every split.
        slices: Columns to report by.
        columns: Further columns by the option that names them; they come with the slices, as they are written.
        modality: "image", "sound", "text" or "table": overrules what is inferred.
        schema: What an example consists of, where that is fixed already (a fitted model's); nothing is inferred then.
        allow_bad: Largest fraction (0-1) of inputs that may be unusable; they are left out and listed.
        workers: Threads that read files.
        to_learn: False for data that is only measured on: one row is enough then.
        target_optional: Rows without a target are kept; their target is None.

    Raises:
        DataError: the source cannot be used as it is; the message says what to do.
        ConfigError: a column was named that is not there.
    """
    wishes = Wishes(target, names_of(input), id, names_of(drop), groups, modality, target_optional)
    examples = interpreted(source, wishes, schema)
    if test is not None:
        examples = _with_test(examples, interpreted(test, wishes, schema or examples.schema))
    for number, each in enumerate(added, 1):
        examples = with_added(examples, each, wishes, tuple(slices), prefix_of(number))
    examples = _with_targets(examples, target_optional)
    if to_learn and len(examples) < 2:
        raise DataError(f"{examples.name} must hold at least two rows to learn from; it holds {len(examples)}.")
    examples = replace(examples, ids=unique(examples.ids))
    parts, problems = _looked_at(examples, workers)
    bad = tuple(Bad(examples.ids[row], reason) for row, reason in sorted(problems.items()))
    _require_few(bad, len(examples), allow_bad)
    sliced, notes = slices_of({name: _column(examples, name, "slices") for name in slices})
    sliced |= {name: _column(examples, name, option) for option, name in columns.items()}
    every = LabeledDataset(
        parts=parts,
        table=examples.table,
        ids=examples.ids,
        name=examples.name,
        targets=np.asarray(examples.targets, dtype=object),
        split=np.asarray(examples.split, dtype=object),
        groups=_column(examples, groups, "groups") if groups else None,
        slices=sliced,
    )
    good = np.asarray([row for row in range(len(examples)) if row not in problems], dtype=np.int64)
    dataset = every.take(good) if bad else every
    about = [_about_groups(dataset, groups), _about(dataset)] if groups else [_about(dataset)]
    return Reading(dataset, bad, (*examples.notes, *notes, *about), examples.left_out)


def names_of(input: str | Sequence[str] | None) -> tuple[str, ...]:
    """Names in ``--input``; one that is a column's whole name may hold commas: see ``interpret``.

    >>> names_of("a, b"), names_of(["x"]), names_of(None)
    (('a, b',), ('x',), ())
    """
    return () if not input else (input,) if isinstance(input, str) else tuple(input)


def _looked_at(examples: Examples, workers: int) -> tuple[tuple[Part, ...], dict[int, str]]:
    parts: list[Part] = []
    problems: dict[int, str] = {}
    for schema, inputs in examples.parts:
        found = scan(inputs, modality_called(schema.modality), workers)
        parts.append(Part(schema, inputs, found.keys, found.sizes))
        for row, reason in found.problems.items():
            problems.setdefault(row, reason)
    return tuple(parts), problems


def _with_test(examples: Examples, test: Examples) -> Examples:
    if "test" in examples.split:
        raise DataError(
            f"the test split must come from one place; {examples.name} holds a test split already, and a separate one "
            "was named. Leave one of them out."
        )
    if "test" in test.split:
        test = test.take([row for row, split in enumerate(test.split) if split == "test"])
    split = tuple(split or "train" for split in examples.split)
    return stacked_examples(replace(examples, split=split), test.as_split("test", "test/"))


def _with_targets(examples: Examples, is_optional: bool) -> Examples:
    rows = [row for row, target in enumerate(examples.targets) if target is not None]
    if is_optional or len(rows) == len(examples):
        return examples
    note = f"{len(examples) - len(rows):,} rows without a target were left out"
    return replace(examples.take(rows), notes=(*examples.notes, note))


def unique(ids: tuple[str, ...]) -> tuple[str, ...]:
    """Ids that occur again get "#2", "#3", ..."""
    taken = set(ids)
    if len(taken) == len(ids):
        return ids
    seen: Counter[str] = Counter()
    result = []
    for name in ids:
        seen[name] += 1
        unique = name
        while seen[name] > 1 and (unique := f"{name}#{seen[name]}") in taken:
            seen[name] += 1
        taken.add(unique)
        result.append(unique)
    return tuple(result)


def _column(examples: Examples, name: str, option: str) -> Any:
    if name not in examples.further:
        if not examples.further:
            raise ConfigError(
                f"{option} must name a column beside target and input; {examples.name} has none. "
                f"Beside class folders, put the column into {METADATA}.csv with a column 'file'."
            )
        raise ConfigError(choice_message(option, name, examples.further))
    return np.asarray([text_of(value) for value in examples.further[name]], dtype=object)


def _require_few(bad: Sequence[Bad], n: int, allow_bad: float) -> None:
    if not bad or (len(bad) <= allow_bad * n and len(bad) < n):
        return
    shown = "; ".join(f"{each.id}: {each.reason}" for each in bad[:SHOWN_BAD])
    more = f"; and {len(bad) - SHOWN_BAD} more" if len(bad) > SHOWN_BAD else ""
    advice = "Repair or remove them." if len(bad) == n else "Repair or remove them, or allow more with --allow-bad."
    raise DataError(
        f"at most {allow_bad:.0%} of the inputs may be unusable; {len(bad)} of {n} are: {shown}{more}. {advice}"
    )


def _about(dataset: LabeledDataset) -> str:
    sizes = {split: int((dataset.split == split).sum()) for split in (*SPLITS, "")}
    parts = ", ".join(f"{n:,} {split}" if split else f"{n:,} not split yet" for split, n in sizes.items() if n)
    noun = modality_called(dataset.modality).plural if dataset.modality != "table" else "rows"
    return f"{len(dataset):,} {noun}: {parts}"


def _about_groups(dataset: LabeledDataset, column: str) -> str:
    named = [] if dataset.groups is None else [group for group in dataset.groups.tolist() if group is not None]
    without = len(dataset) - len(named)
    alone = f"; {without:,} rows without one are kept together with no other" if without else ""
    return f"{len(set(named)):,} groups in the column {column!r}{alone}"
