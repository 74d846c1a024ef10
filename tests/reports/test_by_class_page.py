"""What drives each class, drawn from by_class.json and the surest examples."""

from __future__ import annotations

import pytest

from headstart.reports.by_class_page import render_by_class
from reports.helpers_reports import gap, nothing, photo


def page_of(tmp_path, modality, entry, prototypes=()):
    document = {"schema": 1, "method": "shapley", "modality": modality, "read": 9, "failed": 2, "at_least": 3,
                "classes": [{"class": "<b>red", "examples": 7, **entry}]}  # fmt: skip
    return render_by_class(tmp_path / "by_class.html", document, {"<b>red": list(prototypes)}).read_text()


def test_words_stand_with_their_means_intervals_and_the_surest_texts(tmp_path):
    units = [
        {"name": "scarlet", "examples": 4, "mean": gap(0.5, 0.25)},
        {"name": "blue", "examples": 3, "mean": nothing(-1.0)},
    ]
    text = {"id": "3", "margin": 2.0, "pieces": [["<i>scarlet", 0]], "values": [2.0]}
    page = page_of(tmp_path, "text", {"units": units}, [text])
    assert "&lt;b&gt;red" in page and "<b>red" not in page and "2 could not be used" in page
    assert "+0.5" in page and "0.25 to 0.75" in page and "4 examples" in page and "in 3 texts of a class" in page
    assert 'cx="75.0%"' in page and 'cx="0.0%"' in page  # of the largest end, 1: half to the right, all to the left
    assert '<mark class="f4">&lt;i&gt;scarlet</mark>' in page


@pytest.mark.parametrize(
    ("more", "says"),
    [
        ({"follows": gap(0.8, 0.1)}, "large values speak for it"),
        ({"follows": gap(-0.8, 0.1)}, "small values speak for it"),
        ({"follows": gap(0.05, 0.1)}, "neither large nor small values clearly"),
        ({"levels": [{"name": "month<", "examples": 3, "mean": gap(0.5, 0.1)}]}, "month&lt; +0.5"),
    ],
)
def test_columns_say_which_of_their_values_speak_for_the_class(tmp_path, more, says):
    unit = {"name": "age", "examples": 7, "mean": gap(0.0, 0.1), "size": gap(0.4, 0.1), **more}
    page = page_of(tmp_path, "table", {"units": [unit]})
    assert says in page and ">0.4<" in page and "Column" in page


def test_a_mean_map_is_drawn_by_its_largest_cell_and_pictures_stand_inside_the_page(tmp_path):
    entry = {"shape": [2, 2], "mean_map": [[0.5, 0.25], [0.25, 0.0]], "outer": {"share": gap(0.4, 0.1), "area": 0.49}}
    shown = [
        {"id": "a", "margin": 1.0, "overlay": photo((1, 2, 3))},
        {"id": "b", "margin": 0.5, "overlay": "https://e.org"},
    ]
    page = page_of(tmp_path, "image", entry, shown)
    assert page.count('opacity="1.0"') == 1 and page.count('opacity="0.5"') == 2
    assert "40 % (30 to 50) of what speaks for it" in page and "49 % of the picture" in page
    assert page.count("data:image/jpeg") == 1 and "e.org" not in page


def test_a_class_without_words_says_so(tmp_path):
    assert "No word stands in enough of its texts" in page_of(tmp_path, "text", {"units": []})
