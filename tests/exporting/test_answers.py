"""What readers say of probabilities is what the tasks say."""

from __future__ import annotations

import numpy as np
import pytest

from headstart.evaluation.sigmoid import sigmoid
from headstart.evaluation.softmax import softmax
from headstart.exporting.facts import _decision
from headstart.exporting.parts.answers import answer
from headstart.tasks.choose import task_from_dict

NAMES = ["1", "2", "4"]
OUTPUTS = np.random.default_rng(1).normal(size=(40, 3)) * 2
CLASSES = {"task": "classification", "class_names": NAMES, "primary": "accuracy"}


def said(document, values):
    task = task_from_dict(document)
    facts = {"class_names": list(task.class_names), "kind": task.kind, "decision": _decision(task.to_dict(), task.kind)}
    return [answer(row, facts) for row in values], task


@pytest.mark.parametrize(
    "document",
    [
        CLASSES,
        {**CLASSES, "decision": {"threshold": 0.2, "positive": "2"}, "rule": {"positive": 1, "threshold": 0.2}},
        {
            **CLASSES,
            "decision": {"costs": [[0, 1, 9], [2, 0, 1], [1, 1, 0]]},
            "rule": {"costs": [[0, 1, 9], [2, 0, 1], [1, 1, 0]]},
        },
        {**CLASSES, "rule": {"factors": [1.0, 2.5, 4.0], "power": 0.5}},
        {"task": "ordinal", "class_names": NAMES, "values": [1.0, 2.0, 4.0]},
        {"task": "multilabel", "class_names": NAMES, "thresholds": [0.3, 0.5, 0.9]},
        {"task": "multilabel", "class_names": NAMES},
    ],
)
def test_decisions_follow_from_probabilities_as_the_task_makes_them(document):
    values = sigmoid(OUTPUTS) if document["task"] == "multilabel" else softmax(OUTPUTS)
    rows, task = said(document, values)
    assert [row["prediction"] for row in rows] == list(task.predictions(OUTPUTS)["prediction"])
    assert rows[0]["probabilities"] == dict(zip(NAMES, values[0].tolist(), strict=True))


@pytest.mark.parametrize("name", ["regression", "amount"])
def test_numbers_have_their_interval(name):
    outputs = np.array([[0.5], [-0.2], [3.0]])
    rows, task = said({"task": name, "class_names": [], "mean": 1.0, "half_width": 0.4}, outputs)
    expected = task.predictions(outputs)
    for column in ("prediction", "low", "high"):
        np.testing.assert_allclose([row[column] for row in rows], expected[column], rtol=1e-12)
