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
    (row,) = page.tried.gains
    assert row.value == "+2.0" and row.span == "−1.0 to +4.5" and row.n == "7"
    assert row.low < page.tried.zero < row.at < row.high
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


def with_section(**parts):
    return adaptation_page.page_of({**EVIDENCE, "adaptation": {**EVIDENCE["adaptation"], **parts}})


def test_heads_that_labels_teach_are_not_called_estimated_without_labels():
    report = {"labels": 24, "won": 6, "lost": 1, "chosen": 5.0}
    gain = {"value": 20.8, "low": 4.0, "high": 37.0}
    taught = {"name": "joint_training", "title": SCRIPT, "gain": gain, "changes": 9, "seconds": 2.0, "report": report}
    found = with_section(methods=[*EVIDENCE["adaptation"]["methods"], taught], few_labels=24).tried
    assert "without labels" not in found.read and "checked by 24 labelled examples" in found.read
    assert "by a head that it did not teach" in found.read and "of 24 labelled examples 6 won, 1 lost" in found.says
    assert found.gains[0].value == "+20.8" and len(found.took) == 1  # of the others no time is known
    page = with_section()
    assert "without labels" in page.tried.read and any("Label 20" in step for step in page.steps)
    assert not any("Label 20" in step for step in with_section(few_labels=24).steps)
    assert not any("Look at ten" in step for step in with_section(changed={"n": 0, "of": 40}).steps)


def test_the_h_score_is_told_with_what_it_is_made_of():
    parts = {"known": {"value": 0.9, "low": 0.8, "high": 0.95}, "unknown": {"value": 0.6, "low": 0.4, "high": 0.8}}
    ships = {**parts, "h_score": {"value": 0.72, "low": 0.53, "high": 0.87}, "n": [120, 30]}
    (table,) = with_section(labels={"open_set": {"run": {**ships, "h_score": None}, "ships": ships}}).settings
    assert table.id == "open" and "120 labelled examples" in table.read and "30 of others" in table.read
    assert table.rows[0][-1] == "\u2013"
    assert table.rows[1] == ("What ships", "90\u202f% (80 to 95)", "60\u202f% (40 to 80)", "0.72 (0.53 to 0.87)")


def test_absent_classes_stand_first_and_are_no_warning():
    there = {"class": "b", "learned": 0.5, "now": 0.9, "high": 1.0, "absent": False}
    gone = {"class": SCRIPT, "learned": 0.5, "now": 0.0, "high": 0.1, "absent": True}
    shares = [{"class": SCRIPT, "learned": 0.5, "before": 0.1, "after": 0.0}]
    setting = {"name": "partial", "given": [], "absent": [SCRIPT], "classes": [there, gone]}
    page = with_section(setting=setting, shares=shares)
    (table,) = page.settings
    assert [row[0] for row in table.rows] == [SCRIPT, "b"] and table.rows[0][-1] == "absent"
    assert page.share_says == "" and not any("any more" in step for step in page.steps)
    (named,) = with_section(setting={"name": "partial", "given": ["b"], "absent": ["a"], "classes": []}).settings
    assert named.rows == () and "Named with --classes: b" in named.says and "never the answer: a." in named.says


def test_windows_come_along_the_order_and_the_largest_step_is_named():
    days = [("2024-01-01", "2024-02-20"), ("2024-02-21", "2024-04-01"), ("2024-04-02", "2024-06-16")]
    windows = [
        {"n": 50, "from": f"{first}T00:00:00Z", "to": f"{last}T00:00:00Z", "distance": far, "taught": 0.9}
        for (first, last), far in zip(days, (0.02, 0.31, 0.04), strict=True)
    ]
    (table,) = with_section(order={"column": SCRIPT, "kind": "date", "without": 0, "windows": windows}).settings
    assert table.id == "order" and SCRIPT in table.title
    assert table.rows[0] == ("1", "50", "2024-01-01", "2024-02-20", "0.020", "90\u202f%")
    assert table.rows[2][0] == "3, adapted to" and table.says == "The largest step is from window 1 to window 2."
    windows[0] |= {"distance": 0.5, "from": "2024-01-01T06:30:00Z"}
    (table,) = with_section(order={"column": "day", "windows": windows}).settings
    assert table.rows[0][2:4] == ("2024-01-01 06:30:00", "2024-02-20 00:00:00")
    assert table.says == "The largest step is from the examples that the model learned from to window 1."


def test_windows_of_numbers_stand_without_what_was_not_measured():
    windows = [{"n": 60, "from": 0, "to": 1.5, "distance": None, "taught": None}, "damaged", {"n": None}]
    (table,) = with_section(order={"column": "wear", "kind": "number", "windows": windows}).settings
    assert table.rows[0] == ("1", "60", "0", "1.5", "\u2013", "\u2013") and table.says == ""
    assert [set(row[1:]) for row in table.rows[1:]] == [{"\u2013"}, {"\u2013"}]
    assert with_section(order={"column": "wear", "windows": []}).settings == ()


def test_source_domains_come_the_nearest_first_and_without_distances_in_their_order():
    far = {"name": "far", "n": 50, "classes": 3, "distance": 0.4, "mixture": 0.1, "weight": 0.6, "alone": True}
    near = {**far, "name": SCRIPT, "distance": 0.01, "mixture": 0.9, "weight": 1.4, "alone": False}
    (table,) = with_section(sources=[far, near]).settings
    assert table.rows[0] == (SCRIPT, "50", "3", "0.010", "90\u202f%", "1.40", "with all")
    assert "farthest" in table.says and table.rows[1][-1] == "by itself"
    blind = [{**each, "distance": None, "mixture": None, "weight": None} for each in (far, near)]
    (table,) = with_section(sources=blind).settings
    assert [(row[0], row[-1]) for row in table.rows] == [("far", "\u2013"), (SCRIPT, "\u2013")] and table.says == ""
