"""What readers say of probabilities is what the tasks say."""

from __future__ import annotations

import numpy as np
import pytest

from exporting.helpers_node import in_node, needs_node
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
    return [answer(row, _facts(task)) for row in values], task


def _facts(task):
    return {"class_names": list(task.class_names), "kind": task.kind, "decision": _decision(task.to_dict(), task.kind)}


def _values(document):
    return sigmoid(OUTPUTS) if document["task"] == "multilabel" else softmax(OUTPUTS)


DOCUMENTS = [
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
]


@pytest.mark.parametrize("document", DOCUMENTS)
def test_decisions_follow_from_probabilities_as_the_task_makes_them(document):
    values = _values(document)
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


@needs_node
def test_browsers_say_the_same():
    numbers = [[0.5], [-0.2], [3.0], [900.0]]
    real = [{"task": name, "class_names": [], "mean": 1.0, "half_width": 0.4} for name in ("regression", "amount")]
    asked = [(document, _values(document)) for document in DOCUMENTS] + [(each, numbers) for each in real]
    given = [{"facts": _facts(task_from_dict(each)), "values": np.asarray(v).tolist()} for each, v in asked]
    code = "return given.map(({ facts, values }) => values.map((each) => made.answer(each, facts)));"
    for rows, (document, values) in zip(in_node("answers.mjs", code, given), asked, strict=True):
        for row, expected in zip(rows, said(document, values)[0], strict=True):
            assert row == pytest.approx(expected) if "low" in row else row == expected
