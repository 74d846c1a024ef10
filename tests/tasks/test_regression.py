from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from headstart.core.errors import DataError
from headstart.core.learning import Targets
from headstart.tasks import regression
from headstart.tasks.prediction_interval import half_width
from headstart.tasks.regression import Regression, RegressionConfig, configure
from headstart.tasks.residuals import CELLS, residuals_section


def objects(*values):
    return np.array(values, dtype=object)


def real(values):
    return Targets(np.asarray(values, float), "real", 1)


def test_the_mean_of_training_targets_is_kept():
    assert configure(objects("1", "2.5", "-0.5")).mean == pytest.approx(1.0)


def test_the_half_width_is_the_error_that_nine_of_ten_and_one_more_stay_within():
    # n = 19: rank ceil(20 * 0.9) = 18
    assert half_width(np.arange(1, 20)) == 18.0
    assert half_width(-np.arange(1, 20)) == 18.0
    assert half_width(np.arange(1, 10)) == 9.0 and half_width(np.arange(1, 9)) is None


def test_a_settled_width_covers_new_examples():
    rng = np.random.default_rng(0)
    covered = []
    for _ in range(300):
        reach = half_width(rng.standard_t(3, size=60))
        covered.append((np.abs(rng.standard_t(3, size=200)) <= reach).mean())
    assert np.mean(covered) == pytest.approx(0.9 + 0.05 / 61, abs=0.015)  # between 0.9 and 0.9 + 1 / 61


def test_predictions_carry_their_interval_once_settled():
    outputs = np.array([[1.0], [2.0]])
    assert np.isnan(Regression(RegressionConfig()).predictions(outputs)["low"]).all()
    found = Regression(RegressionConfig(half_width=0.5)).predictions(outputs)
    assert found["low"].tolist() == [0.5, 1.5] and found["high"].tolist() == [1.5, 2.5]


def test_metrics_by_hand():
    task = Regression(RegressionConfig(mean=1.0, half_width=2.0))
    section = task.metrics(real([0, 0, 6]), np.array([[3.0], [0.0], [3.0]]), 0)
    assert section["rmse"]["value"] == pytest.approx(np.sqrt(6)) and section["mae"]["value"] == pytest.approx(2)
    assert section["rmse_of_mean"]["value"] == pytest.approx(np.sqrt((1 + 1 + 25) / 3))
    assert section["interval_coverage"]["value"] == pytest.approx(1 / 3)
    assert "interval_coverage" not in Regression(RegressionConfig()).metrics(real([0, 1]), np.ones((2, 1)), 0)


def test_the_sentence_holds_the_error_of_always_predicting_the_mean():
    rng = np.random.default_rng(0)
    y = rng.normal(size=226) * 2
    task = Regression(RegressionConfig(mean=0.0))
    sentence = task.sentence(task.metrics(real(y), (y + 0.6 * rng.normal(size=226))[:, None], 0), 226)
    assert sentence.startswith("The model is off by 0.6") and "(root mean square; 95 % interval 0.5" in sentence
    assert "; n = 226); always predicting the mean would be off by " in sentence


def test_the_largest_errors_come_first():
    first, second = Regression(RegressionConfig()).worst(real([1, 2, 3]), np.array([[1.0], [5.0], [1.0]]), 5)
    assert (first.row, first.target, first.prediction, first.sure) == (1, "2", "5", None) and second.row == 2


@given(st.integers(1, 60), st.integers(0, 99))
def test_strata_are_bins_of_about_equal_size_and_equal_numbers_share_one(n, seed):
    values = np.random.default_rng(seed).integers(0, 15, size=n)
    strata = regression.strata(objects(*map(str, values)))
    assert strata.max() < 10
    for value in np.unique(values):
        assert len(set(strata[values == value])) == 1
    assert (np.diff(strata[np.argsort(values)]) >= 0).all()


def test_a_hundred_numbers_give_ten_bins_of_ten():
    assert np.bincount(regression.strata(objects(*map(str, range(100))))).tolist() == [10] * 10


def test_bad_numbers_of_another_split_are_refused_with_its_name():
    with pytest.raises(DataError, match="in the test split, every target must be a number"):
        regression.check(objects("1", "2"), {"test": objects("x")})


def test_skewed_targets_and_targets_beyond_train_are_noted():
    train = objects(*(str(2.0**k) for k in range(12)))
    [skewed, outside] = regression.notes(train, {"test": objects("1", "5000")})
    assert "skewed" in skewed and "logarithm" in skewed
    assert outside == "1 targets of the test split lie outside those of train"
    assert regression.notes(objects("1", "2", "3"), {}) == []
    assert regression.describe(train) == "numbers from 1 to 2,048"


def test_up_to_500_examples_are_points_and_more_are_counted():
    y = np.linspace(0, 1, 500)
    section = residuals_section(y, y + 1)
    assert section["cells"] is None and section["points"][0] == [0.0, 1.0] and len(section["points"]) == 500
    assert section["error_quantiles"]["0.5"] == pytest.approx(1.0)
    y = np.linspace(0, 1, 501)
    section = residuals_section(y, y)
    assert section["points"] is None and np.sum(section["cells"]["counts"]) == 501
    assert len(section["cells"]["true_edges"]) == CELLS + 1
    assert np.trace(section["cells"]["counts"]) == 501


def example(rng, n):
    y = np.round(rng.normal(size=n), 3)
    return [str(value) for value in y], y[:, None], 0.4
