"""The race's moves, with trials whose losses are made up and a clock that is counted."""

from __future__ import annotations

import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from headstart.selection.halving import MARGIN, Race, Trial, highest, room


def run(race: Race, curves: list[list[float]], seconds: float, cost: float = 10.0) -> list[tuple[str, str]]:
    """Play a race: trial i has the losses ``curves[i]`` after its cycles, each of which costs the same."""
    moves = []
    while True:
        move = race.next(seconds, cost)
        moves.append((move.kind, move.trial.name if move.trial else ""))
        if move.kind == "stop":
            return moves
        trial = move.trial if move.kind == "go_on" else Trial(str(len(race.trials)), "lp_ft")
        number = int(trial.name)
        if number >= len(curves):
            return moves
        trial.rung += 1
        trial.seconds = cost
        trial.loss = min(trial.loss, curves[number][trial.rung - 1])
        race.report(trial)
        seconds -= cost


def test_one_in_three_is_promoted_as_soon_as_it_is_among_the_best_third():
    curves = [[0.5, 0.4, 0.3, 0.2], [0.6] * 4, [0.7] * 4, [0.8] * 4]
    moves = run(Race(), curves, seconds=41)
    # three begin; the first is the best third of three and goes on; then a fourth begins, and the time is over
    assert moves == [("new", ""), ("new", ""), ("new", ""), ("go_on", "0"), ("stop", "")]


def test_the_promoted_one_must_fit_into_the_time_that_is_left():
    race = Race()
    for name, loss in (("a", 0.5), ("b", 0.6), ("c", 0.7)):
        race.report(Trial(name, "lp_ft", rung=1, loss=loss, seconds=30.0))
    assert race.next(left=29, cost_of_new=10).kind == "new"
    assert race.next(left=30, cost_of_new=10).trial.name == "a"
    assert race.next(left=5, cost_of_new=10).kind == "stop"


def test_a_trial_that_is_over_gets_no_more_time():
    race = Race()
    race.report(Trial("a", "lp_ft", rung=1, loss=0.5, seconds=1.0, over="it diverged"))
    race.report(Trial("b", "lp_ft", rung=1, loss=0.6, seconds=1.0))
    race.report(Trial("c", "lp_ft", rung=1, loss=0.7, seconds=1.0))
    assert race.next(100, 1).kind == "new"


def test_it_stops_where_nothing_can_be_won_any_more():
    race = Race()
    race.report(Trial("a", "lp_ft", rung=1, loss=0.01, shares=np.ones(3000), seconds=1.0))
    move = race.next(1000, 1)
    assert move.kind == "stop"
    assert "no candidate can win by more than 0.2 points" in move.why


def test_it_stops_after_six_trials_without_a_better_one():
    moves = run(Race(most_rungs=1), [[0.5], *[[0.6]] * 20], seconds=1e9)
    assert [kind for kind, _ in moves] == ["new"] * 7 + ["stop"]


def test_so_many_trials_and_then_the_best_to_its_end():
    curves = [[0.5, 0.5, 0.5, 0.5], [0.4, 0.3, 0.2, 0.1]]
    moves = run(Race(most_trials=2), curves, seconds=1e9)
    assert moves == [("new", ""), ("new", ""), ("go_on", "1"), ("go_on", "1"), ("go_on", "1"), ("stop", "")]


def test_one_that_cannot_win_is_not_promoted():
    rng = np.random.default_rng(0)
    good = np.ones(400)
    good[:40] = 0
    bad = (rng.random(400) < 0.5).astype(float)  # 40 points worse: its interval leaves nothing
    race = Race(eta=1)
    race.report(Trial("good", "lp_ft", rung=4, loss=0.3, shares=good, seconds=1.0))
    race.report(Trial("bad", "lp_ft", rung=1, loss=0.9, shares=bad, seconds=1.0))
    assert race.next(100, 1).kind == "new"
    race.trials[1].shares = good.copy()
    race.trials[1].shares[:3] = 1  # as good, and better on three rows: it may win
    assert race.next(100, 1).trial.name == "bad"


def test_failed_trials_are_never_the_best():
    race = Race()
    race.report(Trial("a", "lp_ft", over="failed: no memory"))
    assert race.best is None
    race.report(Trial("b", "lp_ft", rung=1, loss=0.9))
    assert race.best.name == "b"


@given(
    curves=st.lists(st.lists(st.floats(0.01, 10), min_size=4, max_size=4), min_size=12, max_size=12),
    seconds=st.integers(0, 30),
    more=st.integers(0, 20),
)
def test_more_time_never_takes_a_better_answer_away(curves, seconds, more):
    def best(time: int) -> float:
        race = Race(most_trials=12)
        run(race, curves, time * 10.0)
        return race.best.loss if race.best else math.inf

    assert best(seconds + more) <= best(seconds)


def test_a_perfect_score_on_few_rows_leaves_much_to_win():
    race = Race()
    race.report(Trial("a", "lp_ft", rung=1, loss=0.01, shares=np.ones(10), seconds=1.0))
    assert race.next(1000, 1).kind == "new"


def test_trials_that_agree_on_few_rows_may_still_differ_elsewhere():
    assert highest(np.zeros(10)) == pytest.approx(1.96**2 / (10 + 1.96**2), abs=1e-3)
    assert highest(np.zeros(10_000)) < MARGIN


def test_room_and_bound_by_hand():
    # 3 of 4 right: the lower bound of Clopper and Pearson is 0.1941
    assert room(np.array([1.0, 0.0, 1.0, 1.0])) == pytest.approx(1 - 0.1941, abs=1e-4)
    assert room(np.ones(10)) == pytest.approx(1 - 0.025 ** (1 / 10))
    assert room(np.array([-3.0, -1.0])) == math.inf  # squared errors have no best value that is known
    # differences 0, 0, 0, 0.5: mean 0.125, standard deviation 0.25, error 0.125
    assert highest(np.array([0.0, 0.0, 0.0, 0.5])) == pytest.approx(0.125 + 1.96 * 0.125)
    assert highest(np.array([1.0])) == math.inf
    assert MARGIN == 0.002


def test_trials_that_are_no_better_than_their_start_do_not_count_as_better():
    race = Race(most_rungs=1)
    race.start_from(0.4)
    moves = run(race, [[0.5 - number / 100] for number in range(9)], seconds=1e9)
    assert [kind for kind, _ in moves] == ["new"] * 6 + ["stop"]


def test_a_race_is_given_up_after_three_failures_without_a_success():
    race = Race()
    for number in range(3):
        assert race.next(100, 1).kind == "new"
        race.report(Trial(str(number), "lp_ft", over="failed: no memory"))
    assert race.next(100, 1).why == "the first 3 trainings failed"


def test_what_no_new_one_fits_into_is_the_best_ones():
    race = Race()
    race.report(Trial("a", "lp_ft", rung=1, loss=0.5, seconds=5.0))
    race.report(Trial("b", "lp_ft", rung=1, loss=0.6, seconds=1.0))
    move = race.next(left=6, cost_of_new=8)
    assert (move.kind, move.trial.name) == ("go_on", "a")
    assert race.next(left=4, cost_of_new=8).kind == "stop"  # b would fit, and has less to promise
    assert race.next(left=6, cost_of_new=math.inf).trial.name == "a"


def test_too_short_a_time_is_told_apart_for_the_first_and_for_another():
    race = Race()
    assert race.next(1, 2).why == "the time that was given was too short for a training"
    race.report(Trial("a", "lp_ft", rung=1, loss=0.5, seconds=5.0))
    assert race.next(1, 2).why == "the time that was left was too short for another training"
