"""How long a training will take, guessed before anything is measured."""

from __future__ import annotations

import pytest

from headstart.core.resources import cpu_count
from headstart.request.fit_config import FitConfig
from headstart.training.guess import cheaper_note, least_minutes


class Card:
    flops = 4e9


class Network:
    card = Card()


class Lane:
    network = Network()
    numbers = (0,)


class Data:
    """So many examples of one picture."""

    class table:
        columns = ()

    def __init__(self, count):
        self.count = count

    def __len__(self):
        return self.count


def asked(minutes, **method):
    settings = {"method": {"name": "lp_ft", **method}, "tune": 3} if method else {}
    return FitConfig(data="x", minutes=minutes, **settings)


def test_the_least_grows_with_examples_and_with_a_depth_that_was_named():
    few, many = (least_minutes(asked(0.01), Data(count), [Lane], 5.0) for count in (300, 3000))
    assert 0.3 < few < many
    assert least_minutes(asked(0.01, freeze=1), Data(3000), [Lane], 5.0) > many


def test_where_the_minutes_suffice_there_is_none():
    assert least_minutes(asked(500), Data(300), [Lane], 5.0) is None
    assert least_minutes(FitConfig(data="x"), Data(300), [Lane], 5.0) is None


def test_between_the_least_and_a_whole_training_it_says_that_it_is_made_cheaper():
    count = 2000 * cpu_count()
    least = least_minutes(asked(0.01), Data(count), [Lane], 5.0)
    (said,) = cheaper_note(asked(least), Data(count), [Lane], 5.0)
    assert f"with {least:g} it is made cheaper" in said and "more of the network frozen" in said
    assert cheaper_note(asked(500), Data(count), [Lane], 5.0) == []
    assert cheaper_note(asked(least / 2), Data(count), [Lane], 5.0) == []


@pytest.mark.parametrize("others", [0.0, 60.0])
def test_everything_else_is_part_of_the_least(others):
    assert least_minutes(asked(0.01), Data(300), [Lane], others) >= others / 60
