"""Near-duplicates: within a side, across a split, with targets that differ."""

from __future__ import annotations

import numpy as np

from inspection.made_examined import checked, column, make_examined


def test_copies_are_counted_and_name_their_twin():
    # Groups {0, 3, 5} and {1, 4}: three rows repeat an earlier one.
    examined = make_examined(["a", "b"] * 20, duplicates=[0, 1, 2, 0, 1, 0, *range(6, 40)])
    (finding,) = checked("near_duplicates", examined)
    assert finding.severity == "hint"  # 3 of 40 is less than a tenth
    assert finding.what.startswith("3 of 40 examples (8 %) are nearly the same as another one, ")
    assert finding.evidence == {"copies": 3, "examples": 40, "share": 3 / 40, "sets": 2}
    assert [(s.row, s.why) for s in finding.suspects] == [
        (3, "nearly the same as a/0.png"),
        (5, "nearly the same as a/0.png"),
        (4, "nearly the same as b/1.png"),
    ]


def test_copies_on_both_sides_of_a_split_are_another_matter():
    examined = make_examined(["a", "b"] * 10, test=[18, 19], duplicates=[*range(18), 0, 19])
    assert checked("near_duplicates", examined) == []
    (finding,) = checked("duplicates_across_splits", examined)
    assert finding.severity == "warning"  # one of two: too few to be sure that it is more than chance
    assert finding.evidence["pairs"] == [["a/18.png", "a/0.png"]]
    assert [(s.row, s.why) for s in finding.suspects] == [(18, "nearly the same as a/0.png")]


def test_less_than_a_fifth_of_the_test_is_a_warning():
    test = list(range(40, 60))
    one = make_examined(["a", "b"] * 30, test=test, duplicates=[*range(40), 3, *range(41, 60)])
    five = make_examined(["a", "b"] * 30, test=test, duplicates=[*range(40), *[3] * 5, *range(45, 60)])
    (finding,) = checked("duplicates_across_splits", one)
    assert finding.severity == "warning"
    assert finding.what == (
        "1 of 20 test examples (5 %) is nearly the same as an example outside the test, so the result looks better "
        "than it is."
    )
    (finding,) = checked("duplicates_across_splits", five)
    assert finding.severity == "severe"
    assert "mostly show what it remembers" in finding.what


def test_one_copy_in_two_hundred_bends_little():
    test = list(range(200, 400))
    examined = make_examined(["a", "b"] * 200, test=test, duplicates=[*range(200), 3, *range(201, 400)])
    (finding,) = checked("duplicates_across_splits", examined)
    assert finding.severity == "hint"
    assert finding.what == (
        "1 of 200 test examples (0.5 %) is nearly the same as an example outside the test, so the result may look "
        "better than it is by 0.5 % at most."
    )


def test_without_copies_or_without_a_split_nothing_crosses():
    assert checked("duplicates_across_splits", make_examined(["a", "b"] * 4, test=[6, 7])) == []
    assert checked("duplicates_across_splits", make_examined(["a", "b"] * 4, duplicates=[0] * 8)) == []
    assert checked("near_duplicates", make_examined(["a", "b"] * 4)) == []


def test_copies_with_different_classes_conflict_and_the_majority_is_suggested():
    targets = ["cat", "cat", "dog", "dog", "dog", "cat"]
    examined = make_examined(targets, duplicates=[0, 0, 0, 1, 1, 2])
    (finding,) = checked("conflicting_labels", examined)
    assert finding.severity == "warning"
    assert finding.evidence == {"examples": 3, "sets": 1, "learned": 6}
    assert [(s.row, s.given, s.suggested) for s in finding.suspects] == [
        (0, "cat", ""), (1, "cat", ""), (2, "dog", "cat"),
    ]  # fmt: skip
    assert finding.suspects[2].why == "nearly the same as cat/0.png, which is 'cat'"
    assert checked("conflicting_labels", make_examined(targets, duplicates=[0, 0, 1, 2, 2, 3])) == []


def test_what_the_network_finds_no_more_alike_than_others_does_not_conflict():
    rng = np.random.default_rng(0)
    features = rng.normal(size=(40, 16))
    features[1] = features[0] + 0.1  # a copy; rows 2 and 3 share a fingerprint only
    targets = ["keyboard", "projector"] * 20
    examined = make_examined(targets, duplicates=[0, 0, 1, 1, *range(2, 38)], features=features)
    (finding,) = checked("conflicting_labels", examined)
    assert [suspect.row for suspect in finding.suspects] == [0, 1]


def test_targets_of_the_test_are_not_looked_at():
    examined = make_examined(["a", "b", "a", "b", "a"], test=[4], duplicates=[0, 1, 2, 3, 1])
    assert checked("conflicting_labels", examined) == []


def test_equal_rows_of_plain_columns_are_a_hint():
    ages = column([1, 1, 2, 3], "number")
    examined = make_examined(["a", "b", "a", "b"], modality="table", table={"age": ages}, duplicates=[0, 0, 1, 2])
    (finding,) = checked("conflicting_labels", examined)
    assert finding.severity == "hint"
    assert "the same in every column" in finding.what


def test_numbers_conflict_only_far_apart():
    # 0..9 have a standard deviation of 2.87: half of it is 1.4.
    targets = [f"{v}.5" for v in range(10)]
    near = make_examined(targets, task="regression", duplicates=[0, 0, *range(2, 10)])
    far = make_examined(targets, task="regression", duplicates=[0, 1, 2, 3, 4, 5, 6, 7, 8, 0])
    assert checked("conflicting_labels", near) == []
    (finding,) = checked("conflicting_labels", far)
    assert [(s.row, s.suggested) for s in finding.suspects] == [(0, ""), (9, "")]
