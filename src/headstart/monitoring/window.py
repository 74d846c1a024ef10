"""A stretch of what a model was asked, in counts: what is added up over time and over processes."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Self

import numpy as np
from numpy.typing import NDArray

from headstart.core.errors import DataError
from headstart.evaluation.drift.mean_embedding import cosines
from headstart.monitoring.learned import binned, listed_counts
from headstart.monitoring.named import Named
from headstart.monitoring.readings import ERROR, Readings
from headstart.monitoring.reference import Counts, Reference

LATENCIES = (0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0, 10.0)  # seconds, upper ends


@dataclass
class Window:
    """Counts of n examples; none of them is in it, but a few by their id.

    Attributes:
        version: Of the model that answered.
        begin, end: Seconds since 1970.
        examples: That were answered.
        unusable: That could not be read.
        counts: ``(C, E + 1)`` as the reference's.
        listed: As the reference's.
        cosines: Sum ``(R,)``, over ``embedded`` examples.
        sure: Sum of the probability of what was predicted, of its square, and how many reach the threshold.
        sure_by_class: ``(K,)`` sums.
        predicted: ``(K,)`` examples.
        right: ``(K, 2)`` by predicted class: right ones, and all whose truth is known.
        errors: Of numbers whose truth is known: how many, sum of absolute errors, sum of their squares.
        seconds: ``(len(LATENCIES) + 1,)`` requests by how long they took.
        late: Requests slower than the limit of the server, and all that were held against it.
        named: A few ids.
    """

    version: str
    begin: float
    end: float
    counts: Counts
    listed: list[Counts]
    cosines: NDArray[np.float64]
    sure_by_class: NDArray[np.float64]
    predicted: Counts
    right: Counts
    examples: int = 0
    unusable: int = 0
    embedded: int = 0
    sure: NDArray[np.float64] = field(default_factory=lambda: np.zeros(3))
    errors: NDArray[np.float64] = field(default_factory=lambda: np.zeros(3))
    seconds: Counts = field(default_factory=lambda: np.zeros(len(LATENCIES) + 1, np.int64))
    late: Counts = field(default_factory=lambda: np.zeros(2, np.int64))
    named: Named = field(default_factory=Named)

    @classmethod
    def empty(cls, reference: Reference, version: str, now: float) -> Self:
        """Of no examples, as this reference counts."""
        k = len(reference.confusion)
        return cls(
            version=version, begin=now, end=now, counts=np.zeros_like(reference.counts),
            listed=[np.zeros_like(each) for each in reference.listed_counts],
            cosines=np.zeros(len(reference.phases)), sure_by_class=np.zeros(k), predicted=np.zeros(k, np.int64),
            right=np.zeros((k, 2), np.int64),
        )  # fmt: skip

    def add(self, reference: Reference, seen: Readings, count: int) -> None:
        """Count ``count`` examples."""
        self.examples += count
        if len(reference.numbered):
            nothing = np.full(count, np.nan)
            columns = [seen.numbers.get((each.family, each.name), nothing) for each in reference.numbered]
            self.counts += binned(np.stack(columns, axis=1), reference.edges)
        for place, each in enumerate(reference.listed):
            words = seen.classes.get((each.family, each.name))
            if words is not None:
                self.listed[place] += listed_counts(words, each.labels)
        if seen.along is not None and reference.looks_at_features:
            self.cosines += cosines(seen.along, reference.frequencies, reference.phases).sum(axis=0)
            self.embedded += count
        if seen.sure is not None and reference.sureness is not None:
            reaches = float((seen.sure >= reference.sureness.threshold).sum())
            self.sure += np.array([seen.sure.sum(), (seen.sure**2).sum(), reaches])
            if len(self.predicted) and seen.predicted is not None:
                self.predicted += np.bincount(seen.predicted, minlength=len(self.predicted))
                self.sure_by_class += np.bincount(seen.predicted, seen.sure, minlength=len(self.predicted))

    def told(self, predicted: Sequence[int], is_right: Sequence[bool]) -> None:
        """The truth of some predictions of classes became known."""
        for number, right in zip(predicted, is_right, strict=True):
            self.right[number] += (int(right), 1)

    def told_errors(self, reference: Reference, errors: NDArray[Any]) -> None:
        """Absolute errors ``(n,)`` of predicted numbers became known."""
        self.errors += np.array([len(errors), errors.sum(), (errors**2).sum()])
        for row, each in enumerate(reference.numbered):
            if (each.family, each.name) == ("measured", ERROR):
                self.counts[row] += binned(errors[:, None], reference.edges[row][None])[0]

    def __iadd__(self, other: Window) -> Self:
        """With what another stretch counted, of the same model."""
        self.begin, self.end = min(self.begin, other.begin), max(self.end, other.end)
        self.examples, self.unusable = self.examples + other.examples, self.unusable + other.unusable
        self.embedded += other.embedded
        for name in ("counts", "cosines", "sure", "sure_by_class", "predicted", "right", "errors", "seconds", "late"):
            setattr(self, name, getattr(self, name) + getattr(other, name))
        self.listed = [mine + theirs for mine, theirs in zip(self.listed, other.listed, strict=True)]
        self.named = self.named.joined(other.named)
        return self

    def to_dict(self) -> dict[str, Any]:
        """JSON."""
        return {
            "version": self.version, "begin": round(self.begin, 3), "end": round(self.end, 3),
            "examples": self.examples, "unusable": self.unusable, "embedded": self.embedded,
            "counts": self.counts.tolist(), "listed": [each.tolist() for each in self.listed],
            **{name: [round(value, 6) for value in getattr(self, name).tolist()]
               for name in ("cosines", "sure", "sure_by_class", "errors")},
            "predicted": self.predicted.tolist(), "right": self.right.tolist(), "seconds": self.seconds.tolist(),
            "late": self.late.tolist(),
            "named": self.named.to_dict(),
        }  # fmt: skip

    @classmethod
    def from_dict(cls, document: Mapping[str, Any], reference: Reference) -> Self:
        """Of JSON, checked against the reference.

        Raises:
            DataError: it is damaged, or was counted against another reference.
        """
        try:
            found = cls.empty(reference, str(document["version"]), float(document["begin"]))
            found.end = float(document["end"])
            found.examples, found.unusable = _count(document["examples"]), _count(document["unusable"])
            found.embedded = _count(document["embedded"])
            for name in (
                "counts",
                "cosines",
                "sure",
                "sure_by_class",
                "predicted",
                "right",
                "errors",
                "seconds",
                "late",
            ):
                setattr(found, name, _like(document[name], getattr(found, name)))
            listed = document["listed"]
            found.listed = [_like(values, each) for values, each in zip(listed, found.listed, strict=True)]
            found.named = Named.from_dict(document["named"])
        except (KeyError, TypeError, ValueError, AttributeError, OverflowError) as error:
            raise DataError(f"a line is not what a server writes ({type(error).__name__})") from None
        return found


def _count(value: Any) -> int:
    if not isinstance(value, int) or value < 0:
        raise ValueError(value)
    return value


def _like(values: Any, empty: NDArray[Any]) -> NDArray[Any]:
    # of no class at all JSON keeps no second axis
    found = np.asarray(values, np.float64).reshape(empty.shape) if not empty.size else np.asarray(values, np.float64)
    if found.shape != empty.shape or not np.isfinite(found).all():
        raise ValueError(found.shape)
    return found.astype(empty.dtype)
