"""The design covers every pair, damages damage, and a run is judged by what it printed and left."""

from __future__ import annotations

import doctest
import random

import pytest
import torments.covering
import torture
from torments import commands, data_damage, excerpts, judging, run_damage
from torments.covering import covering, missing, pairs


def test_every_pair_is_in_a_case_and_the_same_factors_give_the_same_cases():
    factors = {"verb": range(4), "set": range(7), "damage": range(3)}
    cases = covering(factors)
    assert missing(cases, factors) == []
    assert 4 * 7 <= len(cases) <= 1.2 * 4 * 7  # no design is smaller than its two largest factors
    assert cases == covering(factors)


def test_the_examples_in_the_parts_hold():
    assert [doctest.testmod(part).failed for part in (torments.covering, judging, commands)] == [0, 0, 0]


def test_a_design_that_lacks_a_case_lacks_pairs():
    factors = {"a": [0, 1], "b": [0, 1]}
    assert missing(covering(factors)[1:], factors) == [next(pairs(factors))]


def test_the_cases_of_the_program_cover_all_pairs():
    cases = covering(torture.FACTORS)
    assert missing(cases, torture.FACTORS) == []
    assert len({torture.name_of(case) for case in cases}) == len(cases) < 230


def table(folder):
    folder.mkdir()
    excerpts.write_rows(folder / "train.csv", [{"text": f"text {n}", "label": "ab"[n % 2]} for n in range(20)])
    return excerpts.Subject("made", "table")


@pytest.mark.parametrize("damage", [name for name in commands.DAMAGES if name not in ("no_place", "killed")])
def test_each_damage_changes_a_table_and_a_file_of_a_run(tmp_path, damage):
    subject = table(tmp_path / "data")
    before = (tmp_path / "data" / "train.csv").read_bytes()
    getattr(data_damage, damage)(tmp_path / "data", subject, random.Random(1))
    now = tmp_path / "data" / "train.csv"
    assert not now.is_file() or now.read_bytes() != before
    run = tmp_path / "run"
    run.mkdir()
    (run / "other.json").write_text('{"b": 2}')
    (run / "plan.json").write_text('{"a": 1}')
    getattr(run_damage, damage)(run / "plan.json", random.Random(1))
    assert not (run / "plan.json").is_file() or (run / "plan.json").read_text() != '{"a": 1}'


GOOD = "headstart: the target must be a column of the table; it has no 'x'. Name another one with --target."


@pytest.mark.parametrize(
    ("code", "text", "whole", "said"),
    [
        (0, "Report: x", True, []),
        (2, GOOD, False, []),
        (0, "Report: x", False, ["exit code 0 without a result"]),
        (2, "", False, ["no message"]),
        (2, f"{GOOD}\nand more", False, ["a message of 2 lines"]),
        (3, GOOD, False, ["exit code 3 where 0, 2 may be"]),
    ],
)
def test_what_a_run_is_judged_by(code, text, whole, said):
    assert judging.objections(code, text, {0, 2}, whole=whole, hung=False) == said


def test_an_error_that_is_our_fault_never_passes():
    text = "headstart: this is our fault, not yours: KeyError: 'x'. Run the command again with --debug."
    assert "our fault" in judging.objections(1, text, {0, 1, 2}, whole=False, hung=False)


def test_temporary_files_are_found(tmp_path):
    (tmp_path / ".plan.json.00ff.tmp").touch()
    (tmp_path / ".lock").touch()
    assert commands.leftovers([tmp_path]) == [".plan.json.00ff.tmp"]
