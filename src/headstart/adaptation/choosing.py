"""Which adapted head, if any: what validators say of it, turned into a gain over the model as it is.

The estimate is linear: every validator has one coefficient, 0 or more since more is better, on the difference of its
values between a head and the model as it is, and every adapter has what it gained or lost on the whole. Both, and how
far estimates are off, were learned by robust ridge regression on shifts of real data sets whose labels are known
(``chooser.json``; ``benchmarks/adaptation_chooser.py`` learns them again). So the estimate rests on an assumption: that
validators go together with gains as they did there.

Ways that change the network have coefficients of their own, and how many heads say the same is not asked of them:
heads on the features of the network as it was all err where that network errs, so that they are no witnesses.
"""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from functools import lru_cache
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from headstart.adaptation.guard import POINTS, Gain, seen_by_labels, with_labels
from headstart.adaptation.trying import SOURCE_ONLY, Tried
from headstart.core.learning import Ints

AGREEMENT = "agreement"  # beside the validators' names
NETWORK_WAYS = frozenset({"network_statistics"})  # the network changes, not only its head
FEWEST_HEADS = 4  # with the model as it is: of fewer the most frequent answer says little
LEARNED = Path(__file__).with_name("chooser.json")


@dataclass(frozen=True)
class Choice:
    """What was decided.

    Attributes:
        name: Of the adapter; None: the model stays as it is.
        why: A sentence.
        gains: By adapter: estimated gain over the model as it is in points, with its interval {value, low, high,
            level}; only of heads of which validators say something.
    """

    name: str | None
    why: str
    gains: Mapping[str, Mapping[str, Any]] = field(default_factory=dict)


@dataclass(frozen=True)
class Labels:
    """Some target rows whose classes are known.

    Attributes:
        rows: ``(n,)`` which, drawn at random.
        truth: ``(n,)`` their classes.
    """

    rows: NDArray[Any]
    truth: Ints


@dataclass(frozen=True)
class Chooser:
    """What was learned.

    Attributes:
        coefficients: Points of gain for a point of difference, by validator, above 0.
        adapters: What each adapter gained or lost on the whole, as a share of the scale below; of one that is not
            there nothing is known.
        floor: Points; ``floor`` + the points of answers that changed is the scale on which estimates are off.
        residuals: Between which shares of that scale 95 % of true gains lay around their estimates, on data sets that
            the coefficients had not been learned from.
        margin: Share of the way to the lower end that is taken off before an adapted head counts as better: three of
            ten true gains lay lower.
        shifts: How many it was learned on.
        sets: Of which data sets.
        networks: What was learned for ways that change the network; None: the same.
    """

    coefficients: Mapping[str, float]
    adapters: Mapping[str, float]
    floor: float
    residuals: tuple[float, float]
    margin: float
    shifts: int
    sets: tuple[str, ...]
    networks: Chooser | None = None

    def of(self, name: str) -> Chooser:
        """The one for a way."""
        return self if self.networks is None or name not in NETWORK_WAYS else self.networks

    def gain(self, head: Tried, start: Tried, agreement: Mapping[str, float] | None = None) -> Gain | None:
        """Of one head; None where no validator says anything of it. ``agreement`` as the function says."""
        both = agreement or {}
        here, there = ({**each.values, AGREEMENT: both.get(each.name, np.nan)} for each in (head, start))
        steps = {name: POINTS * (here.get(name, np.nan) - there.get(name, np.nan)) for name in self.coefficients}
        known = {name: step for name, step in steps.items() if np.isfinite(step)}
        if not known:
            return None
        changed = POINTS * float((head.outputs.argmax(axis=1) != start.outputs.argmax(axis=1)).mean())
        value = sum(self.coefficients[name] * step for name, step in known.items())
        value += self.adapters.get(head.name, 0.0) * (self.floor + changed)
        found = self.around(float(np.clip(value, -changed, changed)), changed)
        return found if head.name in self.adapters else self._wider(found)

    def around(self, value: float, changed: float) -> Gain:
        """An estimate with its interval; no more is gained or lost than answers change."""
        low, high = (value + each * (self.floor + changed) for each in self.residuals)
        return Gain(value, min(max(low, -changed), value), max(min(high, changed), value), changed)

    def _wider(self, gain: Gain) -> Gain:
        """Of an adapter that was not learned on: it may be as bad as the worst that is known, and as good as the best.

        ``gain`` holds no term of its own, which is that of an adapter which is as good as its validators say.
        """
        terms, scale = [0.0, *self.adapters.values()], self.floor + gain.changed
        low, high = gain.low + min(terms) * scale, gain.high + max(terms) * scale
        return Gain(gain.value, max(low, -gain.changed), min(high, gain.changed), gain.changed)

    @property
    def assumption(self) -> str:
        """On which estimates rest, a sentence."""
        return (
            f"That is estimated without labels, and assumes that validators go together with gains as they did on "
            f"{self.shifts} shifts of {len(self.sets)} data sets."
        )


def agreement(answers: Mapping[str, Ints], width: int) -> dict[str, float]:
    """By head the share of rows that it answers as most heads do; of fewer than ``FEWEST_HEADS`` nothing.

    Heads err in different ways, so that together they are a better judge than most of them (EnsV, with mean
    probabilities; Hu and others, Towards Reliable Model Selection for Unsupervised Domain Adaptation, NeurIPS 2024,
    https://openreview.net/forum?id=rI7kbFTSpr).

    Args:
        answers: ``(m,)`` classes by head, the model as it is first: where votes are equal, it decides.
        width: Classes.
    """
    if len(answers) < FEWEST_HEADS:
        return {}
    said = list(answers.values())
    votes = np.zeros((len(said[0]), width))
    for each, weight in zip([said[0], *said], [0.5, *np.ones(len(said))], strict=True):
        votes[np.arange(len(each)), each] += weight
    most = votes.argmax(axis=1)
    return {name: float((each == most).mean()) for name, each in answers.items()}


@lru_cache
def learned_chooser() -> Chooser:
    """The one that ships."""
    return _read(json.loads(LEARNED.read_text(encoding="utf-8")))


def _read(found: Mapping[str, Any]) -> Chooser:
    low, high = found["residuals"]
    return Chooser(
        found["coefficients"], found["adapters"], found["floor"], (low, high), found["margin"], found["shifts"],
        tuple(found["sets"]), _read(found["networks"]) if found.get("networks") else None,
    )  # fmt: skip


def choose(
    found: Sequence[Tried], named: str | None, labels: Labels | None = None, chooser: Chooser | None = None
) -> Choice:
    """The head whose gain is the largest after the margin is taken off, where that is above 0.

    Args:
        found: The model as it is first.
        named: What the user asked for: obeyed, whatever its gain; None: choose.
        labels: Of some target rows: they check the estimates.
        chooser: Instead of the one that ships.
    """
    chooser = learned_chooser() if chooser is None else chooser
    start, gains = found[0], dict[str, Gain]()
    heads = [head for head in found if head.name not in NETWORK_WAYS and not head.is_beyond]
    said = {head.name: np.asarray(head.outputs.argmax(axis=1), np.int64) for head in heads}
    most = agreement(said, start.outputs.shape[1])
    for head in found[1:]:
        if head.is_beyond:
            if labels is not None:
                gains[head.name] = by_labels_alone(head, start, labels)
        elif (gain := chooser.of(head.name).gain(head, start, most)) is not None:
            gains[head.name] = gain if labels is None else _checked(gain, head, start, labels)
    told = {name: gain.to_dict() for name, gain in gains.items()}
    if named is not None:
        return Choice(named, f"{named} was asked for{_of(gains.get(named))}.", told)
    if not gains:
        return Choice(None, f"Nothing is known of any adapted head beside {SOURCE_ONLY}: none could be judged.", told)
    beyond = {head.name for head in found if head.is_beyond}  # of these the whole interval has to lie above 0
    after = {name: gain.after(1.0 if name in beyond else chooser.of(name).margin) for name, gain in gains.items()}
    best = max(after, key=lambda name: after[name])
    if after[best] <= 0:
        why = f"No adapted head is better by more than the estimate is uncertain; the best is {best}{_of(gains[best])}."
        return Choice(None, f"{why} {_basis(chooser, labels)}", told)
    return Choice(best, f"{best} promises most{_of(gains[best])}. {_basis(chooser, labels)}", told)


def by_labels_alone(head: Tried, start: Tried, labels: Labels) -> Gain:
    """Of a head that nothing else judges: before the labels it is as likely to lose as to gain."""
    changed = POINTS * float((head.outputs.argmax(axis=1) != start.outputs.argmax(axis=1)).mean())
    return _checked(Gain(0.0, -changed, changed, changed), head, start, labels)


def _checked(gain: Gain, head: Tried, start: Tried, labels: Labels) -> Gain:
    before, after = (np.asarray(each.outputs.argmax(axis=1), np.int64) for each in (start, head))
    return with_labels(gain, seen_by_labels(before, after, labels.rows, labels.truth))


def _of(gain: Gain | None) -> str:
    if gain is None:
        return ""
    return f", with an estimated gain of {gain.value:+.1f} points ({gain.low:+.1f} to {gain.high:+.1f})"


def _basis(chooser: Chooser, labels: Labels | None) -> str:
    if labels is None:
        return chooser.assumption
    return f"{chooser.assumption} {len(labels.rows)} labelled examples of the new domain checked it."
