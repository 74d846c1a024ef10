"""The section of the networks that were compared: a row each, who was taken, and why others were not tried."""

from __future__ import annotations

import copy

import pytest

from headstart.reports.run_files import RunFiles
from headstart.reports.sections.networks import build

COMPARED = [
    {"name": "b", "loss": 0.4264, "score": 0.8545, "seconds": 34.6, "parameters": 4_811_072, "why": "it is best"},
    {"name": "a", "loss": 0.495, "score": 0.8273, "seconds": 16.6, "parameters": 3_371_008, "why": "it is not"},
    {"name": "c", "loss": None, "score": None, "seconds": 0.0, "parameters": 9e7, "why": "it is too slow"},
]
FOUND = {
    "chosen": "b", "metric": "log_loss", "primary": "accuracy", "rows": 550, "folds": 5, "compared": COMPARED,
    "sentence": "b was taken out of 2 networks.",
}  # fmt: skip


def section_of(found):
    return build(RunFiles("run", {"primary": "accuracy", "networks": found}))


def test_each_network_has_a_row_and_the_taken_one_is_marked():
    section = section_of(FOUND)
    first, second, third = section.content.rows
    assert (first.name, first.loss, first.is_chosen) == ("b", "0.426", True)
    assert second.parameters == "3.4 million" and not second.is_chosen and second.note == ""
    assert third.note == "Not tried: it is too slow." and third.loss == third.score == third.seconds
    assert section.content.sentence == "b was taken out of 2 networks."
    assert "550 training examples" in section.read and "5 folds" in section.read and "log-loss" in section.read


def test_how_many_were_compared_and_left_out_is_said():
    assert section_of(FOUND).says.startswith("2 networks were compared") and "1 more was left" in section_of(FOUND).says
    assert "nothing to choose" in section_of({**FOUND, "compared": [COMPARED[0], COMPARED[2]]}).says


def test_of_numbers_the_error_is_named():
    section = section_of({**FOUND, "metric": "rmse", "primary": "rmse"})
    assert section.content.loss == "RMSE" and "RMSE is that of" in section.read


@pytest.mark.parametrize("value", [None, {}, [], "text", {"compared": []}])
def test_without_a_comparison_there_is_no_section(value):
    assert section_of(value) is None


@pytest.mark.parametrize("key", [*FOUND, *COMPARED[0]])
@pytest.mark.parametrize("odd", [None, "text", -1.5, [], {}])
def test_every_key_may_be_missing_or_odd(key, odd):
    found = copy.deepcopy(FOUND)
    if key in found:
        found[key] = odd
    else:
        found["compared"][0][key] = odd
    section = section_of(found)
    assert section is None or section.name == "networks"
