"""Contenders made by hand go through the step between the choice and the test."""

from __future__ import annotations

from dataclasses import replace
from types import SimpleNamespace

import numpy as np
import pytest

from evidence.helpers_evidence import contender, task
from headstart.core.learning import Targets
from headstart.core.run_folder import RunFolder
from headstart.evaluation.softmax import softmax
from headstart.evidence.contender import Apart
from headstart.fitting import answered as room
from headstart.fitting.mitigated import PLAIN
from headstart.solving.work import Solved

N = 400
CHOICE = SimpleNamespace(name="chosen")


def drawn(n, seed, too_sharp=1.0):
    """Class numbers, and logits that would be right divided by ``too_sharp``."""
    rng = np.random.default_rng(seed)
    z = rng.normal(size=(n, 2)) * 1.5
    y = (rng.random(n) > softmax(z)[:, 0]).astype(int)
    return y, z * too_sharp


Y, FOLDS = drawn(N, 0, too_sharp=4.0)
_, TESTED = drawn(50, 1, too_sharp=4.0)


@pytest.fixture
def gone_through(tmp_path, monkeypatch):
    """What the step makes of contenders, and what it writes."""
    monkeypatch.setattr(room, "_with_looks", lambda work, solved, choice, found, *others: found)

    def go(*contenders, trained=(), y=Y):
        learning = SimpleNamespace(targets=Targets(y, "class", 2), seed=0, task=task())
        trials = tuple(SimpleNamespace(contender=each) for each in contenders if each.name in trained)
        parts = SimpleNamespace(groups=np.arange(len(y)))
        solved = Solved(learning, [], list(contenders), parts, None, trials=trials)
        folder = RunFolder(tmp_path)
        work = SimpleNamespace(job=SimpleNamespace(folder=folder, request=SimpleNamespace(answered_accuracy=0.95)))
        found, post = room.answered(work, solved, CHOICE)
        return {each.name: each for each in found.contenders}, post, folder.decision(room.DECISION)

    return go


def surer(one, other):
    """How many times as far apart the logits of two classes are, in the middle of all rows."""
    return np.median(np.diff(one, axis=1) / np.diff(other, axis=1))


def test_contenders_that_say_the_same_say_the_same_afterwards(gone_through):
    chosen, other = (contender(name, folds=FOLDS, test=TESTED) for name in ("chosen", "other"))
    found, post, told = gone_through(chosen, other)
    assert post.postprocessing.record.calibrator != "none"
    assert told["others"] == {"other": post.postprocessing.record.calibrator}
    assert np.array_equal(found["chosen"].test_outputs, found["other"].test_outputs)
    assert surer(TESTED, found["other"].test_outputs) == pytest.approx(4, rel=0.3)


def test_one_that_learned_from_some_rows_is_calibrated_on_those(gone_through):
    rows = np.arange(0, N, 2)
    some = replace(contender("some", folds=FOLDS[rows], test=TESTED), train_rows=rows)
    found, _, told = gone_through(contender("chosen", folds=FOLDS, test=TESTED), some)
    assert told["others"].keys() == {"some"} and "none" not in told["others"].values()
    assert surer(TESTED, found["some"].test_outputs) == pytest.approx(4, rel=0.4)


def test_a_trained_one_is_calibrated_on_rows_kept_apart_and_left_alone_without_such(gone_through):
    chosen = contender("chosen", folds=FOLDS, test=TESTED)
    bare = contender("bare", folds=FOLDS, test=TESTED)
    apart = replace(contender("apart", folds=FOLDS, test=TESTED), apart=Apart(np.arange(200), FOLDS[:200] / 4))
    found, _, told = gone_through(chosen, bare, apart, trained=("bare", "apart"))
    assert told["others"] == {"apart": "none"}  # on those it is right already
    assert np.array_equal(found["bare"].test_outputs, TESTED)


def test_nobody_is_calibrated_where_the_chosen_one_cannot_be(gone_through):
    chosen, other = (contender(name, folds=FOLDS, test=TESTED) for name in ("chosen", "other"))
    plain = contender(PLAIN, folds=FOLDS, test=TESTED)
    found, post, told = gone_through(chosen, other, plain, trained=("chosen",))
    assert post.postprocessing.record.calibrator == "none" and "too few to keep some apart" in told["why_not"]
    assert all(np.array_equal(each.test_outputs, TESTED) for each in found.values())


def test_probabilities_are_frequencies_where_learning_was_weighted(gone_through):
    rng = np.random.default_rng(3)
    y = (rng.random(N) < 0.2).astype(int)
    weighted = np.stack([np.zeros(N), rng.normal(size=N) + 1.5 * y], axis=1)  # as if classes were equally common
    found, _, _ = gone_through(contender("chosen", folds=weighted, test=weighted), y=y)
    said = softmax(found["chosen"].test_outputs)[:, 1]
    assert softmax(weighted)[:, 1].mean() > 0.45
    assert said.mean() == pytest.approx(y.mean(), abs=0.06)  # few rows move a class's shift most of the way
