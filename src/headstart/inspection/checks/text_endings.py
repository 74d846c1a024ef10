"""How texts end, as a shortcut: a marker, a signature or a template that tells the target alone.

Texts from several sources often carry a trace of their source at the end, and a model learns it first. The beginning is
not looked at: how a question begins is often what it asks. What is honest is told as in ``shortcuts``.
"""

from __future__ import annotations

import re
from collections import Counter

import numpy as np
from pydantic import Field

from headstart.core.config import Config
from headstart.core.learning import Floats
from headstart.core.plugins import Plugin
from headstart.inspection.checks.shortcut_scores import Score, Scorer, scorer_of
from headstart.inspection.checks.texts import texts_in
from headstart.inspection.examined import Examined, parts_of, percent
from headstart.inspection.finding import Finding, Suspect

WORD = re.compile(r"\w+")
SHOWN = 5


class TextEndingsConfig(Config):
    """From when on an ending is worth telling; the shares are those of ``shortcuts``."""

    clear: float = Field(0.10, ge=0, le=1, description="Of accuracy above chance, at the lower end of the interval.")
    warn_share: float = Field(0.5, ge=0, le=1, description="Of what the probe gains over chance: a warning.")
    hint_share: float = Field(0.25, ge=0, le=1, description="The same: a hint.")
    least: int = Field(5, ge=1, description="Texts that must share an ending for it to count as one.")


class TextEndings:
    """Looks at the last word, and at the last signs, of every text."""

    def __init__(self, config: TextEndingsConfig) -> None:
        self.config = config

    def check(self, examined: Examined) -> list[Finding]:
        """At most one finding for each part of texts."""
        scorer = scorer_of(examined)
        if scorer is None or examined.targets.kind == "real":
            return []
        found = (self._of_part(examined, part, scorer) for part in parts_of(examined, "text"))
        return [each for each in found if each is not None]

    def _of_part(self, examined: Examined, part: int, scorer: Scorer) -> Finding | None:
        texts = dict(texts_in(examined, part))
        ends = [endings(texts.get(int(row), "")) for row in examined.rows]
        columns = np.stack([self._codes([pair[side] for pair in ends]) for side in (0, 1)], axis=1)
        score = scorer.score(columns)
        gain = score.low - scorer.chance
        least = 0.0 if scorer.probe is None else self.config.hint_share * (scorer.probe - scorer.chance)
        if gain < max(self.config.clear, least):
            return None
        is_warning = scorer.probe is not None and gain >= self.config.warn_share * (scorer.probe - scorer.chance)
        return _finding(examined, ends, score, scorer, is_warning=is_warning)

    def _codes(self, words: list[str]) -> Floats:
        """Numbers of the endings that several texts share, the commonest first; 0 for all others."""
        common = [word for word, count in Counter(words).most_common() if count >= self.config.least]
        number = {word: place + 1 for place, word in enumerate(common)}
        return np.asarray([number.get(word, 0) for word in words], np.float64)


def endings(text: str) -> tuple[str, str]:
    """The last word in small letters, and the last stretch without a space.

    >>> endings("What is this? ##")
    ('this', '##')
    """
    words, stretches = WORD.findall(text), text.split()
    return (words[-1].casefold() if words else "", stretches[-1] if stretches else "")


def _finding(
    examined: Examined, ends: list[tuple[str, str]], score: Score, scorer: Scorer, *, is_warning: bool
) -> Finding:
    common = [end for end, count in Counter(last for _, last in ends).most_common(SHOWN) if count > 1]
    probe = "" if scorer.probe is None else f"; the features that are learned from: {percent(scorer.probe)}"
    shown = f" Common endings are {', '.join(map(repr, common))}." if common else ""
    return Finding(
        id="text_endings",
        severity="warning" if is_warning else "hint",
        what=f"How a text ends alone gives the right class for {percent(score.value)} of the examples (95 % interval "
        f"{percent(score.low)} to {percent(score.high)}; always the commonest class: {percent(scorer.chance)}{probe}); "
        f"this may be honest, but a model may learn nothing else.",
        action=f"Look whether texts with different targets come from different sources.{shown}",
        evidence={
            "value": round(score.value, 6), "low": round(score.low, 6), "high": round(score.high, 6),
            "chance": round(scorer.chance, 6), "n": scorer.n, "common": common,
        },
        suspects=_some_of_each(examined, ends, common),
    )  # fmt: skip


def _some_of_each(examined: Examined, ends: list[tuple[str, str]], common: list[str]) -> tuple[Suspect, ...]:
    """The first text of each common ending."""
    found = []
    for end in common:
        place = next(place for place, pair in enumerate(ends) if pair[1] == end)
        row = int(examined.rows[place])
        found.append(Suspect(row, examined.inputs.ids[row], f"ends with {end!r}"))
    return tuple(found)


PLUGIN = Plugin(build=TextEndings, config=TextEndingsConfig)
