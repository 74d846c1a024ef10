import math

import pytest

from headstart.core.errors import IntegrityError
from headstart.reports.predictions import ROWS_AT_ONCE, Predictions, read_predictions
from reports.helpers_reports import write_predictions

CLASSES = {
    "id": ["a", "b", "c", "d"],
    "target": ["cat", "cat", "dog", "dog"],
    "prediction": ["cat", "dog", "dog", "cat"],
    "probability_cat": [0.9, 0.3, 0.4, 0.8],
    "probability_dog": [0.1, 0.7, 0.6, 0.2],
}


def read(tmp_path, columns, task_kind="class"):
    write_predictions(tmp_path / "test.parquet", columns)
    return read_predictions(tmp_path / "test.parquet", task_kind)


def test_sureness_is_the_probability_of_the_answer(tmp_path):
    found = read(tmp_path, CLASSES)
    assert (found.kind, found.sure) == ("class", [0.9, 0.7, 0.6, 0.8])


def test_the_surest_mistakes_come_first_and_the_surest_right_answers_last(tmp_path):
    # wrong: b with 0.7 and d with 0.8; right: a with 0.9 and c with 0.6
    found = read(tmp_path, CLASSES)
    assert found.take(found.telling()).ids == ["d", "b", "c", "a"]


def test_a_file_of_many_parts_is_read_as_a_whole(tmp_path):
    n = 2 * ROWS_AT_ONCE + 1
    found = read(tmp_path, {"id": [str(i) for i in range(n)], "target": ["x"] * n, "prediction": ["x"] * n})
    assert found.ids == [str(i) for i in range(n)]
    assert found.sure == []


def test_numbers_come_by_the_size_of_their_errors_and_say_whether_the_interval_held(tmp_path):
    columns = {
        "id": ["a", "b", "c"],
        "target": [1.0, 2.0, 3.0],
        "prediction": [1.5, 2.0, -1.0],
        "low": [1.0, 1.0, -2.0],
        "high": [2.0, 3.0, 0.0],
    }
    found = read(tmp_path, columns, "real")
    # errors are 0.5, 0 and 4; only 3 lies outside of its interval
    assert (found.kind, found.telling(), found.flags) == ("number", [2, 0, 1], {"missed": [False, False, True]})


def test_an_interval_that_could_not_be_given_is_not_one_that_missed(tmp_path):
    columns = {"id": ["a"], "target": [1.0], "prediction": [1.0], "low": [None], "high": [None]}
    assert read(tmp_path, columns, "real").flags == {"missed": [False]}


def test_what_is_no_number_is_the_largest_error(tmp_path):
    found = Predictions("number", ["a", "b"], [1.0, math.nan], [9.0, 1.0])
    assert found.telling() == [1, 0]


def test_sets_of_labels_are_right_in_any_order(tmp_path):
    columns = {"id": ["a", "b"], "target": ["x|y", "x"], "prediction": ["y|x", "x|y"]}
    found = read(tmp_path, columns, "multilabel")
    assert (found.kind, found.is_right(0), found.is_right(1)) == ("labels", True, False)


def test_flags_and_groups_are_kept(tmp_path):
    more = {"abstain": [True, False, False, None], "slice_place": ["north", None, "south", "north"]}
    found = read(tmp_path, CLASSES | more)
    assert found.flags == {"abstain": [True, False, False, False]}
    assert found.groups == {"place": ["north", None, "south", "north"]}


def test_marks_that_would_turn_a_name_around_are_not_kept(tmp_path):
    assert read(tmp_path, CLASSES | {"id": ["\u202ea", "b", "c", "d"]}).ids[0] == "\ufffda"


def test_no_rows_are_no_error(tmp_path):
    assert len(read(tmp_path, {"id": [], "target": [], "prediction": []})) == 0


def test_without_a_file_there_is_nothing(tmp_path):
    assert read_predictions(tmp_path / "test.parquet", "class") is None


def test_a_missing_column_is_named(tmp_path):
    with pytest.raises(IntegrityError, match="a column 'target'; it has none"):
        read(tmp_path, {"id": ["a"], "prediction": ["x"]})


def test_a_file_that_is_no_parquet_is_refused(tmp_path):
    (tmp_path / "test.parquet").write_bytes(b"id,target\n")
    with pytest.raises(IntegrityError, match="must be a Parquet file"):
        read_predictions(tmp_path / "test.parquet", "class")
