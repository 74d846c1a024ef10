"""What adapters and validators are given, and what they promise."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any, Protocol

import numpy as np
from numpy.typing import NDArray

from headstart.adaptation.domains import Domains, Labeled
from headstart.adaptation.space import Space
from headstart.core.learning import Fitted, Floats, Ints, Targets
from headstart.evaluation.softmax import softmax

ADAPTERS, VALIDATORS = "adaptation.adapters", "adaptation.validators"
# What a plugin needs: labelled source rows; an array without missing values; features that mean something as numbers,
# which the codes of a table's categories do not; a head that is a matrix and an intercept; several source domains;
# target rows along an order.
SOURCE, DENSE, CONTINUOUS, LINEAR, SEVERAL = "source", "dense", "continuous", "linear", "several"
ORDERED = "ordered"
Map = Callable[[Any], Any]
RowsMap = Callable[[Labeled], Any]


class Solver(Protocol):
    """The way in which the run's own head was solved, with its strength of regularisation."""

    def fit(self, features: Any, targets: Targets, weights: Floats | None = None) -> Fitted:
        """A head for ``(n, D)`` features; ``weights`` ``(n,)`` 0 or more."""

    def fit_each(self, features: Any, targets: Targets, weightings: Floats) -> list[Fitted]:
        """As ``fit`` of the rows that weigh something in each of ``(F, n)`` weightings, which may share their work."""

    def outputs(self, fitted: Fitted, features: Any) -> Floats:
        """``(n, K)`` outputs, not calibrated: logits up to a constant for each row."""


@dataclass(frozen=True)
class Adapted:
    """A head for the target domain.

    Attributes:
        fitted: For features ``(m, D)`` of the target domain as they are; None: the head as it was.
        shift: ``(K,)`` added to the calibrated outputs: log ratios of class shares; None: nothing.
        carry: From source features ``(n, D)`` to where this head expects them; None: they stay. Validators see source
            rows through it, so that a head that was solved on moved rows is judged on moved rows.
        carry_rows: The same, where it depends on the domain that a row is of; in place of ``carry``.
        report: JSON: what was chosen within, for people.
        is_beyond: The head is for rows so far from the source that source rows neither calibrate nor judge it.
    """

    fitted: Fitted | None
    shift: Floats | None = None
    carry: Map | None = None
    carry_rows: RowsMap | None = None
    report: Mapping[str, Any] = field(default_factory=dict)
    is_beyond: bool = False

    @property
    def is_moving(self) -> bool:
        """Whether the head expects source rows elsewhere than they are."""
        return self.carry is not None or self.carry_rows is not None

    def carried(self, rows: Labeled) -> Any:
        """``(n, D)`` features of source rows where this head expects them."""
        if self.carry_rows is not None:
            return self.carry_rows(rows)
        return rows.features if self.carry is None else self.carry(rows.features)


class Adapter(Protocol):
    """A way to a head for the target domain.

    Its plugin's ``needs`` says what it cannot do without: SOURCE, DENSE, CONTINUOUS, LINEAR, SEVERAL, ORDERED.
    """

    def adapt(self, domains: Domains, solver: Solver, rng: np.random.Generator) -> Adapted:
        """Solve for the target domain.

        Args:
            domains: The rows; nothing in them says what the target rows are.
            solver: The run's own.
            rng: The only source of chance.

        Raises:
            DataError: this data cannot be adapted in this way (too few rows, one class); a clause that says why.
        """


@dataclass(frozen=True)
class View:
    """What a validator may look at: one adapted head on source rows that it did not learn from, and on target rows.

    Attributes:
        learned: Source rows that the head learned from, as they are.
        held: Source rows that it did not learn from, as they are.
        carried: ``(h, D)`` features of ``held`` where the head expects them.
        held_outputs: ``(h, K)`` calibrated outputs of those.
        target: ``(m, D)``.
        outputs: ``(m, K)`` calibrated outputs of the target rows.
        shift: ``(K,)`` that is in ``outputs`` and not in ``held_outputs``, since the source has the shares it had.
        start: ``(m, K)`` the same of the model as it is.
        ratio: ``(h,)`` how much more often such a row comes in the target domain; their mean is near 1, not at it.
        carry: Where the head expects source rows; None: where they are.
        space: The target rows and the learned rows as points.
        again: Runs the same adapter the other way: from pseudo-labelled target rows ``(pseudo (m,) int64)`` to the held
            source rows, whose outputs ``(h, K)`` it returns.
    """

    learned: Labeled
    held: Labeled
    carried: Any
    held_outputs: Floats
    target: Any
    outputs: Floats
    shift: Floats | None
    start: Floats
    ratio: Floats
    carry: RowsMap | None
    space: Space
    again: Callable[[Ints], Floats]

    @property
    def right(self) -> NDArray[np.bool_]:
        """``(h,)``: whether the head is right about a held-out source row."""
        return np.asarray(self.held_outputs.argmax(axis=1) == self.held.targets.values)

    @property
    def shifted(self) -> Floats:
        """``(h, K)`` what the head would say of the held-out rows if they came from the target domain."""
        return self.held_outputs if self.shift is None else self.held_outputs + self.shift

    @cached_property
    def probabilities(self) -> Floats:
        """``(m, K)`` of the target rows."""
        return softmax(self.outputs)

    @cached_property
    def predicted(self) -> Ints:
        """``(m,)`` classes of the target rows."""
        return np.asarray(self.outputs.argmax(axis=1), np.int64)

    @cached_property
    def votes(self) -> Floats:
        """``(q, K)`` shares of the votes of the learned rows, moved as the head's own, around the target rows
        ``space.rows``.
        """
        if self.carry is None:
            return self.space.votes
        return self.space.votes_from(self.carry(self.learned))


class Validator(Protocol):
    """Says without target labels how good a head is in the target domain: more is better.

    A plugin of kind "accuracy" estimates the share (0 to 1) that is right; one of kind "score" only orders heads.
    """

    def estimate(self, view: View, rng: np.random.Generator) -> float:
        """A finite number; NaN where this view says nothing."""
