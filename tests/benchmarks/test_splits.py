"""Split folders: what is in them does not depend on the file system, and nothing is lost."""

from __future__ import annotations

import pytest
from comparison.splits import pooled_folder, split_folder, stratified
from hypothesis import given
from hypothesis import strategies as st


@pytest.fixture
def data(tmp_path):
    """Set "given" has its own test part with the same file names as train; "whole" has none."""
    counts = {"given/train/cat": 4, "given/train/dog": 5, "given/test/cat": 2, "given/test/dog": 1, "whole/train/a": 10}
    for folder, count in counts.items():
        (tmp_path / folder).mkdir(parents=True)
        for number in range(count):
            (tmp_path / folder / f"{number}.JPG").write_bytes(f"{folder} {number}".encode())
    (tmp_path / "given" / "README.md").write_text("not a picture")
    return tmp_path


def contents(folder):
    return {path.read_bytes() for path in folder.rglob("*.JPG")}


@given(st.dictionaries(st.text(min_size=1), st.sets(st.text()), min_size=1), st.integers(0, 3))
def test_a_split_ignores_the_order_of_names_and_classes(classes, seed):
    counts = {name: len(names) // 2 for name, names in classes.items()}
    forward = stratified({name: sorted(names) for name, names in classes.items()}, counts, seed)
    backward = stratified({name: sorted(classes[name])[::-1] for name in reversed(list(classes))}, counts, seed)
    assert forward == backward
    assert {name: len(test) for name, test in forward.items()} == counts


def test_split_0_is_the_sets_own(data, tmp_path):
    folder = split_folder(data, tmp_path / "work", "given", 0)
    assert contents(folder / "test") == contents(data / "given" / "test")
    assert contents(folder / "train") == contents(data / "given" / "train")


def test_other_splits_keep_the_sizes_of_the_own_one_and_lose_nothing(data, tmp_path):
    folder = split_folder(data, tmp_path / "work", "given", 1)
    assert len(contents(folder / "test" / "cat")) == 2
    assert len(contents(folder / "test" / "dog")) == 1
    assert contents(folder) == contents(data / "given")


def test_without_an_own_test_part_a_fifth_of_every_class_is_set_apart_and_seeds_differ(data, tmp_path):
    tests = [contents(split_folder(data, tmp_path / "work", "whole", number) / "test") for number in range(3)]
    assert [len(test) for test in tests] == [2, 2, 2]
    assert len({frozenset(test) for test in tests}) > 1


def test_the_pooled_folder_has_every_picture_and_no_parts(data, tmp_path):
    folder = pooled_folder(data, tmp_path / "work", "given")
    assert sorted(path.name for path in folder.iterdir()) == ["cat", "dog"]
    assert contents(folder) == contents(data / "given")


def test_a_missing_set_is_an_error_and_leaves_no_folder(data, tmp_path):
    with pytest.raises(FileNotFoundError, match="--data"):
        split_folder(data, tmp_path / "work", "absent", 0)
    assert not (tmp_path / "work").exists()
