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


def test_criteria_and_comparisons_are_tables():
    gap = {**interval(0.125, half=0.1), "p_value": 0.2}
    bounds = {"value": -0.125, "low": -0.2, "high": -0.05, "level": 0.99}
    compared = {"group": "f", "metric": "accuracy", "n": 40, "n_others": 30, "value": 0.7, "others": 0.825,
                "difference_corrected": bounds, "p_corrected": 0.0004, "differs": True}  # fmt: skip
    other = {**compared, "metric": "selection_rate", "p_corrected": 0.5, "differs": False}
    gaps = {"demographic_parity_difference": gap, "demographic_parity_ratio": interval(0.8, half=0.1)}
    column = {**COLUMN, "gaps": gaps, "against_rest": [other, compared, {"metric": "unknown"}]}
    (table,) = group_tables({"columns": {"sex": column}, "positive": "good {x}"})
    assert table.gaps[0].name == "Demographic parity: largest gap in how often good {x} is said"
    assert table.comparisons[1].metric == "Said good {x}"
    assert [(row.value, row.span) for row in table.gaps] == [
        ("12.5 points", "2.5 to 22.5 points"), ("0.80", "0.70 to 0.90")
    ]  # fmt: skip
    first, second = table.comparisons
    assert (first.metric, first.p_value, first.differs) == ("Right", "below 0.001", True)
    assert first.values == "70\u202f% and 82\u202f%" and first.counts == "40 and 30"
    assert first.span == "\u221220.0 to \u22125.0 points" and second.differs is False
    section = build(RunFiles("run", {"primary": "accuracy", "slices": SLICES, "fairness": {
        "columns": {"sex": column}, "notes": ["sex is an input.", COLUMN["verdict"]]}}))  # fmt: skip
    page = draw("sections/slices.html", content=section.content)
    assert "four-fifths" in page and "Every comparison by" in page and "sex is an input." in page
    assert page.count(COLUMN["verdict"]) == 1


def test_without_comparisons_the_slices_speak_for_themselves():
    section = build(RunFiles("run", {"primary": "accuracy", "slices": SLICES}))
    assert section.says.startswith("By sex, accuracy goes from 80.0") and section.content.tables == ()


@pytest.mark.parametrize("odd", [None, "text", -1.5, [], {}, {"x": 1}, {"sex": {"groups": [1]}}])
def test_odd_sections_are_passed_over(odd):
    assert isinstance(group_tables({"columns": odd}), tuple)
