"""Which part each new example belongs to: the old split stays, and no copy of a test example is learned from."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from headstart.core.errors import DataError
from headstart.core.learning import Ints
from headstart.core.seeding import generator
from headstart.data.splits import train_test
from headstart.solving.splitting import TEST_FRACTION, kept_together

if TYPE_CHECKING:
    from headstart.data.dataset import LabeledDataset

VAL_FRACTION = 0.2  # of the new training examples, where the old model was trained and judged on validation rows


@dataclass(frozen=True)
class Placing:
    """What became of the examples.

    Attributes:
        rows: Of all that are used, ascending.
        split: Of these: "train", "val", "test".
        added: Of the new ones among them.
        copies: By id of a new example that is not used, why.
        followed: New examples that went to the part where a near-duplicate, or their group, was already.
    """

    rows: Ints
    split: NDArray[np.object_]
    added: NDArray[np.object_]
    copies: dict[str, str]
    followed: int


def placed(dataset: LabeledDataset, is_added: NDArray[np.bool_], duplicates: Ints, strata: Ints, seed: int) -> Placing:
    """The old examples where they are; of the new ones a fifth for the test.

    A new example goes where a near-duplicate or its group is already: to the test as soon as one of them is there,
    since nothing that resembles a test example may be learned from. One that is the same, byte for byte, as an old
    test example, or as a training example with the same target, is not used: it would count twice. (Rows of plain
    columns may be equal without being the same thing; they stay, unless all of them are known.) The others keep the
    part that their source gives them; where it gives no test part, a fifth of them is set apart, stratified, as a fit
    does.

    Args:
        dataset: N examples; ``split`` says the part of each old one.
        is_added: ``(N,)``: which are new.
        duplicates: ``(N,)`` group numbers of near-duplicates.
        strata: ``(N,)`` what a new split balances.
        seed: Decides it.

    Raises:
        DataError: nothing is left to learn from.
    """
    copies = _copies(dataset, is_added)
    if not dataset.parts and len(copies) < is_added.sum():
        copies = {}
    rows = np.array([row for row, name in enumerate(dataset.ids) if name not in copies], np.int64)
    used, added = dataset.take(rows), is_added[rows]
    groups = kept_together(used, duplicates[rows])
    split, followed = _following(np.where(added, "", used.split).astype(object), groups)
    free = np.flatnonzero(split == "")
    given = used.split[free]
    if (given == "test").any():
        split[free] = np.where(given == "", "train", given)
    else:
        split[free] = np.where(given == "val", "val", "train")
        split[free[_apart(strata[rows][free], groups[free], TEST_FRACTION, seed, "split of added")]] = "test"
    if not (added & (split != "test")).any():
        raise DataError(
            f"--add must name new examples to learn from; of {int(is_added.sum()):,} examples {len(copies):,} are in "
            f"the run already and {int(added.sum()):,} are for its test. Add others, or look at how the model does on "
            "these: headstart evaluate RUN DATA"
        )
    return Placing(rows, split, split[added], copies, followed)


def with_validation(
    placing: Placing, is_added: NDArray[np.bool_], held_out: NDArray[np.bool_], groups: Ints, strata: Ints, seed: int
) -> Placing:
    """With validation rows for a model that is trained: those of the old one again, and a fifth of the new ones.

    Both models are then judged on the same old rows, which neither learned from.

    Args:
        placing: Of n examples.
        is_added: ``(n,)``: which are new.
        held_out: ``(n,)``: what the old model did not learn from.
        groups: ``(n,)``: rows of one group are on one side.
        strata: ``(n,)`` what is balanced.
        seed: Decides which.
    """
    split = placing.split.copy()
    rows = np.flatnonzero(split != "test")
    new = is_added[rows]
    part = np.where(new & (split[rows] != "val"), "", np.where(held_out[rows] | new, "val", "train")).astype(object)
    part, _ = _following(part, groups[rows])
    free = np.flatnonzero(part == "")
    part[free] = "train"
    part[free[_apart(strata[rows][free], groups[rows][free], VAL_FRACTION, seed, "validation of added")]] = "val"
    split[rows] = part
    return Placing(placing.rows, split, split[is_added], placing.copies, placing.followed)


def _copies(dataset: LabeledDataset, is_added: NDArray[np.bool_]) -> dict[str, str]:
    """New examples that are old ones, by id, with the reason why they are left out."""
    old: dict[bytes, dict[str, Any]] = {}
    for row in np.flatnonzero(~is_added):
        there = old.setdefault(dataset.keys[row].tobytes(), {"test": False, "targets": set()})
        there["test"] |= dataset.split[row] == "test"
        there["targets"].add(dataset.targets[row])
    found = {}
    for row in np.flatnonzero(is_added):
        if (same := old.get(dataset.keys[row].tobytes())) is None:
            continue
        if same["test"]:
            found[dataset.ids[row]] = "it is a test example of the run"
        elif dataset.targets[row] in same["targets"]:
            found[dataset.ids[row]] = "it is a training example of the run, with the same target"
    return found


def _following(split: NDArray[np.object_], groups: Ints) -> tuple[NDArray[np.object_], int]:
    """Rows without a part in that of their group, test before val before train; and how many these are."""
    found = split.copy()
    for part in ("train", "val", "test"):
        found[(split == "") & np.isin(groups, groups[split == part])] = part
    return found, int(((split == "") & (found != "")).sum())


def _apart(strata: Ints, groups: Ints, fraction: float, seed: int, name: str) -> Ints:
    """Positions that are set apart; none where there are too few examples for that."""
    if len(strata) < 2:
        return np.zeros(0, np.int64)
    try:
        return train_test(strata, groups, fraction, generator(seed, name))[1]
    except DataError:
        return np.zeros(0, np.int64)
