"""Tables of every figure by group."""

from __future__ import annotations

import pytest

from headstart.reports.frame import draw
from headstart.reports.run_files import RunFiles
from headstart.reports.sections.group_figures import group_tables
from headstart.reports.sections.slices import build
from reports.helpers_reports import interval

GROUP = {"n": 40, "accuracy": interval(0.9, 40), "calibration_gap": interval(-0.012, half=0.02, within=(-1, 1))}
COLUMN = {"verdict": "No difference could be shown.", "groups": {"f": GROUP, "m": {"n": 3, "accuracy": None}}}
REFUSED = {"verdict": "Refused.", "groups": {}}
FAIRNESS = {
    "sentence": "No difference was found.",
    "columns": {"sex": COLUMN, "id": REFUSED},
    "correction": {"controls": "8 comparisons were made."},
}
SLICES = {"sex": {"f": {"n": 40, "accuracy": interval(0.9, 40)}, "m": {"n": 30, "accuracy": interval(0.8, 30)}}}


def test_a_table_has_the_figures_that_there_are():
    table, refused = group_tables(FAIRNESS)
    assert table.heads == ("Right", "Probability minus truth") and table.verdict == "No difference could be shown."
    first, second = table.rows
    assert [figure.value for figure in first.figures] == ["90\u202f%", "\u22121.2 points"]
    assert [figure.value for figure in second.figures] == ["\u2013", "\u2013"]
    assert refused.rows == () and refused.verdict == "Refused."


def test_the_section_says_what_the_comparisons_say():
    section = build(RunFiles("run", {"primary": "accuracy", "slices": SLICES, "fairness": FAIRNESS}))
    page = draw("sections/slices.html", content=section.content)
    assert section.says == "No difference was found."
    assert "8 comparisons were made." in page and page.count("<details>") == 1 and "Refused." in page


def test_without_comparisons_the_slices_speak_for_themselves():
    section = build(RunFiles("run", {"primary": "accuracy", "slices": SLICES}))
    assert section.says.startswith("By sex, accuracy goes from 80.0") and section.content.tables == ()


@pytest.mark.parametrize("odd", [None, "text", -1.5, [], {}, {"x": 1}, {"sex": {"groups": [1]}}])
def test_odd_sections_are_passed_over(odd):
    assert isinstance(group_tables({"columns": odd}), tuple)
