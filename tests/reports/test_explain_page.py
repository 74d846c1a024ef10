"""The page of explanations: what stands on it, and that nothing foreign gets through."""

from __future__ import annotations

import pytest

from headstart.reports.explain_page import (
    MOST_CHARACTERS,
    bars_of,
    checks_of,
    item_of,
    pieces_of,
    render_explanations,
    render_text,
)
from reports.chromium import DESKTOP, PHONE, REASON, find_chromium
from reports.test_page import HOSTILE, Page

CURVES = {
    "deletion": 0.2, "insertion": 0.8, "random": 0.5, "random_low": 0.4, "random_high": 0.6, "orders": 5,
    "deletion_better_than": 5, "insertion_better_than": 4,
}  # fmt: skip


def document(**changes):
    """Of a table with two columns."""
    near = {"id": "a", "target": "x", "prediction": "x", "closeness": 0.9}
    return {
        "id": "7", "error": None, "prediction": "x", "explained": "x", "score": 0.9, "margin": 1.5,
        "method": "shapley", "unit": "column", "shape": [2], "names": ["age", "plan"], "values": [1.0, -0.5],
        "reference": "others", "cost": "9 evaluations", "sum_gap": 0.0,
        "checks": {"curves": CURVES, "random_weights": {"rank_correlation": None, "against": None, "why_not": "trees"}},
        "neighbours": {"nearest": [near], "otherwise": {**near, "id": "b", "prediction": "y"}, "why_not": None},
        **changes,
    }  # fmt: skip


def test_bars_are_ordered_by_size_and_lie_on_either_side_of_the_middle():
    first, second = bars_of(["a", "b"], [-1.0, 2.0])
    assert (first.name, first.start, first.width, first.is_for) == ("b", 50, 50, True)
    assert (second.name, second.start, second.width, second.is_for) == ("a", 25, 25, False)
    assert bars_of(["a"], [0.0])[0].width == 0


def test_words_are_marked_by_their_share_of_the_largest():
    found = pieces_of([["no", 0], [" ", None], ["good", 1], ["film", 2]], [-1.0, 4.0, 0.1])
    assert found == (("no", "a1"), (" ", ""), ("good", "f4"), ("film", ""))


def test_checks_are_told_with_what_would_be_good_and_with_chance():
    deletion, insertion, random = checks_of(document()["checks"])
    assert deletion[:2] == ("Deletion, area", "0.200") and "low is good" in deletion[2] and "5 of 5" in deletion[2]
    assert "high is good" in insertion[2] and "0.500 (0.400 to 0.600)" in insertion[2]
    assert random == ("Random weights", "none", "trees")
    assert checks_of({}) == ()


def test_what_is_missing_leaves_a_gap_and_no_error(tmp_path):
    item = item_of({"id": "x", "error": "a damaged picture"}, tmp_path)
    assert item.error == "a damaged picture" and item.checks == () and item.nearest == ()


def pages(folder):
    """A page of all kinds, with foreign names everywhere."""
    text = document(
        id=HOSTILE[0], pieces=[[name, 0] for name in HOSTILE] + [["w" * 300, 1]], files={"highlighted": "x.html"},
        method="integrated_gradients",
        excerpts={"a": {"text": HOSTILE[1]}, "b": {"thumbnail": "http://127.0.0.1:9/x.png"}},
    )  # fmt: skip
    worded = [document(prediction=name, explained=name, names=[name, "z" * 300]) for name in HOSTILE]
    render_text(folder / "x.html", text)
    bad = {"id": HOSTILE[0], "error": "e" * 300}
    return render_explanations(folder / "explain.html", [document(), text, *worded, bad])


def test_rows_of_a_table_have_no_picture_and_none_is_missed(tmp_path):
    page = render_explanations(tmp_path / "explain.html", [document()]).read_text(encoding="utf-8")
    assert "Nearest training examples" in page and "not kept" not in page


def test_foreign_text_stays_text(tmp_path):
    page = pages(tmp_path).read_text(encoding="utf-8")
    for text in (page, (tmp_path / "x.html").read_text(encoding="utf-8")):
        assert Page(text).foreign_scripts == [] and "127.0.0.1" not in text


@pytest.mark.skipif(find_chromium() is None, reason=REASON)
def test_it_fits_a_phone_and_a_desktop_and_can_be_read_in_light_and_dark(browser, tmp_path):
    from reports.test_chromium import CONTRAST, assert_quiet_and_inside

    page = pages(tmp_path)
    for window in (PHONE, DESKTOP):
        for dark in (False, True):
            assert_quiet_and_inside(browser, page, **window, dark=dark)
            ratio, where = browser.ask(CONTRAST)
            assert ratio >= 4.5, where
            assert browser.violations() == []


def test_a_text_of_any_length_takes_the_space_of_a_screen():
    short = pieces_of([["good", 0], [" film", 1]], [2.0, -1.0])
    assert "".join(text for text, _ in short) == "good film"
    long = pieces_of([["word ", 0]] * 200_000, [1.0])
    assert len("".join(text for text, _ in long)) <= MOST_CHARACTERS + 4 and long[-1] == (" ...", "")
    assert "".join(text for text, _ in pieces_of([["a" * 1_000_000, 0]], [1.0])) == "a" * MOST_CHARACTERS
