"""Examples without targets as a data set: streamed ones gathered, each looked at once, bad ones left out."""

from __future__ import annotations

from collections.abc import Iterable
from functools import reduce

import numpy as np

from headstart.core.errors import DataError
from headstart.core.schema import InputSchema
from headstart.core.table import Table, joined
from headstart.data.dataset import Dataset
from headstart.data.inputs import chained
from headstart.data.listing import Bad
from headstart.data.modalities import modality
from headstart.data.part import Part
from headstart.data.read import unique
from headstart.data.scan import scan
from headstart.data.unlabeled import Unlabeled


def gathered(
    chunks: Iterable[Unlabeled], schema: InputSchema, name: str, workers: int
) -> tuple[Dataset, tuple[Bad, ...]]:
    """A data set without targets, and the inputs that cannot be used, with reasons.

    Args:
        chunks: Of ``read_unlabeled``, at least one.
        schema: What an example consists of.
        name: What to call the whole.
        workers: Threads that read files.

    Raises:
        DataError: no example can be used.
    """
    found = list(chunks)
    ids = ids_in(found)
    parts, problems = list[Part](), dict[int, str]()
    for number, part in enumerate(schema.parts):
        inputs = reduce(chained, [chunk.parts[number].inputs for chunk in found])
        seen = scan(inputs, modality(part.modality), workers)
        parts.append(Part(part, inputs, seen.keys, seen.sizes))
        problems = {**seen.problems, **problems}
    table = joined([chunk.table for chunk in found]) if found[0].table.columns else Table()
    every = Dataset(parts=tuple(parts), ids=ids, name=name, table=table)
    bad = tuple(Bad(ids[row], reason) for row, reason in sorted(problems.items()))
    if len(bad) == len(ids):
        raise DataError(f"at least one example must be readable; none of {len(ids):,} is, the first: {bad[0].reason}.")
    good = np.array([row for row in range(len(ids)) if row not in problems], np.int64)
    return (every.take(good) if bad else every), bad


def ids_in(chunks: Iterable[Unlabeled]) -> tuple[str, ...]:
    """Of all examples that were read, in order: unique ones."""
    return unique(tuple(each for chunk in chunks for each in chunk.ids))
