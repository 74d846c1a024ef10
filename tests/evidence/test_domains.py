"""The section ``domains`` by hand: two classes, three domains held out and one that never is."""

from __future__ import annotations

import numpy as np
import pytest

from headstart.core.learning import Targets
from headstart.evaluation.over_domains import preferred, preferred_elsewhere
from headstart.evidence.domains import PLAIN, Domains, Tried, domains_section, figure_for, losses_of
from headstart.evidence.domains import tested_domains as of_the_test
from headstart.tasks.classification import Classification, ClassificationConfig
from headstart.tasks.regression import Regression, RegressionConfig

TASK = Classification(ClassificationConfig(class_names=("no", "yes")))
CODE = np.repeat(np.arange(4), 4)
DOMAINS = Domains("site", ("a", "b", "c", "d"), CODE)
TARGETS = Targets(np.tile([0, 1], 8), "class", 2)


def outputs(*wrong):
    """Two nats for the right class, but for rows ``wrong``; the last domain was never held out."""
    said = TARGETS.values.copy()
    said[list(wrong)] = 1 - said[list(wrong)]
    found = np.where(np.arange(2) == said[:, None], 1.0, -1.0)
    found[CODE == 3] = np.nan
    return found


def section(*tried, ships=0, ordinary=None, task=TASK, targets=TARGETS, domains=DOMAINS):
    losses = losses_of(tried, targets, domains)
    return domains_section(
        tried, ships, preferred(losses), preferred_elsewhere(losses), targets, domains, ordinary, "So."
    )  # fmt: skip


def test_each_domain_that_was_held_out_has_its_figure_and_the_worst_is_named():
    found = section(Tried(PLAIN, TASK, outputs(0, 4, 5)), ordinary=np.nan_to_num(outputs(), nan=1.0))
    assert [(each["domain"], each["n"], each["value"]) for each in found["each"]] == [
        ("a", 4, 0.75), ("b", 4, 0.5), ("c", 4, 1.0),
    ]  # fmt: skip
    assert found["mean"]["value"] == pytest.approx(0.75) and found["worst"] == {"domain": "b", "value": 0.5}
    assert found["chance_of_worse"] == 0.25 and found["never_held_out"] == ["d"] and found["ordinary"] == 1.0
    assert "expect accuracy 0.750" in found["sentence"] and "about 1 in 4" in found["sentence"]


def test_a_way_is_told_beside_the_plain_model_and_its_gain_is_that_of_the_losses():
    found = section(Tried(PLAIN, TASK, outputs(0, 4, 8)), Tried("way", TASK, outputs()), ships=1)
    plain, way = found["methods"]
    # a wrong answer costs log(1 + e^2) and a right one log(1 + e^-2): 2 nats less, in one of four rows
    assert way["loss_gain"] == pytest.approx(2 / 4) and plain["loss_gain"] == 0.0
    assert way["difference"]["value"] == pytest.approx(0.25) and "difference" not in plain
    assert found["ships"] == "way" and [each["plain"] for each in found["each"]] == [0.75] * 3
    assert found["choice_held_out"] == pytest.approx(0.75)  # of two domains nothing is concluded


def test_where_a_domain_lacks_a_class_accuracy_is_told_in_place_of_a_mean_over_classes():
    macro = Classification(ClassificationConfig(class_names=("no", "yes"), primary="macro_f1"))
    assert figure_for(macro, TARGETS, DOMAINS, outputs()).name == "macro_f1"
    lacking = Targets(np.where(CODE == 1, 0, TARGETS.values), "class", 2)
    figure = figure_for(macro, lacking, DOMAINS, outputs())
    assert figure.name == "accuracy" and "macro_f1" in figure.reason
    assert figure.of(macro, lacking.take(np.arange(4)), outputs(0)[:4]) == 0.75
    found = section(Tried(PLAIN, macro, outputs()), task=macro, targets=lacking)
    assert found["metric"] == "accuracy" and found["one_class"] == ["b"]


def test_of_errors_the_largest_is_worst_and_a_smaller_one_is_a_gain():
    task = Regression(RegressionConfig())
    targets = Targets(np.zeros(16), "real", 1)
    off = np.where(CODE == 2, 3.0, 1.0)[:, None]
    found = section(Tried(PLAIN, task, off), Tried("way", task, off - 0.5), task=task, targets=targets)
    assert found["worst"] == {"domain": "c", "value": 3.0} and found["methods"][0]["worst"] == 3.0
    assert found["methods"][1]["difference"]["value"] == pytest.approx(0.5)
    assert found["mean"]["value"] == pytest.approx(1.5) and found["mean"]["low"] == 0.0


def test_domains_of_the_test_are_told_in_the_same_metric():
    said = np.where(np.arange(2) == TARGETS.values[:, None], 1.0, -1.0)
    found = of_the_test({"metric": "accuracy", "metric_reason": ""}, TASK, TARGETS, said, DOMAINS)
    assert found == [{"domain": name, "n": 4, "value": 1.0} for name in "abcd"]
