"""What held-out rows look like, in counts: small, without an input or the features of any one of them."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from typing import Any, Self

import numpy as np
from numpy.typing import NDArray

from headstart.core.errors import ConfigError
from headstart.core.files import canonical_json
from headstart.evaluation.drift.estimated_accuracy import HeldOutAccuracy
from headstart.monitoring.families import Family
from headstart.postprocessing.postprocessing import DOMAIN, Postprocessing

MONITOR = "monitor."  # prefix of the arrays beside those of the postprocessing
RECORD = "record"
Counts = NDArray[np.int64]


@dataclass(frozen=True)
class Numbered:
    """Numbers that are counted in bins."""

    family: Family
    name: str


@dataclass(frozen=True)
class Listed:
    """Classes that are counted.

    Attributes:
        labels: In words; what is none of them is counted as the last.
    """

    family: Family
    name: str
    labels: tuple[str, ...]


@dataclass(frozen=True)
class Error:
    """Of numbers that are predicted: absolute errors of held-out rows."""

    n: int
    mean: float
    variance: float


@dataclass(frozen=True)
class Reference:
    """What a window is held against.

    Attributes:
        numbered: C of them, in the order of ``edges``.
        edges: ``(C, E)`` ascending; of fewer bins filled up with infinity. A value is in the bin whose number is how
            many edges it reaches.
        counts: ``(C, E + 1)``.
        listed: With ``listed_counts``, one array each.
        frequencies, phases, mean, covariance: Of the random cosines of features; empty where none are looked at.
        confusion: ``(K, K)`` held-out counts, rows predicted, columns true; ``(0, 0)`` where there are no classes.
        sureness: Of classes.
        sure_variance: Of the probability of what was predicted.
        error: Of numbers.
        unusable: Inputs that could not be read, and inputs in all, of the data of the fit.
        middle, per_spread: Where features begin, and one over their spread.
        why_not: By family, why it cannot be judged.
    """

    numbered: tuple[Numbered, ...]
    edges: NDArray[np.float64]
    counts: Counts
    listed: tuple[Listed, ...]
    listed_counts: tuple[Counts, ...]
    frequencies: NDArray[np.float64]
    phases: NDArray[np.float64]
    mean: NDArray[np.float64]
    covariance: NDArray[np.float64]
    confusion: Counts
    sureness: HeldOutAccuracy | None
    sure_variance: float
    error: Error | None
    unusable: tuple[int, int]
    middle: NDArray[np.float64]
    per_spread: NDArray[np.float64]
    why_not: Mapping[str, str]

    @property
    def looks_at_features(self) -> bool:
        """Whether features are looked at."""
        return len(self.phases) > 0

    @property
    def feature_rows(self) -> int:
        """Examples in ``mean``."""
        rows = [int(self.counts[k].sum()) for k, each in enumerate(self.numbered) if each.family == "features"]
        return rows[0] if rows else 0

    def families(self) -> tuple[Family, ...]:
        """Those that can be judged, measured mistakes included."""
        here = dict.fromkeys([*(each.family for each in self.numbered), *(each.family for each in self.listed)])
        always: tuple[Family, ...] = ("quality", "measured")  # unreadable inputs, and answers whose truth is known
        return tuple(dict.fromkeys([*here, *always]))

    def arrays(self) -> dict[str, NDArray[Any]]:
        """For the bundle, small types; ``middle`` and ``per_spread`` are kept there already."""
        record = {
            "schema": 1,
            "numbered": [asdict(each) for each in self.numbered],
            "listed": [asdict(each) for each in self.listed],
            "sureness": None if self.sureness is None else asdict(self.sureness),
            "sure_variance": self.sure_variance,
            "error": None if self.error is None else asdict(self.error),
            "unusable": list(self.unusable),
            "why_not": dict(self.why_not),
        }
        every = np.concatenate([*self.listed_counts, np.zeros(0, np.int64)])
        found: dict[str, NDArray[Any]] = {
            RECORD: np.frombuffer(canonical_json(record), np.uint8),
            "edges": self.edges,
            "counts": self.counts.astype(np.int32),
            "listed": every.astype(np.int32),
            "frequencies": self.frequencies.astype(np.float32),
            "phases": self.phases.astype(np.float32),
            "mean": self.mean.astype(np.float32),
            "covariance": self.covariance.astype(np.float32),
            "confusion": self.confusion.astype(np.int32),
        }
        return {MONITOR + name: array for name, array in found.items()}

    @classmethod
    def of(cls, postprocessing: Postprocessing) -> Self:
        """The reference that travels with a bundle.

        Raises:
            ConfigError: the bundle has none, or one of a later version.
        """
        arrays = postprocessing.under(MONITOR)
        if RECORD not in arrays:
            raise ConfigError(
                "a bundle must carry what its held-out examples look like; this one was written before that existed. "
                "Fit again with this version (features are kept, so it takes little), and monitor the new run."
            )
        record = json.loads(arrays[RECORD].tobytes())
        if record["schema"] > 1:
            raise ConfigError(
                f"the monitor's reference must have schema 1; the bundle has {record['schema']}. "
                "Use the version of Headstart that wrote it."
            )
        listed = tuple(Listed(each["family"], each["name"], tuple(each["labels"])) for each in record["listed"])
        ends = np.cumsum([len(each.labels) for each in listed])[:-1]
        domain = postprocessing.under(DOMAIN)
        plain = {name: np.asarray(arrays[name], np.float64) for name in
                 ("edges", "frequencies", "phases", "mean", "covariance")}  # fmt: skip
        return cls(
            numbered=tuple(Numbered(**each) for each in record["numbered"]),
            counts=arrays["counts"].astype(np.int64),
            listed=listed,
            listed_counts=tuple(np.split(arrays["listed"].astype(np.int64), ends)) if listed else (),
            confusion=arrays["confusion"].astype(np.int64),
            sureness=None if record["sureness"] is None else HeldOutAccuracy(**record["sureness"]),
            sure_variance=record["sure_variance"],
            error=None if record["error"] is None else Error(**record["error"]),
            unusable=(record["unusable"][0], record["unusable"][1]),
            middle=np.asarray(domain.get("middle", np.zeros(0)), np.float64),
            per_spread=np.asarray(domain.get("per_spread", np.zeros(0)), np.float64),
            why_not=record["why_not"],
            **plain,
        )
