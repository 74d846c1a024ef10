"""What the gate lets pass, by figures made for it, and what the old model says where it knows fewer classes."""

from __future__ import annotations

import numpy as np
import pytest

from headstart.core.files import dump_json
from headstart.core.learning import Targets
from headstart.tasks.classification import Classification, ClassificationConfig
from headstart.tasks.decision import DecisionRule
from headstart.tasks.decision_request import DecisionRequest
from headstart.tasks.multilabel import Multilabel, MultilabelConfig
from headstart.tasks.regression import Regression, RegressionConfig
from headstart.updating.former import Former, _as_decided, widened
from headstart.updating.gate import judged

TASK = Classification(ClassificationConfig(class_names=("a", "b")))
N = 400
TRUTH = np.arange(N) % 2
IS_ADDED = np.arange(N) >= 300


def outputs(sure, right=None):
    """Logits that give the true class, of the first ``right`` rows, the probability ``sure``."""
    half = 0.5 * np.log(sure / (1 - np.asarray(sure)))
    sign = np.where(TRUTH == 1, 1.0, -1.0) * np.where(np.arange(N) < (N if right is None else right), 1, -1)
    return np.stack([-sign * half, sign * half], axis=1)


def gate(new, old, task=TASK, known=None):
    old = np.array(old)
    if known is not None:
        old[~known] = np.nan
    return judged(task, Targets(TRUTH, "class", 2), new, Former(old, old, task), IS_ADDED, 0)


def test_a_smaller_loss_on_every_row_passes_and_its_figures_are_told():
    found = gate(outputs(0.9), outputs(0.8))
    assert found.is_better and set(found.parts) == {"all", "old", "new"}
    dump_json(found.to_dict())
    everything = found.parts["all"]
    assert everything["n"] == N and found.parts["new"]["n"] == 100
    assert everything["loss"]["old"] == pytest.approx(-np.log(0.8))
    assert everything["loss"]["gain"]["value"] == pytest.approx(np.log(0.9 / 0.8))
    assert "log-loss 0.105 against 0.223, accuracy 1 against 1 (n = 400)" in found.why


def test_the_same_model_is_no_better():
    found = gate(outputs(0.9), outputs(0.9))
    assert not found.is_better and "is no better" in found.why


def test_a_gain_within_a_standard_error_does_not_pass():
    rng = np.random.default_rng(0)
    sure = np.clip(0.8 + rng.normal(0, 0.1, N), 0.55, 0.98)
    better = np.clip(sure + rng.normal(0, 0.1, N), 0.55, 0.99)
    gain = np.log(better / sure)
    noise = gain - gain.mean() + 0.5 * gain.std(ddof=1) / np.sqrt(N)  # half a standard error of gain
    found = gate(outputs(np.clip(sure * np.exp(noise), 0.51, 0.999)), outputs(sure))
    assert not found.is_better and "not clearly better" in found.why


def test_what_is_forgotten_stops_it_though_all_together_is_better():
    """Right on 60 of 100 new ones more, wrong on 30 of 300 old ones: 0.1 of the old, whose interval is below 0."""
    old_right, new_right = np.ones(N, bool), np.ones(N, bool)
    old_right[300:] = np.arange(100) < 30
    new_right[:30] = False
    made = [np.where(right[:, None], outputs(0.9), -outputs(0.9)) for right in (new_right, old_right)]
    found = gate(*made)
    assert found.parts["all"]["loss"]["gain"]["low"] > 0 and found.parts["old"]["difference"]["high"] < 0
    assert not found.is_better and "clearly worse on the old ones" in found.why and "labels" in found.advice


def test_a_loss_that_is_surely_a_tenth_larger_on_the_old_ones_is_forgetting_too():
    new, old = outputs(0.85), outputs(np.where(IS_ADDED, 0.51, 0.9))  # every row is right, so accuracy sees nothing
    found = gate(new + np.random.default_rng(0).normal(0, 1e-3, new.shape), old)
    assert found.parts["all"]["loss"]["gain"]["low"] > 0 and found.parts["old"]["difference"]["value"] == 0
    assert not found.is_better and "clearly worse on the old ones" in found.why


def test_where_both_are_sure_and_right_ten_times_the_loss_is_nothing_lost():
    found = gate(outputs(np.where(IS_ADDED, 0.99, 0.9995)), outputs(np.where(IS_ADDED, 0.6, 0.99995)))
    assert found.is_better and found.parts["old"]["loss"]["gain"]["value"] < 0


def test_a_metric_that_is_worse_within_chance_does_not_stop_a_loss_that_is_clearly_smaller():
    old_right, new_right = np.arange(N) != 7, ~np.isin(np.arange(N), [8, 9])
    new = np.where(new_right[:, None], outputs(0.95), -outputs(0.52))
    old = np.where(old_right[:, None], outputs(0.8), -outputs(0.8))
    found = gate(new, old)
    assert found.is_better and found.parts["all"]["difference"]["value"] == pytest.approx(-1 / N)


def test_only_rows_that_both_were_asked_about_count():
    known = np.arange(N) % 4 != 0
    new = outputs(0.9)
    new[:10] = np.nan
    found = gate(new, outputs(0.8), known=known)
    assert found.parts["all"]["n"] == (known & (np.arange(N) >= 10)).sum()
    nothing = gate(new * np.nan, outputs(0.8))
    assert not nothing.is_better and "held out" in nothing.why and nothing.parts == {}


def test_numbers_are_judged_by_their_squared_error():
    rng = np.random.default_rng(1)
    task, truth = Regression(RegressionConfig(mean=0.0)), rng.normal(0, 3, N)
    noise = rng.normal(0, 1, (N, 1))
    targets, old = Targets(truth, "real", 1), truth[:, None] + 2 * noise
    found = judged(task, targets, truth[:, None] + noise, Former(old, old, task), IS_ADDED, 0)
    assert (
        found.is_better
        and "root mean" not in found.why
        and found.parts["all"]["rmse"]["new"] == pytest.approx(np.sqrt((noise**2).mean()))
    )
    assert not judged(task, targets, old, Former(truth[:, None] + noise, old, task), IS_ADDED, 0).is_better


def test_a_class_that_the_old_model_does_not_know_gets_laplaces_probability():
    new = Classification(ClassificationConfig(class_names=("a", "b", "c")))
    old = Classification(ClassificationConfig(class_names=("a", "c")))
    p = np.exp(widened(np.log([[0.5, 0.5], [1.0, 1e-9]]), old, new, learned=97))
    assert p[:, 1] == pytest.approx(1 / 100) and p.sum(axis=1) == pytest.approx(1)
    assert p[0, [0, 2]] == pytest.approx(0.99 / 2)


def test_a_label_that_the_old_model_does_not_know_is_seldom_likewise():
    new, old = (Multilabel(MultilabelConfig(class_names=names)) for names in (("a", "b", "c"), ("c", "a")))
    logits = widened(np.array([[1.0, -2.0]]), old, new, learned=97)
    assert logits[0] == pytest.approx([-2.0, -np.log(99), 1.0])


def answers(task):
    class Answers:
        pass

    found = Answers()
    found.task = task
    return found


def test_the_old_models_decisions_stay_though_more_classes_are_known():
    request = DecisionRequest(threshold=0.2, positive="c")
    rule = DecisionRule(positive=1, threshold=0.2)
    old = Classification(ClassificationConfig(class_names=("a", "c"), decision=request, rule=rule))
    new = Classification(ClassificationConfig(class_names=("a", "b", "c")))
    said = _as_decided(np.log([[0.7, 0.3], [0.9, 0.1]]), answers(old), new)
    assert new.predictions(said)["prediction"] == ["c", "a"]
    labels = Multilabel(MultilabelConfig(class_names=("a", "c"), thresholds=(0.9, 0.1)))
    more = Multilabel(MultilabelConfig(class_names=("a", "b", "c")))
    said = _as_decided(np.array([[1.0, -1.0], [-5.0, -5.0]]), answers(labels), more)
    assert more.predictions(said)["prediction"] == ["c", ""]
