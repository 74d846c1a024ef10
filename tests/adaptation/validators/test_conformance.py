"""Every validator of the room, found by its file: what may be relied on whichever it is."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from scipy.sparse import csr_array

from adaptation.validators.helpers_validators import estimate, labeled, random_view, said, view
from headstart.adaptation.contract import VALIDATORS
from headstart.adaptation.space import Space
from headstart.core import plugins
from headstart.core.errors import DataError
from headstart.core.seeding import generator

NAMES = plugins.names(VALIDATORS)
every = pytest.mark.parametrize("name", NAMES)


def with_target(seen, rows):
    """The same view with some of its target rows, in that order."""
    target = seen.target[rows]
    space = Space.of(target, seen.learned, generator(0, "space"))
    return replace(seen, target=target, outputs=seen.outputs[rows], start=seen.start[rows], space=space)


def test_the_room_has_its_validators():
    assert len(NAMES) >= 13 and {"confidence", "importance_weighted", "reverse_validation"} <= set(NAMES)


@every
def test_it_says_what_it_is_and_where_it_comes_from(name):
    plugin = plugins.load(VALIDATORS, name)
    assert plugin.kind in ("accuracy", "score") and plugin.title
    assert plugin.paper or name == "held_out"
    assert len(plugins.summary(VALIDATORS, name)) > 20


@every
def test_the_same_seed_gives_the_same_finite_number_within_its_range(name):
    values = {estimate(name, random_view(3), seed=5) for _ in range(2)}
    (value,) = values
    assert isinstance(value, float) and np.isfinite(value)
    low, high = (0, 1) if plugins.load(VALIDATORS, name).kind == "accuracy" else (-1, 1)
    assert low <= value <= high


@every
def test_the_order_of_the_target_rows_is_irrelevant(name):
    seen = random_view(1)
    moved = with_target(seen, np.random.default_rng(2).permutation(len(seen.outputs)))
    assert estimate(name, moved) == pytest.approx(estimate(name, seen), abs=1e-4)


# Undecided answers are all alike, and so dense; the way back is made up here.
BLIND = {"soft_neighbourhood_density", "reverse_validation"}


@pytest.mark.parametrize("name", sorted({*NAMES} - BLIND))
def test_a_head_that_is_sure_and_right_is_above_one_that_guesses(name):
    good, bad = (
        np.nanmean([estimate(name, random_view(seed, noise=noise)) for seed in range(5)]) for noise in (0.2, 6.0)
    )
    assert good > bad


ODD = {
    "one class predicted": view(outputs=said([1, 1, 1, 1], 2)),
    "five rows": with_target(random_view(4), np.arange(5)),
    "one row": with_target(random_view(4), np.arange(1)),
    "equal rows": view(target=np.ones((4, 2), np.float32)),
    "rows of zeros": view(target=np.zeros((4, 2), np.float32), learned=labeled(np.zeros((4, 2)), [0, 0, 1, 1], 2)),
    "all held-out rows wrong": view(held_said=said([1, 1, 0, 0], 2)),
    "one held-out class": view(labeled(np.ones((3, 2), np.float32), [1, 1, 1], 2)),
    "huge logits": view(outputs=1e6 * said([0, 1, 0, 1], 2), held_said=1e6 * said([0, 0, 1, 1], 2)),
    "no ratio": view(ratio=np.zeros(4)),
    "missing values": view(target=np.array([[0, np.nan], [np.nan, 1], [1, 0], [2, 0]], np.float32)),
    "sparse": view(
        target=csr_array(np.eye(4, 3)), learned=labeled(csr_array(np.eye(4, 3)), [0, 0, 1, 1], 2),
        held=labeled(csr_array(np.eye(4, 3)), [0, 0, 1, 1], 2),
    ),
}  # fmt: skip


@every
@pytest.mark.parametrize("odd", ODD)
def test_odd_data_give_a_number_within_the_range_or_none(name, odd):
    value = estimate(name, ODD[odd])
    assert isinstance(value, float) and (np.isnan(value) or -1 <= value <= 1)


def test_without_held_out_rows_only_what_needs_them_says_nothing():
    empty = labeled(np.empty((0, 2), np.float32), [], 2)
    seen = view(empty, np.empty((0, 2)), again=lambda pseudo: np.empty((0, 2)))
    silent = {name for name in NAMES if np.isnan(estimate(name, seen))}
    assert silent == {
        "class_balance", "confidence_threshold", "deep_embedded", "held_out", "importance_weighted", "label_shift",
        "reverse_validation",
    }  # fmt: skip


def test_a_way_back_that_fails_says_nothing():
    def fails(pseudo):
        raise DataError("too few rows")

    assert np.isnan(estimate("reverse_validation", view(again=fails)))
