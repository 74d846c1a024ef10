"""What to do about a change: which inputs to look at, which examples to label, when to fit again."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from headstart.monitoring.families import NAMES
from headstart.monitoring.judging import TOGETHER, Finding, by_family
from headstart.monitoring.named import Named

DRAWN, UNSURE = 30, 30  # examples that are advised to be labelled
AGAIN = "`headstart fit --update RUN --add DATA` goes on from the run and ships only what is better"
ADAPTED_TO = {"features", "quality", "columns", "domain", "classes", "predictions"}  # families of a shift
MATTERS = 2.0  # points of accuracy below which a change costs little


def advice(findings: Sequence[Finding], accuracy: Mapping[str, Any], named: Named, kind: str) -> list[dict[str, Any]]:
    """JSON: ``do``, ``why`` and, where examples are to be looked at, ``ids``; the most urgent first."""
    alarms = by_family([each for each in findings if each.is_alarm])
    if not alarms:
        return []
    found: list[dict[str, Any]] = []
    if "quality" in alarms or "columns" in alarms:
        first = alarms.get("quality") or alarms["columns"]
        found.append(_do(
            "check the inputs",
            f"{first.name} changed ({words(first)}): look for another camera, format, language or source before "
            "anything is labelled or fitted.",
        ))  # fmt: skip
    if "domain" in alarms:
        found.append(_do(
            "look at the strangest inputs",
            f"{alarms['domain'].now} of the inputs are unlike those learned from, {alarms['domain'].before} before.",
            [name for _, name in named.strange[:UNSURE]],
        ))  # fmt: skip
    drawn = [name for _, name in named.drawn[:DRAWN]]
    unsure = [name for _, name in named.unsure if name not in set(drawn)][:UNSURE]
    if drawn:
        found.append(_do(
            "label some examples",
            f"the first {len(drawn)} were drawn at random and measure how often the model is right, within about "
            f"{_within(len(drawn))} points; the others are those it is least sure of, and teach it most.",
            [*drawn, *unsure],
        ))  # fmt: skip
    if kind in ("class", "ordinal") and ADAPTED_TO & alarms.keys():
        found.append(_do(
            "adapt without labels",
            "`headstart audit RUN --against DATA` says what kind of shift it is, `headstart adapt RUN --to DATA` tries "
            "ways to a model that suits it, and keeps the one that is there where none is likely to help.",
        ))  # fmt: skip
    found.append(_last(alarms.keys(), accuracy))
    return found


def words(finding: Finding) -> str:
    """What it was and what it is, in a clause."""
    if finding.before and finding.now:
        return f"{finding.before} before, {finding.now} now"
    if finding.name == TOGETHER:
        return f"means {finding.distance:.2f} apart"
    return f"{finding.distance * 100:.0f} of 100 examples differ"


def _last(families: Any, accuracy: Mapping[str, Any]) -> dict[str, Any]:
    """Fit again, or wait for labels."""
    cost = accuracy.get("cost")
    is_worse = "measured" in families or (cost is not None and cost["value"] >= MATTERS)
    if is_worse:
        return _do("fit again", f"the model is worse: once some are labelled, {AGAIN}.")
    if accuracy.get("measured") is not None:
        return _do("go on", "the model is not measured to be worse, although what it is asked changed.")
    if set(families) <= {"classes", "predictions"}:
        return _do(
            "fit again with the new shares",
            f"classes come in other shares than in the data of the fit; with labelled examples of now, {AGAIN}.",
        )
    seen = ", ".join(NAMES[family] for family in families)
    return _do("wait for labels", f"{seen} changed and the estimated accuracy did not; labels tell whether it matters.")


def _do(what: str, why: str, ids: Sequence[str] = ()) -> dict[str, Any]:
    return {"do": what, "why": why, "ids": list(ids)}


def _within(n: int) -> int:
    """Half of a 95 % interval of a share of one half, in points."""
    return round(float(100 * 1.96 * (0.25 / n) ** 0.5))
