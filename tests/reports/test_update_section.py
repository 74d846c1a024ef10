"""The section on an update: what was gained on which examples, and which classes were forgotten."""

from __future__ import annotations

import pytest

from headstart.reports.frame import draw
from headstart.reports.run_files import RunFiles
from headstart.reports.sections.update import MOST_CLASSES, build
from reports.helpers_reports import gap

CLASSES = {f"class {number}": {"n": 9, "difference": gap((number - 10) / 20, 0.1)} for number in range(20)}
OLD = {"n": 372, "difference": gap(-0.02, 0.03), "classes": CLASSES, "groups": {"camera": {"phone": {
    "n": 100, "difference": gap(0.01, 0.05)}}}}  # fmt: skip
SECTION = {
    "from": {"name": "first"},
    "added": {"n": 250, "train": 200, "val": 0, "test": 40, "copies": {"known": 10}, "new_classes": ["scarf"]},
    "gate": {"why": "the updated model is better: ...", "old": {"n": 300, "difference": gap(0.01, 0.02)}},
    "old_test": OLD,
    "new_test": {"n": 40, "difference": gap(0.1, 0.05)},
}


def section_of(section):
    return build(RunFiles("run", {"primary": "accuracy", "update": section}))


def test_all_examples_come_first_then_groups_then_the_classes_that_changed_most():
    section = section_of(SECTION)
    captions = [title for title, _ in section.content.tables]
    assert captions == ["", "Old test examples by camera", "Old test examples by class"]
    everything, _, classes = (rows for _, rows in section.content.tables)
    assert [row.name for row in everything] == [
        "Old test examples", "New test examples", "Old training examples, held out",
    ]  # fmt: skip
    assert len(classes) == MOST_CLASSES and classes[0].name == "class 0"
    assert "class 10" not in [row.name for row in classes]  # nothing changed there
    assert section.title == "Is it better than first?" and section.says.startswith("The updated model is better")
    assert dict(section.content.facts) == {
        "added": "250", "learned from": "200", "for the test": "40", "left out as copies": "10", "new classes": "scarf",
    }  # fmt: skip
    assert "\u22122.0 points on the old test examples, +10.0 points on the new" in section.glance


def test_it_is_drawn_with_the_names_escaped():
    page = draw(
        "sections/update.html",
        content=section_of({**SECTION, "added": {"n": 1, "new_classes": ["<script>"]}}).content,
    )
    assert page.count('class="dot"') == 3 + 1 + MOST_CLASSES and "<script>" not in page and "&lt;script&gt;" in page


@pytest.mark.parametrize("section", [None, {}, {"old_test": {"n": 0}}, {"gate": {"why": "no"}}])
def test_without_a_comparison_there_is_no_section(section):
    assert section_of(section) is None


@pytest.mark.parametrize("odd", [None, "text", -1.5, [], {}, [1]])
@pytest.mark.parametrize("key", list(SECTION))
def test_every_key_may_be_missing_or_odd(key, odd):
    section = section_of({**SECTION, key: odd})
    assert section is None or draw("sections/update.html", content=section.content)
