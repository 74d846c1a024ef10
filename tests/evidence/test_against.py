from dataclasses import replace

import numpy as np
import pytest

from headstart.core.errors import ConfigError
from headstart.core.files import dump_json
from headstart.core.learning import Targets
from headstart.evidence.against import against
from headstart.evidence.run_answers import RunAnswers
from headstart.tasks.classification import Classification, ClassificationConfig
from headstart.tasks.regression import Regression, RegressionConfig

TASK = Classification(ClassificationConfig(class_names=("a", "b")))


def run(name, right, n=100, groups=None):
    """Right on the first rows; the truth alternates between the classes."""
    truth = np.arange(n) % 2
    said = np.where(np.arange(n) < right, truth, 1 - truth)
    outputs = np.where(np.arange(2) == said[:, None], 1.0, -1.0)
    words = np.array(TASK.class_names, dtype=object)
    ids = np.array([f"id{row}" for row in range(n)], dtype=object)
    slices = {} if groups is None else {"group": np.array(groups, dtype=object)}
    return RunAnswers(name, TASK, ids, Targets(truth, "class", 2), outputs, words[said], words[truth], slices)


def shuffled(answers, seed=0):
    return answers.take(np.random.default_rng(seed).permutation(len(answers.ids)))


def test_the_difference_is_paired_and_turned_to_the_first():
    found = against(run("new", 90), run("old", 80))
    dump_json(found)
    assert found["accuracy"] == {"one": 0.9, "other": 0.8} and found["n"] == 100
    assert found["difference"]["value"] == pytest.approx(0.1) and found["difference"]["low"] > 0
    assert found["mcnemar"] == {"only_one": 10, "only_other": 0, "p": pytest.approx(2 / 2**10)}
    assert found["changed"]["gained"] == [f"id{row}" for row in range(80, 90)] and found["changed"]["lost"] == []
    assert found["sentence"].startswith("new is better than old by 10.0 points of accuracy")
    assert "unclear" not in found["sentence"]


def test_the_other_way_round_it_is_the_negative():
    one, other = against(run("new", 90), run("old", 80)), against(run("old", 80), run("new", 90))
    assert one["difference"]["value"] == -other["difference"]["value"]
    assert one["changed"]["gained"] == other["changed"]["lost"] and "is worse than" in other["sentence"]


def test_the_order_of_the_files_does_not_matter():
    assert against(run("new", 90), shuffled(run("old", 80))) == against(run("new", 90), run("old", 80))


def test_two_alike_cannot_be_told_apart():
    found = against(run("new", 80), run("old", 80))
    assert found["difference"]["value"] == 0 and found["mcnemar"]["p"] == 1
    assert "Which of the two is better is unclear." in found["sentence"]


def test_who_gained_and_who_lost():
    groups = ["f"] * 50 + ["m"] * 50
    found = against(run("new", 90, groups=groups), run("old", 80, groups=groups))
    assert found["groups"]["group"]["f"]["difference"]["value"] == 0
    assert found["groups"]["group"]["m"] == {"n": 50, "difference": found["groups"]["group"]["m"]["difference"]}
    assert found["groups"]["group"]["m"]["difference"]["value"] == pytest.approx(0.2)
    assert against(run("new", 90, groups=groups), run("old", 80))["groups"] == {}


@pytest.mark.parametrize(
    ("change", "message"),
    [
        (lambda run: replace(run, task=Classification(ClassificationConfig(class_names=("a", "c")))), "same task and"),
        (lambda run: run.take(np.arange(90)), "new has 100, old 90, and 90 are in both"),
        (lambda run: replace(run, ids=np.array([f"x{row}" for row in range(100)], dtype=object)), "0 are in both"),
        (lambda run: replace(run, truth=run.truth[::-1]), "100 of 100 test examples have others"),
    ],
)
def test_runs_that_cannot_be_compared_are_refused(change, message):
    with pytest.raises(ConfigError, match=message):
        against(run("new", 90), change(run("old", 80)))


def test_numbers_have_no_right_or_wrong():
    rng = np.random.default_rng(0)
    truth = rng.normal(size=60)
    ids, words = np.array([str(row) for row in range(60)], dtype=object), truth.astype(object)

    def numbers(name, noise):
        outputs = truth[:, None] + noise * rng.normal(size=(60, 1))
        return RunAnswers(name, Regression(RegressionConfig()), ids, Targets(truth, "real", 1), outputs,
                          outputs[:, 0].astype(object), words)  # fmt: skip

    found = against(numbers("new", 0.1), numbers("old", 1.0))
    assert found["primary"] == "rmse" and found["difference"]["value"] > 0 and "mcnemar" not in found
