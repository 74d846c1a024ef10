"""Do the intervals of groups hold the truth, how often is a difference claimed that is none, and which are found?

    python benchmarks/fairness_coverage.py [--scale 1]

Differences of two rates are enumerated exactly, the rest is simulated with a fixed seed. "tried" names what was tried
instead, on the same cells. Writes ``results/fairness_coverage.json`` and ``.md``; a test re-checks a part.
"""

from __future__ import annotations

import argparse
import json
import time
from collections.abc import Callable, Sequence
from itertools import product
from pathlib import Path
from typing import Any

import numpy as np
from comparison import tables
from intervals import section, summary
from scipy.special import gammaln, ndtr, ndtri, stdtrit, xlogy
from tried_intervals import bootstrap_t, log_interval

from headstart.evaluation.fairness import permuted
from headstart.evaluation.fairness.against_rest import ERROR, comparisons
from headstart.evaluation.fairness.aspects import Aspect, rate
from headstart.evaluation.fairness.estimates import Estimates
from headstart.evaluation.fairness.gaps import difference_bounds, ratio_bounds
from headstart.evaluation.fairness.groups import groupings
from headstart.evaluation.fairness.judged import Judged, judge_classes, judge_numbers
from headstart.evaluation.fairness.measures import calibration
from headstart.evaluation.independent import difference_limits, fisher_p
from headstart.evaluation.multiple_testing import holm
from headstart.evaluation.proportions import clopper_pearson

OUT = Path(__file__).parent / "results" / "fairness_coverage.json"
SIZES = ((10, 100), (20, 200), (50, 50), (30, 300), (100, 100))  # of the two groups
RATES = (0.02, 0.1, 0.3, 0.5, 0.8, 0.9, 0.98)
LEVELS = (0.95, 1 - 0.05 / 12, 1 - 0.05 / 60)  # alone, and in reports of 12 and of 60 comparisons
PERMUTATIONS = 999  # in the simulations of means; a report makes more
Limits = tuple[Any, Any]


def wilson(k: Any, n: Any, tail: float) -> Limits:
    z, p = ndtri(1 - tail), k / n
    center, reach = (k + z**2 / 2) / (n + z**2), z / (n + z**2) * np.sqrt(n * p * (1 - p) + z**2 / 4)
    return center - reach, center + reach


def of_differences(own: Callable[..., Limits]) -> Callable[..., Limits]:
    return lambda k, n, j, m, tail: difference_limits(k / n, own(k, n, tail), j / m, own(j, m, tail))


def wald(k: Any, n: Any, j: Any, m: Any, tail: float) -> Limits:
    a, b = k / n, j / m
    reach = ndtri(1 - tail) * np.sqrt(a * (1 - a) / n + b * (1 - b) / m)
    return a - b - reach, a - b + reach


def miettinen_nurminen(k: Any, n: Any, j: Any, m: Any, tail: float) -> Limits:
    """The score interval; the closed form of the restricted rates is that of their appendix."""
    total, z, center = n + m, ndtri(1 - tail), k / n - j / m

    def score(d: Any) -> Any:
        l2, l1, l0 = (n + 2 * m) * d - total - (k + j), (m * d - total - 2 * j) * d + k + j, j * d * (1 - d)
        q = l2**3 / (3 * total) ** 3 - l1 * l2 / (6 * total**2) + l0 / (2 * total)
        p = np.where(q >= 0, 1.0, -1.0) * np.sqrt(np.maximum(l2**2 / (3 * total) ** 2 - l1 / (3 * total), 0))
        angle = (np.pi + np.arccos(np.clip(q / np.where(p == 0, 1, p) ** 3, -1, 1))) / 3
        second = np.clip(2 * p * np.cos(angle) - l2 / (3 * total), 0, 1)
        first = np.clip(second + d, 0, 1)
        variance = (first * (1 - first) / n + second * (1 - second) / m) * total / (total - 1)
        return (center - d) / np.sqrt(np.maximum(variance, 1e-300))

    def crossing(level: float, below: Any, above: Any) -> Any:
        for _ in range(45):
            middle = (below + above) / 2
            is_higher = score(middle) > level
            below, above = np.where(is_higher, middle, below), np.where(is_higher, above, middle)
        return (below + above) / 2

    return crossing(z, np.full(center.shape, -1.0), center), crossing(-z, center, np.full(center.shape, 1.0))


def difference_cells(method: Callable[..., Limits]) -> list[list[float]]:
    """Exact: every pair of counts. Rows: level, n, m, rates, coverage, width."""
    rows = []
    for level, (n, m) in product(LEVELS, SIZES):
        k, j = (x.astype(float) for x in np.meshgrid(np.arange(n + 1), np.arange(m + 1), indexing="ij"))
        low, high = method(k, n, j, m, (1 - level) / 2)
        for first, second in product(RATES, RATES):
            p = np.exp(binomial(k, n, first) + binomial(j, m, second))
            holds = (low <= first - second + 1e-9) & (first - second <= high + 1e-9)
            rows.append([level, n, m, first, second, float(p[holds].sum()), float((p * (high - low)).sum())])
    return rows


def binomial(k: Any, n: int, p: float) -> Any:
    return gammaln(n + 1) - gammaln(k + 1) - gammaln(n - k + 1) + xlogy(k, p) + xlogy(n - k, 1 - p)


def misses(cells: list[list[float]]) -> dict[str, Any]:
    """By level: how often it may miss, does in the mean, and at worst; times too often."""
    found = {}
    for level in LEVELS:
        missed = [1 - row[-2] for row in cells if row[0] == level]
        found[f"{1 - level:.5f}"] = {"mean": round(float(np.mean(missed)), 5), "worst": round(max(missed), 5)}
    return found


def flags(hits: Sequence[int], sizes: Sequence[int]) -> Estimates:
    return Estimates(
        rate("x", np.zeros(1)), tuple((np.arange(n) < k).astype(float) for k, n in zip(hits, sizes, strict=True))
    )


def gap_cells(repeats: int, rng: np.random.Generator) -> dict[str, list[list[Any]]]:
    """Rows: groups, sizes, rates, coverage, width; of one gap, of the larger of two, and of the ratio."""
    found: dict[str, list[list[Any]]] = {"difference": [], "bootstrap": [], "two_differences": [], "ratio": []}
    for groups, how_large, how in product(
        (2, 3, 6), ("40", "200", "20-400"), ("all 0.5", "all 0.9", "one 0.7, else 0.9", "0.2-0.8")
    ):
        sizes = np.full(groups, int(how_large)) if "-" not in how_large else np.geomspace(20, 400, groups).astype(int)
        rates = np.full(groups, 0.9 if "0.9" in how else 0.5)
        rates = np.linspace(0.2, 0.8, groups) if how == "0.2-0.8" else rates
        rates[0] = 0.7 if how.startswith("one") else rates[0]
        true_gap, true_ratio = rates.max() - rates.min(), rates.min() / rates.max()
        hits: dict[str, list[tuple[bool, float]]] = {name: [] for name in found}
        for _ in range(repeats):
            drawn, others = rng.binomial(sizes, rates), rng.binomial(sizes, 0.5)
            tried = {
                "difference": (difference_bounds([flags(drawn, sizes)]), true_gap),
                "two_differences": (difference_bounds([flags(drawn, sizes), flags(others, sizes)]), true_gap),
                "bootstrap": (bootstrap(drawn, sizes, rng), true_gap),
            }
            if drawn.max() > 0:
                tried["ratio"] = ratio_bounds(flags(drawn, sizes)), true_ratio
            for name, (bounds, truth) in tried.items():
                low, high = bounds or (0.0, 1.0)
                hits[name].append((low <= truth + 1e-12 and truth <= high + 1e-12, high - low))
        for name, rows in hits.items():
            found[name].append([groups, how_large, how, *np.mean(rows, axis=0).tolist()])
    return found


def bootstrap(hits: Any, sizes: Any, rng: np.random.Generator) -> tuple[float, float]:
    """The percentile bootstrap of largest minus smallest: rows drawn within each group."""
    again = rng.binomial(sizes, hits / sizes, size=(400, len(sizes))) / sizes
    low, high = np.quantile(again.max(axis=1) - again.min(axis=1), [0.025, 0.975])
    return float(low), float(high)


def worst_cells(repeats: int, rng: np.random.Generator) -> dict[str, list[list[Any]]]:
    """Does the interval of the group that looks worst hold that group's rate? Rows: groups, size, rate, coverage."""
    found: dict[str, list[list[Any]]] = {"corrected": [], "uncorrected": []}
    for groups, size, p in product((2, 6, 20), (30, 100), (0.6, 0.9)):
        drawn = rng.binomial(size, p, size=(repeats * 10, groups)).min(axis=1)
        for name, tail in (("corrected", 0.025 / groups), ("uncorrected", 0.025)):
            low, high = clopper_pearson(drawn, size, tail)
            found[name].append([groups, size, p, float(((low <= p) & (p <= high)).mean()), float((high - low).mean())])
    return found


def calibration_cells(repeats: int, rng: np.random.Generator) -> dict[str, list[list[Any]]]:
    """Rows: n, base logit, spread of logits, overconfidence, coverage, width; Student's interval beside it."""
    found: dict[str, list[list[Any]]] = {"chosen": [], "student": []}
    for n, base, spread, factor in product((20, 100, 400), (0.0, -3.0), (0.5, 2.0), (1.0, 2.0)):
        logits = base + spread * rng.normal(size=400_000)
        truth = float((1 / (1 + np.exp(-factor * logits))).mean() - (1 / (1 + np.exp(-logits))).mean())
        hits: dict[str, list[tuple[bool, float]]] = {name: [] for name in found}
        for _ in range(repeats):
            z = base + spread * rng.normal(size=n)
            p, happened = 1 / (1 + np.exp(-factor * z)), rng.random(n) < 1 / (1 + np.exp(-z))
            gap = calibration(p[:99], happened[:99], rng)["calibration_gap"] if n < 100 else exact_gap(p, happened)
            off = p - happened
            reach = stdtrit(n - 1, 0.975) * off.std(ddof=1) / np.sqrt(n)
            for name, (low, high) in (
                ("chosen", (gap["low"], gap["high"])),
                ("student", (off.mean() - reach, off.mean() + reach)),
            ):
                hits[name].append((low <= truth <= high, high - low))
        for name, rows in hits.items():
            found[name].append([n, base, spread, factor, *np.mean(rows, axis=0).tolist()])
    return found


def exact_gap(p: Any, happened: Any) -> dict[str, float]:
    """As ``measures.calibration``, without the calibration error, whose bootstrap takes long."""
    low, high = clopper_pearson(happened.sum(), len(p))
    return {"low": float(p.mean() - high), "high": float(p.mean() - low)}


ERRORS = {
    "normal": lambda rng, n: rng.normal(size=n),
    "skewed": lambda rng, n: rng.lognormal(size=n) - np.exp(0.5),
    "heavy tails": lambda rng, n: rng.standard_t(4, size=n),
}


def number_cells(repeats: int, rng: np.random.Generator) -> dict[str, list[list[Any]]]:
    """Rows: n, m, errors, spread of the first group, coverage, width relative to the spread; of two differences."""
    tried = {"logarithm": log_interval, "bootstrap_t": bootstrap_t}
    resampling = np.random.default_rng(0)  # so that the other figures do not depend on what was tried
    found: dict[str, list[list[Any]]] = {name: [] for name in ("mean_error", "welch", "rmse", *tried)}
    for (n, m), (kind, sample), spread in product(((15, 150), (40, 40), (150, 150)), ERRORS.items(), (1.0, 3.0)):
        size = float(np.sqrt((sample(rng, 2_000_000) ** 2).mean()))
        truths = {"mean_error": 0.0, "rmse": (spread - 1) * size}
        hits: dict[str, list[tuple[bool, float]]] = {name: [] for name in found}
        for _ in range(repeats):
            a, b = spread * sample(rng, n), sample(rng, m)
            for name, form in (("mean_error", "mean"), ("rmse", "root_mean")):
                pair = Estimates(Aspect(name, form, a, a > a), (a, b) if form == "mean" else (a**2, b**2))
                low, high = pair.limits(0.025)
                value = pair.value
                down, up = difference_limits(value[0], (low[0], high[0]), value[1], (low[1], high[1]))
                hits[name].append((down <= truths[name] <= up, (up - down) / size))
            for name, method in tried.items():
                first, second = method(a, 0.025, resampling), method(b, 0.025, resampling)
                down, up = difference_limits(value[0], first, value[1], second)
                hits[name].append((down <= truths["rmse"] <= up, (up - down) / size))
            error = np.sqrt(a.var(ddof=1) / n + b.var(ddof=1) / m)
            parts = (a.var(ddof=1) / n) ** 2 / (n - 1) + (b.var(ddof=1) / m) ** 2 / (m - 1)
            reach = stdtrit(error**4 / parts, 0.975) * error
            hits["welch"].append((abs(a.mean() - b.mean()) <= reach, 2 * reach / size))
        for name, rows in hits.items():
            found[name].append([n, m, kind, spread, *np.mean(rows, axis=0).tolist()])
    return found


def columns_of(n: int, rng: np.random.Generator) -> dict[str, Any]:
    """Two, four unequal and eight unequal groups, and all of them together."""
    return {
        "two": rng.choice(["a", "b"], n),
        "four": rng.choice(list("abcd"), n, p=[0.6, 0.25, 0.1, 0.05]),
        "eight": rng.choice(list("abcdefgh"), n, p=[0.3, 0.2, 0.15, 0.1, 0.1, 0.05, 0.05, 0.05]),
    }


def families(rng: np.random.Generator) -> dict[str, tuple[int, Callable[[Any], Judged], tuple[str, ...]]]:
    """Situations: size of the sample, what is drawn, and which aspects do not differ between groups in truth."""
    decisions = ("accuracy", "selection_rate", "true_positive_rate", "false_positive_rate")

    def classes(errors: float) -> Callable[[Any], Judged]:
        def drawn(columns: Any) -> Judged:
            truth = rng.random(len(columns["two"])) < 0.4
            wrong = rng.random(len(truth)) < errors
            return judge_classes(truth.astype(int), (truth ^ wrong).astype(int), 2)

        return drawn

    def other_base_rates(columns: Any) -> Judged:
        """The share of positives differs between groups, errors do not; so selection rates differ."""
        truth = rng.random(len(columns["two"])) < np.where(columns["two"] == "a", 0.25, 0.55)
        wrong = rng.random(len(truth)) < 0.12
        return judge_classes(truth.astype(int), (truth ^ wrong).astype(int), 2)

    def numbers(kind: str, spreads: tuple[float, float]) -> Callable[[Any], Judged]:
        def drawn(columns: Any) -> Judged:
            n = len(columns["two"])
            return judge_numbers(np.zeros(n), ERRORS[kind](rng, n) * np.where(columns["two"] == "a", *spreads))

        return drawn

    return {
        "errors 0.15, n 150": (150, classes(0.15), decisions),
        "errors 0.15, n 600": (600, classes(0.15), decisions),
        "errors 0.02, n 600": (600, classes(0.02), decisions),
        "other base rates, n 600": (600, other_base_rates, tuple(d for d in decisions if d != "selection_rate")),
        "numbers, normal, n 200": (200, numbers("normal", (1.0, 1.0)), ("rmse", "mean_error")),
        "numbers, skewed, n 200": (200, numbers("skewed", (1.0, 1.0)), ("rmse", "mean_error")),
        "numbers, other spreads, n 200": (200, numbers("normal", (3.0, 1.0)), ("mean_error",)),
    }


def family_rows(repeats: int, rng: np.random.Generator) -> list[list[Any]]:
    """Rows: situation, reports, comparisons, then how often a report makes a false claim.

    As it is, with a score test instead of Fisher's, without correction; then the exact interval of the first.
    """
    rows = []
    for name, (n, drawn, equal) in families(rng).items():
        count = repeats if "numbers" not in name else max(2, repeats // 4)
        claims, many = [], []
        for at in range(count):
            columns = columns_of(n, rng)
            judged = drawn(columns)
            found = [
                one
                for each in groupings(columns)
                if not each.refused
                for one in comparisons(each, judged.aspects, 10, at)
            ]
            is_equal = np.array([one.aspect.name in equal for one in found])
            own, scores = (np.array([f(one) for one in found]) for f in (lambda one: one.p_value, score_p))
            claims.append([bool((p <= ERROR)[is_equal].any()) for p in (holm(own), holm(scores), own)])
            many.append(len(found))
        falsely = np.sum(claims, axis=0)
        low, high = clopper_pearson(falsely[0], count)
        rows.append([name, count, float(np.mean(many)), *(falsely / count).tolist(), float(low), float(high)])
    return rows


def score_p(one: Any) -> float:
    """Of rates: the score test, which is that of Miettinen & Nurminen at a difference of 0; of means as they are."""
    if one.aspect.form != "rate":
        return float(one.p_value)
    (k, j), (n, m) = one.pair.sums, one.pair.n
    pooled = (k + j) / (n + m)
    variance = pooled * (1 - pooled) * (1 / n + 1 / m) * (n + m) / (n + m - 1)
    return 1.0 if variance <= 0 else float(2 * ndtr(-abs(k / n - j / m) / np.sqrt(variance)))


def power_rows(rng: np.random.Generator, draws: int) -> list[list[Any]]:
    """Rows: n of the group and of the others, rate of the others, power for 10 points less in 1, 12, 60 comparisons."""
    rows = []
    for high, (n, factor) in product((0.9, 0.6), product((25, 50, 100, 200, 400, 800), (1, 10))):
        k, j = rng.binomial(n, high - 0.1, size=draws), rng.binomial(n * factor, high, size=draws)
        p = np.array([fisher_p(int(a), n, int(b), n * factor) for a, b in zip(k, j, strict=True)])
        rows.append([n, n * factor, high, *(float((p <= ERROR / many).mean()) for many in (1, 12, 60))])
    return rows


def measure(seed: int, scale: float) -> dict[str, Any]:
    def repeats(count: int) -> int:
        return max(2, round(count * scale))

    def rng(purpose: int) -> np.random.Generator:
        return np.random.default_rng([seed, purpose])

    permuted.DRAWS = PERMUTATIONS
    others = {"newcombe": of_differences(wilson), "miettinen_nurminen": miettinen_nurminen, "wald": wald}
    mine = difference_cells(of_differences(clopper_pearson))
    tried = {name: misses(difference_cells(method)) for name, method in others.items()}
    gaps, worst = gap_cells(repeats(300), rng(1)), worst_cells(repeats(300), rng(2))
    calibrated, numbers = calibration_cells(repeats(400), rng(3)), number_cells(repeats(400), rng(4))
    gap_columns = ("groups", "sizes", "rates", "coverage", "width")
    worst_columns = ("groups", "size", "rate", "coverage", "width")
    number_columns = ("n", "m", "errors", "spread", "coverage", "relative_width")
    names = ("situation", "reports", "comparisons", "false_claims", "score_test", "uncorrected", "low", "high")
    return {
        "differences": section(
            "recovered variances from exact limits, enumerated exactly",
            ("level", "n", "m", "first", "second", "coverage", "width"),
            mine, misses=misses(mine), tried_misses=tried,
        ),
        "gaps": section(
            "largest difference of pairs whose intervals hold together", gap_columns, gaps["difference"],
            tried={"percentile_bootstrap": summary(gaps["bootstrap"])},
        ),
        "two_gaps": section("the same over two rates (equalised odds)", gap_columns, gaps["two_differences"]),
        "ratios": section("the same for the smallest ratio of a pair", gap_columns, gaps["ratio"]),
        "worst_group": section(
            "exact at 0.05 / groups", worst_columns, worst["corrected"],
            tried={"uncorrected": summary(worst["uncorrected"])},
        ),
        "calibration_gaps": section(
            "exact interval of the rate, moved", ("n", "base", "spread", "overconfidence", "coverage", "width"),
            calibrated["chosen"], tried={"student": summary(calibrated["student"])},
        ),
        "mean_error_differences": section(
            "recovered variances from t limits corrected for skewness", number_columns, numbers["mean_error"],
            tried={"welch": summary(numbers["welch"])},
        ),
        "rmse_differences": section(
            "the same of root mean squares", number_columns, numbers["rmse"],
            tried={name: summary(numbers[name]) for name in ("logarithm", "bootstrap_t")},
        ),
        "familywise": {"columns": list(names), "cells": rounded(family_rows(repeats(1000), rng(5)))},
        "power": {
            "columns": ["n", "n_others", "rate", "alone", "of_12", "of_60"],
            "cells": rounded(power_rows(rng(6), repeats(2000))),
        },
    }  # fmt: skip


def rounded(cells: list[list[Any]]) -> list[list[Any]]:
    return [[round(x, 4) if isinstance(x, float) else x for x in row] for row in cells]


def markdown(found: dict[str, Any]) -> str:
    intervals = {name: part for name, part in found.items() if "mean_coverage" in part}
    lines = [
        (
            name.replace("_", " "), part["how"], f"{part['mean_coverage']:.3f}", f"{part['smallest_coverage']:.3f}",
            "; ".join(f"{k.replace('_', ' ')} {v['mean_coverage']:.3f}, {v['smallest_coverage']:.3f}"
                      for k, v in part.get("tried", {}).items()),
        )
        for name, part in intervals.items() if name != "differences"
    ]  # fmt: skip
    differences = found["differences"]
    missed = {"recovered from exact limits": differences["misses"], **differences["tried_misses"]}
    by_level = [
        (
            name.replace("_", " "),
            *(f"{x['mean']:.5f}" for x in of.values()),
            *(f"{x['worst']:.5f}" for x in of.values()),
        )
        for name, of in missed.items()
    ]
    families_ = [
        (name, str(n), f"{many:.0f}", f"{share:.3f} ({low:.3f} to {high:.3f})", f"{score:.3f}", f"{plain:.3f}")
        for name, n, many, share, score, plain, low, high in found["familywise"]["cells"]
    ]
    power = [(str(n), str(m), f"{p:g}", *(f"{x:.2f}" for x in rest)) for n, m, p, *rest in found["power"]["cells"]]
    return "\n\n".join(
        [
            "Coverage of intervals of level 0.95, in the mean over the grid and at its smallest:",
            tables.markdown(("interval", "how", "mean", "smallest", "tried: mean, smallest"), lines),
            "Differences of two rates: how often the interval misses, in the mean over the grid and at worst, where it "
            "may miss 0.05 (alone), 0.05 / 12 or 0.05 / 60 (in reports of so many comparisons):",
            tables.markdown(
                (
                    "interval",
                    "mean, alone",
                    "mean, of 12",
                    "mean, of 60",
                    "worst, alone",
                    "worst, of 12",
                    "worst, of 60",
                ),
                by_level,
            ),
            "Reports that claim a difference where there is none (at most 0.05 is promised), with Holm's correction "
            "and Fisher's test or permutations; with a score test instead; and without correction:",
            tables.markdown(
                ("situation", "reports", "comparisons", "false claims", "score test", "uncorrected"), families_
            ),
            "How often a group that is right 10 points less often than the others is found:",
            tables.markdown(("n", "n of the others", "their rate", "alone", "of 12", "of 60"), power),
        ]
    )


def write(out: Path, found: dict[str, Any], text: str, seed: int) -> None:
    """JSON with one cell a line, and the tables."""
    lines = []
    for name, part in found.items():
        cells = ",\n  ".join(json.dumps(row) for row in part["cells"])
        head = json.dumps({key: value for key, value in part.items() if key != "cells"})[:-1]
        lines.append(f'"{name}": {head}, "cells": [\n  {cells}\n]}}')
    document = f'{{"schema": 1, "level": 0.95, "seed": {seed},\n' + ",\n".join(lines) + "}\n"
    json.loads(document)
    out.parent.mkdir(parents=True, exist_ok=True)
    out.write_text(document, encoding="utf-8")
    out.with_suffix(".md").write_text(text + "\n", encoding="utf-8")


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--scale", type=float, default=1.0, help="multiplies the simulated repeats")
    parser.add_argument("--out", type=Path, default=OUT)
    args = parser.parse_args()
    start = time.perf_counter()
    found = measure(args.seed, args.scale)
    text = markdown(found)
    write(args.out, found, text, args.seed)
    print(text)
    print(f"{time.perf_counter() - start:.0f} s, written to {args.out}")


if __name__ == "__main__":
    main()
