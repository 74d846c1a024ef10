"""A training that is made cheaper where the time is short."""

from __future__ import annotations

import math

import pytest

from api.helpers_race import Notes
from api.helpers_training import LAST, made
from headstart.core.run_folder import RunFolder
from headstart.training import draft as train_draft
from headstart.training.shorter import Costs, Shape, affordable, deeper, sentence

BELOW = [0.0, 0.1, 0.4, 0.8, 1.0]  # shares of the arithmetic below boundaries 0 to 4


def costs(boundary=1, epoch=10.0, view=2.0, once=0.0, keeps=True):
    return Costs(boundary, epoch, view, once, keeps)


# What deeper boundaries cost


def test_steps_cost_by_the_arithmetic_above_by_hand():
    found = deeper(costs(), BELOW, 3, can_keep=True)
    assert [each.boundary for each in found] == [1, 2, 3]
    assert [each.epoch for each in found] == pytest.approx([10.0, 10 * 0.6 / 0.9, 10 * 0.2 / 0.9])
    assert [each.view for each in found] == pytest.approx([2.0, 2.6, 2.6])


def test_frozen_stages_still_run_where_nothing_is_kept():
    found = deeper(costs(0, keeps=False), BELOW, 3, can_keep=False)
    assert found[3].epoch == pytest.approx(10 * (0.2 + 0.8 / 3))
    assert found[3].view == 2.0 and not found[3].keeps


def test_a_step_never_gets_for_nothing():
    assert deeper(costs(0), [0.0, 0.99, 1.0], 1, can_keep=True)[1].epoch == pytest.approx(0.5)


# What is given up


def test_with_time_enough_nothing_is_given_up():
    assert affordable([costs()], 4, 4, 52.0) == Shape(1, 4, 4, pytest.approx(4 * 11 + 4 * 2))
    assert affordable([costs()], 4, 4, math.inf).epochs == 4


def test_views_are_given_up_first():
    assert affordable([costs()], 4, 4, 47.0) == Shape(1, 4, 1, pytest.approx(46.0))
    assert affordable([costs()], 4, 4, 48.5).views == 2
    assert affordable([costs()], 4, 4, 47.0, fewest_views=4).epochs == 3  # named views are obeyed


def test_then_epochs_down_to_a_half_and_then_the_depth():
    options = deeper(costs(), BELOW, 3, can_keep=True)
    assert affordable(options, 4, 4, 25.0) == Shape(1, 2, 1, pytest.approx(24.0))
    found = affordable(options, 4, 4, 20.0)  # two epochs at boundary 1 take 22 s: boundary 2 has two for 14.7 s
    assert (found.boundary, found.epochs, found.views) == (2, 2, 2)
    assert affordable(options, 4, 4, 10.0).boundary == 3


def test_half_of_many_epochs_deeper_come_before_two_at_the_wanted_depth():
    options = deeper(costs(), BELOW, 3, can_keep=True)
    assert affordable(options, 10, 10, 30.0).boundary == 3  # 2 epochs would fit at 1, but 5 fit here
    assert affordable(options[:1], 10, 10, 30.0) == Shape(1, 2, 2, pytest.approx(26.0))


def test_where_nothing_fits_there_is_none():
    assert affordable(deeper(costs(), BELOW, 3, can_keep=True), 4, 4, 5.0) is None
    assert affordable([costs(once=30.0)], 4, 4, 29.0) is None


def test_without_augmentation_the_one_view_is_counted_once():
    assert affordable([costs()], 2, 0, 24.5) == Shape(1, 2, 0, pytest.approx(24.0))
    assert affordable([costs()], 2, 0, 23.5) is None


def test_what_is_not_kept_is_prepared_in_every_epoch():
    assert affordable([costs(0, keeps=False)], 4, 4, 40.0) == Shape(0, 3, 3, pytest.approx(39.0))


@pytest.mark.parametrize("epochs", [1, 2, 5, 9])
@pytest.mark.parametrize("views", [0, 1, 9])
def test_more_time_never_gives_more_up_at_the_same_depth(epochs, views):
    options = deeper(costs(), BELOW, 3, can_keep=True)
    before = None
    for left in range(0, 150, 3):
        found = affordable(options, epochs, views, float(left))
        if found is None:
            assert before is None
            continue
        assert found.seconds <= left
        if before and before.boundary == found.boundary:
            assert (found.epochs, found.views) >= (before.epochs, min(before.views, found.views))
        before = found


def test_nothing_is_said_where_nothing_was_given_up():
    assert sentence(Shape(1, 3, 9, 0.0), Shape(1, 3, 3, 9.0), ["a", "b"], 60.0) == ""
    assert sentence(Shape(0, 3, 3, 0.0), Shape(1, 3, 3, 9.0), ["a", "b"], 60.0) == (
        "more of the network stays frozen (up to a instead of nothing), since 1.0 minutes are left for it"
    )


# In a fit


@pytest.fixture
def slow(warm, monkeypatch):
    """Pictures of which an epoch takes minutes, unless only the last stage is trained."""

    def costs_of(place, draft, cost):
        return Costs(draft.bottom, 0.1 if draft.bottom >= 3 else 400.0, 0.01, 0.0, draft.keep)

    monkeypatch.setattr(train_draft, "_costs", costs_of)
    return made("image", None, warm, None, None)


def raced(pictures, out, freeze, notes):
    settings = {"method.freeze": freeze, "method.epochs": None, "guard": None}
    return pictures.fit(out, settings=settings, minutes=5, tune=1, progress=notes)


def test_a_short_race_freezes_more_and_says_so(slow, tmp_path):
    notes = Notes()
    run = raced(slow, tmp_path / "run", None, notes)
    decided = RunFolder(run.path).decision("training/lp_ft#1")
    wanted, found = decided["depth"]["boundary"], decided["settings"]["freeze"]
    assert found > wanted
    assert decided["shortened"].startswith("more of the network stays frozen (up to ")
    assert "minutes are left for it" in decided["shortened"]
    assert any(decided["shortened"] in note for note in notes.heard)
    assert [trial["name"] for trial in run.evidence["race"]["trials"]] == ["lp_ft#1"]
    assert run.evidence["training"]["lp_ft"]["settings"]["freeze"] == found


def test_a_depth_that_was_named_is_obeyed_even_where_nothing_fits(slow, tmp_path):
    run = raced(slow, tmp_path / "run", LAST["image"] if LAST["image"] == "layer1" else 1, Notes())
    assert run.evidence["race"]["trials"] == [] and "training" not in run.evidence
    assert run.evidence["race"]["stopped"] == "the time that was given was too short for a training"
