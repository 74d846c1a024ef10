"""What near-duplicates have to do with there being too few groups, in words."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from headstart.core.learning import Ints
from headstart.data.grouping import join_groups

if TYPE_CHECKING:
    from headstart.data.dataset import LabeledDataset

SHOWN = 3  # ties that are told
MOST = 0.5  # share of all rows: what holds more can be neither a test part nor a fold


def ties_told(dataset: LabeledDataset, duplicates: Ints, groups: Ints) -> str:
    """Sentences on why whole groups are fewer than the data name; "" where near-duplicates make no difference.

    Args:
        dataset: N examples, with groups or without.
        duplicates: ``(N,)`` near-duplicate group numbers.
        groups: ``(N,)`` both kinds of groups joined.
    """
    rows = np.arange(len(dataset))
    before = len(set(join_groups(rows, *([] if dataset.groups is None else [dataset.groups])).tolist()))
    after = len(set(groups.tolist()))
    if after == before:
        return ""
    of = "examples" if dataset.groups is None else "groups"
    told = f"Near-duplicates stay together, too: they make {after:,} of {before:,} {of}."
    if dataset.groups is None:
        return told
    pairs = _tying(dataset, duplicates)
    more = f", and {len(pairs) - SHOWN:,} more" if len(pairs) > SHOWN else ""
    return (
        f"{told} What ties groups are examples that are alike: {'; '.join(pairs[:SHOWN])}{more}. Take such examples "
        "out if they say little (a greeting, a yes), name the test part yourself (--test, or a column split), or "
        "leave --groups out."
    )


def is_tied_too_much(dataset: LabeledDataset, groups: Ints) -> bool:
    """Whether near-duplicates made a group of more than half of all rows out of groups that the data name."""
    if dataset.groups is None or not len(groups):
        return False
    largest = int(np.bincount(groups).max())
    named = int(np.bincount(join_groups(dataset.groups)).max())
    return largest > MOST * len(groups) >= named


def _tying(dataset: LabeledDataset, duplicates: Ints) -> list[str]:
    """Of each set of near-duplicates in several groups two examples of two groups, in order of rows."""
    assert dataset.groups is not None  # noqa: S101 - as its caller found
    first: dict[int, int] = {}
    found: dict[int, str] = {}
    for row, (number, group) in enumerate(zip(duplicates.tolist(), dataset.groups.tolist(), strict=True)):
        if group is None or number in found:
            continue
        start = first.setdefault(number, row)
        if dataset.groups[start] != group:
            one, other = (f"{dataset.ids[each]} ({dataset.groups[each]})" for each in (start, row))
            found[number] = f"{one} and {other}"
    return list(found.values())
