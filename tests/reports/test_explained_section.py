"""What the worst mistakes rest on: drawn where it was explained, and nothing of an example where none may be shown."""

from __future__ import annotations

import json

import pytest

from headstart.reports.frame import draw
from headstart.reports.page import render
from headstart.reports.run_files import RunFiles, read_run
from headstart.reports.sections.explained import build
from headstart.reports.sections.mistakes import build as build_mistakes
from reports.helpers_reports import classification, photo, write_run

TAKEN = {"taken": 20, "units": 196, "whole": 0.9, "marked": 0.2, "random": 0.85, "random_low": 0.8, "random_high": 0.9}
NEAR = {"id": "train/7", "target": "shoes", "distance": 0.25, "text": "a sole"}
UNLIKE = {"id": "train/9", "target": "hat", "distance": 0.5, "text": "worn above"}
MISTAKE = {"id": "test/1", "target": "hat", "prediction": "shoes", "probability": 0.9, "text": "worn below",
           "nearest": [NEAR], "otherwise": UNLIKE}  # fmt: skip
OTHER = {**MISTAKE, "id": "test/2"}
WORDS = {"id": "test/1", "error": None, "explained": "shoes", "score": 0.9, "method": "integrated_gradients",
         "unit": "word", "pieces": [["worn", 0], [" ", None], ["<b>below", 1]], "values": [0.1, 2.0],
         "checks": {"taken_away": TAKEN}}  # fmt: skip


def run_of(*explained, mistakes=(MISTAKE, OTHER)):
    return RunFiles("run", {}, mistakes=mistakes, explanations={each["id"]: each for each in explained})


def drawn(section):
    return draw("sections/explained.html", content=section.content)


def test_a_text_is_shown_with_its_words_marked_its_neighbours_and_what_taking_them_away_does():
    section = build(run_of(WORDS))
    [item] = section.content.items
    assert item.pieces == (("worn", ""), (" ", ""), ("<b>below", "f4")) and item.about == ""
    assert item.check.startswith("Without the 20 words that speak most for it (of 196) 90")
    page = drawn(section)
    assert '<mark class="f4">&lt;b&gt;below</mark>' in page and "a sole" in page and "worn above" in page
    assert "explains all of them" in page and "In 1 of 1 it costs" in section.says


def test_what_is_explained_is_not_among_the_further_mistakes():
    assert [item.example.name for item in build_mistakes(run_of(WORDS)).content.items] == ["test/2"]
    both = run_of(WORDS, {**WORDS, "id": "test/2"})
    assert build_mistakes(both) is None and len(build(both).content.items) == 2
    assert "explains all of them" not in drawn(build(both))


@pytest.mark.parametrize(
    ("found", "shown", "hidden"),
    [
        ({"overlay": photo((9, 9, 9))}, 'class="overlay" src="data:image/jpeg', "<mark"),
        ({"overlay": "https://example.org/x.png"}, "worn below", "example.org"),
        ({"names": ["age"], "values": [-1.5]}, "\u22121.5".replace("\u2212", "-"), "<mark"),
        ({"pieces": [["a", 7], "b", [1]], "values": [1.0]}, "worn below", "<mark"),
    ],
)
def test_pictures_stand_inside_the_page_and_what_is_not_understood_is_left_out(found, shown, hidden):
    plain = {key: value for key, value in WORDS.items() if key not in ("pieces", "values", "checks")}
    page = drawn(build(run_of({**plain, **found})))
    assert shown in page and hidden not in page


def test_an_explanation_that_is_no_better_than_chance_is_counted_as_such():
    poor = {**WORDS, "checks": {"taken_away": {**TAKEN, "marked": 0.88}}}
    assert "In 0 of 1 it costs" in build(run_of(poor)).says


def test_of_numbers_the_check_says_numbers():
    number = {**WORDS, "explained": None, "checks": {"taken_away": {**TAKEN, "whole": 12.5, "taken": 1}}}
    [item] = build(run_of(number)).content.items
    assert "Without the word that speaks most for it (of 196) 12.5 becomes 0.2;" in item.check


def test_without_explanations_there_is_no_section():
    assert build(run_of()) is None and build(RunFiles("run", {}, mistakes=None)) is None


def test_the_page_holds_no_explanation_where_no_example_may_be_shown(tmp_path):
    folder = write_run(tmp_path / "run", classification())
    first = json.loads((folder / "examples.json").read_text())["mistakes"][0]["id"]
    document = {"schema": 1, "mistakes": [{**WORDS, "id": first}, {"id": "x", "error": "gone"}]}
    (folder / "explanations.json").write_text(json.dumps(document), encoding="utf-8")
    assert set(read_run(folder).explanations) == {first}
    assert "&lt;b&gt;below" in render(folder).read_text(encoding="utf-8")
    assert "&lt;b&gt;below" not in render(folder, examples=False).read_text(encoding="utf-8")
