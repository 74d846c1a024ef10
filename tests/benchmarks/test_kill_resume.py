"""What counts as a difference between two runs."""

from __future__ import annotations

import json

from kill_resume import REASON, differences, unequal


def finished(folder, evidence, predictions=b"rows"):
    (folder / "predictions").mkdir(parents=True)
    (folder / "evidence.json").write_text(json.dumps(evidence))
    (folder / "predictions" / "test.parquet").write_bytes(predictions)
    return folder


def test_paths_of_all_differences_are_named():
    assert unequal({"a": [1, {"b": 2}], "c": 1}, {"a": [1, {"b": 3}], "d": 1}) == ["/a/1/b", "/c", "/d"]


def test_one_and_one_point_zero_and_true_differ():
    assert unequal([1, 1, 1], [1, 1.0, True]) == ["/1", "/2"]


def test_lists_of_different_length_differ_as_a_whole():
    assert unequal({"a": [1]}, {"a": [1, 2]}) == ["/a"]


def test_cost_may_differ_and_nothing_else_may(tmp_path):
    one = finished(tmp_path / "one", {"n": 1, "cost": {"wall_seconds": 1}})
    assert differences(one, finished(tmp_path / "two", {"n": 1, "cost": {"wall_seconds": 2}})) == []
    other = finished(tmp_path / "three", {"n": 2, "cost": {}}, predictions=b"other rows")
    assert differences(one, other) == ["/n", "predictions/test.parquet"]


def test_configs_that_differ_only_in_the_reason_of_a_choice_are_equal():
    config = "runtime:\n  name: fast\n  reason: {}\n    and more of it\n  threads: 2\nseed: 0\n"
    assert REASON.sub("", config.format("88/s")) == "runtime:\n  name: fast\n  threads: 2\nseed: 0\n"
