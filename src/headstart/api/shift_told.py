"""A shift in words, and what to do about it."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

KINDS = {
    "none": "No shift was found: {n:,} examples of {target} cannot be told from those of {source}",
    "label": "Classes come in other shares in {target}, and look as they did in {source}",
    "covariate": "The examples of {target} look different from those of {source}",
    "both": "The examples of {target} look different from those of {source}, and classes come in other shares",
    "part": "A part of {target} is like nothing in {source}, and the rest is like it: there may be new classes",
}
WORDS = {"slight": "slightly", "clear": "clearly", "strong": "strongly"}
NAMED = 3


def sentence_of(document: Mapping[str, Any]) -> str:
    """Kind, strength, what it may cost."""
    kind, separation = document["kind"], document["separation"]
    text = KINDS[kind].format(
        n=document["target"]["n"], target=document["target"]["name"], source=document["source"]["name"]
    )
    if kind in ("covariate", "both"):
        text += f", {WORDS[document['strength']]} so"
    text += f" (a classifier tells the two apart with an area under the curve of {separation['auc']:.2f}, "
    text += f"95 % interval {separation['low']:.2f} to {separation['high']:.2f}; 0.50 is chance)."
    if lost := drop_of(document):
        held, now = lost
        text += f" The model was right on {100 * held:.0f} of 100 held-out examples"
        text += f" and is likely to be right on about {100 * now:.0f} here, or fewer." if now < held else "."
    return text


def drop_of(document: Mapping[str, Any]) -> tuple[float, float] | None:
    """Held-out accuracy and the lower of the estimates; None where nothing is known."""
    accuracy = document["accuracy"]
    if not accuracy:
        return None
    held = float(accuracy["held_out"]["value"])
    return held, min(held, *(float(accuracy[name]["value"]) for name in ("confidence", "threshold")))


def advice_of(document: Mapping[str, Any]) -> list[str]:
    """What to do, in order."""
    kind, lost = document["kind"], drop_of(document)
    if kind == "none":
        return ["Use the model as it is; an adaptation has nothing to gain."]
    found = []
    if kind == "part":
        found.append("Look at the examples that are like nothing learned, and label some of them first.")
    if kind == "label":
        found.append("Adapt: a correction for the shares of classes is what fits here (headstart adapt).")
    if kind in ("covariate", "both"):
        gain = (
            ""
            if lost is None
            else f"; it can win back at most what was lost, about {100 * (lost[0] - lost[1]):.0f} points"
        )
        found.append(f"Try an adaptation without labels (headstart adapt){gain}.")
    if names := [each["name"] for each in _carrying(document)[:NAMED]]:
        found.append(f"See whether the cause can be removed where the data come from: {', '.join(names)}.")
    found.append("Label 20 examples: they show how right the model is here (headstart evaluate).")
    return found


def _carrying(document: Mapping[str, Any]) -> list[Mapping[str, Any]]:
    carriers = document["carriers"]
    return [each for name in ("columns", "looks") for each in carriers.get(name, ())]
