"""How good a turned-down network is: heads solved on its features, judged on rows that they did not see."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Any

import numpy as np
from numpy.typing import NDArray

from headstart.core import plugins
from headstart.core.learning import NEVER_HELD_OUT, Floats, Ints, Solution, Targets, Task
from headstart.core.resources import one_blas_thread
from headstart.core.seeding import generator
from headstart.evaluation.parting import parted, strata_of
from headstart.methods.training_parts import training_parts

METHODS, PROBE = "methods", "linear_probe"
TEACHING, MOST_TEACHING = 0.75, 4000  # share and number of rows that students learn from: the others judge them
LEAST_SPREAD, TOLERANCE = 0.1, 1e-4  # of a glance; nats per row
MOSTLY = 0.5  # share of rows that taught the network nothing, below which they are one fold


@dataclass(frozen=True)
class Bench:
    """Rows on which every point is judged in the same way.

    Attributes:
        task: Of the run.
        targets: Of n rows, none of them tested.
        folds: ``(n,)``; rows that taught the network are never held out.
        base: ``(n, W)`` outputs of the model as it is, of rows while they were held out; NaN elsewhere.
        method: That solves heads.
        seed: Of what is drawn.
        student_folds: ``(n,)``: of students; rows that teach them are never held out.
    """

    task: Task
    targets: Targets
    folds: Ints
    base: Floats
    method: str
    seed: int
    student_folds: Ints

    @property
    def rows(self) -> NDArray[np.int64]:
        """That are held out."""
        return np.flatnonzero(self.folds != NEVER_HELD_OUT)

    def on(self, rows: NDArray[np.int64]) -> Bench:
        """Some of the rows alone, each in the fold that it has."""
        targets, students = self.targets.take(rows), self.student_folds[rows]
        return replace(self, targets=targets, folds=self.folds[rows], base=self.base[rows], student_folds=students)

    @property
    def taught(self) -> NDArray[np.int64]:
        """Rows that students learn from, ascending."""
        return np.flatnonzero(self.student_folds == NEVER_HELD_OUT)

    def of(self, *, is_student: bool) -> Bench:
        """That on which a network is judged."""
        return replace(self, folds=self.student_folds) if is_student else self

    def solved(self, features: Any) -> Solution:
        """A head of all rows, and what heads of folds say of those that they did not see."""
        plugin = plugins.load(METHODS, self.method)
        with one_blas_thread():
            found: Solution = plugin.build(plugin.config()).fit(
                features, self.targets, self.folds, np.random.default_rng(self.seed)
            )
        return found

    def glanced(self, features: Any, strength: float | None) -> Floats:
        """What heads of folds say of rows that they did not see, at one penalty: ten times as fast as choosing it.

        Args:
            features: ``(n, D)``.
            strength: Penalty per feature that the model as it is was solved with; None: it is not of that kind.
        """
        if strength is None or self.method != PROBE:
            return self.solved(features).out_of_fold
        from headstart.methods.fixed_penalty import out_of_fold_at_penalty
        from headstart.methods.threads import torch_threads

        penalty, ones = strength * features.shape[1], np.ones(len(self.targets))
        with one_blas_thread(), torch_threads(1):
            return out_of_fold_at_penalty(
                features, self.targets, self.folds, ones, penalty, LEAST_SPREAD, TOLERANCE, only_seen=True
            )

    def held_out_again(
        self, solution: Solution, features: Any, rows: NDArray[np.int64], changed: NDArray[Any]
    ) -> Floats:
        """``(n, W)`` outputs as :meth:`solved` has them, where some rows look otherwise while they are held out.

        Args:
            solution: Of ``features``.
            features: ``(n, D)``: what heads learn from.
            rows: ``(r,)`` that look otherwise.
            changed: ``(r, D)`` as they look to the head that did not see them.
        """
        found, fold_of_row = solution.out_of_fold.copy(), training_parts(self.folds, np.ones(len(self.folds)))[0]
        for fold in np.unique(fold_of_row[rows]):
            here = fold_of_row[rows] == fold
            mine, seen = rows[here], changed[here]
            if fold < 0:  # never held out
                continue
            if solution.of_folds is not None:
                found[mine] = seen @ solution.of_folds["weight"][fold].T + solution.of_folds["bias"][fold]
                continue
            swapped = np.array(features)
            swapped[mine] = seen
            found[mine] = self.solved(swapped).out_of_fold[mine]  # this fold's head learned from none of them
        return found

    def lost(self, out_of_fold: Floats, unit: float) -> Floats:
        """``(n,)`` points that each row loses against the model as it is, whose mean is the loss; NaN where not judged.

        Of numbers to first order: half the change of the squared error.

        Args:
            out_of_fold: ``(n, W)``.
            unit: See :attr:`headstart.compression.points.Point.unit`.
        """
        rows = self.rows
        targets = self.targets.take(rows)
        ours, theirs = (self.task.scores(targets, each[rows]) for each in (out_of_fold, self.base))
        lost = np.full(len(self.targets), np.nan)
        if targets.kind == "real":
            lost[rows] = 50.0 * (ours - theirs) / max(float(np.mean(theirs)), 1e-12)
        else:
            lost[rows] = unit * (theirs - ours)
        return lost

    def compared(self, out_of_fold: Floats) -> tuple[float, dict[str, Any]]:
        """The primary metric, and its paired difference to the model as it is."""
        rows = self.rows
        targets, ours = self.targets.take(rows), out_of_fold[rows]
        found = self.task.compare(targets, ours, self.base[rows], self.seed, self.task)
        return float(self.task.score(targets, ours)), dict(found["difference"])


def drawn(bench: Bench, groups: Ints, most: int) -> NDArray[np.int64] | None:
    """Rows that a search looks at, ascending: about ``most``, classes as they are, groups whole; None: all of them.

    Args:
        bench: Of n rows.
        groups: ``(n,)``: kept together.
        most: Rows that are enough to tell ways apart.
    """
    parts = round(len(bench.targets) / most)
    if parts < 2:
        return None
    places = parted(strata_of(bench.targets), groups, parts, generator(bench.seed, "compression rows"))
    return np.flatnonzero(places == 0)


def bench_of(task: Task, targets: Targets, folds: Ints, base: Floats, method: str, seed: int) -> Bench:
    """Folds as those of the run, so that heads of every point learn from the rows that the model as it is learned from.

    Args:
        task: Of the run.
        targets: Of n rows.
        folds: ``(n,)`` in which the run held them out: what is nearly the same shares one; NEVER_HELD_OUT of rows that
            taught the network.
        base: ``(n, W)``, see :class:`Bench`.
        method: Of the run; heads of a method that trains are solved with a linear probe.
        seed: Of what is drawn.
    """
    if (folds != NEVER_HELD_OUT).sum() < MOSTLY * len(targets):  # heads of the model as it is saw none of them
        folds = np.where(folds == NEVER_HELD_OUT, NEVER_HELD_OUT, 0)
    return Bench(task, targets, folds, base, method, seed, student_folds(folds))


def student_folds(folds: Ints) -> Ints:
    """``(n,)``: where rows taught the model as it is, its students learn from the same; else from most folds.

    Args:
        folds: ``(n,)`` of the run. Those that are left hold out as many rows as before.
    """
    numbers = np.unique(folds)
    if NEVER_HELD_OUT in numbers or len(numbers) < 2:
        return folds
    wanted = round(len(numbers) * min(TEACHING, MOST_TEACHING / len(folds)))
    teaching = numbers[: min(max(1, wanted), len(numbers) - 1)]
    return np.where(np.isin(folds, teaching), NEVER_HELD_OUT, folds)
