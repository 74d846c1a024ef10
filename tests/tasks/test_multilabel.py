from __future__ import annotations

import json
import logging

import numpy as np
import pytest

from headstart.core.errors import ConfigError, DataError
from headstart.core.learning import Targets
from headstart.tasks import multilabel
from headstart.tasks.multilabel import Multilabel, MultilabelConfig, configure


def objects(*values):
    return np.array(values, dtype=object)


def task_of(*names, thresholds=None):
    return Multilabel(MultilabelConfig(class_names=names, thresholds=thresholds))


def logit(*probabilities):
    p = np.array(probabilities, float)
    return np.log(p / (1 - p))


def test_labels_are_encoded_in_order_and_an_empty_set_is_one():
    task = Multilabel(configure(objects("b|a", "c|a", "a", "b")))
    assert task.class_names == ("a", "b", "c") and task.config.separator == "|"
    encoded = task.encode(objects("c|a", "", '["b"]', "[]"))
    assert encoded.values.tolist() == [[1, 0, 1], [0, 0, 0], [0, 1, 0], [0, 0, 0]]
    assert task.written(encoded) == ["a|c", "", "b", ""]


def test_a_label_is_given_from_its_threshold_on():
    task = task_of("a", "b", thresholds=(0.3, 0.8))
    found = task.predictions(logit((0.31, 0.79), (0.29, 0.81), (0.5, 0.9)))
    assert found["prediction"] == ["a", "b", "a|b"]
    assert found["probability_b"] == pytest.approx([0.79, 0.81, 0.9])


def test_settling_finds_thresholds_and_comparing_uses_each_models_own():
    truth = np.array([[1, 0]] * 30 + [[0, 1]] * 30 + [[0, 0]] * 60, float)
    outputs = logit(*np.where(truth > 0, 0.3, 0.1))  # never above one half: nothing is given without settling
    targets = Targets(truth, "multilabel", 2)
    plain, settled = task_of("a", "b"), task_of("a", "b").settle(targets, outputs)
    assert plain.score(targets, outputs) == 0.0 and settled.score(targets, outputs) == 1.0
    assert all(0.1 < threshold < 0.3 for threshold in settled.thresholds)
    assert settled.compare(targets, outputs, outputs, 0, plain)["difference"]["value"] == 1.0
    assert settled.compare(targets, outputs, outputs, 0)["difference"]["value"] == 0.0


def test_the_loss_is_the_mean_over_labels():
    targets = Targets(np.array([[1.0, 0.0]]), "multilabel", 2)
    assert task_of("a", "b").loss(targets, logit((0.5, 0.2)))[0] == pytest.approx((np.log(2) + np.log(1 / 0.8)) / 2)


def test_metrics_by_hand():
    targets = Targets(np.array([[1, 0, 0], [1, 1, 0], [0, 1, 0], [0, 0, 0]], float), "multilabel", 3)
    outputs = np.array([[2, -2, 2], [-2, 2, -2], [-2, 2, -2], [-2, -2, -2]], float)
    section = task_of("a", "b", "c").metrics(targets, outputs, 0)
    assert section["macro_f1"]["value"] == pytest.approx((2 / 3 + 1) / 2)  # no example has c
    assert section["subset_accuracy"]["value"] == 0.5
    assert section["hamming_loss"]["value"] == pytest.approx(2 / 12)
    assert section["per_class"]["a"]["f1"]["value"] == pytest.approx(2 / 3)
    assert section["per_class"]["c"]["recall"] == {
        "value": None, "low": None, "high": None, "level": 0.95, "note": "the label has no test example",
    }  # fmt: skip
    assert section["per_class"]["c"]["f1"]["value"] == 0.0


def test_examples_without_any_label_have_no_macro_f1_and_say_so():
    task, targets = task_of("a", "b"), Targets(np.zeros((5, 2)), "multilabel", 2)
    section = task.metrics(targets, np.full((5, 2), -2.0), 0)
    assert section["macro_f1"]["value"] is None and section["macro_f1"]["note"]
    assert "none of them has a label" in task.sentence(section, 5)
    assert task.score(targets, np.full((5, 2), -2.0)) == 0.0


def test_the_surest_wrong_decisions_come_first():
    targets = Targets(np.array([[1, 0], [0, 1], [1, 1]], float), "multilabel", 2)
    first, second = task_of("a", "b").worst(targets, logit((0.9, 0.8), (0.05, 0.9), (0.02, 0.9)), 5)
    assert (first.row, first.target, first.prediction, first.sure) == (2, "a|b", "b", pytest.approx(0.98))
    assert (second.row, second.prediction, second.sure) == (0, "a|b", pytest.approx(0.8))


def test_labels_that_training_never_saw_are_left_out_and_logged(caplog):
    task = Multilabel(configure(objects("a|b", "b|c", "a")))
    with caplog.at_level(logging.WARNING):
        assert task.encode(objects("a|z", "b")).values.tolist() == [[1, 0, 0], [0, 1, 0]]
    assert "'z'" in caplog.text


def test_labels_of_which_none_is_known_are_refused_with_the_nearest():
    task = Multilabel(configure(objects("cat|dog", "dog|emu", "cat")))
    with pytest.raises(DataError, match=r"Did you mean 'dog'\?"):
        task.encode(objects("dogs"))


def test_splits_with_mostly_other_labels_are_refused_and_few_are_noted():
    train = objects("a|b", "b|c", "a|c", "a")
    with pytest.raises(DataError, match="the test split must hold the labels that train has"):
        multilabel.check(train, {"test": objects("x|y", "y|a")})
    multilabel.check(train, {"test": objects("a|z", "b", "c")})
    assert any("test split that no training example has, left out: z" in note for note in multilabel.notes(
        train, {"test": objects("a|z", "b", "c")}
    ))  # fmt: skip


def test_what_stands_out_is_said():
    train = objects('["a"]', '["a", "b"]', '["a"]')
    found = " ".join(multilabel.notes(train, {}))
    assert "fewer than 5 training examples: a, b" in found and "every training example has" in found
    assert "1 of 4 training examples have no label" in multilabel.notes(objects(*train, "[]"), {})[-1]
    assert multilabel.describe(train) == "2 labels, 1.3 per example"


def test_strata_are_the_rarest_label_of_each_example():
    assert multilabel.strata(objects("a|b", "a", "a|c", "a|b", "[]")).tolist() == [2, 1, 3, 2, 0]


def test_thresholds_must_fit_the_labels():
    with pytest.raises(ConfigError, match="one per label"):
        MultilabelConfig.parse({"class_names": ["a", "b"], "thresholds": [0.5]}, "task")


def example(rng, n):
    flags = rng.random((n, 4)) < [0.5, 0.3, 0.2, 0.1]
    flags[:4] |= np.eye(4, dtype=bool)  # each label is there
    return [json.dumps([f"l{k}" for k in np.flatnonzero(row)]) for row in flags], 4.0 * flags - 2, 1.0
