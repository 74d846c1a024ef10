from __future__ import annotations

import io

import numpy as np
import pandas
import pytest

from data.helpers_data import fill, picture, png, write
from headstart.core.errors import ConfigError, DataError
from headstart.data.unlabeled import read_unlabeled


@pytest.fixture
def folder(tmp_path):
    fill(tmp_path / "d", {"a": 2, ".hidden": 1})
    write(tmp_path / "d" / "loose.png", png(9))
    write(tmp_path / "d" / "notes.txt", b"words")
    return tmp_path


def test_files_folders_tables_and_lines_in_the_order_given(folder):
    write(folder / "t.csv", b"image,site\nd/loose.png,x\nd/none.png,y\nd/a/0.png,y\n")
    sources = [folder / "d" / "a" / "1.png", str(folder / "d"), folder / "t.csv", "-"]
    chunks = list(read_unlabeled(sources, lines=io.StringIO(f"{folder}/d/a/0.png\r\n\n"), chunk_size=3))
    assert [len(chunk) for chunk in chunks] == [3, 3, 2]
    names = [name.replace(f"{folder}/", "") for chunk in chunks for name in chunk.ids]
    assert names == [
        "d/a/1.png",
        *("d/a/0.png", "d/a/1.png", "d/loose.png"),
        *("d/loose.png", "d/none.png", "d/a/0.png"),
        "d/a/0.png",
    ]
    assert chunks[1].inputs.read(0) == png(9)  # d/loose.png of the folder
    assert chunks[2].inputs.read(1) == (folder / "d/a/0.png").read_bytes()


def test_a_path_that_does_not_exist_is_an_input_that_cannot_be_read(folder):
    (chunk,) = read_unlabeled([folder / "none.png", folder / "d" / "loose.png"])
    with pytest.raises(FileNotFoundError):
        chunk.inputs.read(0)
    assert chunk.inputs.read(1) == png(9)


def test_objects_are_inputs_too():
    array = np.asarray(picture(2))
    frame = pandas.DataFrame({"photo": [png(3), None], "n": [1, 2]})
    (chunk,) = read_unlabeled([png(1), picture(2), array, frame])
    assert chunk.ids == ("0", "1", "2", "0", "1")
    assert chunk.inputs.read(0) == png(1) and chunk.inputs.read(1) == chunk.inputs.read(2)
    assert chunk.inputs.read(3) == png(3)
    with pytest.raises(OSError):
        chunk.inputs.read(4)


def test_nothing_is_read_ahead(folder):
    def endless():
        while True:
            yield f"{folder}/d/loose.png\n"

    stream = read_unlabeled(["-"], lines=endless(), chunk_size=4)
    assert len(next(stream)) == 4 and len(next(stream)) == 4


def test_nothing_to_predict_is_an_error(tmp_path):
    with pytest.raises(DataError, match="at least one picture; .* holds none"):
        list(read_unlabeled([tmp_path]))
    with pytest.raises(DataError, match="number 0 is a int"):
        list(read_unlabeled([5]))


def test_the_column_of_a_table_is_asked_for_where_it_is_not_clear(folder):
    write(folder / "t.csv", b"one,two\nd/loose.png,d/loose.png\n")
    with pytest.raises(DataError, match="several do"):
        list(read_unlabeled([folder / "t.csv"]))
    with pytest.raises(ConfigError, match="Did you mean 'two'"):
        list(read_unlabeled([folder / "t.csv"], input="tow"))
    (chunk,) = read_unlabeled([folder / "t.csv"], input="two")
    assert chunk.ids == ("d/loose.png",)
