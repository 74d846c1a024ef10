"""The section on certainty: the diagram, sets, silence, inputs of another kind; odd files draw something or nothing."""

from __future__ import annotations

import copy

import pytest

from headstart.reports.frame import draw
from headstart.reports.run_files import RunFiles
from headstart.reports.sections.certainty import build
from reports.helpers_reports import interval, nothing

SETS = {
    "coverage": interval(0.915, 200),
    "mean_size": interval(1.395, 200, within=(0, 9)),
    "single": interval(0.6, 200),
}
CALIBRATION = {
    "chosen": {"sets": {"ships": "split", "coverage": 0.9}, "abstaining": {"wanted": 0.95, "why": "they err"}},
    "sets": {"split": SETS, "class_conditional": SETS},
    "reliability": [
        {"n": 30, "confidence": 0.55, "accuracy": interval(0.5, 30)},
        {"n": 70, "confidence": 0.95, "accuracy": interval(0.9, 70)},
    ],
    "answered": [{"threshold": 0.9, "n": 70, "answered": interval(0.7, 100), "accuracy": interval(0.9, 70)}],
    "abstaining": {"answered": interval(0.7, 100), "accuracy": interval(0.96, 70)},
}
DOMAIN = {"measure": "mahalanobis", "expected": 0.05, "flagged": interval(0.04, 100)}


def section_of(calibration=CALIBRATION, domain=DOMAIN):
    return build(RunFiles("run", {"primary": "accuracy", "calibration": calibration, "out_of_domain": domain}))


def test_dots_stand_where_probability_and_share_meet():
    first, second = section_of().content.bins
    assert (first.x, first.y) == (55, 50) and (second.x, second.y) == (95, 10)
    assert first.high < first.y < first.low  # from the top
    assert (second.n, second.confidence, second.accuracy) == ("70", "95\u202f%", "90\u202f%")


def test_the_sentences_are_about_this_run():
    says = section_of().says
    assert "a probability of 83\u202f%, and 78\u202f% of them are right" in says  # (30 x 0.55 + 70 x 0.95) / 100
    assert "in 90\u202f% of cases; on the test they do in 91.5\u202f%, with 1.4 in a set" in says
    assert "it answers 70\u202f% of the test and is right on 96.0\u202f%" in says
    assert "4.0\u202f% of the test inputs are called unlike those learned from; 5\u202f%" in says


def test_the_kind_that_ships_is_marked():
    rows = section_of().content.sets
    assert [row.ships for row in rows] == [True, False] and rows[0].coverage == "91.5\u202f%"


def test_why_something_is_not_there():
    changed = copy.deepcopy(CALIBRATION)
    del changed["abstaining"], changed["sets"]
    changed["chosen"]["sets"] = {"why_not": "8 rows are too few"}
    says = section_of(changed).says
    assert "There are no sets of likely classes: 8 rows are too few." in says
    assert "No probability could be found from which on 95\u202f% of answers are right: they err." in says


def test_a_model_that_never_answers():
    changed = {**CALIBRATION, "abstaining": {"answered": interval(0.0, 100), "accuracy": nothing(None)}}
    assert "abstains from every answer" in section_of(changed).says


def test_labels_have_a_share_that_is_kept():
    sets = {"labels": {"kept": interval(0.92, 50), "mean_size": interval(2.1, 50, within=(0, 9))}}
    changed = {"chosen": {"sets": {"ships": "labels", "coverage": 0.9}}, "sets": sets}
    section = section_of(changed, {})
    assert "hold a label that is true in 90\u202f% of cases; on the test they do in 92.0\u202f%" in section.says
    assert section.content.sets == () and section.read == ""


@pytest.mark.parametrize("value", [None, {}, [], "text", {"chosen": {"why_not": "no"}}])
def test_without_figures_there_is_no_section(value):
    assert section_of(value, {}) is None


@pytest.mark.parametrize("odd", [None, "text", -1.5, [], {}, [1], {"value": "x"}])
@pytest.mark.parametrize("key", [*CALIBRATION, "flagged"])
def test_every_key_may_be_missing_or_odd(key, odd):
    if key == "flagged":
        section = section_of(domain={**DOMAIN, key: odd})
    else:
        section = section_of({**CALIBRATION, key: odd})
    assert draw("sections/certainty.html", content=section.content)


def test_the_table_says_what_predict_gives():
    page = draw("sections/certainty.html", content=section_of().content)
    assert page.count("predict gives these") == 1 and page.count('<circle class="dot"') == 2


def test_classes_too_rare_for_a_promise_are_counted():
    changed = copy.deepcopy(CALIBRATION)
    changed["chosen"]["sets"] |= {"ships": "class_conditional", "classes_too_few": [2, 5]}
    assert "2 classes have too few examples for such a promise" in section_of(changed).says
