"""Both domains on a map: two principal directions before and after an adaptation, and figures of what it shows.

Two directions of a thousand hide most of what there is, so the figures come from all of them: how well the domains can
be told apart (:mod:`headstart.adaptation.shift.separation`), and whether examples of a class lie together.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np

from headstart.adaptation.shift.separation import dense, told_apart
from headstart.core.learning import Floats, Ints
from headstart.core.resources import one_blas_thread
from headstart.core.seeding import generator
from headstart.methods.knn import unit_rows

SHOWN_POINTS = 300  # of each domain
MEASURED = 800  # rows of each domain that figures are computed of
FEWEST = 10  # rows of each domain without which domains are not told apart
COLOURED = 8  # classes that have a colour of their own


@dataclass(frozen=True)
class Looks:
    """Both domains as a head sees them.

    Attributes:
        source: ``(h, D)`` held-out source rows, moved where the adapter moves source rows; ``(0, D)`` without any.
        target: ``(m, D)``.
        answers: ``(m,)`` classes that are said of the target rows; -1: none of the classes.
    """

    source: Any
    target: Any
    answers: Ints


@dataclass(frozen=True)
class HeldOut:
    """What is known of the ``(h,)`` held-out source rows: classes, and groups that belong together."""

    classes: Ints
    groups: Ints


def feature_map(
    before: Looks, after: Looks | None, held: HeldOut, class_names: list[str], seed: int, *, same_space: bool
) -> dict[str, Any]:
    """Points ``[x, y, place of the class in "classes" or -1]`` of some rows of both domains, and what they show.

    Args:
        before: As the model sees them.
        after: As what ships sees the same rows; None: nothing ships.
        held: Of the held-out source rows.
        class_names: K names.
        seed: Of what is drawn.
        same_space: Whether ``after`` has the features of ``before``, so that both are drawn in the same directions.

    Returns:
        JSON: ``classes`` with a colour, ``before`` and ``after`` (None) with ``source``, ``target``, ``told_apart``
        (None where a domain has too few rows) and ``together``, the share of held-out source rows whose nearest other
        one is of their class.
    """
    ours, theirs = (_some(count, seed) for count in (len(held.classes), len(before.answers)))
    held = HeldOut(held.classes[ours], held.groups[ours])
    pair = [_taken(each, ours, theirs) for each in (before, after) if each is not None]
    coloured = _coloured(pair, held, len(class_names))
    with one_blas_thread():
        points = _positions(pair, same_space)
        found = [_panel(each, place, held, coloured, seed) for each, place in zip(pair, points, strict=True)]
    shown = [class_names[k] for k in coloured]
    return {"classes": shown, "before": found[0], "after": found[1] if after is not None else None}


def _some(count: int, seed: int) -> Ints:
    rng = generator(seed, "feature map")
    return np.asarray(rng.permutation(count)[:MEASURED], np.int64)


def _taken(looks: Looks, ours: Ints, theirs: Ints) -> Looks:
    """Some rows, as arrays without gaps."""
    source, target = dense(looks.source[ours], looks.target[theirs])
    return Looks(source, target, looks.answers[theirs])


def _coloured(pair: list[Looks], held: HeldOut, classes: int) -> list[int]:
    """All classes where they are few; else those whose share of the answers moved most, then the most frequent."""
    if classes <= COLOURED:
        return list(range(classes))
    counts = [np.bincount(each.answers[each.answers >= 0], minlength=classes) for each in (pair[0], pair[-1])]
    known = np.bincount(held.classes, minlength=classes)
    order = np.lexsort((-known, -counts[0], -np.abs(counts[1] - counts[0])))
    return sorted(order[:COLOURED].tolist())


def _positions(pair: list[Looks], same_space: bool) -> list[Floats]:
    """``(h + m, 2)`` of each; the second turned to lie as the first where it has other features."""
    stacks = [np.concatenate([each.source, each.target]) for each in pair]
    if len(stacks) == 2 and same_space:
        both = principal(np.concatenate(stacks))
        return [both[: len(stacks[0])], both[len(stacks[0]) :]]
    found = [principal(each) for each in stacks]
    return found if len(found) == 1 else [found[0], turned(found[1], found[0])]


def principal(rows: Floats) -> Floats:
    """``(n, D)`` standardised rows in their two principal directions ``(n, 2)``; 0 in a direction that is not there."""
    spread = rows.std(axis=0)
    standard = (rows - rows.mean(axis=0)) / np.where(spread > 1e-12, spread, 1.0)
    # of n rows and D columns the smaller square matrix: its eigenvectors are exact and cheap
    if len(rows) <= rows.shape[1]:
        values, left = np.linalg.eigh(standard @ standard.T)
        found = left[:, ::-1][:, :2] * np.sqrt(np.maximum(values[::-1][:2], 0))
    else:
        found = standard @ np.linalg.eigh(standard.T @ standard)[1][:, ::-1][:, :2]
    found = np.pad(found, ((0, 0), (0, 2 - found.shape[1])))
    largest = np.abs(found).argmax(axis=0)  # signs are arbitrary: the outermost row lies on the positive side
    return np.asarray(found * np.where(found[largest, [0, 1]] < 0, -1.0, 1.0))


def turned(points: Floats, like: Floats) -> Floats:
    """``(n, 2)`` points rotated and mirrored to lie as ``like`` does (orthogonal Procrustes); both have mean 0."""
    left, _, right = np.linalg.svd(points.T @ like)
    return np.asarray(points @ left @ right)


def _panel(looks: Looks, points: Floats, held: HeldOut, coloured: list[int], seed: int) -> dict[str, Any]:
    place = {k: number for number, k in enumerate(coloured)}
    h = len(looks.source)
    colour = [place.get(int(k), -1) for k in (*held.classes, *looks.answers)]
    drawn = [[round(float(x), 2), round(float(y), 2), k] for (x, y), k in zip(points, colour, strict=True)]
    return {
        "source": drawn[:h][:SHOWN_POINTS],
        "target": drawn[h:][:SHOWN_POINTS],
        "told_apart": _apart(looks, held, seed),
        "together": _together(looks.source, held),
    }


def _apart(looks: Looks, held: HeldOut, seed: int) -> dict[str, float] | None:
    if min(len(looks.source), len(looks.target)) < FEWEST or len(np.unique(held.groups)) < FEWEST:
        return None
    found = told_apart(looks.source, looks.target, held.groups, None, generator(seed, "told apart on the map"))
    return {"auc": found.auc, "low": found.low, "high": found.high}


def _together(source: Floats, held: HeldOut) -> float | None:
    """Rows of one group are not each other's neighbours: the same speaker, the same photograph cut in two."""
    if len(np.unique(held.groups)) < 2:
        return None
    spread = source.std(axis=0)
    points = unit_rows(((source - source.mean(axis=0)) / np.where(spread > 1e-12, spread, 1.0)).astype(np.float32))
    cosines = points @ points.T
    cosines[held.groups[:, None] == held.groups] = -np.inf
    return float((held.classes[cosines.argmax(axis=1)] == held.classes).mean())
