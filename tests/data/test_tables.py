from __future__ import annotations

import json
import tempfile
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from data.helpers_data import classes_of, fill, png, write
from headstart.core.errors import ConfigError, DataError
from headstart.data.read import read
from headstart.data.tables import load

FOUR = [("p/1.png", "cat"), ("p/2.png", "cat"), ("p/3.png", "dog"), ("p/4.png", "dog")]


def write_table(path, columns):
    names, rows = list(columns), list(zip(*columns.values(), strict=True))
    if path.suffix in {".csv", ".tsv"}:
        import csv

        with path.open("w", newline="", encoding="utf-8") as stream:
            writer = csv.writer(stream, delimiter="\t" if path.suffix == ".tsv" else ",")
            writer.writerows([names, *(["" if value is None else value for value in row] for row in rows)])
    elif path.suffix == ".jsonl":
        path.write_text("".join(json.dumps(dict(zip(names, row, strict=True))) + "\n" for row in rows), "utf-8")
    else:
        import pyarrow as arrow
        import pyarrow.feather
        import pyarrow.parquet

        table = arrow.table({name: list(values) for name, values in columns.items()})
        write_it = {".parquet": arrow.parquet.write_table, ".feather": arrow.feather.write_feather}
        write_it[path.suffix](table, str(path))
    return path


@pytest.fixture
def folder(tmp_path):
    for i in range(1, 9):
        write(tmp_path / "p" / f"{i}.png", png(i))
    return tmp_path


def four(**further):
    return {"file": [file for file, _ in FOUR], "label": [label for _, label in FOUR], **further}


@pytest.mark.parametrize("ending", [".csv", ".tsv", ".jsonl", ".parquet", ".feather"])
@pytest.mark.parametrize("as_folder", [False, True])
def test_every_kind_of_table_alone_and_as_the_only_one_in_a_folder(folder, ending, as_folder):
    path = write_table(folder / f"data{ending}", four(site=["x", "y", "x", None]))
    write(folder / "README.md", b"about")
    data = read(folder if as_folder else path, slices=["site"]).dataset
    assert data.ids == ("p/1.png", "p/2.png", "p/3.png", "p/4.png")
    assert data.targets.tolist() == ["cat", "cat", "dog", "dog"]
    assert data.slices["site"].tolist() == ["x", "y", "x", None]
    assert data.parts[0].inputs.read(2) == png(3)


def test_split_tables_in_a_folder(folder):
    write_table(folder / "train.csv", four())
    write_table(folder / "test.jsonl", {"file": ["p/5.png", "p/6.png"], "label": ["dog", "cat"]})
    write_table(folder / "notes.csv", {"a": ["1"]})
    data = read(folder).dataset
    assert data.split.tolist() == ["train"] * 4 + ["test"] * 2 and len(data) == 6


def test_a_lone_train_table_is_the_whole_set(folder):
    write_table(folder / "train.csv", four())
    assert read(folder).dataset.split.tolist() == [""] * 4


def test_several_tables_without_a_train_are_an_error(folder):
    for name in ("one.csv", "two.csv"):
        write_table(folder / name, four())
    (folder / "p").rename(folder / ".p")
    with pytest.raises(DataError, match=r"one table, or train.* it holds \['one.csv', 'two.csv'\]"):
        read(folder)


def test_two_tables_for_one_split_are_an_error(folder):
    write_table(folder / "train.csv", four())
    write_table(folder / "training.tsv", four())
    with pytest.raises(DataError, match="both train.csv and training.tsv are 'train'"):
        read(folder)


def test_class_folders_beside_a_table_without_targets_win(folder):
    fill(folder, {"a": 2, "b": 2}, start=50)
    write_table(folder / "sizes.csv", {"name": ["a", "b"], "n": [1, 2]})
    assert classes_of(read(folder).dataset) == ("a", "b", "p")
    write_table(folder / "sizes.csv", four())
    assert classes_of(read(folder).dataset) == ("cat", "dog")


def test_a_split_column_is_honoured(folder):
    reading = read(write_table(folder / "t.csv", four(split=["train", "Validation", "TEST", ""])))
    assert reading.dataset.split.tolist() == ["train", "val", "test", "train"]
    assert "1 rows without a split were counted to train" in reading.notes


def test_an_unknown_split_is_an_error_with_the_nearest(folder):
    path = write_table(folder / "t.csv", four(split=["train", "train", "tset", "test"]))
    with pytest.raises(DataError, match="'tset'. Did you mean 'test'"):
        read(path)


def test_rows_without_a_target_or_an_input_are_left_out_and_counted(folder):
    columns = four()
    columns["label"][1] = " "
    columns["file"][2] = ""
    columns["file"].append("p/5.png")
    columns["label"].append("dog")
    reading = read(write_table(folder / "t.csv", columns))
    assert reading.dataset.ids == ("p/1.png", "p/4.png", "p/5.png")
    assert "1 rows without a target were left out" in reading.notes
    assert "1 rows without an input were left out" in reading.notes


def test_the_target_is_inferred_or_asked_for(folder):
    columns = four()
    labels = columns.pop("label")
    with pytest.raises(DataError, match=r"'label' or 'target'; the columns are \['file', 'lable'\]"):
        read(write_table(folder / "t.csv", {**columns, "lable": labels}))
    with pytest.raises(DataError, match="both 'label' and 'target'"):
        read(write_table(folder / "t.csv", {**columns, "label": labels, "target": labels}))
    with pytest.raises(ConfigError, match="Did you mean 'lable'"):
        read(write_table(folder / "t.csv", {**columns, "lable": labels}), target="label")
    for name in ("Label", "target"):
        assert classes_of(read(write_table(folder / "t.csv", {**columns, name: labels})).dataset) == ("cat", "dog")


def test_the_input_is_the_column_of_paths_that_exist(folder):
    columns = {"label": ["p", "p", "q", "q"], "comment": ["a", "b", "c", "d"], "where": four()["file"]}
    path = write_table(folder / "t.csv", columns)
    assert read(path).dataset.ids == tuple(four()["file"])
    with pytest.raises(ConfigError, match="Did you mean 'where'"):
        read(path, input="wher")
    with pytest.raises(DataError, match="hardly any in the column 'where' does"):
        read(write_table(folder / "t.csv", {"label": columns["label"], "where": ["p/x.png"] * 4}))
    both = {"label": columns["label"], "one": four()["file"], "two": four()["file"]}
    with pytest.raises(DataError, match=r"several do: \['one', 'two'\]"):
        read(write_table(folder / "t.csv", both))
    assert read(folder / "t.csv", input="two").dataset.ids == tuple(four()["file"])
    both["path"] = both.pop("one")
    notes = read(write_table(folder / "t.csv", both)).notes
    assert notes[1] == "input is the column 'path': it holds pictures, or paths of them"
    assert notes[2] == "not used: 'two'; to join one, name it too: --input path,two"


def test_missing_files_are_bad(folder):
    columns = {"file": [f"p/{i}.png" for i in range(1, 9)] + ["p/9.png"], "label": ["a"] * 4 + ["b"] * 5}
    reading = read(write_table(folder / "t.csv", columns), allow_bad=0.2)
    assert [(bad.id, bad.reason) for bad in reading.bad] == [("p/9.png", "no such file")]


def test_one_input_in_two_rows_keeps_both_under_different_ids(folder):
    data = read(
        write_table(folder / "t.csv", {"file": ["p/1.png"] * 2 + ["p/2.png"], "label": ["a", "b", "b"]})
    ).dataset
    assert data.ids == ("p/1.png", "p/1.png#2", "p/2.png")


def test_a_target_that_is_blank_everywhere_is_refused(folder):
    path = write_table(folder / "t.csv", {"file": ["p/1.png"] * 4, "label": [""] * 4})
    with pytest.raises(DataError, match="all 4 rows are blank"):
        read(path)


def test_lists_of_names_are_sets_of_labels(folder):
    path = write_table(folder / "t.jsonl", four(target=[["a"], ["b", "a", "b"], [], None]))
    assert read(path, target="target").dataset.targets.tolist() == ['["a"]', '["a","b"]', "[]"]


def test_few_numbers_are_classes_and_whole_ones_lose_their_point(folder):
    path = write_table(folder / "t.parquet", {"file": four()["file"], "label": [1.0, 2.0, 10.0, None]})
    assert classes_of(read(path).dataset) == ("1", "2", "10")


def test_text_of_a_csv_stays_as_it_is(folder):
    path = write_table(folder / "t.csv", {"file": four()["file"], "label": ["01", "1", "1.0", "01"]})
    assert set(classes_of(read(path).dataset)) == {"01", "1", "1.0"}


@pytest.mark.parametrize(
    ("name", "content", "words"),
    [
        ("t.csv", b"file,label\nx.png,a,b\n", "as its header has names, 2; line 2 has 3"),
        ("t.csv", b"file,file\nx.png,a\n", "name each column once; repeated: file"),
        ("t.csv", b"", "at least one row"),
        ("t.csv", b"file,label\n", "at least one row"),
        ("t.jsonl", b'{"a": 1}\n{"a": \n', "line 2 is none"),
        ("t.jsonl", b"[1]\n", "line 1 is a list"),
        ("t.parquet", b"PAR1 nothing", "must be a parquet file"),
        ("t.feather", b"nothing", "must be a feather file"),
        ("t.txt", b"nothing", "the ending of a table"),
    ],
)
def test_damaged_tables_say_where(tmp_path, name, content, words):
    with pytest.raises(DataError, match=words):
        load(write(tmp_path / name, content))


def test_csv_with_a_byte_order_mark_semicolons_and_quotes(tmp_path):
    content = '\ufefffile;label\n"a;b.png";"two\nlines"\n'.encode()
    assert load(write(tmp_path / "t.csv", content)) == {"file": ["a;b.png"], "label": ["two\nlines"]}


CELLS = st.text(st.characters(exclude_categories=("Cs",), exclude_characters="\0\r"), max_size=20)


@settings(deadline=None, max_examples=40)
@given(
    st.lists(st.tuples(CELLS, CELLS), min_size=1, max_size=5), st.sampled_from([".csv", ".tsv", ".jsonl", ".parquet"])
)
def test_any_text_survives_a_table(rows, ending):
    with tempfile.TemporaryDirectory() as name:
        columns = {"first": [a for a, _ in rows], "second": [b for _, b in rows]}
        assert load(write_table(Path(name) / f"t{ending}", columns)) == columns


@pytest.mark.parametrize("ending", [".csv", ".jsonl", ".parquet"])
@pytest.mark.parametrize(("what", "called"), [("folder", "a folder"), ("link", "a link to nothing"), ("", "not there")])
def test_what_is_no_file_is_no_table(tmp_path, ending, what, called):
    path = tmp_path / f"train{ending}"
    if what == "folder":
        path.mkdir()
    elif what == "link":
        path.symlink_to("nowhere")
    with pytest.raises(DataError, match=rf"must be a file; .*train\{ending} is {called}\."):
        load(path)
