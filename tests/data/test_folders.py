from __future__ import annotations

import os
import tempfile
import unicodedata
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from data.helpers_data import classes_of, encoded, fill, picture, png, write
from headstart.core.errors import ConfigError, DataError
from headstart.data.class_names import spell
from headstart.data.read import read
from headstart.data.walk import is_hidden


def test_a_folder_of_class_folders(tmp_path):
    fill(tmp_path / "pets", {"dog": 2, "cat": 3})
    write(tmp_path / "pets" / "cat" / "deep" / "er" / "x.png", png(99, 10, 20))
    reading = read(tmp_path / "pets")
    data = reading.dataset
    assert data.ids == ("cat/0.png", "cat/1.png", "cat/2.png", "cat/deep/er/x.png", "dog/0.png", "dog/1.png")
    assert data.targets.tolist() == ["cat"] * 4 + ["dog"] * 2
    assert data.split.tolist() == [""] * 6
    assert classes_of(data) == ("cat", "dog") and data.name == "pets" and reading.bad == ()
    assert data.parts[0].sizes.tolist()[3] == [10, 20]
    assert "6 pictures: 6 not split yet" in reading.notes


def test_keys_are_the_sha256_of_the_files(tmp_path):
    import hashlib

    data = read(fill(tmp_path, {"a": 1, "b": 1})).dataset
    assert data.keys[1].tobytes() == hashlib.sha256((tmp_path / "b" / "0.png").read_bytes()).digest()
    assert data.parts[0].inputs.read(1) == (tmp_path / "b" / "0.png").read_bytes()


@pytest.mark.parametrize("names", [("train", "val", "test"), ("Training", "validation", "TESTING"), ("train", "test")])
def test_splits_are_folders(tmp_path, names):
    for start, name in enumerate(names):
        fill(tmp_path / name, {"a": 2, "b": 1}, start=10 * start)
    data = read(tmp_path).dataset
    expected = ["train", "val", "test"] if len(names) == 3 else ["train", "test"]
    assert sorted(set(data.split)) == sorted(expected)
    assert classes_of(data) == ("a", "b") and len(data) == 3 * len(names)
    assert all(id.startswith(tuple(names)) for id in data.ids)


def test_a_lone_train_folder_is_the_whole_set(tmp_path):
    fill(tmp_path / "train", {"a": 2, "b": 2})
    assert read(tmp_path).dataset.split.tolist() == [""] * 4


def test_a_class_may_be_called_train(tmp_path):
    assert classes_of(read(fill(tmp_path, {"train": 2, "plane": 2})).dataset) == ("plane", "train")
    assert classes_of(read(fill(tmp_path, {"test": 2})).dataset) == ("plane", "test", "train")


def test_test_pictures_without_classes_are_left_out_with_a_note(tmp_path):
    fill(tmp_path / "train", {"a": 2, "b": 2})
    write(tmp_path / "test" / "1.png", png(50))
    reading = read(tmp_path)
    assert len(reading.dataset) == 4 and any("no class folders" in note for note in reading.notes)


def test_hidden_files_and_what_systems_leave_are_left_out(tmp_path):
    fill(tmp_path, {"a": 1, "b": 1, ".cache": 2, "__MACOSX": 1})
    write(tmp_path / "a" / ".hidden.png", png(9))
    write(tmp_path / "a" / "Thumbs.db", b"x")
    reading = read(tmp_path)
    assert reading.dataset.ids == ("a/0.png", "b/0.png") and not any("ignored" in note for note in reading.notes)


def test_documents_in_class_folders_are_ignored_and_pictures_without_an_ending_are_read(tmp_path):
    fill(tmp_path, {"a": 1, "b": 1})
    write(tmp_path / "a" / "about.txt", b"words")
    write(tmp_path / "a" / "no_ending", png(7))
    write(tmp_path / "b" / "data.bin", b"\0\1\2")
    reading = read(tmp_path)
    assert "a/no_ending" in reading.dataset.ids and reading.bad == ()
    assert any(note.startswith("2 files that are not pictures were ignored: ") for note in reading.notes)


def test_loose_pictures_and_empty_class_folders_are_not_classes(tmp_path):
    fill(tmp_path, {"a": 1, "b": 1})
    (tmp_path / "empty").mkdir()
    write(tmp_path / "loose.png", png(8))
    reading = read(tmp_path)
    assert classes_of(reading.dataset) == ("a", "b") and any("have no class" in note for note in reading.notes)


def test_a_symlink_loop_ends(tmp_path):
    fill(tmp_path, {"a": 1, "b": 1})
    (tmp_path / "a" / "again").symlink_to(tmp_path / "a", target_is_directory=True)
    (tmp_path / "a" / "up").symlink_to(tmp_path, target_is_directory=True)
    reading = read(tmp_path)
    assert reading.dataset.ids == ("a/0.png", "b/0.png")  # the way up would bring in b's picture as one of a
    assert any("symlinks that lead back" in note for note in reading.notes)


def test_a_symlink_from_a_split_up_to_the_root_is_not_followed(tmp_path):
    fill(tmp_path / "train", {"a": 1, "b": 1})
    fill(tmp_path / "test", {"a": 1, "b": 1})
    (tmp_path / "train" / "a" / "up").symlink_to(tmp_path, target_is_directory=True)
    assert sorted(read(tmp_path).dataset.ids) == ["test/a/0.png", "test/b/0.png", "train/a/0.png", "train/b/0.png"]


def test_a_symlink_to_itself_is_a_bad_file(tmp_path):
    fill(tmp_path, {"a": 30, "b": 1})
    (tmp_path / "a" / "self.png").symlink_to(tmp_path / "a" / "self.png")
    (bad,) = read(tmp_path).bad
    assert bad.id == "a/self.png" and "cannot be read" in bad.reason


def test_bad_files_are_left_out_and_listed(tmp_path):
    fill(tmp_path, {"a": 100, "b": 3})
    write(tmp_path / "a" / "empty.jpg", b"")
    write(tmp_path / "a" / "text.jpg", b"this is not a picture")
    write(tmp_path / "b" / "cut.jpg", encoded(picture(), "JPEG")[:-200])
    (tmp_path / "b" / "gone.png").symlink_to(tmp_path / "nowhere.png")
    reading = read(tmp_path)
    assert len(reading.dataset) == 103
    reasons = {bad.id: bad.reason for bad in reading.bad}
    assert list(reasons) == ["a/empty.jpg", "a/text.jpg", "b/cut.jpg", "b/gone.png"]
    assert "0 bytes" in reasons["a/empty.jpg"] and "text" in reasons["a/text.jpg"]
    assert "cut off" in reasons["b/cut.jpg"] and reasons["b/gone.png"] == "no such file"


def test_too_many_bad_files_are_an_error_unless_allowed(tmp_path):
    fill(tmp_path, {"a": 4, "b": 4})
    write(tmp_path / "a" / "x.jpg", b"")
    with pytest.raises(DataError, match=r"at most 5% .* 1 of 9 are: a/x.jpg: an empty file .*--allow-bad"):
        read(tmp_path)
    assert len(read(tmp_path, allow_bad=0.2).dataset) == 8


def test_only_bad_files_are_an_error_whatever_is_allowed(tmp_path):
    for name in ("a/1.png", "b/1.png"):
        write(tmp_path / name, b"")
    with pytest.raises(DataError, match="2 of 2"):
        read(tmp_path, allow_bad=1.0)


def test_rows_that_fail_later_are_left_out_too(tmp_path):
    reading = read(fill(tmp_path, {"a": 30, "b": 30}))
    assert reading.without({}) is reading
    less = reading.without({0: "damaged"})
    assert len(less.dataset) == 59 and less.bad[0].id == "a/0.png" and less.bad[0].reason == "damaged"
    with pytest.raises(DataError, match="30 of 60"):
        reading.without({row: "damaged" for row in range(30)})
    assert classes_of(reading.without({row: "damaged" for row in range(30)}, allow_bad=0.9).dataset) == ("b",)


def test_classes_are_the_business_of_tasks(tmp_path):
    assert classes_of(read(fill(tmp_path / "one", {"a": 3})).dataset) == ("a",)
    fill(tmp_path / "two" / "train", {"a": 2})
    fill(tmp_path / "two" / "test", {"b": 1}, start=50)
    assert read(tmp_path / "two").dataset.targets.tolist() == ["b", "a", "a"]


def test_an_empty_folder_and_loose_pictures_say_what_is_needed(tmp_path):
    with pytest.raises(DataError, match="one folder of pictures, recordings or texts per class.*it is empty"):
        read(tmp_path)
    write(tmp_path / "1.png", png())
    with pytest.raises(DataError, match="it holds 1 pictures directly"):
        read(tmp_path)


def test_no_such_path_suggests_the_nearest(tmp_path):
    fill(tmp_path / "photos", {"a": 1, "b": 1})
    with pytest.raises(DataError, match=r"there is no .*phots\. Did you mean .*photos\?"):
        read(tmp_path / "phots")
    with pytest.raises(DataError, match="there is no"):
        read(tmp_path / "x" / "y")


def test_a_separate_test_source(tmp_path):
    fill(tmp_path / "d", {"a": 2, "b": 2})
    fill(tmp_path / "t", {"a": 1, "b": 1}, start=50)
    data = read(tmp_path / "d", test=tmp_path / "t").dataset
    assert data.split.tolist() == ["train"] * 4 + ["test"] * 2
    assert data.ids[4:] == ("test/a/0.png", "test/b/0.png")
    assert data.parts[0].inputs.read(5) == (tmp_path / "t/b/0.png").read_bytes()


def test_two_test_splits_are_an_error(tmp_path):
    fill(tmp_path / "d" / "train", {"a": 2, "b": 2})
    fill(tmp_path / "d" / "test", {"a": 2, "b": 2}, start=20)
    fill(tmp_path / "t", {"a": 1, "b": 1}, start=50)
    with pytest.raises(DataError, match="must come from one place"):
        read(tmp_path / "d", test=tmp_path / "t")


def test_numbers_as_class_names_are_in_numeric_order(tmp_path):
    assert classes_of(read(fill(tmp_path, {"10": 1, "9": 1, "100": 1})).dataset) == ("9", "10", "100")


def test_composed_and_decomposed_accents_are_one_class_and_ids_stay_unique(tmp_path):
    write(tmp_path / "caf\u00e9" / "1.png", png(1))
    write(tmp_path / "cafe\u0301" / "1.png", png(2))
    write(tmp_path / "tea" / "1.png", png(3))
    data = read(tmp_path).dataset
    assert classes_of(data) == ("caf\u00e9", "tea")
    assert len(set(data.ids)) == 3 and all(unicodedata.is_normalized("NFC", name) for name in data.ids)


def test_names_that_are_not_unicode_can_be_printed(tmp_path):
    folder = os.fsencode(tmp_path / "a") + b"\xff"
    os.mkdir(folder)
    with open(folder + b"/\xfe.png", "wb") as stream:
        stream.write(png(1))
    fill(tmp_path, {"b": 1})
    data = read(tmp_path).dataset
    assert len(data) == 2
    "".join((*data.ids, *classes_of(data), data.parts[0].inputs.name(0))).encode("utf-8")


def test_metadata_adds_columns_by_file(tmp_path):
    fill(tmp_path, {"a": 2, "b": 2})
    write(tmp_path / "metadata.csv", b"file_name,patient,site\na/0.png,p1,x\na/1.png,,x\n./b/0.png,p1,y\n")
    reading = read(tmp_path, groups="patient", slices=["site"])
    assert reading.dataset.groups.tolist() == ["p1", None, "p1", None]
    assert reading.dataset.slices["site"].tolist() == ["x", "x", "y", None]
    assert "metadata.csv adds the columns patient, site; 1 files have no row in it" in reading.notes


def test_metadata_may_hold_the_target(tmp_path):
    fill(tmp_path, {"a": 2, "b": 2})
    write(tmp_path / "metadata.csv", b"file,kind\na/0.png,x\na/1.png,y\nb/0.png,y\n")
    reading = read(tmp_path, target="kind")
    assert reading.dataset.targets.tolist() == ["x", "y", "y"]
    assert "1 rows without a target were left out" in reading.notes


def test_columns_that_are_not_there_are_named_with_the_nearest(tmp_path):
    fill(tmp_path, {"a": 2, "b": 2})
    with pytest.raises(ConfigError, match="metadata.csv with a column 'file'"):
        read(tmp_path, groups="patient")
    with pytest.raises(ConfigError, match="Leave --target out"):
        read(tmp_path, target="kind")
    with pytest.raises(ConfigError, match="Leave --input out"):
        read(tmp_path, input="kind")
    write(tmp_path / "metadata.csv", b"file,patient\na/0.png,p1\n")
    with pytest.raises(ConfigError, match="Did you mean 'patient'"):
        read(tmp_path, groups="patients")
    write(tmp_path / "metadata.csv", b"name,patient\na/0.png,p1\n")
    with pytest.raises(DataError, match="'file' or 'file_name'"):
        read(tmp_path)
    write(tmp_path / "metadata.csv", b"file,patient\na/0.png,p1\na/0.png,p2\n")
    with pytest.raises(DataError, match="one row per file; a/0.png has two"):
        read(tmp_path)


def test_workers_do_not_change_what_is_read(tmp_path):
    fill(tmp_path, {"a": 70, "b": 70})
    one, many = read(tmp_path, workers=1).dataset, read(tmp_path, workers=5).dataset
    assert one.ids == many.ids and np.array_equal(one.keys, many.keys) and one.fingerprint == many.fingerprint


CHARACTERS = st.characters(exclude_characters="/\\\0", exclude_categories=("Cs",))
NAMES = st.text(CHARACTERS, min_size=1, max_size=12).filter(
    lambda name: name.strip() and not is_hidden(name) and len(name.encode()) < 200
)


@settings(deadline=None, max_examples=40)
@given(st.dictionaries(NAMES, st.lists(NAMES, min_size=1, max_size=3, unique=True), min_size=2, max_size=4))
def test_names_in_any_script_are_read_as_they_are(tree):
    with tempfile.TemporaryDirectory() as folder:
        for number, (name, files) in enumerate(sorted(tree.items())):
            for i, file in enumerate(files):
                write(Path(folder) / name / f"{file}.png", png(10 * number + i))
        expected = {spell(name) for name in tree}
        if len(expected) < 2:
            return
        data = read(folder).dataset
    assert set(classes_of(data)) == expected
    assert len(data) == sum(map(len, tree.values())) == len(set(data.ids))
    assert sorted(data.targets) == sorted(spell(name) for name, files in tree.items() for _ in files)
