"""Which kind of shift it is: other looks, other shares of the classes, both, or a part that nothing learned is like."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from headstart.adaptation.domains import Domains
from headstart.adaptation.shift.separation import Separation, dense, some, told_apart
from headstart.core.learning import Floats, Ints
from headstart.core.seeding import generator
from headstart.evaluation.drift import label_shift
from headstart.evaluation.drift.estimated_accuracy import by_confidence, by_threshold, held_out_accuracy
from headstart.evaluation.softmax import softmax

NONE, LABEL, COVARIATE, BOTH, PART = "none", "label", "covariate", "both", "part"
SLIGHT, CLEAR = 0.6, 0.8  # areas under the curve from which a shift is called clear, and strong
APART = 0.99  # share of the source below whose log odds a row is like what was learned
FEWEST_APART = 10
FEWEST_SOURCE = 20  # rows of the source


@dataclass(frozen=True)
class Shift:
    """What lies between two domains.

    Attributes:
        kind: NONE, LABEL, COVARIATE, BOTH or PART.
        separation: With the classes as they come.
        alike: With the shares of classes made equal by weights; None where these cannot be told.
        shares: By class: learned, estimated now, with the bounds of the latter, and whether they differ.
        why_no_shares: Why these cannot be told; "" where they can.
        apart: ``(a,)`` positions of target rows that are like nothing learned, though the others are not told apart.
        accuracy: Estimates by name, and the held-out one.
        rows: Of the target that were looked at.
    """

    kind: str
    separation: Separation
    alike: Separation | None
    shares: Sequence[Mapping[str, Any]]
    why_no_shares: str
    apart: Ints
    accuracy: Mapping[str, Any]
    rows: Ints

    @property
    def strength(self) -> str:
        """In a word."""
        worst = self.separation.auc
        return "slight" if worst < SLIGHT else "clear" if worst < CLEAR else "strong"


def shift_between(domains: Domains, names: Sequence[str], seed: int) -> Shift:
    """Tell the domains apart with and without their shares of classes, and estimate these."""
    source = domains.source
    assert source is not None  # noqa: S101 - asked where there is a source
    rng = generator(seed, "shift")
    ours, theirs = some(len(source), rng), some(len(domains.target), rng)
    here, there = dense(source.features[ours], domains.target.features[theirs])
    groups, targets = source.groups[ours], source.targets.values[ours]
    raw = told_apart(here, there, groups, None, rng)
    shares, why, weights = _shares(domains, names, targets, rng)
    alike = None if weights is None else told_apart(here, there, groups, weights, rng)
    apart = _apart(raw)
    moved = any(each["differs"] for each in shares)
    looks = (alike or raw).is_told_apart
    if len(apart):
        kind = PART
    elif not raw.is_told_apart and not moved:
        kind = NONE
    else:
        kind = BOTH if looks and moved and raw.auc < CLEAR else COVARIATE if looks else LABEL
    return Shift(kind, raw, alike, shares, why, theirs[apart], _accuracy(domains), theirs)


def _shares(
    domains: Domains, names: Sequence[str], targets: Ints, rng: np.random.Generator
) -> tuple[list[dict[str, Any]], str, Floats | None]:
    """By class, why not, and weights ``(n,)`` that give the source the target's shares."""
    width = domains.classes
    held, said = domains.held_out_targets.values, domains.held_out.argmax(axis=1)
    if len(held) < FEWEST_SOURCE:
        return [], f"{len(held)} held-out examples are too few", None
    confusion = np.zeros((width, width), np.int64)
    np.add.at(confusion, (said, held), 1)
    if why := label_shift.why_not(confusion):
        return [], why, None
    predicted = np.bincount(domains.start.argmax(axis=1), minlength=width)
    found = label_shift.corrected_shares(confusion, predicted)
    drawn, _ = label_shift.shares_drawn(confusion, predicted, rng)
    tail = 2.5 / width  # of each class, so that all intervals hold together
    low, high = np.percentile(drawn, [tail, 100 - tail], axis=0)
    learned = np.bincount(targets, minlength=width) / max(len(targets), 1)
    again = rng.multinomial(len(targets), learned, size=len(drawn)) / max(len(targets), 1)  # the source is a draw too
    least, most = np.percentile(drawn - again, [tail, 100 - tail], axis=0)
    shares = [
        {
            "class": str(name), "learned": float(learned[k]), "now": float(found[k]), "low": float(low[k]),
            "high": float(high[k]), "differs": bool(not least[k] <= 0 <= most[k]),
        }
        for k, name in enumerate(names)
    ]  # fmt: skip
    return shares, "", np.where(learned[targets] > 0, found[targets] / np.maximum(learned[targets], 1e-12), 0.0)


def _apart(raw: Separation) -> Ints:
    """Rows of the target like nothing learned, where the rest of it cannot be told from the source."""
    far = raw.target > np.quantile(raw.source, APART)
    if far.sum() < max(FEWEST_APART, 3 * (1 - APART) * len(far)) or far.mean() > 0.5:
        return np.zeros(0, np.int64)
    from headstart.evaluation.ranking import roc_auc

    rest = np.concatenate([raw.source, raw.target[~far]])
    is_target = np.arange(len(rest)) >= len(raw.source)
    return np.flatnonzero(far) if roc_auc(is_target, rest) < SLIGHT else np.zeros(0, np.int64)


def _accuracy(domains: Domains) -> dict[str, Any]:
    """What the model is right about where it was held out, and estimates for the target."""
    if not len(domains.held_out):
        return {}
    held, p = softmax(domains.held_out), softmax(domains.start).max(axis=1)
    right = held.argmax(axis=1) == domains.held_out_targets.values
    reference = held_out_accuracy(held.max(axis=1), right)
    m = len(p)
    return {
        "held_out": {"value": reference.right, "n": reference.n},
        "confidence": by_confidence(reference, float(p.sum()), float((p * (1 - p)).sum()), m),
        "threshold": by_threshold(reference, int((p >= reference.threshold).sum()), m),
    }
