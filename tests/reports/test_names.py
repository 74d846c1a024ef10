import unicodedata

import pytest
from hypothesis import given
from hypothesis import strategies as st

from headstart.core import plugins
from headstart.reports.names import ROOMS, quoted, readable, shorten

EACH = [(room, name) for room in ROOMS for name in plugins.names(room)]


def test_both_ends_of_a_long_name_stay():
    assert shorten("a_very_long_file_name_indeed.jpg", 17) == "a_very_l\u2026deed.jpg"


@given(st.text(max_size=400), st.integers(5, 60))
def test_a_short_name_is_never_longer_than_asked_and_never_empty(name, longest):
    assert 0 < len(shorten(name, longest)) <= max(longest, len("(empty)"))


@given(st.text(min_size=1, max_size=40).map(lambda text: "x".join(text.split())).filter(bool))
def test_a_name_that_fits_is_not_touched(name):
    assert shorten(name, 100) == name


def test_a_cut_does_not_leave_a_mark_without_its_letter():
    name = "x" * 20 + "e\u0301" * 20
    after = shorten(name, 21).split("\u2026")[1]
    assert not unicodedata.combining(after[0])


def test_a_quoted_name_cannot_turn_the_rest_of_the_sentence_around():
    name = quoted("\u202eabc")
    assert name.index("\u2068") < name.index("\u202e") < name.index("\u2069")


def test_plugins_have_readable_names_and_others_keep_theirs():
    assert readable("knn") == "Nearest neighbours (kNN)"
    assert readable("my_own") == "my_own"
    assert readable("random_weights") == "Same network, random weights"


@pytest.mark.parametrize(("room", "name"), EACH)
def test_every_plugin_that_may_stand_in_a_report_has_a_title_of_its_own(room, name):
    title = readable(name)
    assert title == plugins.load(room, name).title and 0 < len(title) <= 40
    assert [other for _, other in EACH if readable(other) == title] == [name]
