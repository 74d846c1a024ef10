"""Few examples, unequal sizes, targets that are all different."""

from __future__ import annotations

from inspection.made_examined import checked, make_examined


def found(targets, **options):
    return {finding.id: finding for finding in checked("small_classes", make_examined(targets, **options))}


def test_classes_of_ten_examples_are_large_enough():
    assert found(["a"] * 10 + ["b"] * 12) == {}


def test_a_class_of_nine_is_a_hint_and_one_of_four_a_warning():
    few = found(["a"] * 30 + ["b"] * 9)
    assert few["small_classes"].severity == "hint"
    assert few["small_classes"].what == "1 class has fewer than 10 examples to learn from: 'b' 9."
    assert len(few["small_classes"].suspects) == 9
    fewer = found(["a"] * 30 + ["b"] * 9 + ["c"] * 4)["small_classes"]
    assert fewer.severity == "warning"
    assert fewer.what == (
        "2 classes have fewer than 10 examples to learn from, and 1 of them fewer than 5 and cannot be judged: "
        "'c' 4, 'b' 9."
    )
    assert fewer.evidence["counts"] == {"c": 4, "b": 9}
    assert (fewer.suspects[0].row, fewer.suspects[0].why) == (39, "one of 4 examples")


def test_only_learned_examples_count():
    assert found(["a"] * 10 + ["b"] * 12, test=[0])["small_classes"].evidence["counts"] == {"a": 9}


def test_eleven_times_as_many_are_named_with_what_to_do():
    finding = found(["a"] * 110 + ["b"] * 10)["small_classes/imbalance"]
    assert finding.severity == "hint"
    assert finding.what.startswith("The largest class 'a' has 110 examples, 11 times as many as the smallest, 'b' (10)")
    assert "--balance" in finding.action
    assert found(["a"] * 100 + ["b"] * 10) == {}


def test_targets_that_are_all_different_are_severe():
    finding = found([f"name {row}" for row in range(40)])["small_classes/all_different"]
    assert finding.severity == "severe"
    assert finding.what.startswith("40 examples have 40 different targets")
    assert "small_classes/all_different" not in found([f"name {row % 20}" for row in range(40)])


def test_labels_count_one_by_one_and_numbers_do_not():
    finding = found(["cat|dog", "cat", "cat|sea", "dog|cat"] * 4, task="multilabel")["small_classes"]
    assert finding.evidence["counts"] == {"sea": 4, "dog": 8}
    assert "2 labels" in finding.what
    assert found([f"{row}.5" for row in range(40)]) == {}
