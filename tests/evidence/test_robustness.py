import numpy as np
import pytest

from headstart.core.files import dump_json
from headstart.core.learning import Targets
from headstart.evidence.robustness import Tried, summary
from headstart.tasks.classification import Classification, ClassificationConfig
from headstart.tasks.regression import Regression, RegressionConfig

TASK = Classification(ClassificationConfig(class_names=("a", "b")))
TRUTH = np.arange(100) % 2


def outputs(right):
    said = np.where(np.arange(100) < right, TRUTH, 1 - TRUTH)
    return np.where(np.arange(2) == said[:, None], 1.0, -1.0)


def tried(name, *right):
    return [Tried(name, "image", "%", float(at), outputs(each), list(range(100))) for at, each in enumerate(right, 1)]


def found(*all_tried):
    document = summary(TASK, Targets(TRUTH, "class", 2), outputs(90), [one for many in all_tried for one in many])
    dump_json(document)
    return document


def test_where_five_points_are_lost_is_where_it_breaks():
    document = found(tried("blur", 90, 86, 85, 60))
    (blur,) = document["corruptions"]
    assert blur["breaks_at"] == 3.0 and [round(p["change"]["value"], 2) for p in blur["points"]] == [
        0,
        -0.04,
        -0.05,
        -0.3,
    ]
    assert document["clean"]["value"] == 0.9 and blur["points"][3]["accuracy"]["value"] == 0.6
    assert document["sentence"] == "These cost accuracy on 100 test examples five points or more: blur from 3 %."


def test_the_most_harmful_comes_first():
    names = [each["name"] for each in found(tried("mild", 89), tried("bad", 50), tried("good", 95))["corruptions"]]
    assert names == ["bad", "mild", "good"]


def test_nothing_lost_is_said():
    assert found(tried("mild", 88))["sentence"].startswith("No corruption that was tried costs accuracy")


def test_a_missing_column_has_no_strength():
    document = summary(TASK, Targets(TRUTH, "class", 2), outputs(90),
                       [Tried("without age", "age", "", None, outputs(70), list(range(100)))])  # fmt: skip
    assert document["corruptions"][0]["breaks_at"] is None and document["corruptions"][0]["breaks"]
    assert document["sentence"].endswith("five points or more: without age.")


def test_only_what_could_be_read_is_compared():
    half = Tried("blur", "image", "%", 1.0, outputs(100)[:50], list(range(50)))
    (blur,) = found([half])["corruptions"]
    assert blur["points"][0]["change"]["value"] == 0  # of the first 50 all were right before, too


def test_errors_of_numbers_break_when_they_grow_by_a_twentieth():
    truth = np.linspace(0, 10, 100)
    clean = (truth + np.where(np.arange(100) % 2, 1.0, -1.0))[:, None]
    worse = (
        (truth + np.where(np.arange(100) % 2, 1.04, -1.04))[:, None],
        (truth + np.where(np.arange(100) % 2, 1.1, -1.1))[:, None],
    )
    several = [Tried("noise", "x", "dB", float(at), each, list(range(100))) for at, each in enumerate(worse)]
    document = summary(Regression(RegressionConfig()), Targets(truth, "real", 1), clean, several)
    assert document["corruptions"][0]["breaks_at"] == 1.0 and document["clean"]["value"] == pytest.approx(1.0)
