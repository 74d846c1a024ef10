"""Targets that become known: classes, unknown classes, folders that are none, numbers, feedback."""

from __future__ import annotations

import numpy as np
import pytest

from headstart.core.learning import Targets
from headstart.core.table import Table
from headstart.monitoring.judging import alarms, judged
from headstart.monitoring.learned import HeldOutRows, learned_reference
from headstart.monitoring.readings import readings_of
from headstart.monitoring.truth import Truth, rightness
from headstart.monitoring.window import Window
from headstart.tasks.regression import Regression, RegressionConfig
from monitoring.helpers_monitoring import TASK, count, make_rows


def objects(*values):
    return np.array(values, dtype=object)


def test_right_ones_are_counted_by_what_was_predicted(reference):
    rows = make_rows(3, 0)
    outputs = np.array([[9.0, 0, 0], [9.0, 0, 0], [0, 0, 9.0]])  # ant, ant, cat
    window = count(reference, rows)
    truth = Truth(reference, TASK, objects("ant", "bee", "cat"))
    truth.tell(window, outputs, np.arange(3))
    assert window.right.tolist() == [[1, 2], [0, 0], [1, 1]]


def test_a_class_that_the_model_does_not_know_is_a_wrong_answer(reference):
    window = count(reference, make_rows(3, 0))
    truth = Truth(reference, TASK, objects("ant", "wasp", None))
    truth.tell(window, np.array([[9.0, 0, 0]] * 3), np.arange(3))
    assert window.right.tolist()[0] == [1, 2]
    assert truth.notes == ["1 examples have a class that the model does not know (wasp); they count as wrong."]


def test_where_no_target_is_a_class_nothing_is_measured(reference):
    window = count(reference, make_rows(2, 0))
    truth = Truth(reference, TASK, objects("monday", "tuesday"))
    truth.tell(window, np.array([[9.0, 0, 0]] * 2), np.arange(2))
    assert not truth.is_there and window.right.sum() == 0
    assert "so nothing was measured" in truth.notes[0]


def number_reference(task, seed=0):
    rng = np.random.default_rng(seed)
    truth = rng.normal(10, 3, 300)
    outputs = (truth + rng.normal(0, 1, 300))[:, None]
    held = HeldOutRows(task, outputs, Targets(truth, "real", 1), None, {}, Table(), (0, 300))
    return learned_reference(held, {}, rng)


@pytest.mark.parametrize(("error", "is_told"), [(1.0, False), (3.0, True), (0.2, False)])
def test_larger_errors_of_numbers_raise_an_alarm_and_smaller_ones_do_not(error, is_told):
    task = Regression(RegressionConfig(mean=10.0))
    reference = number_reference(task)
    rng = np.random.default_rng(1)
    truth = rng.normal(10, 3, 200)
    outputs = (truth + rng.normal(0, error, 200))[:, None]
    window = Window.empty(reference, "v", 0.0)
    window.add(reference, readings_of(task, outputs), 200)
    Truth(reference, task, truth.astype(object)).tell(window, outputs, np.arange(200))
    found = {each.name for each in alarms(judged(reference, window))}
    assert ("absolute error" in found) == is_told
    assert window.errors[1] / 200 == pytest.approx(np.abs(outputs[:, 0] - truth).mean())


def test_feedback_counts_by_its_label_else_by_its_verdict():
    assert rightness(TASK, "bee", "right", None) == (1, True)
    assert rightness(TASK, "bee", "right", "cat") == (1, False)
    assert rightness(TASK, "bee", None, "bee") == (1, True)
    assert rightness(TASK, "bee", None, None) is None
    assert rightness(TASK, "wasp", "right", None) is None
