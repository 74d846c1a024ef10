import json

import numpy as np
import pytest

from headstart.monitoring.document import Monitored, document_of, windows_of
from headstart.monitoring.named import Named
from monitoring.helpers_monitoring import NAMES, count, make_rows

MODEL = Monitored("insects", "v1", "class", NAMES)


def stretches(reference, rows, size=50):
    starts = range(0, len(rows.features), size)
    return [count(reference, rows.take(slice(low, low + size)), begin=float(low)) for low in starts]


def test_stretches_are_joined_in_order_of_time_to_windows_of_enough_examples(reference):
    parts = stretches(reference, make_rows(250, 1))
    windows = windows_of(list(reversed(parts)), 100)
    assert [window.examples for window, _ in windows] == [100, 100]
    assert [window.begin for window, _ in windows] == [0.0, 100.0]
    assert [window.examples for window, _ in windows_of(parts[:1], 100)] == [50]
    assert parts[0].examples == 50  # joining leaves them as they are


def test_without_a_change_nothing_is_advised(reference):
    document = document_of(MODEL, reference, stretches(reference, make_rows(300, 2)), 300, "data", [])
    assert (document["verdict"], document["alarm"], document["advice"]) == ("unchanged", False, [])
    assert json.loads(json.dumps(document)) == document


def test_a_change_is_dated_priced_and_answered_with_advice(reference):
    before, after = make_rows(300, 3), make_rows(300, 4, shares=(0.05, 0.05, 0.9))
    parts = stretches(reference, before) + [
        count(reference, after.take(slice(low, low + 50)), begin=300.0 + low) for low in range(0, 300, 50)
    ]
    for number, each in enumerate(parts):
        each.named = Named.of([f"{number}/{row}" for row in range(50)], np.linspace(0.3, 1, 50), None)
    document = document_of(MODEL, reference, parts, 300, "log", [])
    assert document["alarm"] and len(document["windows"]) == 2
    assert [each["alarm"] for each in document["windows"]] == [False, True]
    (classes,) = [each for each in document["findings"] if each["family"] == "classes"]
    assert 250.0 <= classes["since"] <= 350.0
    cat = document["classes"][2]
    assert cat["share_now"]["low"] <= (after.truth == 2).mean() <= cat["share_now"]["high"]
    steps = {each["do"]: each for each in document["advice"]}
    assert len(steps["label some examples"]["ids"]) == 60
    assert len(set(steps["label some examples"]["ids"])) == 60
    assert "cat" in document["sentence"]
    assert "headstart adapt RUN" in steps["adapt without labels"]["why"]


def test_estimates_hold_the_accuracy_of_a_window_whose_classes_changed(reference):
    rows = make_rows(400, 5, shares=(0.2, 0.5, 0.3))
    truth = float((rows.outputs.argmax(axis=1) == rows.truth).mean())
    accuracy = document_of(MODEL, reference, stretches(reference, rows), 400, "data", [])["accuracy"]
    for each in accuracy["estimated"].values():
        assert each["low"] <= truth <= each["high"]


@pytest.mark.parametrize("strange", [False, True])
def test_where_inputs_are_of_another_kind_an_estimated_cost_is_a_lower_limit(reference, strange):
    rows = make_rows(400, 8)
    rows.outputs = rows.outputs * 0.2  # much less sure
    parts = stretches(reference, rows, 400)
    row = next(k for k, each in enumerate(reference.numbered) if each.family == "domain")
    parts[0].counts[row, 0 if strange else -1] = 400
    sentence = document_of(MODEL, reference, parts, 400, "data", [])["sentence"]
    assert "points of accuracy" in sentence
    assert ("at least" in sentence) == strange


def test_measured_accuracy_decides_where_targets_are_known(reference):
    rows = make_rows(300, 6)
    parts = stretches(reference, rows, 300)
    parts[0].told(rows.outputs.argmax(axis=1).tolist(), [row % 2 == 0 for row in range(300)])
    document = document_of(MODEL, reference, parts, 300, "data", [])
    assert document["verdict"] == "worse"
    assert document["accuracy"]["measured"]["value"] == 0.5
    assert document["advice"][-1]["do"] == "fit again"


@pytest.mark.parametrize("size", [1, 5])
def test_a_window_of_few_examples_is_judged_and_says_what_it_cannot_tell(reference, size):
    document = document_of(MODEL, reference, stretches(reference, make_rows(size, 7)), 500, "log", [])
    assert document["verdict"] == "unchanged"
    assert "too few" in document["accuracy"]["why_not"]
    assert document["window"]["smallest_change"] > 0.5
