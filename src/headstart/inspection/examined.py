"""What the checks look at: inputs, targets that may be seen, and arrays that were computed before."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any, Protocol

import numpy as np
from numpy.typing import NDArray

from headstart.core.learning import Floats, Ints, Targets, Task
from headstart.data.dataset import Dataset, LabeledDataset
from headstart.inspection.finding import Finding

Flags = NDArray[np.bool_]


@dataclass(frozen=True)
class Facts:
    """What was measured of prepared inputs without any network.

    Attributes:
        names: Of the columns.
        values: ``(N, F)`` float32, one row per input of the part.
    """

    names: tuple[str, ...]
    values: NDArray[np.float32]

    def __getitem__(self, name: str) -> NDArray[np.float32]:
        return self.values[:, self.names.index(name)]

    def __contains__(self, name: object) -> bool:
        return name in self.names


@dataclass(frozen=True)
class Examined:
    """N examples, of which L have a target that may be seen.

    Attributes:
        inputs: All N examples, without targets.
        learned: The L examples with targets: in a fit the training part, in an audit alone all of them.
        rows: ``(L,)`` positions of ``learned`` among ``inputs``.
        is_test: ``(N,)``: on the other side of a split that was given; all False where none was.
        task: Configured from ``learned``.
        targets: Of ``learned``, encoded.
        folds: ``(L,)`` fold numbers; a duplicate group is within one fold.
        out_of_fold: ``(L, W)`` outputs of the probe for rows that it had not seen (see
            :class:`headstart.core.learning.SolveMethod`), NaN where there is none; None where nothing was solved.
        duplicates: ``(N,)`` group numbers of near-duplicates.
        groups: ``(N,)`` values of the ``--groups`` column as text, None where a row has none; None: not asked for.
        features: Called when needed: ``(N, D)`` of the pretrained network; None where no network sees the data.
        facts: By modality of the parts; a modality that measures none is missing.
        left_out: Names of columns that the reader left out, with its reason.
        seed: For what is drawn.
    """

    inputs: Dataset
    learned: LabeledDataset
    rows: Ints
    is_test: Flags
    task: Task
    targets: Targets
    folds: Ints
    out_of_fold: Floats | None
    duplicates: Ints
    groups: NDArray[np.object_] | None = None
    features: Callable[[], Floats] | None = None
    facts: Mapping[str, Facts] = field(default_factory=dict)
    left_out: Mapping[str, str] = field(default_factory=dict)
    seed: int = 0

    @cached_property
    def feature_matrix(self) -> Floats | None:
        """``(N, D)``, read once."""
        return None if self.features is None else self.features()

    @cached_property
    def probabilities(self) -> Floats | None:
        """``(L, K)`` out-of-fold probabilities of classes or grades (rows never held out are NaN); None elsewhere."""
        if self.out_of_fold is None or self.targets.kind not in ("class", "ordinal"):
            return None
        shifted = self.out_of_fold - self.out_of_fold.max(axis=1, keepdims=True)
        weights = np.exp(shifted)
        return np.asarray(weights / weights.sum(axis=1, keepdims=True))

    @property
    def has_split(self) -> bool:
        """Whether a test part was given."""
        return bool(self.is_test.any())

    def contents(self, part: int = 0) -> Iterator[tuple[int, bytes]]:
        """Row and encoded bytes of every input of a part; those that cannot be read are passed over."""
        from headstart.core.errors import DataError

        inputs = self.inputs.parts[part].inputs
        for row in range(len(self.inputs)):
            try:
                yield row, inputs.read(row)
            except (DataError, OSError):
                continue


class Check(Protocol):
    """One check. Which kinds of targets and inputs it looks at is its own business: elsewhere it finds nothing."""

    def check(self, examined: Examined) -> list[Finding]:
        """What is wrong; empty where nothing is, or where it does not apply."""


def parts_of(examined: Examined, modality: str) -> list[int]:
    """Numbers of the parts of a modality."""
    return [number for number, part in enumerate(examined.inputs.parts) if part.modality == modality]


def percent(share: float) -> str:
    """A share in words that a sentence can hold: "3 %", "0.4 %"."""
    value: Any = share * 100
    return f"{value:.0f} %" if value >= 1 or value == 0 else f"{value:.1f} %"
