"""Trivial facts that alone tell the target: the size of a file, the brightness of a picture, the length of a text.

A network finds what is easiest. Where pictures of one class come from another camera, the camera is what it learns
(Geirhos and others, Nature Machine Intelligence 2, 2020, doi:10.1038/s42256-020-00257-z). Facts can be honest too, so
nothing here is severe, and a fact is told only where it explains a good part of what the network's features do.

The order of files is not looked at: class folders are listed one after another. The order of a table's rows is, unless
the table is sorted by the target.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np

from headstart.core.config import Config
from headstart.core.learning import Floats
from headstart.core.plugins import Plugin
from headstart.inspection.checks.shortcut_scores import Score, Scorer, scorer_of
from headstart.inspection.examined import Examined, percent
from headstart.inspection.finding import Finding

CLEAR = 0.10  # of accuracy or R² above chance, at the lower end of the interval
HALF, QUARTER = 0.5, 0.25  # of what the probe gains over chance: from there a warning, and a hint
MOST = 3  # findings: facts hang together
SORTED = 3  # runs of equal targets per class up to which rows are sorted by the target
IN_ORDER = 0.99  # rank correlation from which numbers are


@dataclass(frozen=True)
class _Fact:
    """Columns of facts that are one thing, and how it is spoken of.

    Attributes:
        columns: Names in ``Facts``.
        words: What alone tells the target.
        honest: Why that may be all right.
        look: What to look for in examples of different targets.
    """

    columns: tuple[str, ...]
    words: str
    honest: str
    look: str


SHORTCUTS = {
    "bytes": _Fact(
        ("bytes",), "the length of the file", "richer contents take more bytes", "were saved by different programs"
    ),
    "size": _Fact(
        ("height", "width", "aspect"),
        "the size in pixels",
        "some things are long or large",
        "come from different cameras or sources",
    ),
    "colour": _Fact(
        ("mean_red", "mean_green", "mean_blue"),
        "the mean colour",
        "some things have a colour of their own",
        "differ in light or background",
    ),
    "brightness": _Fact(
        ("brightness",), "the mean brightness", "some things are dark or bright", "differ in light or background"
    ),
    "seconds": _Fact(
        ("seconds",), "the length of the recording", "some sounds last longer", "were cut in different ways"
    ),
    "sample_rate": _Fact(
        ("sample_rate",), "the sampling rate", "devices may differ in use too", "come from different devices"
    ),
    "loudness": _Fact(
        ("loudness",), "the loudness", "some sounds are louder", "were recorded at different levels or distances"
    ),
    "length": _Fact(
        ("characters", "tokens"),
        "the length of the text",
        "some matters take more words",
        "come from different sources or were cut differently",
    ),
    "order": _Fact(
        (),
        "the place in the table",
        "things change over time",
        "were collected at different times; then test on the latest rows, not on rows drawn by chance",
    ),
    "all": _Fact(
        (),
        "the whole of size, length, brightness and the like",
        "things differ in these",
        "come from different sources",
    ),
}


class Shortcuts:
    """See the module."""

    def check(self, examined: Examined) -> list[Finding]:
        """The strongest facts; all of them together only where none is strong alone."""
        scorer = scorer_of(examined)
        if scorer is None:
            return []
        columns = dict(_columns(examined))
        if _has_order(examined):
            columns["order"] = examined.rows[:, None].astype(np.float64)
        scores = {name: scorer.score(values) for name, values in columns.items()}
        found = [
            _finding(name, score, scorer)
            for name, score in sorted(scores.items(), key=lambda item: -item[1].low)
            if _is_telling(score, scorer, QUARTER)
        ]
        facts = [values for name, values in columns.items() if name != "order"]
        if not found and len(facts) > 1:
            together = scorer.score(np.concatenate(facts, axis=1))
            if _is_telling(together, scorer, HALF):
                found.append(_finding("all", together, scorer))
        return found[:MOST]


def _columns(examined: Examined) -> Iterator[tuple[str, Floats]]:
    """``(L, F)`` values of each fact that differs at all; its modality in the name where there are several."""
    for modality, facts in examined.facts.items():
        for name, fact in SHORTCUTS.items():
            present = [facts[column][examined.rows] for column in fact.columns if column in facts]
            if present and any(values.min() < values.max() for values in present):
                yield name if len(examined.facts) == 1 else f"{modality}_{name}", np.stack(present, axis=1)


def _has_order(examined: Examined) -> bool:
    """Whether the rows are those of a table that is not sorted by the target."""
    if not all(part.schema.columns for part in examined.inputs.parts):
        return False
    values = examined.targets.values
    if examined.targets.kind == "real":
        ranks = np.argsort(np.argsort(values, kind="stable"), kind="stable")
        return bool(np.std(values) > 0 and abs(np.corrcoef(ranks, np.arange(len(ranks)))[0, 1]) < IN_ORDER)
    return bool(1 + np.count_nonzero(np.diff(values)) > SORTED * examined.targets.width)


def _is_telling(score: Score, scorer: Scorer, share: float) -> bool:
    gain = score.low - scorer.chance
    return gain >= CLEAR and (scorer.probe is None or gain >= share * (scorer.probe - scorer.chance))


def _finding(name: str, score: Score, scorer: Scorer) -> Finding:
    fact = SHORTCUTS[name] if name in SHORTCUTS else SHORTCUTS[name.split("_", 1)[1]]
    is_warning = name != "order" and scorer.probe is not None and _is_telling(score, scorer, HALF)
    return Finding(
        id=f"shortcuts/{name}",
        severity="warning" if is_warning else "hint",
        what=f"{fact.words[0].upper()}{fact.words[1:]} alone {_told(score, scorer)}; this may be honest "
        f"({fact.honest}), but a model may learn nothing else.",
        action=f"Look whether examples with different targets {fact.look}.",
        evidence={
            "metric": scorer.metric,
            "value": round(score.value, 6),
            "low": round(score.low, 6),
            "high": round(score.high, 6),
            "chance": round(scorer.chance, 6),
            "probe": None if scorer.probe is None else round(scorer.probe, 6),
            "n": scorer.n,
        },
    )


def _told(score: Score, scorer: Scorer) -> str:
    span = f"95 % interval {percent(max(score.low, 0.0))} to {percent(score.high)}"
    probe = "" if scorer.probe is None else f"; the features that are learned from: {percent(scorer.probe)}"
    if scorer.metric == "r_squared":
        return f"explains {percent(max(score.value, 0.0))} of how the numbers differ ({span}{probe})"
    rest = ", with as many of the commonest class as of the next" if scorer.is_balanced else ""
    chance = f"always the commonest class: {percent(scorer.chance)}"
    return f"gives the right class for {percent(score.value)} of the examples{rest} ({span}; {chance}{probe})"


def _build(config: Config) -> Shortcuts:
    return Shortcuts()


PLUGIN = Plugin(build=_build)
