"""The section on mitigation: a curve, a table, and a sentence that says what ships."""

from __future__ import annotations

import pytest

from headstart.reports.frame import draw
from headstart.reports.run_files import RunFiles
from headstart.reports.sections.mitigation import build
from reports.helpers_reports import gap, interval


def point(name, strength, mean, worst, change=None, front=True):
    found = {"mitigation": name, "strength": strength, "mean": interval(mean, 400), "is_on_front": front,
             "worst": {**interval(worst, 80), "group": "f"}, "sentence": f"{name} says."}  # fmt: skip
    changes = {"worst_change": gap(change, 0.1), "mean_change": gap(-0.01, 0.01)} if change is not None else {}
    return {**found, **changes}


SECTION = {
    "asked": {"name": "dfr", "strength": 1.0}, "ships": "dfr", "n": 400, "chosen": 1,
    "points": [
        point("none", 0.0, 0.9, 0.6), point("dfr", 1.0, 0.89, 0.8, 0.2), point("dfr", 0.5, 0.88, 0.7, 0.1, front=False),
    ],
}  # fmt: skip


def section_of(section):
    return build(RunFiles("run", {"mitigation": section}))


def test_every_point_has_a_row_and_what_ships_is_marked():
    section = section_of(SECTION)
    plain, whole, half = section.content.points
    assert (plain.name, plain.is_plain, plain.ships) == ("as it is", True, False)
    assert (whole.ships, half.ships, half.is_on_front) == (True, False, False)
    assert whole.change == "+20.0, \u22121.0" and whole.group == "f"
    assert whole.y < half.y < plain.y and whole.x < plain.x  # up is better, from the top
    best = "Best for at most two points of the mean: dfr says."
    assert section.says == f"none says. {best} dfr ships, as asked. On 400 held-out examples."
    assert draw("sections/mitigation.html", content=section.content).count(">ships<") == 1


def test_a_comparison_alone_changes_nothing():
    section = section_of({**SECTION, "asked": {"name": "compare", "strength": 1.0}, "ships": "none", "chosen": 0})
    assert "Nothing tried gives the worst group more" in section.says and "The model as it is ships." in section.says
    assert [each.ships for each in section.content.points] == [True, False, False]


@pytest.mark.parametrize("value", [None, {}, [], "text", {"points": []}, {"points": [{"mitigation": "dfr"}]}])
def test_without_figures_there_is_no_section(value):
    assert section_of(value) is None


@pytest.mark.parametrize("odd", [None, "text", -1.5, [], {}, [1]])
@pytest.mark.parametrize("key", [key for key in SECTION if key != "points"])
def test_every_key_may_be_missing_or_odd(key, odd):
    assert draw("sections/mitigation.html", content=section_of({**SECTION, key: odd}).content)
