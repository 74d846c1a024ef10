"""What the page of a compression says of a trimmed vocabulary."""

from __future__ import annotations

from headstart.reports.compression_vocabulary import vocabulary_told

POINTS = [{"knobs": {"trimmed": False}}, {"knobs": {"trimmed": True}}]
TOLD = {"tokens": 2000, "of": 30522, "n": 400, "lost": 31}


def test_it_says_what_is_left_and_how_many_texts_miss_a_token():
    found = vocabulary_told(POINTS, {"vocabulary": TOLD}, "texts")
    assert found.startswith("A network with its own vocabulary holds 2,000 of 30,522 tokens")
    assert "31 of 400 texts have a token that none outside their fold has, and are read without it." in found
    tested = vocabulary_told(POINTS, {"vocabulary": {**TOLD, "test": {"n": 90, "lost": 4}}}, "texts")
    assert tested.endswith("are read without it; what ships lacks a token of 4 of 90 test texts.")


def test_nothing_is_said_where_nothing_was_trimmed():
    assert vocabulary_told(POINTS[:1], {"vocabulary": TOLD}, "texts") == ""
    assert vocabulary_told(POINTS, {"vocabulary": None}, "texts") == vocabulary_told([], {}, "texts") == ""
