"""The pages of an adaptation and of a shift: what is missing is left out, foreign names stay text."""

from __future__ import annotations

import pytest

from headstart.reports import adaptation_page, shift_page
from headstart.reports.domain_map import domain_map

SCRIPT = "<script>alert(1)</script>"
SHARES = {name: {"value": 0.8, "low": 0.6, "high": 0.9} for name in ("recall", "precision")}
FELL = {"value": -0.2, "low": -0.5, "high": 0.1}
PICTURE = "data:image/png;base64,AAAA"
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
        "changed": {
            "n": 3,
            "of": 40,
            "moves": [{"before": "a", "after": SCRIPT, "n": 3}],
            "examples": [
                {"id": f"data/new/{name}", "before": "a", "after": "b", "sure": 0.9} for name in ("x", SCRIPT, "y")
            ],
        },
        "home": {"difference": {"value": -0.05, "low": -0.1, "high": 0.0}},
        "map": {
            "classes": [SCRIPT, "b"],
            "before": {
                "source": [[0.0, 1.0, 0]],
                "target": [[1.0, 0.0, -1], "damaged", [1.0, "x", 0]],
                "told_apart": {"auc": 0.99, "low": 0.9, "high": 1.0},
                "together": 0.8,
            },
            "after": {
                "source": [[0.5, 1.0, 0]],
                "target": [[1.0, 0.0, 1]],
                "told_apart": {"auc": 0.75, "low": 0.6, "high": 0.9},
                "together": 0.9,
            },
        },
        "labels": {
            "note": "x",
            "methods": [{"name": "run", "value": {"value": 0.5, "low": 0.4, "high": 0.6}}],
            "by_class": {
                "classes": [
                    {"class": "b", "n": 20, "before": SHARES, "after": SHARES, "change": None},
                    {"class": SCRIPT, "n": 10, "before": SHARES, "after": SHARES, "change": FELL},
                    {"class": "absent", "n": 0, "before": {}, "after": {}, "change": None},
                ],
                "worst": "b",
                "lost": SCRIPT,
            },
        },
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
    assert page.measured[0][0] == "The model as it is"
    assert page.shares[0][0] == SCRIPT and page.left_out == (("other", SCRIPT),)


def test_the_map_has_two_panels_numbers_of_classes_and_says_what_it_shows():
    found = adaptation_page.page_of(EVIDENCE).map
    before, after = found.panels
    assert (before.title, len(before.source), len(before.target)) == ("Before", 1, 1)  # what is damaged is left out
    assert [mark.colour for mark in before.target] == [0] and [mark.colour for mark in after.target] == [2]
    assert [mark.colour for mark in before.numbers] == [1] and found.has_others
    assert "99 times in 100 before and 75 times in 100 after" in found.says and "80\u202f% of the old" in found.says
    facts = {fact.label: fact.value for fact in adaptation_page.page_of(EVIDENCE).facts}
    assert facts["Told apart"] == "0.99 \u2192 0.75"


def test_where_too_few_were_held_out_to_tell_domains_apart_the_map_says_so():
    part = {"source": [[0, 0, 0]], "target": [[1, 1, 0]], "told_apart": None, "together": None}
    assert "Too few old examples" in domain_map({"classes": ["a"], "before": part, "after": part}).says


def test_a_class_that_is_not_answered_any_more_is_named_first_of_all():
    shares = [{"class": SCRIPT, "learned": 0.5, "before": 0.1, "after": 0.0}, {"class": "b", "before": 0, "after": 0}]
    page = adaptation_page.page_of({**EVIDENCE, "adaptation": {**EVIDENCE["adaptation"], "shares": shares}})
    assert SCRIPT in page.share_says and "b\u2069" not in page.share_says  # b was not answered before either
    assert "not answered any more" in page.steps[0]
    assert not any("any more" in step for step in adaptation_page.page_of(EVIDENCE).steps)


def test_where_nothing_ships_there_is_no_after():
    page = adaptation_page.page_of({**EVIDENCE, "adaptation": {**EVIDENCE["adaptation"], "method": None}})
    assert page.share_titles[-1] == "Answered before" and len(page.shares[0]) == 3
    assert "Answers that change" not in {fact.label for fact in page.facts}


def test_a_map_of_new_examples_alone_draws_one_panel_and_says_nothing_of_old_ones():
    found = domain_map({"classes": ["a"], "before": {"target": [[0, 0, 0], [1, 1, 0]]}, "after": None})
    (panel,) = found.panels
    assert panel.title == "" and not found.has_source and found.says == "" and len(panel.numbers) == 1


def test_classes_come_in_the_order_of_what_they_lost_and_those_without_labels_are_left_out():
    table = adaptation_page.page_of(EVIDENCE).by_class
    assert [row[0] for row in table.rows] == [SCRIPT, "b"]
    assert table.rows[0][4] == "\u221220 (\u221250 to +10)" and table.rows[0][2] == "80\u202f% (60 to 90)"
    assert "Weakest is" in table.says and "lost most: \u221220" in table.says


def test_changed_answers_are_shown_where_they_can_be_and_named_where_not():
    excerpts = {"data/new/x": {"thumbnail": PICTURE}, f"data/new/{SCRIPT}": {"thumbnail": f"javascript:{SCRIPT}"}}
    found = adaptation_page.page_of(EVIDENCE, excerpts).changes
    assert [each.name for each in found.shown] == ["x"] and found.layout == ""
    assert [row[0] for row in found.rows] == [SCRIPT, "y"]  # without the folder that they share
    texts = {f"data/new/{name}": {"text": SCRIPT} for name in ("x", "y")}
    assert adaptation_page.page_of(EVIDENCE, texts).changes.layout == "words"


def test_a_shift_tells_words_in_a_thousand_and_classes_with_their_interval():
    tables = {table.id: table for table in shift_page.page_of(SHIFT).tables}
    assert list(tables) == ["columns", "looks", "words", "classes", "examples"]
    assert tables["words"].rows[0][1:] == ("1.00", "20.00") and tables["classes"].rows[0][3:] == (
        "20\u202f% to 40\u202f%",
        "yes",
    )
