"""Tables that name files, and several rows of one input, through ``read``."""

from __future__ import annotations

import numpy as np
import pandas
import pytest

from data.helpers_data import contents, png, said, write
from headstart.core.errors import ConfigError, DataError
from headstart.data.read import read


def test_a_picture_joined_with_columns(tmp_path):
    for i in range(4):
        write(tmp_path / "images" / f"{i}.png", png(i))
    write(tmp_path / "t.csv", b"file,label,age\n0.png,a,1\n1.png,b,2\n2.png,a,\n,b,3\n")
    alone, both = read(tmp_path), read(tmp_path, input="file,age")
    assert alone.dataset.modality == "image" and "images/ beside the table" in said(alone)
    assert both.dataset.modality == "table" and both.dataset.ids == ("0.png", "1.png", "2.png")
    assert both.dataset.parts[0].inputs.read(1) == png(1)
    assert both.dataset.table.columns["age"].values.tolist()[:2] == [1, 2]


def test_paths_of_texts_in_any_encoding(tmp_path):
    write(tmp_path / "1.txt", "größer".encode("utf-16"))
    write(tmp_path / "2.txt", "größer".encode("latin-1"))
    write(tmp_path / "t.csv", b"file,label\n1.txt,a\n2.txt,b\n")
    reading = read(tmp_path / "t.csv")
    assert reading.dataset.modality == "text" and contents(reading) == ["größer", "größer"]
    assert np.array_equal(reading.dataset.keys[0], reading.dataset.keys[1])


def test_a_folder_of_class_folders_of_texts(tmp_path):
    for name in ("good", "bad"):
        for i in range(3):
            write(tmp_path / name / f"{i}.txt", f"{name} words {i}".encode())
    reading = read(tmp_path)
    assert reading.dataset.modality == "text" and contents(reading)[0] == "bad words 0"
    with pytest.raises(ConfigError, match="Leave --input out"):
        read(tmp_path, input="text")
    with pytest.raises(ConfigError, match="Leave --id out"):
        read(tmp_path, id="file")


def test_columns_of_files_of_several_kinds(tmp_path):
    for i in range(4):
        write(tmp_path / f"{i}.png", png(i))
        write(tmp_path / f"{i}.txt", b"words")
    rows = "".join(f"{i}.png,a\n{i}.txt,b\n" for i in range(4))
    write(tmp_path / "t.csv", f"file,label\n{rows}".encode())
    with pytest.raises(DataError, match="must be of one kind; 'file' holds"):
        read(tmp_path / "t.csv")


def test_several_rows_of_one_input_become_one_with_a_set_of_labels(tmp_path):
    for i in range(3):
        write(tmp_path / "images" / f"{i}.png", png(i))
    lines = ["file,label,width,x", "0.png,b,5,1", "0.png,a,5,2", "1.png,a,5,3", "0.png,a,5,4", "2.png,,5,5"]
    write(tmp_path / "boxes.csv", "\n".join(lines).encode())
    reading = read(tmp_path, id="file")
    assert reading.dataset.ids == ("0.png", "1.png") and reading.dataset.targets.tolist() == ['["a","b"]', '["a"]']
    assert "5 rows were joined to 3 by 'file'" in reading.notes
    assert "columns that differ between rows of one 'file': x" in said(reading)
    assert reading.dataset.modality == "image"


def test_rows_that_agree_keep_one_label():
    data = pandas.DataFrame({"person": list("aabb"), "label": list("xxyy"), "age": [1, 1, 2, 2], "day": [1, 2, 3, 4]})
    reading = read(data, id="person")
    assert reading.dataset.targets.tolist() == ["x", "y"] and reading.dataset.ids == ("a", "b")
    assert list(reading.dataset.table.columns) == ["age"]
    assert read(data, id="person", input="day").dataset.table.columns["day"].values.tolist() == [1, 3]


def test_different_quantities_of_one_input_are_refused():
    data = pandas.DataFrame({"id": [i // 2 for i in range(60)], "target": [i / 7 for i in range(60)], "x": [1, 2] * 30})
    with pytest.raises(DataError, match="must agree in a target that is a quantity"):
        read(data, id="id")


def test_a_path_with_a_null_character_is_a_bad_input(tmp_path):
    path = write(tmp_path / "0.png", png(1))
    reading = read(pandas.DataFrame({"file": [str(path), "a\0.png"], "label": ["a", "b"]}), allow_bad=0.5)
    assert [bad.reason for bad in reading.bad] == ["not a path: it holds a null character"]
