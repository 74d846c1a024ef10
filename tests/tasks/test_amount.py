from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from headstart.core.errors import DataError
from headstart.core.learning import Targets
from headstart.tasks import amount
from headstart.tasks.amount import Amount, AmountConfig, amounts, as_amounts, configure
from headstart.tasks.choose import choose_task_name


def example(rng, n):
    logs = rng.normal(3, 1, size=n)
    counts = np.floor(np.exp(logs))
    return [str(int(value)) for value in counts], np.log1p(counts)[:, None], 0.3


def objects(*values):
    return np.array(values, dtype=object)


def logs(*values):
    return np.log1p(np.array(values, float))[:, None]


def of(*values):
    task = Amount(configure(objects(*map(str, values))))
    return task, task.encode(objects(*map(str, values)))


def test_errors_by_hand():
    task, targets = of(0, 3, 15)
    outputs = np.log(np.array([[2.0], [4.0], [4.0]]))  # 1, 3, 3: off by log 2, nothing and log 4
    assert task.loss(targets, outputs) == pytest.approx([np.log(2) ** 2, 0, np.log(4) ** 2])
    assert task.score(targets, outputs) == pytest.approx(np.log(2) * np.sqrt(5 / 3))
    section = task.metrics(targets, outputs, 0)
    assert section["mae"]["value"] == pytest.approx((1 + 0 + 12) / 3)
    # logarithms of targets are log 2 times 0, 2 and 4
    assert section["rmsle_of_mean"]["value"] == pytest.approx(np.log(2) * np.sqrt(8 / 3))
    assert section["spearman"]["value"] == pytest.approx(np.sqrt(3) / 2)  # ranks 1, 2, 3 against 1, 2.5, 2.5


def test_an_error_counts_by_its_ratio():
    task, targets = of(99, 9999)
    outputs = np.log(np.array([[200.0], [20000.0]]))
    assert task.loss(targets, outputs) == pytest.approx([np.log(2) ** 2] * 2)


def test_the_mean_that_is_predicted_without_looking_is_that_of_logarithms():
    assert configure(objects("0", "3", "15")).mean == pytest.approx(2 * np.log(2))


def test_intervals_are_by_ratio_and_never_below_zero():
    task = Amount(AmountConfig(half_width=float(np.log(2))))
    found = task.predictions(np.log([[1.0], [8.0], [800.0], [0.5]]))
    assert found["prediction"] == pytest.approx([0, 7, 799, 0])
    assert found["low"] == pytest.approx([0, 3, 399, 0])
    assert found["high"] == pytest.approx([1, 15, 1599, 0])


def test_a_settled_width_holds_nine_of_ten_and_one_more():
    targets = Targets(np.zeros(19), "real", 1)
    settled = Amount(AmountConfig()).settle(targets, np.arange(1.0, 20)[:, None])
    assert settled.config.half_width == 18 and type(settled) is Amount


def test_an_output_that_no_float_could_hold_is_cut_off():
    assert np.isfinite(amounts(np.array([1e6]))).all()


@given(st.lists(st.integers(0, 10**11), min_size=1, max_size=20))
def test_whole_amounts_come_back_as_they_were(values):
    task = Amount(AmountConfig())
    assert task.written(task.encode(objects(*map(str, values)))) == values


def test_a_negative_number_is_refused_with_its_place_and_split():
    with pytest.raises(DataError, match=r"must be 0 or more; 1 of 3 are not, the first is number 2: -1"):
        as_amounts(objects("1", "-1", "2"))
    with pytest.raises(DataError, match="in the test split, every target of --task amount must be 0 or more"):
        amount.check(objects("1", "2"), {"test": objects("-3")})
    with pytest.raises(DataError, match="must be a number"):
        amount.check(objects("1", "2", "many"), {})


def test_it_is_never_inferred():
    targets = objects(*(str(value) for value in np.random.default_rng(0).integers(0, 10_000, 300)))
    assert amount.matches(targets) is None and choose_task_name(targets)[0] == "regression"
    assert choose_task_name(targets, "amount") == ("amount", "it was named")


def test_notes_say_what_stands_out():
    few = objects("0.1", "0.2", "0.5", "3")
    assert amount.notes(few, {"test": objects("4", "1")}) == [
        "75% of the targets lie between 0 and 1, where errors count by difference more than by ratio; give them in a "
        "smaller unit",
        "1 targets of the test split are larger than any of train",
    ]
    assert amount.notes(objects("0", "7", "30"), {"test": objects("0")}) == []


def test_the_sentence_speaks_of_factors():
    task, targets = of(0, 3, 15, 63)
    outputs = targets.values[:, None] + np.log(2) * np.array([[1.0], [-1.0], [1.0], [-1.0]])
    said = task.sentence(task.metrics(targets, outputs, 0), 4)
    assert said.startswith("The model is off by a factor of about 2 (root mean square log error 0.693; ")
    assert "n = 4); always predicting the same would be off by one of 4.71." in said  # e^(log 2 sqrt 5)


def test_the_worst_are_told_in_amounts():
    task, targets = of(0, 3, 15)
    found = task.worst(targets, logs(0, 3, 3), 5)
    assert [(wrong.row, wrong.target, wrong.prediction) for wrong in found] == [(2, "15", "3")]
