"""From values of validators to a choice, by hand."""

from __future__ import annotations

import json
from dataclasses import replace

import numpy as np
import pytest

from headstart.adaptation.choosing import AGREEMENT, LEARNED, Chooser, Labels, agreement, choose, learned_chooser
from headstart.adaptation.contract import VALIDATORS
from headstart.adaptation.trying import SOURCE_ONLY, Tried
from headstart.core import plugins

CHOOSER = Chooser({"confidence": 0.5, "silhouette": 2.0}, {"coral": 0.1}, 2.0, (-0.5, 0.25), 0.5, 12, ("a", "b"))


def head(name, said, **values):
    outputs = (np.asarray(said)[:, None] == np.arange(2)).astype(float)
    return Tried(name, outputs, values, 0.0, lambda features: features)


START = head(SOURCE_ONLY, [0] * 10, confidence=0.7, silhouette=0.1)


def test_a_gain_is_coefficients_times_differences_and_what_the_adapter_stands_for():
    found = head("coral", [1] * 5 + [0] * 5, confidence=0.74, silhouette=0.13)
    gain = CHOOSER.gain(found, START)
    # 0.5 * 4 + 2 * 3 points, and a tenth of 2 + 50
    assert gain.value == pytest.approx(2 + 6 + 5.2) and gain.changed == 50
    assert (gain.low, gain.high) == pytest.approx((13.2 - 0.5 * 52, 13.2 + 0.25 * 52))


def test_an_adapter_of_which_nothing_was_learned_stands_for_nothing_and_is_less_sure():
    found = head("new_one", [1] * 5 + [0] * 5, confidence=0.74, silhouette=0.13)
    gain = CHOOSER.gain(found, START)
    assert gain.value == pytest.approx(8)
    assert (gain.low, gain.high) == pytest.approx((8 - 0.5 * 52, 8 + (0.25 + 0.1) * 52))  # no known adapter loses
    harmful = replace(CHOOSER, adapters={"coral": 0.1, "optimal_transport": -0.2})
    assert harmful.gain(found, START).low == pytest.approx(8 - (0.5 + 0.2) * 52)


def test_no_more_is_gained_or_lost_than_answers_change():
    gain = CHOOSER.gain(head("new_one", [1] + [0] * 9, confidence=0.99, silhouette=0.9), START)
    assert (gain.value, gain.low, gain.high) == (10, 10 - 0.5 * 12, 10)
    same = CHOOSER.gain(head("coral", [0] * 10, confidence=0.9, silhouette=0.2), START)
    assert (same.value, same.low, same.high) == (0, 0, 0)


def test_a_validator_that_says_nothing_counts_for_nothing_and_none_at_all_give_no_estimate():
    some = head("new_one", [1] * 5 + [0] * 5, confidence=0.74, silhouette=float("nan"))
    assert CHOOSER.gain(some, START).value == pytest.approx(2)
    silent = head("new_one", [1] * 10)
    assert CHOOSER.gain(silent, START) is None
    choice = choose([START, silent], None, chooser=CHOOSER)
    assert choice.name is None and choice.gains == {} and "none could be judged" in choice.why


def test_the_head_that_stays_above_zero_after_the_margin_is_chosen():
    good = head("new_one", [1] * 2 + [0] * 8, confidence=0.8, silhouette=0.11)  # 7; low 7 - 0.5 * 22 = -4; after 1.5
    wild = head("coral", [1] * 10, confidence=0.7, silhouette=0.1)  # 10.2; low -40.8; after -15.3
    choice = choose([START, wild, good], None, chooser=CHOOSER)
    assert choice.name == "new_one"
    assert choice.why.startswith("new_one promises most, with an estimated gain of +7.0 points (-4.0 to +14.7). ")
    assert "12 shifts of 2 data sets" in choice.why and "bound" not in choice.why
    assert choice.gains["coral"]["value"] == pytest.approx(10.2) and set(choice.gains) == {"coral", "new_one"}


def test_the_model_is_kept_where_an_estimate_is_within_its_uncertainty():
    wild = head("coral", [1] * 10, confidence=0.7, silhouette=0.1)
    choice = choose([START, wild], None, chooser=CHOOSER)
    assert choice.name is None and "the best is coral" in choice.why and "uncertain" in choice.why


def test_what_the_user_names_is_obeyed_and_its_gain_is_said():
    poor = head("coral", [1] * 10, confidence=0.3, silhouette=0.0)
    choice = choose([START, poor], "coral", chooser=CHOOSER)
    assert choice.name == "coral" and "was asked for, with an estimated gain of -29.8" in choice.why


def test_most_heads_agree_and_where_votes_are_equal_the_model_as_it_is_decides():
    answers = {"start": [0, 0, 1, 2], "a": [0, 1, 1, 1], "b": [0, 1, 0, 1], "c": [1, 0, 0, 2]}
    found = agreement({name: np.array(each) for name, each in answers.items()}, 3)
    assert found == {"start": 1.0, "a": 0.5, "b": 0.25, "c": 0.5}  # most say 0, then twice as the start, then 2
    assert agreement({name: np.array(answers[name]) for name in ("start", "a", "b")}, 3) == {}


def test_what_most_heads_say_counts_as_a_validator_does():
    by_heads = Chooser({AGREEMENT: 0.5}, {}, 2.0, (-0.01, 0.01), 0.5, 12, ("a", "b"))
    heads = [head(name, [1] * 4 + [0] * 6, confidence=0.7) for name in ("one", "two", "three")]
    choice = choose([START, *heads], None, chooser=by_heads)
    assert choice.gains["one"]["value"] == pytest.approx(0.5 * 40) and choice.name == "one"


def test_without_any_adapter_the_model_is_kept():
    assert choose([START], None, chooser=CHOOSER).name is None


def test_few_labels_turn_a_choice_round():
    start = head(SOURCE_ONLY, [0] * 100, confidence=0.7, silhouette=0.1)
    good = head("new_one", [1] * 20 + [0] * 80, confidence=0.8, silhouette=0.11)
    wrong = Labels(np.arange(10), np.zeros(10, np.int64))
    choice = choose([start, good], None, wrong, CHOOSER)
    assert choice.name is None and "10 labelled examples" in choice.why and choice.gains["new_one"]["high"] < 0
    right = Labels(np.arange(10), np.ones(10, np.int64))
    sure = choose([start, good], None, right, CHOOSER)
    assert sure.name == "new_one" and sure.gains["new_one"]["low"] > 0


def test_what_ships_knows_validators_that_there_are():
    chooser, document = learned_chooser(), json.loads(LEARNED.read_text())
    assert set(chooser.coefficients) <= {*plugins.names(VALIDATORS), AGREEMENT}
    assert all(value > 0 for value in chooser.coefficients.values())
    assert chooser.residuals[0] < 0 < chooser.residuals[1] and 0 < chooser.margin <= 1
    assert sum(document["of_sets"].values()) == chooser.shifts and set(document["of_sets"]) == set(chooser.sets)


def test_ways_that_change_the_network_are_judged_by_their_own_and_do_not_vote():
    theirs = Chooser({"confidence": 3.0}, {"network_statistics": 0.0}, 2.0, (-0.1, 0.1), 0.5, 6, ("a",))
    both = replace(CHOOSER, networks=theirs)
    moved = head("network_statistics", [1] * 5 + [0] * 5, confidence=0.74, silhouette=0.0)
    choice = choose([START, moved], None, chooser=both)
    assert choice.name == "network_statistics"
    assert choice.gains["network_statistics"]["value"] == pytest.approx(12)  # 3 * 4 points; silhouette has no say
    alone = choose([START, moved], None, chooser=CHOOSER)
    assert alone.gains["network_statistics"]["value"] == pytest.approx(2 - 20)
    by_heads = replace(both, coefficients={AGREEMENT: 1.0}, adapters={})
    others = [head(name, [0] * 10, confidence=0.7, silhouette=0.1) for name in ("b", "c", "d")]
    for crowd in ([], [moved]):  # with or without it, all heads agree
        found = choose([START, *others, *crowd], None, chooser=by_heads)
        assert {found.gains[name]["value"] for name in ("b", "c", "d")} == {0.0}


def test_the_chooser_that_ships_knows_ways_that_change_the_network():
    found = learned_chooser()
    assert found.of("network_statistics") is found.networks and found.of("coral") is found
    assert AGREEMENT not in found.networks.coefficients


def test_a_head_beyond_the_source_is_chosen_by_labels_alone_and_has_no_say_in_others():
    rows = 40
    start = head(SOURCE_ONLY, [0] * rows, confidence=0.7, silhouette=0.1)
    beyond = replace(head("along", [1] * rows), is_beyond=True)
    without = choose([start, beyond], None, chooser=CHOOSER)
    assert without.name is None and without.gains == {}
    some = np.arange(20)
    for truth, chosen in ((np.ones(20), "along"), (np.arange(20) % 2, None), (np.zeros(20), None)):
        choice = choose([start, beyond], None, Labels(some, truth.astype(np.int64)), CHOOSER)
        assert choice.name == chosen and choice.gains["along"]["level"] == 0.95
        assert (choice.gains["along"]["low"] > 0) == (chosen is not None)
    named = choose([start, beyond], "along", chooser=CHOOSER)
    assert named.name == "along" and named.gains == {}
