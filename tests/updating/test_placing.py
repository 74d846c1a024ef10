"""Where new examples go: with their copies, never from a test example into the training part."""

from __future__ import annotations

import numpy as np
import pytest

from headstart.core.errors import DataError
from headstart.core.schema import PartSchema
from headstart.data.dataset import LabeledDataset
from headstart.data.part import Part
from headstart.data.text_inputs import Texts
from headstart.updating.placing import placed, with_validation


def dataset(rows):
    """Rows of (id, text, target, split); equal texts have equal keys."""
    texts = [text for _, text, _, _ in rows]
    numbers = {text: number for number, text in enumerate(dict.fromkeys(texts))}
    keys = np.zeros((len(rows), 32), np.uint8)
    keys[:, 0] = [numbers[text] for text in texts]
    part = Part(PartSchema(modality="text"), Texts(texts), keys, np.zeros((len(rows), 1), np.int64))
    return LabeledDataset(
        parts=(part,), ids=tuple(name for name, _, _, _ in rows), name="d",
        targets=np.array([target for _, _, target, _ in rows], object),
        split=np.array([split for *_, split in rows], object),
    )  # fmt: skip


def place(rows, duplicates=None, seed=0):
    data = dataset(rows)
    is_added = np.array([name.startswith("+") for name in data.ids])
    groups = np.arange(len(rows)) if duplicates is None else np.array(duplicates)
    strata = np.unique(data.targets.astype(str), return_inverse=True)[1]
    found = placed(data, is_added, groups, strata, seed)
    return found, {data.ids[row]: split for row, split in zip(found.rows, found.split, strict=True)}


OLD = [("a", "one", "x", "train"), ("b", "two", "y", "train"), ("c", "three", "x", "test"), ("d", "four", "y", "val")]


def fresh(count, split=""):
    return [(f"+{k}", f"new {k}", "xy"[k % 2], split) for k in range(count)]


def test_old_examples_stay_and_a_fifth_of_the_new_ones_is_for_the_test():
    found, parts = place(OLD + fresh(50))
    assert {name: parts[name] for name in "abcd"} == {"a": "train", "b": "train", "c": "test", "d": "val"}
    assert sum(parts[f"+{k}"] == "test" for k in range(50)) == 10 == (found.added == "test").sum()
    assert place(OLD + fresh(50))[1] == parts != place(OLD + fresh(50), seed=1)[1]


def test_what_the_run_has_already_is_not_used_again():
    found, parts = place(
        [*OLD, ("+same", "one", "x", ""), ("+other", "one", "y", ""), ("+tested", "three", "x", ""), *fresh(4)],
        duplicates=[0, 1, 2, 3, 0, 0, 2, 7, 8, 9, 10],
    )
    assert set(found.copies) == {"+same", "+tested"} and not {"+same", "+tested"} & parts.keys()
    assert parts["+other"] == "train"  # it contradicts an old label: the audit says so
    assert "test example" in found.copies["+tested"] and "same target" in found.copies["+same"]


def test_a_near_duplicate_follows_and_the_test_comes_first():
    rows = [*OLD, ("+near c", "3", "x", "train"), ("+near b", "2", "y", "test"), ("+near b and c", "23", "y", ""),
            *fresh(4)]  # fmt: skip
    # "+near b and c" ties b, of the training part, to nothing old: its group is c's alone here
    found, parts = place(rows, duplicates=[0, 1, 2, 3, 2, 1, 2, 7, 8, 9, 10])
    assert parts["+near c"] == parts["+near b and c"] == "test" and parts["+near b"] == "train"
    assert found.followed == 3


def test_no_training_example_shares_a_group_with_a_test_example():
    rng = np.random.default_rng(0)
    for seed in range(20):
        duplicates = np.concatenate([np.arange(4), rng.integers(0, 30, 60)])
        _, parts = place(OLD + fresh(60), duplicates, seed)
        by_group = {}
        for (name, *_), group in zip(OLD + fresh(60), duplicates.tolist(), strict=True):
            by_group.setdefault(group, set()).add("test" if parts[name] == "test" else "learned")
        assert all(len(sides) == 1 for sides in by_group.values())


def test_a_split_that_the_new_data_give_is_kept():
    rows = [*OLD, *fresh(2, "train"), ("+t", "t", "x", "test"), ("+n", "n", "y", "")]
    _, parts = place(rows)
    assert [parts[name] for name in ("+0", "+1", "+t", "+n")] == ["train", "train", "test", "train"]


def test_too_few_for_a_test_part_are_all_learned_from():
    found, parts = place([*OLD, ("+0", "new", "x", "")])
    assert parts["+0"] == "train" and list(found.added) == ["train"]


@pytest.mark.parametrize("rows", [[("+0", "one", "x", "")], [("+0", "new", "x", "test"), ("+1", "newer", "y", "test")]])
def test_nothing_new_to_learn_from_is_an_error(rows):
    with pytest.raises(DataError, match="--add must name new examples to learn from"):
        place(OLD + rows)


def test_validation_examples_are_the_old_ones_again_and_a_fifth_of_the_new():
    rows = OLD[:3] + [(f"o{k}", f"old {k}", "xy"[k % 2], "train") for k in range(10)] + fresh(50)
    found, _ = place(rows)
    n = len(found.rows)
    is_added = np.array([name.startswith("+") for name in dataset(rows).ids])
    held_out = np.zeros(n, bool)
    held_out[[3, 4]] = True
    groups = np.arange(n)
    groups[13] = 3  # "+0" is a copy of "o0", which is judged on
    split = np.where(np.arange(n) == 13, "train", found.split).astype(object)
    found = type(found)(found.rows, split, found.added, {}, 0)
    part = with_validation(found, is_added, held_out, groups, np.zeros(n, np.int64), 0).split
    assert part[3] == part[4] == part[13] == "val" and set(part[5:13]) == {"train"}
    assert ((part == "test") == (split == "test")).all()
    others = is_added & (split != "test") & (np.arange(n) != 13)
    assert (part[others] == "val").sum() == round(0.2 * others.sum())
