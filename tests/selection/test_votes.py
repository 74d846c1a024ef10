"""Scores of features are found in their folder; one that cannot be given is no reason to stop."""

from __future__ import annotations

import math

import numpy as np
import pytest

from headstart.core import plugins
from headstart.core.config import Config
from headstart.core.errors import ShapeError
from headstart.core.learning import Targets
from headstart.core.plugins import Plugin
from headstart.selection import votes as module
from headstart.selection.votes import voters, votes

TARGETS = Targets(np.repeat(np.arange(3), 20), "class", 3)


class Made:
    """A score that gives what it was told to, or raises it."""

    def __init__(self, gives):
        self.gives = gives

    def score(self, features, targets, rng):
        if isinstance(self.gives, Exception):
            raise self.gives
        return self.gives if self.gives is not None else rng.random()


@pytest.fixture
def room(monkeypatch):
    """A room of made-up scores."""
    made = {"good": 0.5, "drawn": None, "broken": ShapeError("too few rows"), "endless": math.inf}
    kinds = {name: frozenset({"class"}) for name in made} | {"of_numbers": frozenset({"real"})}
    made["of_numbers"] = 1.0

    def load(room, name):
        return Plugin(build=lambda config: Made(made[name]), config=Config, targets=kinds[name])

    monkeypatch.setattr(module.plugins, "names", lambda room: sorted(made))
    monkeypatch.setattr(module.plugins, "load", load)


def test_each_score_is_given_by_its_name_or_none(room):
    found = votes(np.ones((60, 2)), TARGETS, 0)
    assert found == {"good": 0.5, "drawn": found["drawn"], "broken": None, "endless": None}
    assert votes(np.ones((60, 2)), TARGETS, 0) == found
    assert votes(np.ones((60, 2)), TARGETS, 1)["drawn"] != found["drawn"]
    assert voters("real") == ["of_numbers"]


def test_without_any_file_there_are_no_votes(monkeypatch):
    monkeypatch.setattr(plugins, "names", lambda room: [])
    assert votes(np.ones((60, 2)), TARGETS, 0) == {}


def test_the_scores_that_ship_prefer_features_that_tell_classes_apart():
    draw = np.random.default_rng(0)
    noise = draw.normal(size=(60, 4)).astype(np.float32)
    apart = noise + 6 * np.eye(4, dtype=np.float32)[TARGETS.values]
    good, bad = votes(apart, TARGETS, 0), votes(noise, TARGETS, 0)
    for name in ("log_me", "h_score", "parc"):
        assert good[name] > bad[name], name
