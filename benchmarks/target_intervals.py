"""How often the intervals of grades, numbers and label sets hold the true value, over a grid of situations.

The other half of ``intervals.py``. Run it with ``python benchmarks/target_intervals.py``; it takes some minutes and
writes ``results/target_intervals.json``, which the docstrings of the intervals refer to. "tried" names what was tried
instead, on the same draws.
"""

from __future__ import annotations

import argparse
import json
import time
from collections.abc import Callable, Iterator
from itertools import product
from pathlib import Path
from typing import Any

import numpy as np
from scipy.special import ndtr, ndtri

from headstart.evaluation import clustered, qwk, regression
from headstart.evaluation.macro_average import mean_of_proportions
from headstart.evaluation.mean_average_precision import mean_average_precision_interval
from headstart.evaluation.multilabel import average_precisions, label_counts, micro_f1
from headstart.evaluation.spearman import spearman, spearman_interval

OUT = Path(__file__).parent / "results" / "target_intervals.json"
SIZES = (30, 100, 300)
LARGE = 200_000  # examples that a true value is taken from
DRAWS = 400  # of the bootstraps that were tried
Bounds = tuple[float, float] | None
Tried = dict[str, Bounds]


def bootstraps(columns: Any, of_means: Callable[[Any], Any], rng: np.random.Generator) -> Tried:
    """The percentile bootstrap and BCa (Efron 1987) of a function of means."""
    n = len(columns)
    drawn = of_means(columns[rng.integers(n, size=(DRAWS, n))].mean(axis=1))
    value, without_one = of_means(columns.mean(axis=0)), of_means((columns.sum(axis=0) - columns) / (n - 1))
    gaps = without_one.mean() - without_one
    share = np.clip(((drawn < value).sum() + 0.5 * (drawn == value).sum()) / DRAWS, 0.5 / DRAWS, 1 - 0.5 / DRAWS)
    a, bias = (gaps**3).sum() / max(6 * (gaps**2).sum() ** 1.5, 1e-300), ndtri(share)
    edges = bias + ndtri(np.array([0.025, 0.975]))
    moved = ndtr(bias + edges / np.maximum(1 - a * edges, 1e-3))
    plain, bca = np.quantile(drawn, [0.025, 0.975]), np.quantile(drawn, moved)
    return {"percentile_bootstrap": (plain[0], plain[1]), "bca_bootstrap": (bca[0], bca[1])}


# --- grades


def graded(n: int, grades: int, balance: str, right: float, off: float, rng: np.random.Generator) -> tuple[Any, Any]:
    """True and predicted grades: a share ``right`` is, the others are off by rounded normal noise."""
    shares = np.ones(grades) if balance == "equal" else 2.0 ** -np.arange(grades)
    truth = rng.choice(grades, n, p=shares / shares.sum())
    return truth, again(truth, grades, right, off, rng)


def again(truth: Any, grades: int, right: float, off: float, rng: np.random.Generator) -> Any:
    n = len(truth)
    step = np.where(rng.random(n) < right, 0, np.rint(rng.normal(size=n) * off)).astype(int)
    return np.clip(truth + step, 0, grades - 1)


def kappa_cells(repeats: int, rng: np.random.Generator) -> Cells:
    cells = Cells(("grades", "balance", "right", "off_by"))
    cases = (
        *((6, "equal", 0.3, 1.0), (6, "equal", 0.8, 1.0), (6, "equal", 0.0, 3.0), (4, "rare", 0.5, 1.0)),
        *((4, "rare", 0.9, 1.0), (6, "rare", 0.7, 1.5), (3, "equal", 0.97, 1.0), (2, "equal", 0.8, 1.0)),
    )
    for case in cases:
        true_value = qwk.quadratic_kappa(*graded(LARGE, *case, rng))
        for n in SIZES:
            for _ in range(repeats):
                truth, predicted = graded(n, *case, rng)
                tried = bootstraps(qwk.grade_columns(truth, predicted), qwk.kappa_of_means, rng)
                cells.add("qwk", (n, *case), true_value, qwk.kappa_interval(truth, predicted), tried)
    return cells


def kappa_difference_cells(repeats: int, rng: np.random.Generator) -> Cells:
    """Two models; the second repeats the first on a share ``copied`` of the examples."""
    cells = Cells(("grades", "right", "second_right", "copied"))

    def of_means(means: Any) -> Any:
        return qwk.kappa_of_means(means[..., :5]) - qwk.kappa_of_means(means[..., 5:])

    cases = (
        *((6, 0.3, 0.1, 0.0), (6, 0.8, 0.6, 0.5), (6, 0.8, 0.8, 0.9)),
        *((4, 0.9, 0.5, 0.0), (4, 0.95, 0.9, 0.5), (4, 0.5, 0.4, 0.97)),
    )
    for grades, right, second_right, copied in cases:

        def three(n: int, g: int = grades, r: float = right, s: float = second_right, c: float = copied) -> Any:
            truth, first = graded(n, g, "equal", r, 1.3, rng)
            return truth, first, np.where(rng.random(n) < c, first, again(truth, g, s, 1.3, rng))

        true_value = qwk.kappa_difference(*three(LARGE))[0]
        for n in SIZES:
            for _ in range(repeats):
                truth, first, second = three(n)
                columns = np.concatenate([qwk.grade_columns(truth, each) for each in (first, second)], axis=1)
                _, bounds = qwk.kappa_difference(truth, first, second)
                tried = bootstraps(columns, of_means, rng)
                cells.add("qwk_differences", (n, grades, right, second_right, copied), true_value, bounds, tried)
    return cells


# --- numbers


def noise(kind: str, x: Any, rng: np.random.Generator) -> Any:
    drawn = rng.standard_t(4, size=len(x)) if kind == "heavy_tails" else rng.normal(size=len(x))
    return drawn * np.abs(x) if kind == "uneven" else drawn


def numbers(n: int, kind: str, off: float, rng: np.random.Generator) -> tuple[Any, Any]:
    """Targets and predictions that are off by ``off`` times noise of one kind; "skewed" targets are lognormal."""
    y = np.exp(0.7 * rng.normal(size=n)) if kind == "skewed" else rng.normal(size=n)
    return y, y + off * noise(kind, y, rng)


def number_cells(repeats: int, rng: np.random.Generator) -> Cells:
    cells = Cells(("kind", "off_by"))
    for case in product(("normal", "heavy_tails", "uneven", "skewed"), (0.3, 0.8, 1.2)):
        large = numbers(10 * LARGE, *case, rng)
        values = {
            "rmse": regression.rmse(*large),
            "mae": regression.mae(*large),
            "r2": regression.r_squared(*large),
            "spearman": spearman(*large),
        }
        for n in SIZES:
            for _ in range(repeats):
                y, p = numbers(n, *case, rng)
                intervals = {
                    "rmse": regression.rmse_interval(y, p),
                    "mae": regression.mae_interval(y, p),
                    "r2": regression.r_squared_interval(y, p),
                    "spearman": spearman_interval(y, p),
                }
                tried: dict[str, Tried] = {
                    "rmse": bootstraps((y - p)[:, None] ** 2, lambda m: np.sqrt(m[..., 0]), rng),
                    "mae": bootstraps(np.abs(y - p)[:, None], lambda m: m[..., 0], rng),
                    "r2": bootstraps(np.stack([(y - p) ** 2, y, y**2], 1), r2_of_means, rng),
                }
                for name, bounds in intervals.items():
                    cells.add(name, (n, *case), float(values[name] or 0), bounds, tried.get(name, {}))
    return cells


def r2_of_means(means: Any) -> Any:
    return 1 - means[..., 0] / np.maximum(means[..., 2] - means[..., 1] ** 2, 1e-12)


def rmse_difference_cells(repeats: int, rng: np.random.Generator) -> Cells:
    """Two models whose errors correlate."""
    cells = Cells(("kind", "off_by", "second_off_by", "correlation"))
    kinds = ("normal", "heavy_tails", "uneven")
    errors = ((1.0, 1.0, 0.9), (1.0, 1.3, 0.5), (1.0, 2.0, 0.0), (1.0, 1.1, 0.95))
    for kind, (off, second_off, correlation) in product(kinds, errors):

        def three(
            n: int, k: str = kind, a: float = off, b: float = second_off, r: float = correlation
        ) -> tuple[Any, Any, Any]:
            y = rng.normal(size=n)
            common = noise(k, y, rng)
            return y, *(y + s * (r * common + np.sqrt(1 - r**2) * noise(k, y, rng)) for s in (a, b))

        true_value = regression.rmse_difference(*three(10 * LARGE))[0]
        for n in SIZES:
            for _ in range(repeats):
                y, first, second = three(n)
                squares = np.stack([(y - first) ** 2, (y - second) ** 2], axis=1)
                tried = bootstraps(squares, lambda m: np.sqrt(m[..., 1]) - np.sqrt(m[..., 0]), rng)
                _, bounds = regression.rmse_difference(y, first, second)
                cells.add("rmse_differences", (n, kind, off, second_off, correlation), true_value, bounds, tried)
    return cells


# --- label sets


def label_sets(n: int, labels: int, rate: float, rng: np.random.Generator) -> Any:
    """``(n, labels)``: rates from a third to five thirds of ``rate``; labels of one example go together a little."""
    u = ndtr((rng.normal(size=(n, labels)) + 0.7 * rng.normal(size=(n, 1))) / np.sqrt(1.49))
    return u < np.linspace(rate / 3, rate * 5 / 3, labels)


def scored(truth: Any, rate: float, strength: float, rng: np.random.Generator) -> Any:
    """Scores: labels lie ``strength`` above; a fifth of the examples is hard, so mistakes gather in them."""
    n, labels = truth.shape
    hard = np.where(rng.random((n, 1)) < 0.2, 0.4, 1.15)
    return (
        strength * hard * (truth - 0.5)
        + rng.normal(size=(n, labels))
        + ndtri(np.linspace(rate / 3, rate * 5 / 3, labels)) * 0.4
    )


def label_cells(repeats: int, rng: np.random.Generator) -> Cells:
    cells = Cells(("labels", "rate", "strength"))
    for case in product((5, 20, 50), (0.05, 0.25), (2.0, 4.0, 6.0)):
        labels, rate, strength = case
        truth = label_sets(LARGE // 4, labels, rate, rng)
        scores = scored(truth, rate, strength, rng)
        f1 = label_counts(truth, scores > 0).f1
        precision = average_precisions(truth, scores)[0]
        micro, hamming = micro_f1(label_counts(truth, scores > 0)), float((truth != (scores > 0)).mean())
        for n in SIZES:
            for _ in range(repeats):
                t = label_sets(n, labels, rate, rng)
                s = scored(t, rate, strength, rng)
                g, here = s > 0, t.any(axis=0)
                if not here.any():
                    continue
                wrong = (t != g).sum(axis=1)
                share = clustered.share_interval((t & g).sum(axis=1), (t | g).sum(axis=1))
                both = here & ~t.all(axis=0)
                columns = np.concatenate([(t & g)[:, here], t[:, here].astype(float) + g[:, here]], axis=1)
                tried = bootstraps(columns.astype(float), f1_of_means, rng)
                key = (n, *case)
                cells.add("macro_f1", key, float(f1[here].mean()), clustered.macro_f1_interval(t, g), tried)
                low_high = None if share is None else tuple(clustered.f1_of_share(bound) for bound in share)
                cells.add("micro_f1", key, float(micro or 0), low_high, {})
                hamming_bounds = clustered.share_interval(wrong, np.full(n, labels))
                cells.add("hamming_loss", key, hamming, hamming_bounds, {})
                if both.any():
                    plain = average_precisions(t, s)
                    tried = {"proportions_alone": mean_of_proportions(plain[0] * plain[1], plain[1])}
                    bounds = mean_average_precision_interval(t, s, rng)
                    cells.add("map", key, float(precision[both].mean()), bounds, tried)
    return cells


def f1_of_means(means: Any) -> Any:
    hits, sizes = np.split(means, 2, axis=-1)
    return (2 * hits / np.maximum(sizes, 1e-300)).mean(axis=-1)


def label_difference_cells(repeats: int, rng: np.random.Generator) -> Cells:
    cells = Cells(("labels", "rate", "strength", "second_strength", "copied"))

    def of_means(means: Any) -> Any:
        return f1_of_means(means[..., : means.shape[-1] // 2]) - f1_of_means(means[..., means.shape[-1] // 2 :])

    cases = (
        *((5, 0.25, 4.0, 3.0, 0.0), (5, 0.25, 4.0, 4.0, 0.8), (20, 0.1, 4.0, 3.0, 0.5)),
        *((20, 0.1, 6.0, 5.0, 0.0), (50, 0.05, 4.0, 3.5, 0.9)),
    )
    for labels, rate, strength, second, copied in cases:

        def three(n: int, k: int = labels, r: float = rate, a: float = strength, b: float = second, c: float = copied):
            truth = label_sets(n, k, r, rng)
            first = scored(truth, r, a, rng) > 0
            return truth, first, np.where(rng.random((n, k)) < c, first, scored(truth, r, b, rng) > 0)

        large = three(LARGE // 4)
        gaps = label_counts(*large[:2]).f1 - label_counts(large[0], large[2]).f1
        for n in SIZES:
            for _ in range(repeats):
                t, first, other = three(n)
                here = t.any(axis=0)
                if not here.any():
                    continue
                parts = [p for g in (first, other) for p in ((t & g)[:, here], t[:, here].astype(float) + g[:, here])]
                tried = bootstraps(np.concatenate(parts, axis=1).astype(float), of_means, rng)
                _, bounds = clustered.macro_f1_difference(t, first, other)
                key = (n, labels, rate, strength, second, copied)
                cells.add("macro_f1_differences", key, float(gaps[here].mean()), bounds, tried)
    return cells


# --- counting


class Cells:
    """Hits and widths by metric and situation; samples without an interval are counted apart."""

    def __init__(self, columns: tuple[str, ...]) -> None:
        self.columns = ("n", *columns, "coverage", "width", "without_interval")
        self._found: dict[str, dict[tuple[Any, ...], list[tuple[float, float]]]] = {}
        self._tried: dict[tuple[str, str], dict[tuple[Any, ...], list[bool]]] = {}

    def add(self, metric: str, key: tuple[Any, ...], truth: float, bounds: Bounds, tried: Tried) -> None:
        """One sample."""
        width = (np.nan, np.nan) if bounds is None else (float(_holds(bounds, truth)), bounds[1] - bounds[0])
        self._found.setdefault(metric, {}).setdefault(key, []).append(width)
        for name, other in tried.items():
            if bounds is not None:
                self._tried.setdefault((metric, name), {}).setdefault(key, []).append(_holds(other, truth))

    def sections(self) -> Iterator[tuple[str, dict[str, Any]]]:
        """By metric, with the summary first since it is what one looks for."""
        for metric, cells in self._found.items():
            rows = []
            for key, samples in cells.items():
                numbers = np.array(samples)
                given = np.isfinite(numbers[:, 0])
                rows.append([*key, *numbers[given].mean(axis=0).tolist(), 1 - float(given.mean())])
            tried = {
                name: summary([float(np.mean(held)) for held in its.values()])
                for (of, name), its in self._tried.items()
                if of == metric
            }
            coverage = [row[-3] for row in rows]
            rounded = [[round(x, 4) if isinstance(x, float) else x for x in row] for row in rows]
            yield metric, {**summary(coverage), "tried": tried, "columns": list(self.columns), "cells": rounded}


def _holds(bounds: Bounds, truth: float) -> bool:
    return bounds is not None and bool(bounds[0] - 1e-12 <= truth <= bounds[1] + 1e-12)


def summary(coverage: list[float]) -> dict[str, float]:
    return {"mean_coverage": round(float(np.mean(coverage)), 4), "smallest_coverage": round(min(coverage), 4)}


def measure(seed: int, scale: float) -> dict[str, Any]:
    """All sections; ``scale`` multiplies the repeats."""
    found: dict[str, Any] = {}
    parts = (
        *((kappa_cells, 400), (kappa_difference_cells, 400), (number_cells, 400)),
        *((rmse_difference_cells, 400), (label_cells, 150), (label_difference_cells, 200)),
    )
    for purpose, (cells, repeats) in enumerate(parts):
        rng = np.random.default_rng([seed, purpose])
        found |= dict(cells(max(2, round(repeats * scale)), rng).sections())
    return found


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--scale", type=float, default=1.0, help="multiplies the repeats")
    parser.add_argument("--out", type=Path, default=OUT)
    args = parser.parse_args()
    start = time.perf_counter()
    lines = []
    for name, part in measure(args.seed, args.scale).items():
        cells = ",\n  ".join(json.dumps(row) for row in part.pop("cells"))
        lines.append(f'"{name}": {json.dumps(part)[:-1]}, "cells": [\n  {cells}\n]}}')
        print(f"{name:22s} mean {part['mean_coverage']:.3f}  smallest {part['smallest_coverage']:.3f}")
        for other, its in part["tried"].items():
            print(
                f"{'':22s} mean {its['mean_coverage']:.3f}  smallest {its['smallest_coverage']:.3f}  (tried: {other})"
            )
    text = f'{{"schema": 1, "level": 0.95, "seed": {args.seed},\n' + ",\n".join(lines) + "}\n"
    json.loads(text)
    args.out.parent.mkdir(parents=True, exist_ok=True)
    args.out.write_text(text, encoding="utf-8")
    print(f"{time.perf_counter() - start:.0f} s, written to {args.out}")


if __name__ == "__main__":
    main()
