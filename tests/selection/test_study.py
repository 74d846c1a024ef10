"""What the search remembers and draws."""

from __future__ import annotations

import pytest

from headstart.core.errors import ConfigError
from headstart.core.search import Choice, LogRange, Shift, Times, resolved
from headstart.selection.first import AS_MEASURED, first_of
from headstart.selection.study import Study

SPACES = {
    "lp_ft": {"lr": Times(0.3, 3.0), "freeze": Shift(-3, 1), "augmentation": Choice(("auto", "strong"))},
    "l2_sp": {"alpha": LogRange(0.01, 1.0)},
}
FIRST = [("lp_ft", {"lr": 1.0, "freeze": 0, "augmentation": "auto"}), ("lp_ft", {"freeze": -2})]


def study(path, seed: int = 0, spaces=SPACES, first=FIRST) -> Study:
    return Study(spaces, first, f"sqlite:///{path / 'race.db'}", "data", seed)


def test_what_won_elsewhere_comes_first(tmp_path):
    made = study(tmp_path)
    one, two = made.ask(), made.ask()
    assert (one.number, one.method, dict(one.values)) == (0, "lp_ft", FIRST[0][1])
    assert (two.number, two.method, two.values["freeze"]) == (1, "lp_ft", -2)


def test_draws_lie_in_the_space_and_repeat_with_the_seed(tmp_path):
    drawn = []
    for place in ("a", "b"):
        (tmp_path / place).mkdir()
        made = study(tmp_path / place, seed=3)
        found = []
        for number in range(8):
            one = made.ask()
            made.tell(one.number, 1.0 / (number + 1))
            found.append(one)
        drawn.append(found)
    assert drawn[0] == drawn[1]
    for one in drawn[0]:
        assert set(one.values) == set(SPACES[one.method])
        if one.method == "lp_ft":
            assert 0.3 <= one.values["lr"] <= 3
            assert -3 <= one.values["freeze"] <= 1
            assert one.values["augmentation"] in ("auto", "strong")


def test_two_processes_share_what_they_learned(tmp_path):
    one, other = study(tmp_path), study(tmp_path)
    first, second = one.ask(), other.ask()
    assert (first.number, second.number) == (0, 1)
    one.tell(first.number, 0.5)
    assert other.losses == [("lp_ft", 0.5)]


def test_a_loss_that_is_not_finite_is_a_failure_and_trials_of_others_are_left_alone(tmp_path):
    made = study(tmp_path)
    made.tell(made.ask().number, float("inf"))
    made.tell(99, 0.1)
    assert made.losses == []


def test_importance_needs_four_trials(tmp_path):
    made = study(tmp_path, spaces={"lp_ft": SPACES["lp_ft"]})
    for number in range(6):
        assert (made.importance() == {}) == (number < 4)
        one = made.ask()
        made.tell(one.number, one.values["lr"])
    assert max(made.importance(), key=made.importance().get) == "lr"
    assert "method" not in made.importance()  # there was one


def test_importance_looks_over_methods_that_share_dimensions(tmp_path):
    space = {"lr": Times(0.3, 3.0), "freeze": Shift(-3, 1)}
    made = study(
        tmp_path, spaces={"lp_ft": space, "fine_tune": space, "from_scratch": {"lr": Times(0.3, 3.0)}}, first=()
    )
    for _ in range(12):
        one = made.ask()
        made.tell(one.number, one.values["lr"] + (one.method == "from_scratch"))
    assert {*made.importance()} == {"lr", "freeze", "method"}
    assert sum(made.importance().values()) == pytest.approx(1, abs=0.01)


def test_a_draw_depends_on_its_number_alone_so_an_interrupted_race_draws_the_same(tmp_path):
    drawn = []
    for place in ("whole", "parts"):
        (tmp_path / place).mkdir()
        made = study(tmp_path / place)
        found = []
        for number in range(6):
            if place == "parts":
                made = study(tmp_path / place)
            one = made.ask()
            made.tell(one.number, 0.1 * number)
            found.append(one)
        drawn.append(found)
    assert drawn[0] == drawn[1]


def test_a_trial_that_was_not_asked_for_is_learned_from_too(tmp_path):
    made = study(tmp_path, first=FIRST[1:])
    assert made.add("lp_ft", {**FIRST[0][1], "unknown": 1}, 0.25) == 1  # behind the one that waits
    assert made.losses == [("lp_ft", 0.25)]
    assert made.ask().values["freeze"] == -2


def test_a_trial_of_a_process_that_was_killed_can_be_told(tmp_path):
    number = study(tmp_path).ask().number
    study(tmp_path).tell(number, 0.5)
    study(tmp_path).tell(number, 0.1)  # it stays as it was
    assert study(tmp_path).losses == [("lp_ft", 0.5)]


def test_a_storage_that_cannot_be_reached_is_told_without_its_password(tmp_path):
    with pytest.raises(ConfigError, match="must be reachable") as error:
        Study(SPACES, FIRST, f"sqlite:////nowhere/{tmp_path.name}/race.db", "data", 0)
    assert "Leave it out" in str(error.value)
    with pytest.raises(ConfigError) as error:
        Study(SPACES, FIRST, "nosuch://user:secret@host/race", "data", 0)
    assert "secret" not in str(error.value)


def test_settings_relative_to_what_was_measured_by_hand():
    found = resolved(SPACES["lp_ft"], {"lr": 0.5, "freeze": -3, "augmentation": "strong"}, {"lr": 3e-4, "freeze": 2})
    assert found == {"lr": 1.5e-4, "freeze": 0, "augmentation": "strong"}
    assert resolved(SPACES["l2_sp"], {"alpha": 0.1}, {}) == {"alpha": 0.1}


def test_first_settings_of_some_methods():
    assert first_of(("lp_ft", "bitfit"))[0] == ("lp_ft", AS_MEASURED)
    assert first_of(("bss",)) == [("bss", AS_MEASURED)]
