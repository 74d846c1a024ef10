"""Nearest training examples, and the nearest that is answered otherwise."""

import numpy as np

from headstart.explanation.neighbours import Neighbours, closeness_of

FEATURES = np.array(
    [[1.0, 0.0, 5.0], [0.9, 0.1, 5.0], [0.0, 1.0, 5.0], [0.6, 0.9, 5.0]]
)  # the last is the same for all


# the last feature is the same for all
def known(predictions, count=2):
    return Neighbours(FEATURES, list("abcd"), ["x", "x", "y", "y"], predictions, count)


def test_the_nearest_come_first_and_the_nearest_with_another_answer_is_found():
    said = known(["x", "x", "y", "y"]).of(np.array([[1.0, 0.05, 5.0]]), "x")
    assert [each["id"] for each in said["nearest"]] == ["a", "b"]
    assert said["otherwise"]["id"] == "d" and said["otherwise"]["prediction"] == "y"


def test_what_the_model_says_counts_and_not_the_label():
    said = known(["x", "y", "y", "y"]).of(np.array([[1.0, 0.05, 5.0]]), "x")
    assert said["otherwise"]["id"] == "b" and said["otherwise"]["target"] == "x"


def test_where_all_are_answered_alike_or_numbers_there_is_none():
    assert known(["x"] * 4).of(FEATURES[:1], "x")["otherwise"] is None
    assert known([1.0, 2.0, 3.0, 4.0]).of(FEATURES[:1], 1.5)["otherwise"] is None


def test_closeness_is_a_cosine_about_the_mean_and_scales_of_features_do_not_count():
    found = closeness_of(FEATURES[:1], FEATURES)
    assert found[0] == np.max(found) and abs(found[0] - 1) < 1e-9
    assert (np.abs(found) <= 1 + 1e-9).all()
    np.testing.assert_allclose(closeness_of(FEATURES[:1] * [1, 1000, 1], FEATURES * [1, 1000, 1]), found)


def test_examples_that_are_all_the_same_are_all_as_close():
    assert closeness_of(np.ones((1, 2)), np.ones((3, 2))).tolist() == [0, 0, 0]
