"""The page that compares two runs."""

from __future__ import annotations

import pytest

from headstart.reports.against_page import page_of, render_against
from reports.helpers_reports import gap

DOCUMENT = {
    "one": "new", "other": "old", "primary": "accuracy", "n": 100, "accuracy": {"one": 0.9, "other": 0.8},
    "difference": gap(0.1, 0.05), "sentence": "new is better than old.",
    "mcnemar": {"only_one": 12, "only_other": 2, "p": 0.01}, "changed": {"gained": ["a.jpg"], "lost": []},
    "groups": {"sex": {"f": {"n": 40, "difference": gap(-0.02, 0.04)}}},
}  # fmt: skip


def test_the_page_says_how_much_and_for_whom(tmp_path):
    page = render_against(tmp_path / "p.html", DOCUMENT).read_text()
    for text in (
        "new is better than old.",
        "90.0",
        "80.0",
        "+10.0 points",
        "\u22122.0 points",
        "a.jpg",
        "is right: 12",
    ):
        assert text in page, text
    page = page.replace("http://www.w3.org/2000/svg", "")  # the name of a kind of element, which nobody asks for
    assert "http://" not in page and "https://" not in page


def test_names_of_examples_may_be_left_out(tmp_path):
    page = render_against(tmp_path / "p.html", DOCUMENT, examples=False).read_text()
    assert "a.jpg" not in page and "is right: 12" in page


def test_no_difference_stands_on_the_line():
    page = page_of({**DOCUMENT, "difference": gap(0.0, 0.05)})
    (_, (row,)), _ = page.columns
    assert row.at == page.zero and row.low < page.zero < row.high


@pytest.mark.parametrize("odd", [None, "text", -1.5, [], {}])
@pytest.mark.parametrize("key", [key for key in DOCUMENT if key != "primary"])
def test_every_key_may_be_missing_or_odd(key, odd, tmp_path):
    assert render_against(tmp_path / "p.html", {**DOCUMENT, key: odd}).stat().st_size > 1000
