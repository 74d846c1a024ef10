from __future__ import annotations

import numpy as np
import pytest

from headstart.core.errors import ConfigError, DataError
from headstart.core.learning import Targets
from headstart.tasks import classification, ordinal
from headstart.tasks.ordinal import Ordinal, OrdinalConfig, configure
from tasks.helpers_tasks import grades


def objects(*values):
    return np.array(values, dtype=object)


def task_of(k=4):
    return Ordinal(configure(objects(*map(str, range(k)))))


def test_grades_are_in_the_order_of_their_numbers():
    assert configure(objects("10", "9", "2")).class_names == ("2", "9", "10")
    stars = configure(objects("5 stars", "1 star", "3 stars"))
    assert stars.class_names == ("1 star", "3 stars", "5 stars") and stars.values == (1, 3, 5)
    assert ordinal.describe(objects("0", "5", "3")) == "grades 0 to 5"


def test_school_letters_are_in_the_order_of_the_alphabet_and_a_sign_is_a_third():
    task = configure(objects("B", "A-", "F", "B+", "A"))
    assert task.class_names == ("A", "A-", "B+", "B", "F")
    assert task.values == pytest.approx((1, 4 / 3, 5 / 3, 2, 5))  # F comes after D where there is no E
    assert configure(objects("a", "E", "F")).values == (1, 5, 6)
    strata = ordinal.strata(objects("F", "A", "B+", "B", "A"))
    assert strata.tolist() == [3, 0, 1, 2, 0]


@pytest.mark.parametrize("values", [("A", "B", "x"), ("A", "a", "B"), ("A", "AB", "B")])
def test_letters_that_are_no_school_grades_are_refused(values):
    with pytest.raises(DataError, match="letters from A to G"):
        configure(objects(*values))


def test_a_sign_after_a_number_is_refused_with_the_pair_and_the_way_out():
    with pytest.raises(DataError, match=r"equal numbers, such as '2' and '2-'\. Write .*2\.3 for one between 2 and 3"):
        configure(objects("1", "2", "3", "2-", "3-"))


def test_grades_that_are_letters_are_offered_this_task():
    assert "--task ordinal takes them as grades" in (classification.matches(objects("A", "C+", "B")) or "")
    for names in (("A", "B"), ("A", "B", "H"), ("one", "two", "three")):
        assert "ordinal" not in (classification.matches(objects(*names)) or "")


@pytest.mark.parametrize("values", [("good", "bad"), ("1 of 5", "2 of 5"), ("1", "1.0", "2")])
def test_names_that_tell_no_order_are_refused_with_the_other_task(values):
    with pytest.raises(DataError, match="--task classification"):
        configure(objects(*values))


def test_a_measurement_is_refused_with_the_other_task():
    with pytest.raises(DataError, match="--task regression"):
        configure(objects(*map(str, range(80))))


def test_it_is_never_chosen_from_the_targets():
    assert ordinal.matches(objects("0", "1", "2")) is None


def test_the_prediction_is_the_grade_nearest_to_the_expected_one():
    # the most probable grade is 0, the expected one 0.45 * 0 + 0.1 + 0.1 * 2 + 0.35 * 3 = 1.35
    outputs = np.log([[0.45, 0.1, 0.1, 0.35]])
    found = task_of().predictions(outputs)
    assert found["prediction"] == ["1"] and found["expected"] == pytest.approx([1.35])
    assert found["probability"] == pytest.approx([0.1])


def test_the_nearest_grade_has_the_smallest_expected_squared_error():
    rng = np.random.default_rng(0)
    task = Ordinal(OrdinalConfig(class_names=("a1", "b2", "c5"), values=(1, 2, 5)))
    outputs = rng.normal(size=(50, 3)) * 2
    p = np.exp(outputs) / np.exp(outputs).sum(axis=1, keepdims=True)
    costs = ((task.values[:, None] - task.values) ** 2 @ p.T).T  # of predicting each grade
    assert [task.class_names[k] for k in costs.argmin(axis=1)] == task.predictions(outputs)["prediction"]


def test_metrics_by_hand():
    targets = Targets(np.array([0, 0, 1, 3]), "ordinal", 4)
    outputs = 20.0 * np.eye(4)[[0, 1, 1, 1]]
    section = task_of().metrics(targets, outputs, 0)
    assert section["accuracy"]["value"] == 0.5 and section["within_one"]["value"] == 0.75
    assert section["mae"]["value"] == pytest.approx(3 / 4)
    assert section["qwk"]["value"] == pytest.approx(1 - (5 / 4) / (10 / 4 + 3 / 4 - 2 * 1 * 3 / 4))


def test_distances_are_those_of_the_numbers():
    task = Ordinal(OrdinalConfig(class_names=("1", "2", "5"), values=(1, 2, 5)))
    targets = Targets(np.array([0, 2]), "ordinal", 3)
    assert task.metrics(targets, 20.0 * np.eye(3)[[1, 1]], 0)["mae"]["value"] == pytest.approx((1 + 3) / 2)


def test_the_farthest_off_come_first_and_of_equal_ones_the_surest():
    targets = Targets(np.array([0, 0, 1, 0]), "ordinal", 4)
    outputs = np.array([5.0, 20.0, 20.0, 20.0])[:, None] * np.eye(4)[[2, 2, 1, 1]]
    found = task_of().worst(targets, outputs, 9)
    assert [wrong.row for wrong in found] == [1, 0, 3]
    assert (found[0].target, found[0].prediction) == ("0", "2") and found[0].sure > found[1].sure


def test_a_grade_that_train_lacks_is_refused_by_name():
    with pytest.raises(DataError, match=r"only grades that train has.*also holds \['4'\]"):
        ordinal.check(objects("0", "1", "2"), {"test": objects("4")})
    with pytest.raises(DataError, match=r"one of the 3 grades .* got \['4'\]"):
        task_of(3).encode(objects("0", "4"))


def test_values_must_ascend():
    with pytest.raises(ConfigError, match="ascend"):
        OrdinalConfig.parse({"class_names": ["a", "b"], "values": [2, 1]}, "task")


def test_the_sentence_explains_kappa():
    task, targets = task_of(), Targets(np.array([0, 1, 2, 3] * 5), "ordinal", 4)
    outputs = 20.0 * np.eye(4)[targets.values]
    sentence = task.sentence(task.metrics(targets, outputs, 0), 20)
    assert "right grade to 100 of 100" in sentence and "0 is chance, 1 is perfect) is 1.00 (95 % interval" in sentence


example = grades
