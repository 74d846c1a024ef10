"""The pages of an adaptation and of a shift: what is missing is left out, foreign names stay text."""

from __future__ import annotations

import pytest

from headstart.reports import adaptation_page, shift_page

SCRIPT = "<script>alert(1)</script>"
EVIDENCE = {
    "schema": 1,
    "headstart_version": "0",
    "primary": "accuracy",
    "sentence": f"Adapted to {SCRIPT}.",
    "warnings": [SCRIPT],
    "adaptation": {
        "to": {"name": SCRIPT, "n": 40, "unusable": 2},
        "method": "coral",
        "methods": [
            {"name": "source_only", "title": "As it is", "gain": None, "changes": 0},
            {"name": "coral", "title": SCRIPT, "gain": {"value": 2.0, "low": -1.0, "high": 4.5}, "changes": 7},
        ],
        "left_out": {"other": SCRIPT},
        "shares": [{"class": SCRIPT, "learned": 0.5, "before": 0.5, "after": 0.25}, {"class": "b", "before": None}],
        "changed": {"n": 1, "of": 40, "examples": [{"id": SCRIPT, "before": "a", "after": "b", "sure": 0.9}]},
        "home": {"difference": {"value": -0.05, "low": -0.1, "high": 0.0}},
        "map": {"source": [[0.0, 1.0]], "target": [[1.0, 0.0], "damaged"]},
        "labels": {"note": "x", "methods": [{"name": "run", "value": {"value": 0.5, "low": 0.4, "high": 0.6}}]},
    },
}
SHIFT = {
    "schema": 1,
    "kind": "both",
    "sentence": SCRIPT,
    "source": {"name": "a", "n": 100},
    "target": {"name": SCRIPT, "n": 40},
    "separation": {"auc": 0.9, "low": 0.8, "high": 0.95},
    "separation_with_equal_shares": None,
    "classes": [{"class": SCRIPT, "learned": 0.1, "now": 0.3, "low": 0.2, "high": 0.4, "differs": True}],
    "carriers": {
        "columns": [{"name": SCRIPT, "source": "'x' in 90%", "target": "'x' in 10%", "distance": 0.8}],
        "looks": [{"name": "brightness", "source": 100.0, "target": 50.0, "distance": 0.9}],
        "words": [{"name": SCRIPT, "source": 0.001, "target": 0.02}],
    },
    "examples": {"unlike": [SCRIPT], "alike": ["b"], "like_nothing": []},
    "advice": [SCRIPT],
}


@pytest.mark.parametrize(
    ("render", "document"),
    [(adaptation_page.render_adaptation, EVIDENCE), (shift_page.render_shift, SHIFT)],
    ids=["adaptation", "shift"],
)
def test_names_of_others_are_text(render, document, tmp_path):
    text = render(tmp_path / "page.html", document).read_text()
    assert SCRIPT not in text and "&lt;script&gt;alert(1)" in text


@pytest.mark.parametrize("key", EVIDENCE["adaptation"])
def test_an_adaptation_without_a_part_is_drawn_without_it(key, tmp_path):
    section = {name: value for name, value in EVIDENCE["adaptation"].items() if name != key}
    document = {**EVIDENCE, "adaptation": section}
    text = adaptation_page.render_adaptation(tmp_path / "page.html", document).read_text()
    assert ("The model was adapted" in text) == (key != "method")


@pytest.mark.parametrize("key", [key for key in SHIFT if key != "schema"])
def test_a_shift_without_a_part_is_drawn_without_it(key, tmp_path):
    document = {name: value for name, value in SHIFT.items() if name != key}
    text = shift_page.render_shift(tmp_path / "page.html", document).read_text()
    assert ("Other looks and other shares" in text) == (key != "kind")


def test_gains_lie_on_one_axis_the_best_first():
    page = adaptation_page.page_of(EVIDENCE)
    (row,) = page.tried
    assert row.value == "+2.0" and row.span == "−1.0 to +4.5" and row.n == "7"
    assert row.low < page.zero < row.at < row.high
    assert page.measured[0][0] == "The model as it is" and len(page.points["target"]) == 1
    assert page.shares[0][0] == SCRIPT and page.left_out == (("other", SCRIPT),)


def test_a_shift_tells_words_in_a_thousand_and_classes_with_their_interval():
    tables = {table.id: table for table in shift_page.page_of(SHIFT).tables}
    assert list(tables) == ["columns", "looks", "words", "classes", "examples"]
    assert tables["words"].rows[0][1:] == ("1.00", "20.00") and tables["classes"].rows[0][3:] == (
        "20\u202f% to 40\u202f%",
        "yes",
    )
