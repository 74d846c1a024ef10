from __future__ import annotations

import numpy as np
import pytest

from evaluation.calibrators.helpers_calibrators import built, made, made_labels
from headstart.core.errors import ConfigError, ShapeError
from headstart.core.learning import Targets
from headstart.evaluation.calibrators.choose import FEWEST_ROWS, calibrated, choose_calibrator, simplest
from headstart.evaluation.calibrators.contract import log_losses
from headstart.evaluation.parting import parted


def chosen(targets, outputs, weights=None, groups=None, seed=0):
    return choose_calibrator(targets, outputs, weights, groups, np.random.default_rng(seed))


def test_logits_that_are_right_are_left_alone():
    names = [chosen(*made(300, seed=seed)).name for seed in range(10)]
    assert names.count("none") >= 8


@pytest.mark.parametrize("make", [made, made_labels])
def test_logits_twice_too_sharp_get_a_temperature(make):
    found = chosen(*make(500, too_sharp=2.5))
    assert found.name == "temperature" and found.arrays["temperature"][0] == pytest.approx(2.5, rel=0.3)


def test_shifted_classes_get_a_scale_and_a_shift_each():
    targets, outputs = made(500)
    assert chosen(targets, outputs + np.array([2.0, 0.0, -2.0])).name == "vector"


def test_a_bent_model_with_many_rows_gets_a_curve():
    targets, outputs = made_labels(3000, 1)
    assert chosen(targets, np.where(outputs > 0, outputs, outputs / 20)).name == "isotonic"


def test_every_row_is_calibrated_by_a_map_that_did_not_see_it():
    targets, outputs = made(200, too_sharp=3.0)
    found = chosen(targets, outputs, seed=7)
    folds = parted(targets.values, None, 5, np.random.default_rng(7))
    calibrator = built("temperature")
    for fold in range(5):
        arrays = calibrator.fit(targets.take(folds != fold), outputs[folds != fold])
        assert np.allclose(found.outputs[folds == fold], calibrator.apply(arrays, outputs[folds == fold], "class"))
    whole = calibrator.fit(targets, outputs)
    assert np.array_equal(found.arrays["temperature"], whole["temperature"])
    assert found.losses["temperature"] == pytest.approx(log_losses(targets, found.outputs).mean())


def test_a_label_turned_round_moves_the_other_folds_maps_and_not_its_own():
    targets, outputs = made(200, too_sharp=8.0)
    folds = parted(targets.values, None, 5, np.random.default_rng(7))
    wrong = targets.values.copy()
    held = np.flatnonzero(folds == folds[0])
    wrong[held[:2]] = (wrong[held[:2]] + 1) % 3
    groups = folds  # keeps the folds where the classes change
    before, after = (chosen(Targets(each, "class", 3), outputs, groups=groups) for each in (targets.values, wrong))
    assert before.name == after.name == "temperature"
    assert np.array_equal(before.outputs[held], after.outputs[held])
    assert not np.allclose(before.outputs[folds != folds[0]], after.outputs[folds != folds[0]])


def test_too_few_rows_and_one_class_are_left_alone_with_the_reason():
    few = chosen(*made(FEWEST_ROWS - 1, too_sharp=5.0))
    assert few.name == "none" and "29 held-out rows are too few" in few.why and not few.losses
    targets, outputs = made(60)
    assert "one class" in chosen(Targets(np.zeros(60, np.int64), "class", 3), outputs).why
    assert "one group" in chosen(targets, outputs, groups=np.zeros(60)).why
    assert "29 held-out rows" in chosen(targets, outputs, weights=(np.arange(60) < 29).astype(float)).why


def test_what_was_not_tried_has_its_reason():
    found = chosen(*made(250))
    assert set(found.losses) == {"none", "temperature", "vector"} and "100 are needed" in found.left_out["isotonic"]
    assert set(chosen(*made(500)).losses) == {"none", "temperature", "vector", "isotonic"}


def test_the_simplest_within_one_standard_error_of_the_paired_difference_wins():
    rng = np.random.default_rng(0)
    hard = rng.exponential(size=100)  # how hard the rows are does not count, since all see the same ones
    noise = rng.normal(size=100)
    noise = (noise - noise.mean()) / noise.std(ddof=1) * 0.1  # standard error 0.01
    shares = np.full(100, 0.01)
    for gap, name in ((0.009, "plain"), (0.011, "rich")):
        got, behind = simplest({"plain": hard + noise + gap, "rich": hard}, shares, np.arange(100))
        assert got == name and behind["plain"] == (pytest.approx(gap), pytest.approx(0.01))


def test_rows_that_err_together_count_as_one():
    d = np.repeat([0.3, -0.1, 0.2, 0.0], 25)
    _, behind = simplest({"plain": 1 + d, "rich": np.ones(100)}, np.full(100, 0.01), np.repeat(np.arange(4), 25))
    assert behind["plain"][1] == pytest.approx(np.std([0.3, -0.1, 0.2, 0.0], ddof=1) / 2)


def test_none_gives_outputs_back_and_names_are_looked_up():
    targets, outputs = made(500, too_sharp=2.5)
    found = chosen(targets, outputs)
    assert np.array_equal(calibrated("none", {}, outputs, "class"), outputs)
    after = calibrated(found.name, found.arrays, outputs, "class")
    assert log_losses(targets, after).mean() < log_losses(targets, outputs).mean()
    with pytest.raises(ConfigError, match="temperature"):
        calibrated("temprature", {}, outputs, "class")


def test_what_does_not_fit_together_is_said():
    targets, outputs = made(60)
    with pytest.raises(ShapeError, match=r"groups must be \(60,\)"):
        chosen(targets, outputs, groups=np.zeros(59))
    with pytest.raises(ConfigError, match="got 'real'"):
        chosen(Targets(np.zeros(60), "real", 1), outputs[:, :1])


def test_of_very_many_rows_some_are_learned_from_and_all_are_judged(monkeypatch):
    targets, outputs = made(1000, too_sharp=3.0)
    whole = chosen(targets, outputs)
    monkeypatch.setattr("headstart.evaluation.calibrators.choose.MOST_OUTPUTS", 1500)
    some = chosen(targets, outputs)
    assert some.name == whole.name == "temperature" and some.outputs.shape == (1000, 3)
    assert some.arrays["temperature"][0] == pytest.approx(3.0, rel=0.2)
    assert some.arrays["temperature"][0] != whole.arrays["temperature"][0]
