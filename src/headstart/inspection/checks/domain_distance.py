"""Signs that data are unlike what pretrained networks have seen. Modest: the probe's result is the real test.

Without the data of the pretraining only their traces can be looked for: networks for pictures saw colour photographs
of hundreds of pixels; a tokenizer has whole words for the language it was made from and letters for the rest. With
MiniLM's, four sets of English questions, requests and abstracts have 3.6 to 5.2 characters a token, sentences in
German, French, Spanish and Polish 2.2 to 2.8, molecules written in letters 1.3.
"""

from __future__ import annotations

from collections.abc import Iterator
from itertools import islice

import numpy as np

from headstart.core.config import Config
from headstart.core.plugins import Plugin
from headstart.inspection.checks.languages import script_of
from headstart.inspection.checks.texts import texts_in
from headstart.inspection.examined import Examined, Facts, parts_of, percent
from headstart.inspection.finding import Finding

GREY = 2.0  # colourfulness below which a picture shows no colour; the palest of 275 photographs of clothes has 3.9
NEARLY_ALL = 0.9
SMALL = 64  # pixels of the shorter side that half of the pictures do not exceed
CHARACTERS_PER_TOKEN = 3.0
SPECIAL = 2  # tokens that begin and end a text with most tokenizers, and stand for no characters
UNKNOWN = 0.01  # of all tokens; of four English sets fewer than one in 10,000 is
LOOKED_AT = 50  # texts whose letters are looked at
# A word of these has one or two characters, so they say nothing about the tokenizer.
SHORT_WORDS = frozenset(("East Asian", "Hangul", "Thai", "Lao", "Khmer", "Myanmar"))


class DomainDistance:
    """See the module."""

    def check(self, examined: Examined) -> list[Finding]:
        """One hint at most."""
        signs = [*_of_pictures(examined.facts.get("image")), *_of_texts(examined, examined.facts.get("text"))]
        if not signs:
            return []
        told = "; ".join(sign for sign, _ in signs)
        return [
            Finding(
                id="domain_distance",
                severity="hint",
                what=f"The data look unlike what the network was pretrained on: {told}.",
                action="Compare with a network that was trained on data like these, if there is one; how well the "
                "features do on your targets is the real test.",
                evidence=dict(number for _, number in signs),
            )
        ]


def _of_pictures(facts: Facts | None) -> Iterator[tuple[str, tuple[str, float]]]:
    if facts is None or not len(facts.values):
        return
    if "colourfulness" in facts:
        grey = float((facts["colourfulness"] < GREY).mean())
        if grey >= NEARLY_ALL:
            yield f"{percent(grey)} of the pictures have no colour", ("grey_share", round(grey, 4))
    if "height" in facts:
        side = float(np.median(np.minimum(facts["height"], facts["width"])))
        if side <= SMALL:
            words = f"half of the pictures have {side:.0f} pixels or fewer on the shorter side, and are enlarged"
            yield words, ("median_shorter_side", side)


def _of_texts(examined: Examined, facts: Facts | None) -> Iterator[tuple[str, tuple[str, float]]]:
    if facts is None or not len(facts.values) or "unknown" not in facts:
        return
    unknown = float((facts["unknown"] * facts["tokens"]).sum() / max(float(facts["tokens"].sum()), 1.0))
    if unknown >= UNKNOWN:
        yield f"its vocabulary has no token for {percent(unknown)} of what is written", ("unknown", round(unknown, 4))
    whole = facts["room"] > 0
    if not whole.any() or _has_short_words(examined):
        return
    tokens = np.maximum(facts["tokens"][whole] - SPECIAL, 1)
    per_token = float(facts["characters"][whole].sum() / tokens.sum())
    if per_token < CHARACTERS_PER_TOKEN:
        words = (
            f"its vocabulary takes words apart into pieces of {per_token:.1f} letters, where 4 to 5 are usual in the "
            "language it was made for"
        )
        yield words, ("characters_per_token", round(per_token, 2))


def _has_short_words(examined: Examined) -> bool:
    texts = islice(texts_in(examined, parts_of(examined, "text")[0]), LOOKED_AT)
    return any(script_of(text) in SHORT_WORDS for _, text in texts)


def _build(config: Config) -> DomainDistance:
    return DomainDistance()


PLUGIN = Plugin(build=_build)
