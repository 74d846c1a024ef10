"""Feedback as labelled data: whose word counts, and where the inputs lie."""

from __future__ import annotations

import base64
import json
import shutil
import sqlite3

import pytest

from headstart.core.errors import ConfigError, DataError
from headstart.core.schema import ColumnSchema, InputSchema, PartSchema
from headstart.data.feedback import Feedback, FeedbackStore
from headstart.data.feedback_source import FeedbackSource, is_feedback, last_remark, remarks_of, rows_of_feedback
from headstart.data.listing import Listing
from headstart.data.read import read

PICTURES = InputSchema(parts=(PartSchema(modality="image"),))
TEXTS = InputSchema(parts=(PartSchema(modality="text", columns=("text",)),))


def remark(content, verdict=None, label=None, prediction="red"):
    return Feedback("r", "0", "m", "v", prediction, verdict, label, content)


def database(folder, remarks, kept=True):
    """A database in ``folder``, and the folder ``inputs`` that it names."""
    store = FeedbackStore(str(folder / "f.sqlite"), folder / "inputs" if kept else None)
    for each in remarks:
        store.add(each)
    store.close()
    return FeedbackSource(str(folder / "f.sqlite"))


def test_a_label_counts_else_the_prediction_that_was_called_right(tmp_path):
    source = database(
        tmp_path,
        [remark("a", "right"), remark("b", "wrong", "blue"), remark("c", "wrong"), remark(None, "right"),
         remark(None, "wrong", "blue"), remark("d", label="green")],
    )  # fmt: skip
    found = remarks_of(source)
    assert found.labels == {"a": "red", "b": "blue", "d": "green"}
    assert (found.unlabelled, found.unkept, found.disagreed) == (1, 2, 0)
    assert found.folders[0] == tmp_path / "inputs" and len(found.notes) == 2


def test_the_last_word_counts_and_wrong_takes_back_what_was_called_right(tmp_path):
    source = database(
        tmp_path,
        [remark("a", "right"), remark("a", "wrong", "blue"), remark("b", "right"), remark("b", "wrong"),
         remark("c", label="blue"), remark("c", "wrong"), remark("d", "wrong", "blue"), remark("d", "right")],
    )  # fmt: skip
    found = remarks_of(source)
    assert found.labels == {"a": "blue", "c": "blue", "d": "red"} and found.disagreed == 2


def test_remarks_up_to_a_number_are_the_same_whenever_they_are_read(tmp_path):
    source = database(tmp_path, [remark("a", "right"), remark("b", "right")])
    assert last_remark(source.place) == 2
    FeedbackStore(source.place).add(remark("a", "wrong", "blue"))
    assert last_remark(source.place) == 3
    assert remarks_of(FeedbackSource(source.place, 2)).labels == {"a": "red", "b": "red"}


def test_a_place_is_a_database_by_its_first_bytes_or_as_a_url(tmp_path):
    assert is_feedback(database(tmp_path, []).place) and is_feedback("postgresql://host/x")
    (tmp_path / "t.csv").write_text("text,label\n")
    assert not is_feedback(str(tmp_path / "t.csv")) and not is_feedback(str(tmp_path)) and not is_feedback("nowhere")


def test_reading_leaves_a_database_of_an_older_server_as_it_is(tmp_path):
    place = tmp_path / "f.sqlite"
    with sqlite3.connect(place) as connection:
        columns = "time, request_id, example, model, version, prediction, verdict, label, content"
        connection.execute(f"CREATE TABLE feedback (number INTEGER PRIMARY KEY, {columns})")
        connection.execute("INSERT INTO feedback (prediction, verdict, content) VALUES ('red', 'right', 'a.png')")
    connection.close()
    before = place.read_bytes()
    with pytest.raises(DataError, match=r"no folder is known.*1 of 1 are missing, 'a.png'"):
        rows_of_feedback(FeedbackSource(str(place)), PICTURES, "label")
    assert place.read_bytes() == before


def test_a_database_without_the_table_is_said(tmp_path):
    with sqlite3.connect(tmp_path / "other.sqlite") as connection:
        connection.execute("CREATE TABLE t (x)")
    connection.close()
    with pytest.raises(ConfigError, match="serve --feedback"):
        last_remark(str(tmp_path / "other.sqlite"))


@pytest.mark.parametrize("remarks", [[], [remark("a", "wrong")], [remark(None, "right")]])
def test_feedback_that_says_of_no_input_what_is_right_is_an_error(remarks, tmp_path):
    with pytest.raises(DataError, match="--keep-inputs"):
        rows_of_feedback(database(tmp_path, remarks), PICTURES, "label")


def test_texts_stand_below_a_table_and_pictures_below_a_folder(tmp_path):
    (tmp_path / "inputs").mkdir()
    (tmp_path / "inputs" / "a.txt").write_text("how do I pay?")
    source = database(tmp_path, [remark("a.txt", label="payment")])
    texts = [f"where is parcel {number} that I sent on monday?,delivery" for number in range(12)]
    (tmp_path / "t.csv").write_text("text,label\n" + "\n".join(texts) + "\nhow much does it cost to send?,payment\n")
    dataset = read(tmp_path / "t.csv", added=[source]).dataset
    assert dataset.ids[-1] == "added-1/a.txt" and dataset.targets.tolist()[-1] == "payment"
    assert dataset.parts[0].inputs.read(13) == b"how do I pay?"
    listing = rows_of_feedback(source, PICTURES, "label")
    assert isinstance(listing, Listing) and listing.targets == ("payment",)


def test_rows_come_back_from_the_json_that_asked_for_them(tmp_path):
    schema = InputSchema(
        parts=(PartSchema(modality="text", columns=("q",)), PartSchema(modality="image", columns=("photo",))),
        columns=(ColumnSchema(name="price", kind="number"),),
    )
    picture = base64.b64encode(b"pixels").decode()
    (tmp_path / "inputs").mkdir()
    (tmp_path / "inputs" / "a.json").write_text(json.dumps({"q": "why?", "photo": {"data": picture}, "price": 2.5}))
    source = database(tmp_path, [remark("a.json", label="x|y")])
    rows = rows_of_feedback(FeedbackSource(source.place, has_sets=True), schema, "tags")
    assert rows.columns == {"q": ["why?"], "price": [2.5], "tags": [["x", "y"]]}
    assert rows.known["photo"].inputs.read(0) == b"pixels" and rows.ids == ("a.json",)


def test_database_and_inputs_may_be_moved_together_but_not_apart(tmp_path):
    (tmp_path / "one" / "inputs").mkdir(parents=True)
    (tmp_path / "one" / "inputs" / "a.txt").write_text("text")
    database(tmp_path / "one", [remark("a.txt", "right")])
    shutil.move(tmp_path / "one", tmp_path / "two")
    moved = FeedbackSource(str(tmp_path / "two" / "f.sqlite"))
    assert len(rows_of_feedback(moved, TEXTS, "label")) == 1
    shutil.rmtree(tmp_path / "two" / "inputs")
    with pytest.raises(DataError, match="must lie where the server kept them"):
        rows_of_feedback(moved, TEXTS, "label")


def test_a_server_that_starts_again_names_its_folder_once(tmp_path):
    for folder in ("a", "a", "b", "b", "a"):
        FeedbackStore(str(tmp_path / "f.sqlite"), tmp_path / folder).close()
    assert FeedbackStore(str(tmp_path / "f.sqlite")).folders() == [str(tmp_path / each) for each in "aba"]
