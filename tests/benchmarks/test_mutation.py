"""What is read of mutated code, on a room made by hand."""

from __future__ import annotations

import dataclasses
import json
import tomllib
from pathlib import Path

import pytest
from mutation_parts import reasons, rooms, scores, verdicts, workshop

ROOT = Path(__file__).parents[2]
MUTATED = """import mutmut
def x_half__mutmut_orig(x):
    y = x / 2
    return y
def x_half__mutmut_1(x):
    y = x * 2
    return y
def x_half__mutmut_2(x):
    y = x / 3
    return y
class Store:
    def xǁStoreǁsize__mutmut_orig(
        self, unit=1
    ):
        return unit
    def xǁStoreǁsize__mutmut_1(
        self, unit=2
    ):
        return unit
"""
SPANS = {
    "x_half__mutmut_orig": [2, 4], "x_half__mutmut_1": [5, 7], "x_half__mutmut_2": [8, 10],
    "xǁStoreǁsize__mutmut_orig": [12, 15], "xǁStoreǁsize__mutmut_1": [16, 19],
}  # fmt: skip
CODES = {
    "headstart.a.x_half__mutmut_1": 1,
    "headstart.a.x_half__mutmut_2": 0,
    "headstart.a.xǁStoreǁsize__mutmut_1": -24,
}


@pytest.fixture
def mutants(tmp_path):
    folder = tmp_path / "mutants" / "src" / "headstart"
    folder.mkdir(parents=True)
    (folder / "a.py").write_text(MUTATED)
    (folder / "a.py.meta").write_text(json.dumps({"exit_code_by_key": CODES}))
    (folder / "a.py.spans").write_text(json.dumps({"spans": SPANS}))
    return verdicts.read(tmp_path)


def test_every_mutant_has_its_place_its_change_and_its_verdict(mutants):
    assert [(each.file, each.function, each.was, each.becomes, each.verdict) for each in mutants] == [
        ("a.py", "half", "y = x / 2", "y = x * 2", "killed"),
        ("a.py", "half", "y = x / 2", "y = x / 3", "survived"),
        ("a.py", "Store.size", "self, unit=1", "self, unit=2", "timeout"),
    ]


def test_a_survivor_that_cannot_be_told_apart_does_not_count_against_the_score(mutants):
    assert scores.counts(mutants, []) == {
        "mutants": 3, "killed": 1, "timeouts": 1, "survived": 1, "equivalent": 0, "unexplained": 1,
        "score": 0.6667, "score_without_equivalent": 0.6667,
    }  # fmt: skip
    same = reasons.Reason("it is doubled later", "equivalent", function="half", becomes="/ 3")
    found = scores.document(mutants, [same])
    assert found["all"]["score_without_equivalent"] == 1 and found["all"]["unexplained"] == 0
    assert [survivor["why"] for survivor in found["survivors"]] == ["it is doubled later"]


def test_what_was_not_judged_is_named_and_does_not_count(mutants):
    open_ = dataclasses.replace(mutants[1], verdict=None)
    found = scores.document([mutants[0], open_], [])
    assert found["not_judged"] == {"a.py": 1} and found["all"]["mutants"] == 1 and found["all"]["score"] == 1


def test_a_reason_fits_where_all_that_it_names_is_there(mutants):
    survivor = mutants[1]
    assert reasons.Reason("", "untested", file="a*", was="x / 2").fits(survivor)
    for other in ({"file": "b*"}, {"function": "Store.*"}, {"was": "x / 3"}, {"becomes": "x / 2"}):
        assert not reasons.Reason("", "untested", **other).fits(survivor)


def test_committed_reasons_can_be_read_and_another_kind_is_refused(tmp_path):
    assert all(reason.why for reason in reasons.read())
    (tmp_path / "reasons.toml").write_text('[[reason]]\nwhy = "so"\nkind = "lazy"\n')
    with pytest.raises(SystemExit, match="so"):
        reasons.read(tmp_path / "reasons.toml")


@pytest.mark.parametrize("room", rooms.ROOMS, ids=lambda room: room.code)
def test_a_room_is_made_of_code_and_tests_that_are_there(room, tmp_path):
    workshop.prepare(tmp_path / "place", ROOT, room)
    settings = tomllib.loads((tmp_path / "place" / "pyproject.toml").read_text())["tool"]["mutmut"]
    (pattern,) = settings["only_mutate"]
    assert list((tmp_path / "place").glob(f"{pattern}.py"))
    assert all((tmp_path / "place" / test).exists() for test in settings["pytest_add_cli_args_test_selection"])


def test_an_unknown_room_is_named():
    with pytest.raises(SystemExit, match="attic"):
        rooms.named(["evaluation", "attic"])
