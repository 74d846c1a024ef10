"""What the committed simulation says, the arithmetic of a section, and a part of it measured again."""

from __future__ import annotations

import json

import numpy as np
import promised_coverage
import pytest
from coverage_parts import PARTS
from coverage_parts.held_out import _once
from coverage_parts.logits import shares_of
from coverage_parts.section import Section


@pytest.fixture(scope="module")
def committed():
    return json.loads(promised_coverage.OUT.read_text())


def sections_of(document):
    return {name: each for name, each in document.items() if isinstance(each, dict)}


def test_every_promise_is_kept_in_every_cell_but_for_noise_or_says_where_not(committed):
    sections = sections_of(committed)
    assert len(sections) >= 20
    for name, section in sections.items():
        if section["promised"] is not None:
            assert not section["cells_short"] or "why_short" in section, name
            sign = 1 if section["at_least"] else -1
            assert sign * (section["mean"] - section["promised"]) > -0.01, name


def test_the_committed_summary_is_that_of_its_cells(committed):
    for name, section in sections_of(committed).items():
        at = section["columns"].index("coverage")
        coverage = [cell[at] for cell in section["cells"]]
        assert section["mean"] == pytest.approx(np.mean(coverage), abs=1e-4), name
        assert section["worst"] == (min(coverage) if section["at_least"] else max(coverage)), name


def test_the_committed_table_is_that_of_the_figures(committed):
    assert promised_coverage.OUT.with_suffix(".md").read_text() == promised_coverage.table(sections_of(committed))


def test_what_is_promised_nothing_falls_short_as_is_said(committed):
    rare = committed["rare_classes"]
    assert rare["promised"] is None and rare["worst"] < 0.8 and "promises them nothing" in rare["why_short"]
    assert committed["abstaining_naive"]["mean"] > 0.3  # what the tests in order are for


def test_a_section_by_hand():
    section = Section("it", 0.9, ("n",), ("size",))
    section.add((10,), [1.0, 0.4, np.nan, 0.4, 1.0], 2.0)  # mean 0.7, sd 0.346, error 0.173
    section.add((20,), [0.8, 0.8, 0.8, 0.8], 3.0)  # no spread: an error of 1 / 4 / 2
    section.add((30,), [np.nan, np.nan], 3.0)
    section.add((40,), np.full(100, 0.85), 4.0)  # error 0.001: 50 of them short
    found = section.document()
    assert found["columns"] == ["n", "coverage", "error", "size"]
    assert [cell[0] for cell in found["cells"]] == [10, 20, 40]
    assert found["cells"][0][1:] == [0.7, pytest.approx(0.1732, abs=1e-4), 2.0] and found["cells"][1][2] == 0.125
    assert found["worst"] == 0.7 and found["worst_cell"] == {"n": 10} and found["cells_short"] == 1
    assert found["mean"] == pytest.approx((0.7 + 0.8 + 0.85) / 3, abs=1e-4)


def test_of_broken_promises_the_most_are_the_worst():
    section = Section("it", 0.05, ("n",), is_floor=False)
    section.add((10,), [0.0] * 99 + [1.0])
    section.add((20,), [0.0] * 50 + [1.0] * 50)
    found = section.document()
    assert found["worst"] == 0.5 and found["cells_short"] == 1
    assert "at most 0.05" in promised_coverage.table({"a": found})


@pytest.mark.parametrize("level", [0.9, 0.95])
def test_a_cell_comes_out_again(committed, level):
    rng = np.random.default_rng(5)
    shares = shares_of(5, "equal")
    held = [_once(50, shares, level, np.zeros(1), rng)[0] for _ in range(150)]
    name = "sets" if level == 0.9 else "sets_of_95"
    coverage, error = next(each for each in committed[name]["cells"] if each[:3] == [50, 5, "equal"])[3:5]
    assert abs(np.mean(held) - coverage) < 4 * np.hypot(np.std(held) / np.sqrt(150), error)


def test_every_part_runs_and_repeats_with_its_seed():
    for name in ("when_sure", "other_targets"):
        first, again = (PARTS[name](0.007, np.random.default_rng(1)) for _ in range(2))
        assert first.keys() == again.keys() and all(first[key].cells == again[key].cells for key in first)
