"""The section on corruptions: a row for each strength, marked from where the model breaks."""

from __future__ import annotations

import pytest

from headstart.reports.frame import draw
from headstart.reports.run_files import RunFiles
from headstart.reports.sections.robustness import build
from reports.helpers_reports import gap, interval


def point(strength, value, change):
    return {"strength": strength, "accuracy": interval(value, 100), "change": gap(change, 0.05)}


BLUR = {"name": "image_blur", "part": "image", "unit": "%", "breaks": True, "breaks_at": 2.0,
        "points": [point(1.0, 0.88, -0.02), point(2.0, 0.8, -0.1), point(4.0, 0.6, -0.3)]}  # fmt: skip
COLUMN = {"name": "without age", "part": "age", "unit": "", "breaks": False, "breaks_at": None,
          "points": [point(None, 0.9, 0.0)]}  # fmt: skip
DOCUMENT = {
    "primary": "accuracy",
    "n": 100,
    "clean": interval(0.9, 100),
    "corruptions": [BLUR, COLUMN],
    "sentence": "It breaks.",
}


def section_of(document):
    return build(RunFiles("run", {"primary": "accuracy"}, robustness=document))


def test_from_the_first_strength_that_breaks_all_are_marked():
    section = section_of(DOCUMENT)
    blur, column = section.content.curves
    assert [step.breaks for step in blur.steps] == [False, True, True] and section.says == "It breaks."
    assert [step.y for step in blur.steps] == sorted(step.y for step in blur.steps)  # down, from the top
    assert blur.steps[1].change == "\u221210.0 points" and column.steps[0].strength == ""
    page = draw("sections/robustness.html", content=section.content)
    assert page.count(">breaks<") == 2 and page.count('class="spark"') == 1 and "90.0" in page


@pytest.mark.parametrize(
    "document", [{}, {"corruptions": []}, {"clean": interval(0.9, 10)}, {**DOCUMENT, "clean": None}]
)
def test_without_figures_there_is_no_section(document):
    assert section_of(document) is None


@pytest.mark.parametrize("odd", [None, "text", -1.5, [], {}, [1], [{"points": [1]}]])
@pytest.mark.parametrize("key", list(DOCUMENT))
def test_every_key_may_be_missing_or_odd(key, odd):
    section = section_of({**DOCUMENT, key: odd})
    assert section is None or draw("sections/robustness.html", content=section.content)
