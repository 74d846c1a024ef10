from __future__ import annotations

import pytest

from headstart.inspection.checks.languages import commonest_language, commonest_script, language_of, script_of

SENTENCES = {
    "English": ("What did you do with the card that I gave you?", "It was not there when they came."),
    "German": ("Warum wurde meine Überweisung abgelehnt?", "Ich habe meine Karte verloren, was soll ich tun?"),
    "French": ("Comment puis-je changer mon code PIN ?", "Où est ma commande, elle devait arriver hier"),
    "Spanish": ("No puedo entrar en mi cuenta desde ayer", "¿Cómo puedo cambiar el código de mi tarjeta?"),
    "Italian": ("Come posso cambiare il PIN della mia carta?", "Non so perché il mio conto è bloccato"),
    "Portuguese": ("Não consigo entrar na minha conta desde ontem", "Como posso alterar o código do meu cartão?"),
    "Dutch": ("Ik kan niet meer inloggen op mijn rekening", "Hoe kan ik de pincode van mijn kaart wijzigen?"),
}


@pytest.mark.parametrize("language", SENTENCES)
def test_sentences_are_of_their_language(language):
    assert [language_of(sentence) for sentence in SENTENCES[language]] == [language] * 2


@pytest.mark.parametrize(
    "text",
    [
        "",
        "ok",
        "Rio de la Plata, El Greco, Los Angeles",
        "What does N est-ce pas mean ?",
        "Jag har tappat mitt kort och vill spärra det",
        "Jak mogę zmienić kod PIN mojej karty",
        "print(x for x in range(10))",
    ],
)
def test_of_names_other_languages_and_mixtures_nothing_is_said(text):
    assert language_of(text) is None


def test_letters_are_told_by_their_majority():
    texts = {
        "plain words": "Latin",
        "Überweisung": "Latin",
        "Мой перевод": "Cyrillic",
        "η κάρτα μου": "Greek",
        "لا أستطيع": "Arabic",
        "カード": "East Asian",
        "我的卡": "East Asian",
        "카드가 없어요": "Hangul",
        "12345 !!!": None,
        "ab": None,
        "слов word": None,  # not more than half
    }
    assert {text: script_of(text) for text in texts} == texts


def test_the_commonest_language_is_that_of_more_than_half_of_what_is_clear():
    english, german = "What is the name of the card that I have?", "Wie kann ich die Karte sperren, und ist sie da?"
    assert commonest_language([english, english, german]) == "English"
    assert commonest_language([english, german]) is None
    assert commonest_language([english] + ["12"] * 8) == "English"
    assert commonest_language([english] + ["12"] * 10) is None  # fewer than a tenth are clear
    assert commonest_language([]) is None is commonest_script([])


def test_the_commonest_letters_must_be_clear_in_half_of_the_texts():
    assert commonest_script(["Привет, мир", "Доброе утро", "ok"]) == "Cyrillic"
    assert commonest_script(["Доброе утро", "1", "2"]) is None
