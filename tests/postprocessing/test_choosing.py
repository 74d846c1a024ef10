import numpy as np
import pytest

from headstart.core.files import dump_json
from headstart.core.learning import Targets
from headstart.postprocessing.choosing import HeldOut, choose_answers, choose_calibration
from headstart.tasks.classification import Classification, ClassificationConfig
from headstart.tasks.multilabel import Multilabel, MultilabelConfig
from headstart.tasks.regression import Regression, RegressionConfig


def rows(n, k=3, factor=1.0, seed=0):
    """Held-out rows whose logits, divided by ``factor``, are right in the sense of calibration."""
    rng = np.random.default_rng(seed)
    logits = rng.normal(size=(n, k)) * 2
    p = np.exp(logits) / np.exp(logits).sum(axis=1, keepdims=True)
    y = (rng.random(n)[:, None] > np.cumsum(p, axis=1)).sum(axis=1)
    return HeldOut(Targets(y, "class", k), logits * factor, np.arange(n), "folds")


def task(k=3, primary="accuracy"):
    return Classification(ClassificationConfig(class_names=tuple("abcdefgh"[:k]), primary=primary))


def chosen(held, wanted=0.95, by_class=False, of=None):
    calibration = choose_calibration(held, np.random.default_rng(0))
    return choose_answers(held, calibration, of or task(held.targets.width), wanted, by_class=by_class)


def test_logits_three_times_too_large_are_divided():
    found = chosen(rows(400, factor=3.0))
    post = found.postprocessing
    assert post.record.calibrator == "temperature"
    assert post.outputs(np.array([[3.0, 0, 0]]), "class").max() < 1.5
    assert found.facts["losses"]["temperature"] < found.facts["losses"]["none"]


def test_logits_that_are_right_are_left_alone():
    found = chosen(rows(400))
    assert found.postprocessing.record.calibrator == "none" and not found.postprocessing.arrays
    assert found.outputs is not None and np.array_equal(found.outputs, rows(400).outputs)


@pytest.mark.parametrize(("by_class", "ships", "count"), [(False, "split", 1), (True, "class_conditional", 3)])
def test_sets_of_either_kind_ship_and_both_are_told(by_class, ships, count):
    found = chosen(rows(400), by_class=by_class)
    sets = found.facts["sets"]
    assert sets["ships"] == ships and set(sets["thresholds"]) == {"split", "class_conditional"}
    assert len(found.postprocessing.record.set_thresholds) == count
    assert found.postprocessing.record.set_thresholds == tuple(sets["thresholds"][ships])


def test_eight_rows_are_too_few_for_anything_and_say_so():
    found = chosen(rows(8))
    record = found.postprocessing.record
    assert (record.calibrator, record.set_thresholds, record.answer_from) == ("none", None, None)
    assert "too few" in found.facts["why"] and "9 are needed" in found.facts["sets"]["why_not"]
    assert "are needed" in found.facts["abstaining"]["why"]
    dump_json(dict(found.facts))


def test_the_threshold_keeps_the_accuracy_that_is_wanted():
    held = rows(2000, seed=3)
    found = chosen(held, wanted=0.8)
    facts = found.facts["abstaining"]
    assert found.postprocessing.record.answer_from is not None and facts["answered"] < 2000
    assert facts["right"] / facts["answered"] >= 0.8


def test_an_accuracy_that_no_threshold_gives_is_told():
    found = chosen(rows(300), wanted=0.999)
    assert found.postprocessing.record.answer_from is None and found.facts["abstaining"]["why"]


def test_numbers_have_neither_probabilities_nor_sets():
    held = HeldOut(Targets(np.arange(30.0), "real", 1), np.arange(30.0)[:, None], np.arange(30), "folds")
    found = chosen(held, of=Regression(RegressionConfig()))
    assert "sets" not in found.facts and found.postprocessing.columns(Regression(RegressionConfig())) == {}


def test_sets_of_labels_have_one_threshold_and_no_abstaining():
    rng = np.random.default_rng(0)
    outputs = rng.normal(size=(300, 4)) * 3
    truth = (rng.random((300, 4)) < 1 / (1 + np.exp(-outputs))).astype(float)
    held = HeldOut(Targets(truth, "multilabel", 4), outputs, np.arange(300), "folds")
    found = chosen(held, of=Multilabel(MultilabelConfig(class_names=tuple("abcd"))))
    record = found.postprocessing.record
    assert len(record.set_thresholds) == 1 and record.answer_from is None and "abstaining" not in found.facts
