import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from headstart.evaluation.learning_curve import (
    _quantiles,
    _standard_errors,
    forecast_error,
    learning_curve,
    mean_of_folds,
)

SIZES = [50, 100, 200, 400]


def folds_around(errors, spread=0.002):
    return [np.array([e - spread, e, e + spread]) for e in errors]


@pytest.mark.parametrize("exponent, floor", [(0.3, 0.0), (0.5, 0.05), (1.0, 0.1)])
def test_a_clean_power_law_is_carried_on(exponent, floor):
    n = np.array(SIZES, float)
    low, middle, high = forecast_error(n, folds_around(0.4 * (n / 50) ** -exponent + floor), 800)
    truth = 0.4 * 16**-exponent + floor
    assert low <= truth <= high and middle == pytest.approx(truth, abs=0.015)
    assert high - low < 0.1


def test_it_equals_a_sum_over_scales_exponents_and_floors(monkeypatch):
    exponents, shares = np.array([0.2, 0.5, 1.0]), np.array([0.0, 0.3, 0.8])
    monkeypatch.setattr("headstart.evaluation.learning_curve.EXPONENTS", exponents)
    monkeypatch.setattr("headstart.evaluation.learning_curve.FLOORS", shares)
    n, errors = np.array([50.0, 100, 200]), folds_around([0.5, 0.33, 0.29], 0.08)
    means, spread = np.array([0.5, 0.33, 0.29]), _standard_errors(errors)
    a = np.linspace(0, 2, 40_001)  # the error at 200 examples, above the floor
    forecasts, weights = [], []
    for b in exponents:
        for c in shares * (means + 2 * spread).min():  # no point lies far below the floor
            misfit = sum(
                ((m - c - a * (size / 200) ** -b) / s) ** 2 for m, s, size in zip(means, spread, n, strict=True)
            )
            weights.append(np.exp(-misfit / 2))
            forecasts.append(c + a * 2**-b)
    order = np.argsort(np.concatenate(forecasts))
    below = np.cumsum(np.concatenate(weights)[order])
    expected = [np.concatenate(forecasts)[order][np.searchsorted(below / below[-1], q)] for q in (0.025, 0.5, 0.975)]
    assert forecast_error(n, errors, 400) == pytest.approx(tuple(expected), abs=2e-4)


def test_standard_errors_by_hand():
    # variances over both folds 0.02, as multiples of the means 0.2 and 0.1: (0.1 + 0.2)/2 = 0.15, about one over the
    # examples of a fold; half of one is added to each mean. A quarter more, since folds share rows
    found = _standard_errors([np.array([0.1, 0.3]), np.array([0.0, 0.2])])
    assert found == pytest.approx(1.25 * np.sqrt(0.15 * np.array([0.275, 0.175]) / 2))


def test_points_of_a_normal_and_of_one_that_is_cut_in_half():
    one = np.ones(1)
    plain = _quantiles(one, 0.1 * one, 0.2 * one, 0.05 * one, one)
    assert plain == pytest.approx((0.3 - 1.95996 * 0.05, 0.3, 0.3 + 1.95996 * 0.05), abs=1e-6)
    # of the absolute value of a standard normal
    half = _quantiles(one, 0.1 * one, 0 * one, one, one / 2)
    assert half == pytest.approx((0.1 + 0.031338, 0.1 + 0.674490, 0.1 + 2.241403), abs=1e-6)


def test_a_flat_curve_promises_nothing():
    low, middle, high = forecast_error(np.array(SIZES, float), folds_around([0.2, 0.2, 0.2, 0.2]), 800)
    assert low <= 0.2 and middle == pytest.approx(0.2, abs=0.01) and high < 0.21


def test_noisier_folds_give_a_wider_forecast():
    n = np.array(SIZES, float)
    errors = 0.4 * (n / 50) ** -0.5
    widths = [np.ptp(forecast_error(n, folds_around(errors, spread), 800)) for spread in (0.002, 0.02, 0.05)]
    assert widths == sorted(widths)


def test_no_errors_at_all_forecast_almost_none():
    low, middle, high = forecast_error(np.array(SIZES, float), [np.zeros(3)] * 4, 800)
    assert 0 <= low <= middle <= high < 0.01


def test_the_section_has_points_and_a_forecast_for_twice_the_labels():
    values = [[0.60, 0.62, 0.58], [0.70, 0.71, 0.69], [0.78, 0.79, 0.77], [0.83, 0.84, 0.82]]
    section = learning_curve("accuracy", SIZES, values)
    assert [p["n"] for p in section["points"]] == SIZES
    forecast = section["forecast"]
    assert forecast["n"] == 800 and 0.83 < forecast["low"] <= forecast["value"] <= forecast["high"] < 0.93
    assert "4 sizes" in section["note"]


@pytest.mark.parametrize(
    "sizes, values, note",
    [
        ([50, 100], [[0.5, 0.6]] * 2, "3 or more different sizes; there are 2"),
        ([50, 100, 100], [[0.5, 0.6]] * 3, "there are 2"),
        ([100, 120, 150], [[0.5, 0.6]] * 3, "at least 2 times the smallest"),
        ([50, 100, 200], [[0.5], [0.6], [0.7]], "one fold alone"),
        ([50, 200, 100], [[0.5, 0.6]] * 3, "at least 2 times the smallest"),
        ([0, 100, 200], [[0.5, 0.6]] * 3, "at least 2 times the smallest"),
        ([], [], "there are 0"),
    ],
)
def test_what_cannot_be_forecast_is_null_with_a_reason(sizes, values, note):
    section = learning_curve("accuracy", sizes, values)
    assert section["forecast"] is None and note in section["note"] and section["note"].startswith("no forecast: ")
    assert len(section["points"]) == len(sizes) and section["metric"] == "accuracy"


@pytest.mark.parametrize("sizes", [[50, 60, 100], [1, 2, 4]])
def test_twice_the_smallest_is_just_enough(sizes):
    assert learning_curve("accuracy", sizes, [[0.5, 0.6], [0.6, 0.7], [0.7, 0.8]])["forecast"] is not None


def test_every_size_has_its_folds():
    with pytest.raises(ValueError, match="shorter"):
        learning_curve("accuracy", SIZES, [[0.5, 0.6]] * 3)


@pytest.mark.parametrize(
    "metric, folds, low, high",
    [
        ("accuracy", [0.1, 0.9], 0, 1),
        ("qwk", [-0.9, 0.9], -1, 1),
        ("rmse", [0.1, 0.9], 0, 0.5 + 12.706 * 0.4),  # mean 0.5, t(1) at 0.975 is 12.706, standard error 0.4
    ],
)
def test_an_interval_ends_where_the_metric_does(metric, folds, low, high):
    (point,) = learning_curve(metric, [10], [folds], lower_is_better=metric == "rmse")["points"]
    assert (point["low"], point["high"]) == pytest.approx((low, high), abs=1e-3)


def test_the_mean_of_folds_by_hand():
    # mean 0.6, sd 0.1, t(2) at 0.975 is 4.303: reach 4.303 * 0.1 / sqrt(3) = 0.248
    found = mean_of_folds([0.5, 0.6, 0.7])
    assert found["value"] == pytest.approx(0.6)
    assert [found["low"], found["high"]] == pytest.approx([0.352, 0.848], abs=1e-3)


def test_one_fold_has_no_interval():
    assert mean_of_folds([0.5]) == {
        "value": 0.5, "low": None, "high": None, "level": 0.95, "note": "one fold alone shows no spread",
    }  # fmt: skip


@settings(max_examples=25, deadline=None)
@given(
    st.lists(st.integers(1, 5000), min_size=3, max_size=6, unique=True).map(sorted),
    st.integers(0, 10_000),
    st.sampled_from([0.0, 0.01, 0.5, 1.0]),
)
def test_any_folds_give_an_ordered_forecast_between_0_and_1(sizes, seed, level):
    values = np.clip(level + 0.2 * np.random.default_rng(seed).normal(size=(len(sizes), 4)), 0, 1)
    forecast = learning_curve("accuracy", sizes, values.tolist())["forecast"]
    if forecast is not None:
        assert 0 <= forecast["low"] <= forecast["value"] <= forecast["high"] <= 1


def test_of_an_error_less_is_better_and_its_unit_does_not_matter():
    rng = np.random.default_rng(0)
    sizes = [50, 100, 200, 400]
    values = [3 * n**-0.5 * (1 + 0.05 * rng.normal(size=5)) for n in sizes]
    found = learning_curve("rmse", sizes, values, lower_is_better=True)
    assert found["lower_is_better"] is True
    forecast = found["forecast"]
    assert forecast["low"] < forecast["value"] < forecast["high"] and forecast["value"] < np.mean(values[-1])
    assert forecast["low"] < 3 * 800**-0.5 < forecast["high"]
    for unit in (1e-6, 1000):
        again = learning_curve("rmse", sizes, [unit * folds for folds in values], lower_is_better=True)["forecast"]
        assert [again[key] / unit for key in ("low", "value", "high")] == pytest.approx(
            [forecast[key] for key in ("low", "value", "high")], rel=1e-3
        )


def test_no_error_and_full_accuracy_promise_the_same():
    error = learning_curve("rmse", SIZES, [[0.0] * 3] * 4, lower_is_better=True)["forecast"]
    accuracy = learning_curve("accuracy", SIZES, [[1.0] * 3] * 4)["forecast"]
    assert [error[key] for key in ("low", "value", "high")] == pytest.approx(
        [1 - accuracy[key] for key in ("high", "value", "low")], abs=1e-12
    )


def test_an_error_without_end_is_not_cut_at_one():
    found = learning_curve("rmse", [10, 20, 40], [[9.0, 11.0], [7.0, 8.0], [5.0, 6.0]], lower_is_better=True)
    assert found["points"][0]["high"] > 11 and found["forecast"]["value"] > 1


def test_kappa_may_lie_below_zero():
    found = learning_curve("qwk", [10, 20, 40], [[-0.2, 0.0], [-0.1, 0.1], [0.1, 0.2]])
    assert found["points"][0]["low"] < -0.2 and found["points"][0]["value"] == pytest.approx(-0.1)
    assert -1 <= found["forecast"]["low"] < 0.15 < found["forecast"]["value"] < found["forecast"]["high"] < 1
    worse = learning_curve("qwk", [10, 20, 40], [[-0.6, -0.5], [-0.6, -0.5], [-0.6, -0.5]])
    assert worse["forecast"]["value"] < -0.4
