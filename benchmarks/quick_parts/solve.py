"""The search of the linear probe beside scikit-learn's."""

from __future__ import annotations

from pathlib import Path

from quick_parts.ratio import Ratio

ROWS, WIDTH, CLASSES = 600, 512, 6


def _solve(_: Path) -> float:
    import solver

    x, classes = solver.made(ROWS, WIDTH, CLASSES, 0.07)
    folds = solver.folds_of(classes)
    solver.ours(x[:50], classes[:50], folds[:50], solver.SEVEN, True)  # imports are not what is compared
    _, _, ours = solver.timed(solver.ours, x, classes, folds, solver.SEVEN, True)
    _, _, theirs = solver.timed(solver.theirs, x, classes, folds, solver.SEVEN)
    return float(ours / theirs)


SOLVE = Ratio("solve", "search of the linear probe over LogisticRegressionCV, processor time", _solve)
