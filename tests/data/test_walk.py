from __future__ import annotations

from collections import Counter

import pytest

from data.helpers_data import encoded, fill, picture, png, write
from headstart.core.errors import DataError
from headstart.data.folders import class_folders, class_listing, folder_modality, split_folders, split_listing
from headstart.data.walk import Walk, inputs, modality_of, most_frequent

WAVE = b"RIFF\x24\0\0\0WAVEfmt "


def texts(root, counts):
    for name, count in counts.items():
        for i in range(count):
            write(root / name / f"{i}.txt", b"words %d" % i)
    return root


@pytest.mark.parametrize(
    ("name", "content", "kind"),
    [
        ("a.JPG", b"", "image"),
        ("a.wav", b"", "sound"),
        ("a.FLAC", b"", "sound"),
        ("a.ogg", b"", "sound"),
        ("a.mp3", b"", "sound"),
        ("a.txt", b"", "text"),
        ("README.txt", b"", None),
        ("License.TXT", b"", None),
        ("a.csv", b"", None),
        ("a.md", b"", None),
        ("picture", png(), "image"),
        ("wave", WAVE, "sound"),
        ("flac", b"fLaC" + bytes(20), "sound"),
        ("mp3", b"ID3\x04" + bytes(20), "sound"),
        ("webp", encoded(picture(), "WEBP"), "image"),
        ("words", b"words", None),
        ("empty", b"", None),
    ],
)
def test_the_kind_of_a_file_is_told_by_its_ending_else_by_its_start(tmp_path, name, content, kind):
    assert modality_of(str(write(tmp_path / name, content))) == kind


def test_a_file_that_is_not_there_has_the_kind_of_its_ending(tmp_path):
    assert modality_of(str(tmp_path / "none.wav")) == "sound" and modality_of(str(tmp_path / "none")) is None


def test_of_as_many_files_pictures_and_recordings_come_before_texts():
    assert most_frequent(Counter({"text": 3, "image": 3})) == "image"
    assert most_frequent(Counter({"text": 3, "sound": 3})) == "sound"
    assert most_frequent(Counter({"text": 4, "sound": 3, None: 99})) == "text"
    assert most_frequent(Counter({None: 99})) is None


def test_a_walk_finds_one_kind_or_all(tmp_path):
    for name in ("b.txt", "deep/a.wav", "c.png", "notes.md", ".hidden.txt", "README.txt"):
        write(tmp_path / name, b"")
    walk = Walk()
    found = [path.removeprefix(f"{tmp_path}/") for path in inputs(str(tmp_path), walk)]
    assert found == ["b.txt", "c.png", "deep/a.wav"] and len(walk.others) == 2
    assert [path[-5:] for path in inputs(str(tmp_path), walk, "sound")] == ["a.wav"]
    assert Walk(others=["x"]).notes("sound") == ["1 files that are not recordings were ignored: x"]
    assert Walk(others=["x"]).notes() == ["1 files that are not pictures, recordings or texts were ignored: x"]


def test_class_folders_of_texts(tmp_path):
    texts(tmp_path, {"good": 3, "bad": 2})
    write(tmp_path / "README.txt", b"about")
    write(tmp_path / "LICENSE.txt", b"about")
    write(tmp_path / "loose.txt", b"whose?")
    write(tmp_path / "good" / "README.txt", b"about")
    listing = class_listing(tmp_path)
    assert listing.targets == ("bad",) * 2 + ("good",) * 3
    assert listing.ids[0] == "bad/0.txt"
    assert listing.notes == (
        "1 texts beside the class folders have no class: left out",
        "1 files that are not texts were ignored: good/README.txt",
    )


def test_captions_beside_pictures_and_transcripts_beside_recordings_are_not_the_data(tmp_path):
    fill(tmp_path / "p", {"a": 2, "b": 2})
    texts(tmp_path / "p", {"a": 2, "b": 2, "notes": 0})
    assert folder_modality(tmp_path / "p") == "image"
    listing = class_listing(tmp_path / "p")
    assert len(listing) == 4 and listing.notes[0].startswith("4 files that are not pictures were ignored: a/0.txt")
    for name in ("x", "y"):
        write(tmp_path / "s" / name / "1.wav", WAVE)
    texts(tmp_path / "s", {"x": 1, "y": 1})
    assert folder_modality(tmp_path / "s") == "sound" and len(class_listing(tmp_path / "s")) == 2
    assert class_listing(tmp_path / "s", "text").ids == ("x/0.txt", "y/0.txt")


def test_a_picture_among_texts_is_left_out(tmp_path):
    texts(tmp_path, {"a": 3, "b": 3})
    write(tmp_path / "a" / "logo.png", png())
    fill(tmp_path, {"images": 1})
    listing = class_listing(tmp_path)
    assert set(listing.targets) == {"a", "b"} and len(listing) == 6
    assert class_folders(tmp_path, "text") == ["a", "b"] and class_folders(tmp_path) == ["a", "b", "images"]


def test_splits_of_texts(tmp_path):
    texts(tmp_path / "train", {"a": 2, "b": 2})
    texts(tmp_path / "test", {"a": 1, "b": 1})
    write(tmp_path / "train" / "list.csv", b"x")
    found = split_folders(tmp_path)
    assert found == {"train": ["train"], "test": ["test"]}
    assert sorted(split_listing(tmp_path, found).split) == ["test"] * 2 + ["train"] * 4


def test_a_list_of_files_beside_pictures_of_train_does_not_hide_the_splits(tmp_path):
    fill(tmp_path / "train", {"a": 2, "b": 2})
    fill(tmp_path / "test", {"a": 1, "b": 1})
    write(tmp_path / "train" / "classes.txt", b"a\nb\n")
    assert set(split_folders(tmp_path)) == {"train", "test"}


def test_loose_files_say_what_is_needed(tmp_path):
    with pytest.raises(DataError, match=r"one folder of pictures, recordings or texts per class.*it is empty"):
        class_listing(tmp_path)
    write(tmp_path / "a.txt", b"x")
    write(tmp_path / "b.txt", b"x")
    with pytest.raises(DataError, match="it holds 2 texts directly, whose classes nobody knows"):
        class_listing(tmp_path)
    with pytest.raises(DataError, match="one folder of recordings per class.*0 folders and 2 files, and no recording"):
        (tmp_path / "b.txt").rename(tmp_path / "b.md")
        (tmp_path / "a.txt").rename(tmp_path / "a.md")
        class_listing(tmp_path, "sound")
