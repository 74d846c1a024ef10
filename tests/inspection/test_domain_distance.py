from __future__ import annotations

from inspection.made_examined import checked, make_examined
from inspection.made_facts import said

N = 10
ENGLISH = ["What is the fee for a card?"] * N


def findings(facts, contents=None, modality="image"):
    return checked("domain_distance", make_examined(["a", "b"] * 5, facts=facts, contents=contents, modality=modality))


def of_texts(characters, tokens, unknown, contents=ENGLISH):
    columns = {"characters": characters, "tokens": tokens, "unknown": unknown, "room": 10}
    return findings(said("text", **{name: [value] * N for name, value in columns.items()}), contents, "text")


def test_colour_photographs_and_plain_english_look_alike():
    assert findings(said("image", height=[200] * N, width=[300] * N, colourfulness=[20] * N)) == []
    assert of_texts(characters=45, tokens=10, unknown=0) == []


def test_grey_pictures_and_enlarged_ones_are_told_in_one_hint():
    (found,) = findings(said("image", height=[32] * N, width=[48] * N, colourfulness=[0] * N))
    assert (found.id, found.severity) == ("domain_distance", "hint")
    assert found.evidence == {"grey_share": 1, "median_shorter_side": 32}


def test_words_in_pieces_and_unknown_tokens_are_told():
    (found,) = of_texts(characters=26, tokens=20, unknown=0.05)
    assert found.evidence == {"unknown": 0.05, "characters_per_token": 1.44}  # 26 by 20 less two special ones


def test_languages_with_short_words_are_not_judged_by_the_length_of_tokens():
    assert of_texts(characters=20, tokens=20, unknown=0, contents=["カードをなくしました"] * N) == []
