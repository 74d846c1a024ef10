"""The section on the line between yes and no."""

from __future__ import annotations

import pytest

from headstart.reports.frame import draw
from headstart.reports.run_files import RunFiles
from headstart.reports.sections.decision import build
from reports.helpers_reports import interval

POINT = {"flagged": interval(0.4, 100), "recall": interval(0.8, 50), "precision": {"value": None, "note": "nothing"}}
DECISION = {
    "positive": "yes",
    "operating_points": [{**POINT, "threshold": 0.2}, {**POINT, "threshold": 0.267}],
    "rule": {"positive": 1, "threshold": 0.267},
    "says": "The answer is 'yes' from a probability of 0.267 on.",
}
COSTS = {"cost": interval(0.4, 100), "cost_of_the_most_probable": interval(1.0, 100), "saved": interval(0.6, 100)}


def section_of(decision):
    return build(RunFiles("run", {"decision": decision}))


def test_every_threshold_has_a_row_and_the_used_one_is_marked():
    section = section_of(DECISION)
    first, second = section.content.points
    assert (first.threshold, second.threshold) == ("0.20", "0.267") and (first.is_own, second.is_own) == (False, True)
    assert [figure.value for figure in first.figures] == ["80\u202f%", "\u2013", "40\u202f%"]
    assert section.says == DECISION["says"] and "yes" in section.read


def test_without_a_request_the_more_probable_class_is_predicted():
    section = section_of({key: DECISION[key] for key in ("positive", "operating_points")})
    assert section.says.startswith("The more probable of the two classes is predicted")
    assert not any(point.is_own for point in section.content.points)


def test_costs_have_a_table_of_their_own():
    section = section_of({**COSTS, "says": "An answer costs 0.4."})
    assert [cost.value for cost in section.content.costs] == ["0.4", "1", "0.6"] and not section.content.points
    page = draw("sections/decision.html", content=section.content)
    assert "If the most probable class were predicted" in page and "Threshold" not in page


@pytest.mark.parametrize("value", [None, {}, [], "text", {"positive": "yes"}])
def test_without_figures_there_is_no_section(value):
    assert section_of(value) is None


@pytest.mark.parametrize("odd", [None, "text", -1.5, [], {}, [1], [{"threshold": "x"}]])
@pytest.mark.parametrize("key", [*DECISION, *COSTS])
def test_every_key_may_be_missing_or_odd(key, odd):
    section = section_of({**DECISION, **COSTS, key: odd})
    assert draw("sections/decision.html", content=section.content)
