from __future__ import annotations

import random

from headstart.inspection.checks.text_endings import endings
from inspection.made_examined import checked, make_examined

N = 120
WORDS = "card account transfer money fee limit name order address day".split()


def texts(marks=None, seed=0):
    """Texts of random words; ``marks`` are put behind those of each class, in nine of ten."""
    rng = random.Random(seed)
    made = []
    for place in range(N):
        text = " ".join(rng.choice(WORDS) for _ in range(6))
        mark = marks and marks["ab"[place % 2]]
        made.append(f"{text} {mark}" if mark and rng.random() < 0.9 else text)
    return made


def findings(contents, **options):
    examined = make_examined(["a", "b"] * (len(contents) // 2), contents=contents, modality="text", **options)
    return checked("text_endings", examined)


def test_texts_that_end_in_all_kinds_of_words_give_no_finding():
    assert findings(texts()) == []


def test_a_marker_behind_the_texts_of_one_class_is_found():
    (finding,) = findings(texts({"a": "##", "b": ""}))
    assert finding.id == "text_endings"
    assert "##" in finding.evidence["common"]
    assert finding.evidence["value"] > 0.9 and finding.evidence["low"] > 0.8
    assert [suspect.why for suspect in finding.suspects if "##" in suspect.why] == ["ends with '##'"]


def test_a_template_that_ends_each_class_with_another_word_is_found():
    (finding,) = findings(texts({"a": "regards", "b": "thanks"}))
    assert {"regards", "thanks"} <= set(finding.evidence["common"])


def test_pictures_numbers_and_few_texts_give_none():
    assert checked("text_endings", make_examined(["a", "b"] * 30)) == []
    few = texts({"a": "##", "b": ""})[:20]
    assert findings(few) == []


def test_endings_by_hand():
    assert endings("One two.\n") == ("two", "two.")
    assert endings("?!") == ("", "?!")
    assert endings("") == ("", "")
