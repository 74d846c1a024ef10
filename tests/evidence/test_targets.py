"""Evidence about grades, label sets and numbers: the sections that the task brings, and turned differences."""

from __future__ import annotations

import json

import numpy as np
import pytest

from headstart.core.files import dump_json
from headstart.core.learning import Fitted, Solution, Targets
from headstart.evaluation.intervals import interval
from headstart.evidence.contender import Contender
from headstart.evidence.curve import curve_section
from headstart.evidence.document import Facts, of_a_fit
from headstart.evidence.guard import guard
from headstart.evidence.slices import by_slice
from headstart.methods.learning_curve import CurvePoint
from headstart.tasks.choose import configured
from tasks.helpers_tasks import TASKS, problem

FACTS = Facts({"train": 90, "val": 0, "test": 90}, {"name": "net"}, {"name": "d"}, 1)
SECTION = {"class": "confusion", "ordinal": "confusion", "multilabel": "labels", "real": "residuals"}


def contenders_of(name, kinds=("transfer", "baseline")):
    targets, *outputs = problem(name)
    task = configured(name, targets)
    encoded = task.encode(targets)
    made = [
        Contender(
            name=f"model_{k}", candidate=f"network + model_{k}", kind=kind, what="A model.", can_ship=True, n_train=90,
            solution=Solution(Fitted({}, {}), outputs[k], {}), test_rows=np.arange(90), test_outputs=outputs[k],
            task=task.settle(encoded, outputs[k]),
        )
        for k, kind in enumerate(kinds)
    ]  # fmt: skip
    return task, encoded, made


@pytest.mark.parametrize("name", TASKS)
def test_a_fit_with_any_kind_of_target_has_its_document(name):
    task, encoded, contenders = contenders_of(name)
    choice = guard(task, encoded, contenders)
    assert choice.name == "model_0" and f"smallest {task.loss_name} on held-out folds" in choice.why
    document = of_a_fit(encoded, contenders, choice, FACTS, {}, 0)
    assert json.loads(dump_json(document))["task"] == name
    assert SECTION[task.kind] in document and document["primary"] == task.primary
    [other] = document["comparisons"]
    assert other["difference"]["value"] > 0 and document["verdict"]["transfer_helps"] == "yes"
    size, span = contenders[0].task.difference_text(document["verdict"]["difference"])
    assert f"better by {size} than the best model without (network + model_1; {span})" in document["sentence"]


@pytest.mark.parametrize("name", TASKS)
def test_without_a_pretrained_network_the_verdict_compares_what_there_is(name):
    task, encoded, contenders = contenders_of(name, kinds=("baseline", "baseline"))
    document = of_a_fit(encoded, contenders, guard(task, encoded, contenders), FACTS, {}, 0)
    found = document["verdict"]
    assert (found["transfer_helps"], found["against"]) == ("not_applicable", "model_1")
    assert "network + model_0 is better by" in found["why"]


@pytest.mark.parametrize("name", TASKS)
def test_slices_hold_the_primary_metric_of_any_task(name):
    task, encoded, contenders = contenders_of(name)
    places = np.array(["a"] * 89 + ["b"])
    found = by_slice(contenders[0].task, encoded, contenders[0].test_outputs, {"place": places}, 0)["place"]
    assert [found[place]["n"] for place in "ab"] == [89, 1]
    assert found["a"][task.primary]["low"] < found["a"][task.primary]["value"]
    assert found["b"][task.primary]["low"] is not None or found["b"][task.primary]["note"]


def test_the_pretrained_model_is_held_against_the_smallest_error_and_not_the_largest():
    _, encoded, (chosen, other) = contenders_of("regression")
    far = Contender(**{**vars(other), "name": "far", "test_outputs": other.test_outputs + 100})
    choice = guard(chosen.task, encoded, [chosen])
    document = of_a_fit(encoded, [chosen, far, other], choice, FACTS, {}, 0)
    assert document["verdict"]["against"] == "model_1"


def test_a_curve_can_be_drawn_from_points_of_any_method():
    _, encoded, (chosen, _) = contenders_of("regression")
    folds, features = np.arange(90) % 3, np.zeros((90, 2))
    truth = encoded.values[:, None]
    errors = chosen.test_outputs - truth
    points = [CurvePoint(n, truth + factor * errors) for n, factor in ((15, 3), (30, 2), (60, 1))]
    found = curve_section(chosen, encoded, folds, features, 0, None, points)
    assert (found["metric"], found["lower_is_better"]) == ("rmse", True)
    values = [point["value"] for point in found["points"]]
    assert values == sorted(values, reverse=True) and found["forecast"]["n"] == 120


def test_a_curve_of_thresholds_uses_those_that_the_candidate_was_settled_with():
    truth = np.array([[1.0, 0.0], [0.0, 1.0]] * 30)
    targets = Targets(truth, "multilabel", 2)
    outputs = np.where(truth > 0, -1.0, -2.0)
    task = configured("multilabel", np.array(['["a"]', '["b"]'], object)).settle(targets, outputs)
    solution = Solution(Fitted({}, {}), outputs)
    chosen = Contender("m", "c", "baseline", "w", True, 60, solution, np.arange(60), outputs, task)
    points = [CurvePoint(n, outputs) for n in (10, 20, 40)]
    found = curve_section(chosen, targets, np.arange(60) // 2 % 3, np.zeros((60, 1)), 0, None, points)
    assert [point["value"] for point in found["points"]] == [1.0, 1.0, 1.0]


def test_a_metric_without_a_value_is_said_to_be_beyond_telling():
    task, encoded, contenders = contenders_of("multilabel")
    nothing = Targets(np.zeros_like(encoded.values), "multilabel", encoded.width)
    document = of_a_fit(nothing, contenders, guard(task, encoded, contenders), FACTS, {}, 0)
    assert document["verdict"]["transfer_helps"] == "unclear" and "cannot tell" in document["verdict"]["why"]
    assert document["test"]["macro_f1"]["value"] is interval(None, None)["value"]
