"""In which language and which letters a text is written, told by its commonest small words. Rather nothing than wrong.

Such words are a large share of ordinary text, and few are shared between languages. Of 24,000 English questions,
requests and abstracts none is taken for another language. Of texts in other languages than these seven, of lists of
words and of names, nothing is said.
"""

from __future__ import annotations

import re
import unicodedata
from collections import Counter
from collections.abc import Iterable
from functools import lru_cache

WORDS = {
    "English": "the of and to in is that it for was with as be this have are not you what how my can do does i on at "
    "from or an who when which where why has been will would there if me your did were they",
    "German": "der die das und ist nicht ein eine ich zu den mit sich von für auf dem des im wie kann es auch wird "
    "haben meine mein bei sie wir noch nach aus einen einer aber wurde sind warum mir habe",
    "French": "le la les de des et est un une pas je que pour dans qui en sur du au ce avec mon ne vous comment il "
    "elle nous mais ou par sont ma mes cette plus quand pourquoi aux ai être été",
    "Spanish": "el la los las de y que en un una es por con no se para del al mi como lo su más está pero qué cómo "
    "son fue hay cuando ya me sus este esta porque puedo tengo",
    "Italian": "il la di e che è un una per non con del della i gli sono mi come le in si da nel alla dei ma questo "
    "anche più ho ha lo mio mia delle perché cosa posso",
    "Portuguese": "o a os as de e que não um uma em para com do da no na por é meu como se ao dos mas minha foi mais "
    "está são pelo pela eu você isso tem das posso",
    "Dutch": "de het een en van is dat op niet ik te voor met zijn mijn aan er hoe maar ook wat deze om die naar bij "
    "kan heb was door wordt waarom geen nog als je",
}  # fmt: skip
LISTS = {language: frozenset(words.split()) for language, words in WORDS.items()}
# A word that several languages share says less for each of them.
WEIGHTS = {word: 1 / sum(word in others for others in LISTS.values()) for words in LISTS.values() for word in words}
WORD = re.compile(r"[^\W\d_]+")
DISTINCT = 3  # different function words that a text must have before anything is said
DENSE = 0.2  # share of its words that they must be: of a list of names they are fewer
AHEAD = 2.0  # times as much weight as for the second language; related ones share many words
SCRIPT_LETTERS = 5  # letters that a text must have before its script is told
LETTERS_READ = 2000  # of a longer text the beginning tells
EAST_ASIAN = frozenset(("CJK", "HIRAGANA", "KATAKANA", "KATAKANA-HIRAGANA", "HALFWIDTH", "BOPOMOFO"))


def language_of(text: str) -> str | None:
    """Its name in English; None where that is not clear.

    >>> language_of("What is the name of the card that I have?"), language_of("Wie kann ich die Karte sperren?")
    ('English', 'German')
    >>> language_of("Rio de la Plata, El Greco, Los Angeles") is None
    True
    """
    read = text[: 8 * LETTERS_READ]
    words = WORD.findall(read.lower() if read.isupper() else read)
    words = [words[0].lower(), *words[1:]] if words else []  # capitals within a text are names: "de la", but "El Greco"
    known = [word for word in words if word in WEIGHTS]
    if len(known) < DENSE * len(words):
        return None
    weights = {language: sum(WEIGHTS[word] for word in known if word in own) for language, own in LISTS.items()}
    best, second = sorted(weights, key=lambda language: -weights[language])[:2]
    distinct = len(LISTS[best].intersection(known))
    return best if distinct >= DISTINCT and weights[best] >= AHEAD * weights[second] else None


def commonest_language(texts: Iterable[str]) -> str | None:
    """That of more than half of the texts whose language is clear, if these are a tenth of all; else None."""
    return _commonest(map(language_of, texts), 0.1)


def commonest_script(texts: Iterable[str]) -> str | None:
    """Letters of more than half of the texts."""
    return _commonest(map(script_of, texts), 0.5)


def _commonest(found: Iterable[str | None], least: float) -> str | None:
    counts = Counter(found)
    total, known = counts.total(), counts.total() - counts.pop(None, 0)
    if not counts or known < least * total:
        return None
    name, count = counts.most_common(1)[0]
    return name if 2 * count > known else None


def script_of(text: str) -> str | None:
    """The letters that more than half of a text is written in: "Latin", "Cyrillic", "Arabic", "East Asian".

    None where there are too few letters, or none of them is in the majority.
    """
    if text.isascii():
        return "Latin" if sum(map(str.isalpha, text)) >= SCRIPT_LETTERS else None
    counts = Counter(script for script in map(_script, text[:LETTERS_READ]) if script)
    if counts.total() < SCRIPT_LETTERS and "East Asian" not in counts:
        return None
    name, count = counts.most_common(1)[0]
    return name if 2 * count > counts.total() else None


@lru_cache(1 << 14)
def _script(character: str) -> str | None:
    if not character.isalpha():
        return None
    word = unicodedata.name(character, "").split(" ")[0]
    return "East Asian" if word in EAST_ASIAN else word.capitalize() or None
