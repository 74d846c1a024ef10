"""Texts that are empty, cut off, in another language than the others, damaged, or full of markup."""

from __future__ import annotations

import re
from collections import Counter
from dataclasses import dataclass

import numpy as np

from headstart.core.config import Config
from headstart.core.plugins import Plugin
from headstart.data.number_text import is_missing_mark
from headstart.inspection.checks.languages import language_of, script_of
from headstart.inspection.checks.quality import lowest_first, poor_inputs
from headstart.inspection.checks.texts import texts_in
from headstart.inspection.examined import Examined, parts_of
from headstart.inspection.finding import Finding

READABLE = 2  # letters or digits below which there is nothing to read; one is enough where a letter is a word
TOLD = 0.5  # share of the texts whose language must be clear before others are called foreign to them
REPLACEMENT = "\ufffd"
CONTINUED = "€‚ƒ„†‡ˆ‰Š‹ŒŽ•˜™š›œžŸ¡¢£¤¥¦§¨©ª¬®¯°±²³´µ¶·¸¹º¼½¾¿"
# UTF-8 that was read as Windows-1252: "Ã©" for é, "â€™" for an apostrophe, "Ð¿Ñ€" for Cyrillic. Quotation marks and
# dashes behind Ã are left alone, since a word in capitals may end in it.
MOJIBAKE = re.compile(f"[ÃÂ][{CONTINUED}]|Â\xa0|â€[{CONTINUED}“”–—™]|(?:[ÐÑ][{CONTINUED}\xa0]){{2}}")
TAG = re.compile(
    r"</?(?:p|div|span|br|hr|a|b|i|u|em|strong|ul|ol|li|h[1-6]|table|tr|td|th|img|script|style|font|html|body|head"
    r"|blockquote|pre|code|input|form|iframe|section|article)(?:\s[^<>]*)?/?>",
    re.IGNORECASE,
)
ENTITY = re.compile(r"&(?:amp|lt|gt|quot|apos|nbsp|#\d{2,5}|#x[0-9a-fA-F]{2,4});")


class TextQuality:
    """See the module."""

    def check(self, examined: Examined) -> list[Finding]:
        """Up to five findings for each part of texts."""
        found: list[Finding] = []
        for number in parts_of(examined, "text"):
            texts = dict(texts_in(examined, number))
            found += _empty(examined, texts)
            found += _foreign(examined, texts)
            found += _damaged(examined, texts)
            found += _markup(examined, texts)
        return [*found, *_long(examined)]


def _empty(examined: Examined, texts: dict[int, str]) -> list[Finding]:
    rows = [row for row, text in texts.items() if _is_empty(text)]
    return poor_inputs(
        examined,
        "text_quality/empty",
        "text",
        np.array(rows, np.int64),
        ["nothing to read" if not texts[row].strip() else f"only {texts[row].strip()[:20]!r}" for row in rows],
        "hold next to nothing: no word, or only a mark for a missing one.",
        "Leave them out, or fill in the text.",
    )


def _is_empty(text: str) -> bool:
    if is_missing_mark(text):
        return True
    readable = [character for character in text[:200] if character.isalnum()]
    return not readable or (len(readable) < READABLE and readable[0].isascii())


def _long(examined: Examined) -> list[Finding]:
    facts = examined.facts.get("text")
    if facts is None or "room" not in facts:
        return []
    characters = facts["characters"]
    rows = lowest_first(facts["room"] <= 0, -characters)
    return poor_inputs(
        examined,
        "text_quality/cut_off",
        "text",
        rows,
        [f"{characters[row]:,.0f} characters, {facts['tokens'][row]:.0f} tokens of it are read" for row in rows],
        "are longer than what the network reads, so their ends are never seen.",
        "Put what matters first, split them, or add --set model.max_tokens=N as far as the network allows.",
        is_hint=True,
    )


@dataclass(frozen=True)
class _Tongues:
    """In which language and script each text is, where that is clear."""

    languages: dict[int, str]
    scripts: dict[int, str]

    @classmethod
    def of(cls, texts: dict[int, str]) -> _Tongues:
        scripts = {row: script for row, text in texts.items() if (script := script_of(text))}
        latin = (row for row, script in scripts.items() if script == "Latin")
        return cls({row: language for row in latin if (language := language_of(texts[row]))}, scripts)


def _foreign(examined: Examined, texts: dict[int, str]) -> list[Finding]:
    tongues = _Tongues.of(texts)
    reasons, common = _others(tongues.scripts, len(texts), "in {} letters")
    if common == "in Latin letters":
        others, language = _others(tongues.languages, len(tongues.scripts), "in {}")
        reasons, common = reasons | others, language or common
    kinds = Counter(reasons.values())
    listed = ", ".join(f"{count} {kind}" for kind, count in kinds.most_common(5))
    return poor_inputs(
        examined,
        "text_quality/language",
        "text",
        np.array(list(reasons), np.int64),
        list(reasons.values()),
        f"are in another language or other letters than the rest (most are {common}; {listed}).",
        "Check that these texts belong here and that the network was trained on their language too.",
        evidence={"kinds": dict(kinds), "most": common},
    )


def _others(kinds: dict[int, str], total: int, words: str) -> tuple[dict[int, str], str]:
    """Rows that are of another kind than most, in words, and what most are; nothing where most are not clear."""
    if not kinds:
        return {}, ""
    main, count = Counter(kinds.values()).most_common(1)[0]
    if count <= TOLD * total:
        return {}, ""
    return {row: words.format(kind) for row, kind in kinds.items() if kind != main}, words.format(main)


def _damaged(examined: Examined, texts: dict[int, str]) -> list[Finding]:
    found = {row: _damage(text) for row, text in texts.items() if not text.isascii()}
    rows = [row for row, damage in found.items() if damage]
    return poor_inputs(
        examined,
        "text_quality/encoding",
        "text",
        np.array(rows, np.int64),
        [found[row] for row in rows],
        "have damaged characters, as when a file was read in the wrong encoding.",
        "Export them again as UTF-8; the network sees other words than people wrote.",
    )


def _damage(text: str) -> str:
    if match := MOJIBAKE.search(text):
        return f"{match.group()!r} stands where one other letter was"
    return f"{text.count(REPLACEMENT)} times the mark for an unreadable character" if REPLACEMENT in text else ""


def _markup(examined: Examined, texts: dict[int, str]) -> list[Finding]:
    found = {row: match.group() for row, text in texts.items() if (match := TAG.search(text) or ENTITY.search(text))}
    return poor_inputs(
        examined,
        "text_quality/markup",
        "text",
        np.array(list(found), np.int64),
        [f"holds {tag[:40]}" for tag in found.values()],
        "hold markup of web pages, such as tags in angle brackets.",
        "Export the plain text, unless texts in use will hold the same markup.",
    )


def _build(config: Config) -> TextQuality:
    return TextQuality()


PLUGIN = Plugin(build=_build)
