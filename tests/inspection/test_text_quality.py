from __future__ import annotations

import random

import pytest

from inspection.made_examined import checked, make_examined
from inspection.made_facts import said

N = 60
ENGLISH = (
    "What is the fee for a card that I have lost?",
    "How can I change the name on my account?",
    "Why was the transfer to my friend not done yet?",
    "I would like to know when the money will be there.",
    "Naïve questions at the café: does this card work in Zürich?",
    "Is a price of 3 < 5 and a > b fine with you?",
)


def english(count=N, seed=0):
    rng = random.Random(seed)
    return [f"{rng.choice(ENGLISH)} {rng.randrange(1000)}" for _ in range(count)]


def findings(texts, **options):
    examined = make_examined(["a", "b"] * (len(texts) // 2), contents=texts, modality="text", **options)
    return {finding.id: finding for finding in checked("text_quality", examined)}


def test_english_questions_are_in_order():
    assert findings(english()) == {}


PLANTED = {
    "text_quality/empty": ("?!", "-", "n/a", "x"),
    "text_quality/language": (
        "Wie kann ich die Karte sperren, die ich verloren habe?",
        "Je ne sais pas comment changer le nom sur mon compte.",
        "¿Por qué no puedo cambiar el código de mi tarjeta?",
        "Мой перевод ещё не пришёл, что делать?",
        "カードをなくしました。どうすればいいですか",
    ),
    "text_quality/encoding": ("When will my cafÃ© card arrive?", "I donâ€™t know what it is", "the na\ufffdve one is"),
    "text_quality/markup": (
        "<p>What is this?</p>",
        'See <a href="x">the page</a>',
        "fish &amp; chips for me",
        "a<br/>b",
    ),
}


@pytest.mark.parametrize(("id", "text"), [(id, text) for id, texts in PLANTED.items() for text in texts])
def test_one_such_text_is_found_and_nothing_else(id, text):
    texts = english()
    texts[5] = text
    found = findings(texts)
    assert set(found) == {id} and found[id].severity == "hint"
    assert [suspect.row for suspect in found[id].suspects] == [5] and found[id].suspects[0].why
    assert found[id].what.startswith("1 of 60 texts (2 %) ")


def test_many_foreign_texts_are_a_warning_that_names_the_languages():
    texts = english()
    texts[:6] = ["Wie kann ich die Karte sperren, die ich verloren habe?"] * 6
    found = findings(texts)["text_quality/language"]
    assert found.severity == "warning" and found.evidence["kinds"] == {"in German": 6}
    assert "most are in English; 6 in German" in found.what


def test_of_a_set_in_a_language_that_is_not_known_nothing_is_called_foreign():
    texts = ["Jak mogę zmienić kod PIN mojej karty płatniczej?"] * (N - 2) + list(ENGLISH[:2])
    assert "text_quality/language" not in findings(texts)


def test_latin_texts_among_cyrillic_ones_are_the_odd_ones():
    found = findings(["Мой перевод ещё не пришёл, что делать?"] * (N - 1) + ["My transfer has not come"])
    assert [suspect.why for suspect in found["text_quality/language"].suspects] == ["in Latin letters"]
    assert "Cyrillic letters" in found["text_quality/language"].what


def test_texts_longer_than_what_is_read_are_a_hint_however_many_they_are():
    facts = said("text", characters=[50, 900] * (N // 2), tokens=[12, 64] * (N // 2), room=[52, 0] * (N // 2))
    found = findings(english(), facts=facts)["text_quality/cut_off"]
    assert found.severity == "hint" and found.evidence["count"] == N // 2
    assert found.suspects[0].why == "900 characters, 64 tokens of it are read"
