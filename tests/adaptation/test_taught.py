"""Heads that labels of the target teach: no label checks what it taught."""

from dataclasses import replace

import numpy as np
import pytest

from adaptation.helpers_adaptation import SOLVER, accuracy, shifted
from headstart.adaptation.choosing import Choice, Labels
from headstart.adaptation.taught import BIASED, JOINT, moved, taught, with_taught

BOTH = pytest.mark.parametrize("name", [JOINT, BIASED])


@pytest.fixture(scope="module")
def turned():
    """A shift, and 60 labelled rows of it."""
    domains, truth = shifted("moved", rows=240)
    rows = np.random.default_rng(0).permutation(240)[:60]
    return domains, truth, Labels(rows, truth[rows])


def one(name, domains, labels):
    (found,), left_out = taught(domains, SOLVER, labels, 0, linear=True, names=[name])
    assert not left_out
    return found


@BOTH
def test_sixty_labels_help_and_the_guard_is_sure_of_it(name, turned):
    domains, truth, labels = turned
    found = one(name, domains, labels)
    rest = np.setdiff1d(np.arange(240), labels.rows)
    was, now = (accuracy(each[rest], truth[rest]) for each in (domains.start, found.tried.outputs))
    assert now > was + 0.1 and found.gain.low > 0
    assert with_taught(Choice(None, "Nothing helps."), [found], 0.2).name == name


@BOTH
def test_a_label_has_no_say_in_the_answer_that_it_checks(name, turned):
    domains, _, labels = turned
    other = labels.truth.copy()
    other[7] = (other[7] + 1) % 3
    before, after = (one(name, domains, each) for each in (labels, Labels(labels.rows, other)))
    np.testing.assert_array_equal(before.cross[7], after.cross[7])
    assert not np.array_equal(before.cross, after.cross)


def test_permuted_labels_give_no_sure_gain(turned):
    domains, _, labels = turned
    draws = [np.random.default_rng(seed).permutation(labels.truth) for seed in range(12)]
    gains = [one(BIASED, domains, Labels(labels.rows, truth)).gain for truth in draws]
    assert sum(gain.low > 0 for gain in gains) <= 1


def test_where_nothing_shifted_labels_are_not_sure_to_help():
    domains, truth = shifted("none", rows=120)
    rows = np.arange(40)
    assert one(BIASED, domains, Labels(rows, truth[rows])).gain.low <= 0


def test_labels_that_cannot_teach_are_told(turned):
    domains, _, labels = turned
    few = Labels(labels.rows[:19], labels.truth[:19])
    alone = Labels(labels.rows, np.zeros(60, np.int64))
    for given, told in ((few, "20 labelled examples"), (alone, "at least two classes")):
        found, left_out = taught(domains, SOLVER, given, 0, linear=True)
        assert not found and all(told in why for why in left_out.values()) and set(left_out) == {JOINT, BIASED}
    found, left_out = taught(replace(domains, source=None), SOLVER, labels, 0, linear=False)
    assert not found and "linear head" in left_out[BIASED] and "run learned from" in left_out[JOINT]


def test_a_head_held_firmly_stays_and_one_that_is_free_learns_every_label():
    rng = np.random.default_rng(0)
    inputs, truth = rng.normal(size=(12, 12)), np.arange(12) % 3
    offset = rng.normal(size=(12, 3))
    assert np.abs(moved(inputs, offset, truth, 1e6)).max() < 1e-5
    assert ((offset + inputs @ moved(inputs, offset, truth, 1e-6)).argmax(axis=1) == truth).all()


def test_what_was_asked_for_is_kept_and_a_better_choice_too(turned):
    domains, _, labels = turned
    found = one(BIASED, domains, labels)
    asked = Choice("coral", "coral was asked for.", {})
    assert with_taught(asked, [found], 0.2).name == "coral"
    better = Choice("coral", "coral promises most.", {"coral": {"value": 99.0, "low": 98.0, "high": 100.0}})
    assert with_taught(better, [found], 0.2).name == "coral"
