"""How often each interval of headstart.evaluation holds the true value, over a grid of situations.

Proportions and paired differences are enumerated exactly; the others are simulated with a fixed seed. Run it with
``python benchmarks/intervals.py``; it takes about a minute and writes ``results/intervals.json``, which the docstrings
of the intervals refer to and a test re-checks in part. "tried" names what was tried instead, on the same cells.
"""

from __future__ import annotations

import argparse
import json
import time
from collections.abc import Callable, Iterable
from itertools import product
from pathlib import Path
from typing import Any

import numpy as np
from scipy.special import betaincinv, gammaln, ndtri, stdtrit, xlogy

from headstart.evaluation.calibration import ece_interval, reliability
from headstart.evaluation.confusion import class_counts
from headstart.evaluation.learning_curve import forecast_error
from headstart.evaluation.macro_average import mean_of_proportions
from headstart.evaluation.macro_f1 import macro_f1_difference, macro_f1_interval
from headstart.evaluation.mean_loss import mean_interval
from headstart.evaluation.proportions import clopper_pearson, paired_difference
from headstart.evaluation.ranking import average_precision_interval, roc_auc_interval
from headstart.evaluation.softmax import log_softmax, softmax

OUT = Path(__file__).parent / "results" / "intervals.json"
Z = float(ndtri(0.975))
EXACT_N = (30, 50, 100, 200, 372)
RATES = (0.005, 0.01, 0.02, 0.03, *np.round(np.arange(0.05, 0.96, 0.05), 2).tolist(), 0.97, 0.98, 0.99, 0.995)
DISCORDANCE = (0.005, 0.01, 0.02, 0.05, 0.1, 0.2, 0.3, 0.5, 0.8)  # share of examples that one of two alone gets right
FIRST_SHARE = (0.5, 0.6, 0.75, 0.9, 1.0)  # of the discordant ones, the share that the first gets right
SIZES = (30, 100, 300)
Interval = tuple[Any, Any]


def wilson(k: Any, n: Any) -> Interval:
    p = k / n
    center, reach = (k + Z**2 / 2) / (n + Z**2), Z / (n + Z**2) * np.sqrt(n * p * (1 - p) + Z**2 / 4)
    return center - reach, center + reach


def jeffreys(k: Any, n: Any) -> Interval:
    low = np.where(k > 0, betaincinv(k + 0.5, n - k + 0.5, 0.025), 0)
    return low, np.where(k < n, betaincinv(k + 0.5, n - k + 0.5, 0.975), 1)


def wald_paired(b: Any, c: Any, n: Any) -> Interval:
    reach = Z * np.sqrt(b + c - (b - c) ** 2 / n) / n
    return (b - c) / n - reach, (b - c) / n + reach


def proportion_cells(n: int, method: Callable[..., Interval]) -> list[list[float]]:
    """Exact: every count of successes, weighted by its binomial probability. Rows: n, rate, coverage, width."""
    k = np.arange(n + 1.0)
    low, high = method(k, np.full(n + 1, float(n)))
    rows = []
    for rate in RATES:
        log_p = gammaln(n + 1) - gammaln(k + 1) - gammaln(n - k + 1) + xlogy(k, rate) + xlogy(n - k, 1 - rate)
        p = np.exp(log_p)
        holds = (low <= rate + 1e-12) & (rate <= high + 1e-12)
        rows.append([n, rate, float(p[holds].sum()), float((p * (high - low)).sum())])
    return rows


def paired_cells(n: int, method: Callable[..., Interval]) -> list[list[float]]:
    """Exact: every pair of discordant counts. Rows: n, discordance, share of the first, coverage, width."""
    b, c = (x.ravel().astype(float) for x in np.meshgrid(np.arange(n + 1), np.arange(n + 1), indexing="ij"))
    b, c = b[b + c <= n], c[b + c <= n]
    low, high = method(b, c, float(n))
    rows = []
    for discordance, share in product(DISCORDANCE, FIRST_SHARE):
        p10, p01 = discordance * share, discordance * (1 - share)
        log_p = gammaln(n + 1) - gammaln(b + 1) - gammaln(c + 1) - gammaln(n - b - c + 1)
        p = np.exp(log_p + xlogy(b, p10) + xlogy(c, p01) + xlogy(n - b - c, 1 - discordance))
        holds = (low <= p10 - p01 + 1e-9) & (p10 - p01 <= high + 1e-9)
        rows.append([n, discordance, share, float(p[holds].sum()), float((p * (high - low)).sum())])
    return rows


def population(num_classes: int, accuracy: float, balance: str, rng: np.random.Generator) -> Any:
    """``(K, K)`` joint probabilities of true and predicted class; recalls spread around ``accuracy``."""
    k = num_classes
    shares = {"equal": np.ones(k), "rare": np.append(np.full(k - 1, 0.1 / (k - 1)), 0.9), "slope": np.linspace(1, 4, k)}
    share = shares["slope" if balance == "rare" and k > 2 else balance]
    recall = np.clip(accuracy + (1 - accuracy) * 0.8 * np.linspace(-1, 1, k), 0, 1)
    taken_for = rng.gamma(0.5, size=(k, k)) * (1 - np.eye(k)) + 1e-12 * (1 - np.eye(k))
    taken_for /= taken_for.sum(axis=1, keepdims=True)
    return (share / share.sum())[:, None] * ((1 - recall)[:, None] * taken_for + np.diag(recall))


def class_f1(joint: Any) -> Any:
    return 2 * np.diag(joint) / (joint.sum(0) + joint.sum(1))


def draw(joint: Any, n: int, rng: np.random.Generator) -> tuple[Any, Any]:
    return np.divmod(rng.choice(joint.size, n, p=joint.ravel()), len(joint))


def macro_cells(repeats: int, rng: np.random.Generator) -> dict[str, list[list[Any]]]:
    """Rows: n, K, accuracy, balance, coverage, width, for each of the macro averages and the difference of macro-F1."""
    found: dict[str, list[list[Any]]] = {"recall_macro": [], "precision_macro": [], "macro_f1": [], "difference": []}
    for n, k, accuracy, balance in product(SIZES, (2, 5, 10, 40), (0.6, 0.8, 0.9, 0.97), ("equal", "rare")):
        joint = population(k, accuracy, balance, rng)
        weaker = population(k, max(0.3, accuracy - 0.1), balance, rng)
        weaker *= (joint.sum(1) / weaker.sum(1))[:, None]
        copied = rng.choice((0.0, 0.8, 0.97))  # how often the second model just repeats the first
        hits: dict[str, list[tuple[float, float]]] = {name: [] for name in found}
        for _ in range(repeats):
            y, first = draw(joint, n, rng)
            to = (rng.random((n, 1)) > (weaker / weaker.sum(1, keepdims=True)).cumsum(1)[y]).sum(1).clip(max=k - 1)
            second = np.where(rng.random(n) < copied, first, to)
            counts = class_counts(y, first, k)
            here = counts.is_present
            recall, precision = (np.diag(joint) / joint.sum(axis) for axis in (1, 0))
            low_high = {
                "recall_macro": (mean_of_proportions(counts.hits[here], counts.true[here]), recall),
                "precision_macro": (mean_of_proportions(counts.hits[here], counts.predicted[here]), precision),
                "macro_f1": (macro_f1_interval(y, first, k), class_f1(joint)),
                "difference": (
                    macro_f1_difference(y, first, second, k)[1:],
                    class_f1(joint) - class_f1(copied * joint + (1 - copied) * weaker),
                ),
            }
            for name, ((low, high), truth) in low_high.items():
                hits[name].append((low - 1e-12 <= truth[here].mean() <= high + 1e-12, high - low))
        for name, rows in hits.items():
            found[name].append([n, k, accuracy, balance, *np.mean(rows, axis=0).tolist()])
    return found


def f1_bootstrap_cells(repeats: int, rng: np.random.Generator) -> list[list[Any]]:
    """The percentile bootstrap that was tried for macro-F1, on the cells where it fails. Rows as above."""
    rows = []
    for n, k, balance in ((30, 2, "rare"), (30, 10, "equal"), (100, 2, "rare"), (100, 10, "equal")):
        joint = population(k, 0.97, balance, rng)
        hits = []
        for _ in range(repeats):
            drawn = rng.multinomial(n, joint.ravel()).reshape(k, k)
            again = rng.multinomial(n, drawn.ravel() / n, size=400).reshape(-1, k, k)
            sizes = again.sum(1) + again.sum(2)
            f1 = 2 * np.diagonal(again, axis1=1, axis2=2) / np.maximum(sizes, 1)
            is_present = again.sum(2) > 0
            low, high = np.quantile((f1 * is_present).sum(1) / is_present.sum(1), [0.025, 0.975])
            hits.append((low <= class_f1(joint)[drawn.sum(1) > 0].mean() <= high, high - low))
        rows.append([n, k, 0.97, balance, *np.mean(hits, axis=0).tolist()])
    return rows


def logits_of(n: int, k: int, strength: float, rng: np.random.Generator) -> tuple[Any, Any]:
    """Logits whose softmax is perfectly calibrated: class means at distance ``strength`` in unit noise."""
    y = rng.integers(k, size=n)
    z = rng.normal(size=(n, k))
    z[np.arange(n), y] += strength
    return y, z * strength


def student(x: Any) -> Interval:
    reach = stdtrit(len(x) - 1, 0.975) * x.std(ddof=1) / np.sqrt(len(x))
    return x.mean() - reach, x.mean() + reach


def percentile_mean(x: Any, rng: np.random.Generator) -> Interval:
    low, high = np.quantile(x[rng.integers(len(x), size=(400, len(x)))].mean(axis=1), [0.025, 0.975])
    return low, high


def loss_cells(repeats: int, rng: np.random.Generator) -> dict[str, list[list[Any]]]:
    """Rows: n, K, strength, sharpness (1 calibrated, above 1 overconfident), coverage, width, for three intervals."""
    found: dict[str, list[list[Any]]] = {"chosen": [], "student": [], "percentile_bootstrap": []}
    for k, strength, sharpness in (
        (2, 1.0, 1.0),
        (2, 3.0, 1.0),
        (5, 2.0, 1.0),
        (10, 3.0, 1.0),
        (5, 2.0, 2.0),
        (5, 3.0, 2.0),
    ):

        def losses(n: int, k: int = k, strength: float = strength, sharpness: float = sharpness) -> Any:
            y, z = logits_of(n, k, strength, rng)
            return -log_softmax(z * sharpness)[np.arange(n), y]

        truth = np.mean([losses(100_000).mean() for _ in range(4)])
        for n in SIZES:
            hits: dict[str, list[Any]] = {name: [] for name in found}
            for _ in range(repeats):
                x = losses(n)
                tried = {
                    "chosen": mean_interval(x),
                    "student": student(x),
                    "percentile_bootstrap": percentile_mean(x, rng),
                }
                for name, bounds in tried.items():
                    low, high = bounds or (np.inf, np.inf)
                    hits[name].append((low <= truth <= high, (high - low) / truth))
            for name, rows in hits.items():
                found[name].append([n, k, strength, sharpness, *np.mean(rows, axis=0).tolist()])
    return found


def ece_cells(repeats: int, rng: np.random.Generator) -> dict[str, list[list[Any]]]:
    """Rows: n, K, strength, sharpness, true error, coverage, width; the percentile bootstrap beside it."""
    found: dict[str, list[list[Any]]] = {"chosen": [], "percentile_bootstrap": []}
    for k, strength, sharpness in product((2, 10), (1.5, 3.0), (0.5, 1.0, 2.5)):

        def bins(n: int, k: int = k, strength: float = strength, sharpness: float = sharpness) -> Any:
            y, z = logits_of(n, k, strength, rng)
            p = softmax(z * sharpness)
            return p.max(1), p.argmax(1) == y

        truth = reliability(*bins(400_000)).ece
        for n in SIZES:
            hits: dict[str, list[Any]] = {name: [] for name in found}
            for _ in range(repeats):
                confidence, is_right = bins(n)
                low, high = ece_interval(reliability(confidence, is_right), rng)
                hits["chosen"].append((low <= truth <= high, high - low))
                rows = rng.integers(n, size=(100, n))
                again = [reliability(confidence[r], is_right[r]).ece for r in rows]
                low, high = np.quantile(again, [0.025, 0.975])
                hits["percentile_bootstrap"].append((low <= truth <= high, high - low))
            for name, found_here in hits.items():
                found[name].append([n, k, strength, sharpness, truth, *np.mean(found_here, axis=0).tolist()])
    return found


def ranking_cells(repeats: int, rng: np.random.Generator) -> dict[str, list[list[Any]]]:
    """Rows: n, share of positives, distance, spread of the positives, truth, coverage, width."""
    from headstart.evaluation.ranking import average_precision, roc_auc

    found: dict[str, list[list[Any]]] = {"roc_auc": [], "average_precision": []}
    for share, (distance, spread) in product((0.5, 0.2, 0.05), ((0, 1), (1, 1), (2, 1), (3, 1), (1.5, 2))):

        def sample(n: int, share: float = share, distance: float = distance, spread: float = spread) -> Any:
            is_positive = rng.random(n) < share
            return is_positive, rng.normal(size=n) * np.where(is_positive, spread, 1) + distance * is_positive

        large = sample(200_000)
        truths = {"roc_auc": roc_auc(*large), "average_precision": average_precision(*large)}
        for n in SIZES:
            hits: dict[str, list[Any]] = {name: [] for name in found}
            for _ in range(repeats):
                is_positive, scores = sample(n)
                if not 0 < is_positive.sum() < n:
                    continue  # no interval is given there
                both = roc_auc_interval(is_positive, scores), average_precision_interval(is_positive, scores)
                for name, (low, high) in zip(found, both, strict=True):
                    hits[name].append((low <= truths[name] <= high, high - low))
            for name, rows in hits.items():
                found[name].append([n, share, distance, spread, truths[name], *np.mean(rows, axis=0).tolist()])
    return found


def forecast_cells(repeats: int, rng: np.random.Generator) -> list[list[Any]]:
    """Rows: first error, exponent, floor, largest size, true error at twice that, coverage, width, median's bias."""
    rows = []
    curves = product(((0.5, 0.0), (0.3, 0.05), (0.02, 0.2), (0.05, 0.0)), (0.15, 0.5, 0.8))
    sizes_of = (([55, 110, 220, 440], 110), ([20, 40, 80, 160], 40), ([100, 200, 400], 100))
    for ((first, floor), exponent), (sizes, fold) in product(curves, sizes_of):
        n = np.array(sizes, float)
        error = first * (n / n[0]) ** -exponent + floor
        truth = first * (2 * n[-1] / n[0]) ** -exponent + floor
        hits = []
        for _ in range(repeats):
            low, middle, high = forecast_error(n, [rng.binomial(fold, e, size=5) / fold for e in error], 2 * n[-1])
            hits.append((low <= truth <= high, high - low, middle - truth))
        rows.append([first, exponent, floor, sizes[-1], truth, *np.mean(hits, axis=0).tolist()])
    return rows


def section(how: str, columns: Iterable[str], cells: list[list[Any]], **more: Any) -> dict[str, Any]:
    """The cells with their summary; the summary comes first since it is what one looks for."""
    names = list(columns)
    coverage = [row[names.index("coverage")] for row in cells]
    rounded = [[round(x, 5) if isinstance(x, float) else x for x in row] for row in cells]
    summary = {"mean_coverage": round(float(np.mean(coverage)), 4), "smallest_coverage": round(min(coverage), 4)}
    return {"how": how, **summary, **more, "columns": names, "cells": rounded}


def summary(cells: list[list[Any]], column: int = -2) -> dict[str, float]:
    coverage = [row[column] for row in cells]
    return {"mean_coverage": round(float(np.mean(coverage)), 4), "smallest_coverage": round(min(coverage), 4)}


def measure(seed: int, scale: float) -> dict[str, Any]:
    """All sections; ``scale`` multiplies the repeats of the simulated ones."""

    def repeats(count: int) -> int:
        return max(2, round(count * scale))

    def rng(purpose: int) -> np.random.Generator:
        return np.random.default_rng([seed, purpose])

    def exact(cells: Callable[..., list[list[float]]], method: Callable[..., Interval]) -> list[list[float]]:
        return [row for n in EXACT_N for row in cells(n, method)]

    macro, loss = macro_cells(repeats(100), rng(1)), loss_cells(repeats(300), rng(2))
    ece, ranking = ece_cells(repeats(60), rng(3)), ranking_cells(repeats(150), rng(4))
    macro_columns = ("n", "K", "accuracy", "balance", "coverage", "width")
    ranking_columns = ("n", "positive_share", "distance", "spread", "truth", "coverage", "width")
    loss_columns = ("n", "K", "strength", "sharpness", "coverage", "relative_width")
    tried_f1 = {"percentile_bootstrap_at_0.97": summary(f1_bootstrap_cells(repeats(100), rng(5)))}
    return {
        "proportions": section(
            "Clopper-Pearson, enumerated exactly",
            ("n", "rate", "coverage", "width"),
            exact(proportion_cells, clopper_pearson),
            tried={f.__name__: summary(exact(proportion_cells, f)) for f in (wilson, jeffreys)},
        ),
        "paired_differences": section(
            "Tango's score interval, enumerated exactly",
            ("n", "discordance", "first_share", "coverage", "width"),
            exact(paired_cells, paired_difference),
            tried={"wald": summary(exact(paired_cells, wald_paired))},
        ),
        "recall_macro": section("recovered variances and effective size", macro_columns, macro["recall_macro"]),
        "precision_macro": section("recovered variances and effective size", macro_columns, macro["precision_macro"]),
        "macro_f1": section("exact interval at the effective size", macro_columns, macro["macro_f1"], tried=tried_f1),
        "macro_f1_differences": section(
            "wider of score interval at the effective size and jackknife", macro_columns, macro["difference"]
        ),
        "log_loss": section(
            "t interval corrected for skewness",
            loss_columns,
            loss["chosen"],
            tried={name: summary(loss[name]) for name in ("student", "percentile_bootstrap")},
        ),
        "ece": section(
            "inverted parametric bootstrap",
            ("n", "K", "strength", "sharpness", "truth", "coverage", "width"),
            ece["chosen"],
            tried={"percentile_bootstrap": summary(ece["percentile_bootstrap"])},
        ),
        "roc_auc": section("Newcombe's method 5, variance scaled up to DeLong's", ranking_columns, ranking["roc_auc"]),
        "average_precision": section(
            "exact interval with n = positives", ranking_columns, ranking["average_precision"]
        ),
        "learning_curve_forecasts": section(
            "power law averaged over exponents and floors, at twice the largest size",
            ("first_error", "exponent", "floor", "largest_size", "truth", "coverage", "width", "bias"),
            forecast_cells(repeats(40), rng(6)),
        ),
    }


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--scale", type=float, default=1.0, help="multiplies the simulated repeats")
    parser.add_argument("--out", type=Path, default=OUT)
    args = parser.parse_args()
    start = time.perf_counter()
    found = measure(args.seed, args.scale)
    lines = []
    for name, part in found.items():
        cells = ",\n  ".join(json.dumps(row) for row in part.pop("cells"))
        head = json.dumps(part)[:-1]
        lines.append(f'"{name}": {head}, "cells": [\n  {cells}\n]}}')
        print(f"{name:26s} mean {part['mean_coverage']:.3f}  smallest {part['smallest_coverage']:.3f}  {part['how']}")
        for other, its in part.get("tried", {}).items():
            print(
                f"{'':26s} mean {its['mean_coverage']:.3f}  smallest {its['smallest_coverage']:.3f}  (tried: {other})"
            )
    text = f'{{"schema": 1, "level": 0.95, "seed": {args.seed},\n' + ",\n".join(lines) + "}\n"
    json.loads(text)
    args.out.parent.mkdir(parents=True, exist_ok=True)
    args.out.write_text(text, encoding="utf-8")
    print(f"{time.perf_counter() - start:.0f} s, written to {args.out}")


if __name__ == "__main__":
    main()
