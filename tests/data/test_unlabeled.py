from __future__ import annotations

import io
import json

import numpy as np
import pandas
import pytest

from data.helpers_data import fill, picture, png, write
from headstart.core.errors import ConfigError, DataError
from headstart.core.schema import ColumnSchema, InputSchema, PartSchema
from headstart.data.unlabeled import read_unlabeled

PICTURES = InputSchema(parts=(PartSchema(modality="image"),))
TEXTS = InputSchema(parts=(PartSchema(modality="text", columns=("text",)),))
PAIRS = InputSchema(parts=(PartSchema(modality="text", columns=("answer", "reference")),))
ROWS = InputSchema(columns=(ColumnSchema(name="age", kind="number"), ColumnSchema(name="city", kind="category")))
BOTH = InputSchema(parts=(PartSchema(modality="text", columns=("text",)),), columns=ROWS.columns)


@pytest.fixture
def folder(tmp_path):
    fill(tmp_path / "d", {"a": 2, ".hidden": 1})
    write(tmp_path / "d" / "loose.png", png(9))
    write(tmp_path / "d" / "notes.txt", b"words")
    return tmp_path


def contents(chunks):
    return [chunk.parts[0].inputs.read(row) for chunk in chunks for row in range(len(chunk))]


def test_files_folders_tables_and_lines_in_the_order_given(folder):
    write(folder / "t.csv", b"image,site\nd/loose.png,x\nd/none.png,y\nd/a/0.png,y\n")
    sources = [folder / "d" / "a" / "1.png", str(folder / "d"), folder / "t.csv", "-"]
    lines = io.StringIO(f"{folder}/d/a/0.png\r\n\n")
    chunks = list(read_unlabeled(sources, schema=PICTURES, lines=lines, chunk_size=3))
    assert [len(chunk) for chunk in chunks] == [3, 3, 2]
    names = [name.replace(f"{folder}/", "") for chunk in chunks for name in chunk.ids]
    assert names == [
        "d/a/1.png",
        *("d/a/0.png", "d/a/1.png", "d/loose.png"),
        *("d/loose.png", "d/none.png", "d/a/0.png"),
        "d/a/0.png",
    ]
    assert chunks[1].parts[0].inputs.read(0) == png(9)  # d/loose.png of the folder
    assert chunks[2].parts[0].inputs.read(1) == (folder / "d/a/0.png").read_bytes()


def test_a_path_that_does_not_exist_is_an_input_that_cannot_be_read(folder):
    (chunk,) = read_unlabeled([folder / "none.png", folder / "d" / "loose.png"], schema=PICTURES)
    with pytest.raises(FileNotFoundError):
        chunk.parts[0].inputs.read(0)
    assert chunk.parts[0].inputs.read(1) == png(9)


def test_objects_are_inputs_too():
    array = np.asarray(picture(2))
    frame = pandas.DataFrame({"photo": [png(3), None], "n": [1, 2]})
    (chunk,) = read_unlabeled([png(1), picture(2), array, frame], schema=PICTURES)
    inputs = chunk.parts[0].inputs
    assert chunk.ids == ("0", "1", "2", "0", "1")
    assert inputs.read(0) == png(1) and inputs.read(1) == inputs.read(2) and inputs.read(3) == png(3)
    with pytest.raises(DataError, match="no input in this row"):
        inputs.read(4)


def test_nothing_is_read_ahead(folder):
    def endless():
        while True:
            yield f"{folder}/d/loose.png\n"

    stream = read_unlabeled(["-"], schema=PICTURES, lines=endless(), chunk_size=4)
    assert len(next(stream)) == 4 and len(next(stream)) == 4


def test_nothing_to_predict_is_an_error(tmp_path):
    with pytest.raises(DataError, match="at least one picture; .* holds none"):
        list(read_unlabeled([tmp_path], schema=PICTURES))
    with pytest.raises(DataError, match="number 0 is a int"):
        list(read_unlabeled([5], schema=PICTURES))


def test_the_column_of_a_table_is_asked_for_where_it_is_not_clear(folder):
    write(folder / "t.csv", b"one,two\nd/loose.png,d/loose.png\n")
    with pytest.raises(DataError, match="several do"):
        list(read_unlabeled([folder / "t.csv"], schema=PICTURES))
    with pytest.raises(ConfigError, match="Did you mean 'two'"):
        list(read_unlabeled([folder / "t.csv"], schema=PICTURES, input="tow"))
    (chunk,) = read_unlabeled([folder / "t.csv"], schema=PICTURES, input="two")
    assert chunk.ids == ("d/loose.png",)


def test_paths_below_one_folder_beside_the_table(folder):
    write(folder / "t.csv", b"image\nloose.png\na/0.png\n")
    (chunk,) = read_unlabeled([folder / "t.csv"], schema=PICTURES)
    assert chunk.parts[0].inputs.read(0) == png(9) and chunk.ids == ("loose.png", "a/0.png")


def test_texts_come_as_they_are_as_lines_files_folders_and_tables(folder):
    write(folder / "utf16.txt", "zwölf".encode("utf-16"))
    write(folder / "t.csv", "n,text\n1,über\n2,\n".encode())
    sources = ["where is my card?", folder / "utf16.txt", folder / "d", folder / "t.csv", "-"]
    chunks = list(read_unlabeled(sources, schema=TEXTS, lines=["first\n", "\n", "d/loose.png\r\n"], chunk_size=4))
    (first, second) = chunks
    texts = [first.parts[0].inputs.read(row).decode() for row in range(4)]
    assert texts == ["where is my card?", "zwölf", "words", "über"]
    with pytest.raises(DataError, match="an empty text"):
        second.parts[0].inputs.read(0)
    assert [second.parts[0].inputs.read(row) for row in (1, 2)] == [b"first", b"d/loose.png"]
    assert first.ids[0] == "0" and first.ids[1].endswith("utf16.txt") and second.ids == ("1", "0", "2")


def test_a_text_file_that_does_not_exist_is_not_taken_for_a_text():
    (chunk,) = read_unlabeled(["reviews/none.txt"], schema=TEXTS)
    with pytest.raises(FileNotFoundError):
        chunk.parts[0].inputs.read(0)


def test_a_lone_half_of_a_surrogate_pair_is_replaced():
    assert contents(read_unlabeled(["a \ud800 b"], schema=TEXTS)) == [b"a ? b"]


def test_pairs_of_texts(folder):
    write(folder / "t.csv", b"answer,reference\nyes,no\n,no\n")
    lines = [json.dumps(["a", "b"])]
    chunks = read_unlabeled([("x", "y"), folder / "t.csv", "-"], schema=PAIRS, lines=lines)
    assert contents(chunks) == [b'["x", "y"]', b'["yes", "no"]', b'["-", "no"]', b'["a", "b"]']
    with pytest.raises(DataError, match="pair of texts as JSON.*line 1 is not"):
        list(read_unlabeled(["-"], schema=PAIRS, lines=["only one"]))
    (chunk,) = read_unlabeled([{"q": "1", "r": "2"}], schema=PAIRS, input="q,r")
    assert chunk.parts[0].inputs.read(0) == b'["1", "2"]'


def test_two_texts_that_are_seen_alone_come_as_pairs_too():
    parts = tuple(PartSchema(modality="text", columns=(name,), paired=name == "q") for name in "qa")
    chunks = list(read_unlabeled([("x", ""), "-"], schema=InputSchema(parts=parts), lines=['["y", "z"]']))
    found = [[part.inputs.read(0) for part in chunk.parts] for chunk in chunks]
    assert found == [[b"x", b"-"], [b"y", b"z"]] and chunks[0].parts[0].schema.paired


def test_rows_of_plain_columns_are_typed_as_the_schema_says(folder):
    write(folder / "t.csv", b"city,extra,age\nRome,x,30\nNeverSeen,y,old\n,z,\n")
    first, second = read_unlabeled([folder / "t.csv"], schema=ROWS, chunk_size=2)
    assert first.table.columns["city"].values.tolist() == ["Rome", "NeverSeen"]
    assert first.table.columns["age"].values[0] == 30 and np.isnan(first.table.columns["age"].values[1])
    assert first.notes == ("1 values of 'age' are not numbers and count as missing: 'old'",)
    assert second.table.columns["city"].values.tolist() == [None] and second.ids == ("2",)


def test_rows_come_as_dicts_frames_and_lines_too():
    frame = pandas.DataFrame({"age": [1, 2], "city": ["a", "b"]})
    lines = ['{"age": 7, "city": "c"}\n', "\n"]
    chunks = list(read_unlabeled([{"age": "5", "city": "z"}, frame, "-"], schema=ROWS, lines=lines))
    assert [chunk.table.columns["age"].values.tolist() for chunk in chunks] == [[5], [1, 2], [7]]
    with pytest.raises(DataError, match="line 1 is not"):
        list(read_unlabeled(["-"], schema=ROWS, lines=["age=7"]))


def test_a_missing_column_is_named_with_the_nearest(folder):
    write(folder / "t.csv", b"cty,age\nRome,3\n")
    with pytest.raises(DataError, match="lacks 'city'.*Did you mean 'cty'"):
        list(read_unlabeled([folder / "t.csv"], schema=ROWS))
    write(folder / "u.csv", b"txt\nhello\n")
    with pytest.raises(DataError, match="lacks 'text'.*Did you mean 'txt'"):
        list(read_unlabeled([folder / "u.csv"], schema=TEXTS))
    assert contents(read_unlabeled([folder / "u.csv"], schema=TEXTS, input="txt")) == [b"hello"]


def test_a_text_that_is_missing_beside_columns_is_read_as_a_stroke():
    (chunk,) = read_unlabeled(
        [pandas.DataFrame({"text": ["hi", None], "age": [1, 2], "city": ["a", "b"]})], schema=BOTH
    )
    assert contents([chunk]) == [b"hi", b"-"] and len(chunk.table) == 2


def test_rows_of_several_columns_must_come_as_a_table(folder):
    with pytest.raises(DataError, match="must come as a table"):
        list(read_unlabeled(["where is my card?"], schema=ROWS))
    with pytest.raises(DataError, match="there is no .*none.csv"):
        list(read_unlabeled([folder / "none.csv"], schema=ROWS))
