"""The linear probe's search against scikit-learn's: the same folds and strengths, one thread, the same optimum.

    python benchmarks/solver.py                      # the sizes that are promised, made data
    python benchmarks/solver.py features.npz ...     # real features: arrays X (N, D) and y (N,)

scikit-learn runs ``LogisticRegressionCV`` (lbfgs, default tolerance, warm-started along the path) on features
standardised once; Headstart standardises inside each fold as well. Rounds alternate; medians are printed and written
to ``results/solver.json`` with processor seconds beside wall seconds, which other processes on the machine inflate.
"""

from __future__ import annotations

import argparse
import json
import statistics
import time
import warnings
from pathlib import Path

import numpy as np
from scipy.special import logsumexp
from sklearn.linear_model import LogisticRegression, LogisticRegressionCV
from sklearn.preprocessing import StandardScaler
from threadpoolctl import threadpool_limits

from headstart.core.learning import Targets
from headstart.methods.linear_probe import LinearProbe
from headstart.methods.probe_config import LinearProbeConfig

RESULTS = Path(__file__).parent / "results" / "solver.json"
STRENGTHS = [10 ** (1 - step / 2) for step in range(10)]
SEVEN = STRENGTHS[:7]


def made(n, d, k, separation, seed=0):
    """Class centres and noise that share a decaying spectrum, turned at random and rectified like pooled features."""
    rng = np.random.default_rng(seed)
    spectrum = (1 + np.arange(d)) ** -0.4
    turn = np.linalg.qr(rng.standard_normal((d, d)))[0]
    classes = rng.permutation(np.arange(n) % k)
    centres = separation * rng.standard_normal((k, d)) * spectrum
    x = (centres[classes] + rng.standard_normal((n, d)) * spectrum) @ turn
    return np.maximum(x, -0.5 * x.std(0)).astype(np.float32), classes


def folds_of(classes, k=5, seed=0):
    rng = np.random.default_rng(seed)
    folds = np.empty(len(classes), np.int64)
    for name in np.unique(classes):
        rows = rng.permutation(np.flatnonzero(classes == name))
        folds[rows] = (np.arange(len(rows)) + rng.integers(k)) % k
    return folds


def ours(x, classes, folds, strengths, stop_early):
    config = LinearProbeConfig(
        strongest=strengths[0], weakest=strengths[-1], steps_per_decade=2, least_spread=0, stop_early=stop_early
    )
    targets = Targets(classes, "class", int(classes.max()) + 1)
    return LinearProbe(config).fit(x, targets, folds, np.random.default_rng(0))


def theirs(x, classes, folds, strengths):
    k = classes.max() + 1
    rows = [(np.flatnonzero(folds != fold), np.flatnonzero(folds == fold)) for fold in np.unique(folds)]
    cs = [(2 if k == 2 else 1) / (strength * x.shape[1]) for strength in strengths]
    with threadpool_limits(1), warnings.catch_warnings():
        warnings.simplefilter("ignore")  # of options that a later version renames
        search = LogisticRegressionCV(Cs=cs, cv=rows, scoring="neg_log_loss", max_iter=1000)
        search.fit(StandardScaler().fit_transform(x), classes)
    return search


def objective(z, classes, weight, bias, penalty):
    logits = z @ weight.T + bias
    loss = logsumexp(logits, axis=1) - logits[np.arange(len(z)), classes]
    return float(loss.mean() + penalty / 2 * (weight**2).sum() / len(z))


def two_rows(weight, bias):
    """scikit-learn's single row for two classes as the two rows of a softmax."""
    if len(weight) > 1:
        return weight, bias
    return np.concatenate([-weight, weight]) / 2, np.concatenate([-bias, bias]) / 2


def distances_to_optimum(x, classes, solution):
    """Mean objective above a tightly solved one, at our chosen strength: Headstart, scikit-learn's default."""
    penalty, z = solution.report["penalty"], StandardScaler().fit_transform(x.astype(np.float64))
    spread, mean = x.astype(np.float64).std(0), x.astype(np.float64).mean(0)
    raw = solution.fitted.arrays["weight"].astype(np.float64)
    mine = objective(z, classes, raw * spread, solution.fitted.arrays["bias"] + raw @ mean, penalty)
    c = (2 if classes.max() == 1 else 1) / penalty
    with threadpool_limits(1):
        loose = LogisticRegression(C=c, max_iter=1000).fit(z.astype(np.float32), classes)
        tight = LogisticRegression(C=c, max_iter=20000, tol=1e-7).fit(z, classes)
    values = [objective(z, classes, *two_rows(m.coef_, m.intercept_), penalty) for m in (loose, tight)]
    return mine - values[1], values[0] - values[1]


def timed(function, *arguments):
    wall, processor = time.perf_counter(), time.process_time()
    result = function(*arguments)
    return result, time.perf_counter() - wall, time.process_time() - processor


def without_constant_features(x):
    """Features that Headstart takes for constant are left out for both, so that the problems are the same one."""
    spread = x.astype(np.float64).std(0)
    return x[:, spread > 1e-6 * np.median(spread[spread > 0])]


def compare(name, x, classes, rounds, strengths):
    x = without_constant_features(x)
    folds = folds_of(classes)
    candidates = {
        "headstart": lambda: ours(x, classes, folds, strengths, True),
        "headstart, whole path": lambda: ours(x, classes, folds, strengths, False),
        "scikit-learn": lambda: theirs(x, classes, folds, strengths),
    }
    ours(x[:50], classes[:50], folds[:50], strengths, True)  # imports are not what is compared
    times = {key: [] for key in candidates}
    results = {}
    for _ in range(rounds):
        for key, run in candidates.items():
            results[key], wall, processor = timed(run)
            times[key].append((wall, processor))
    seconds = {
        key: {part: statistics.median(run[i] for run in runs) for i, part in enumerate(("wall", "cpu"))}
        for key, runs in times.items()
    }
    whole = results["headstart, whole path"]
    scores = results["scikit-learn"].scores_
    scores = next(iter(scores.values())) if isinstance(scores, dict) else scores
    their_losses = -np.asarray(scores).reshape(len(np.unique(folds)), -1).mean(0)
    our_losses = np.array([point["log_loss"] for point in whole.report["path"]])
    above, above_theirs = distances_to_optimum(x, classes, results["headstart"])
    peer = seconds["scikit-learn"]
    return {
        "name": name,
        "shape": [*x.shape, int(classes.max()) + 1],
        "strengths": len(strengths),
        "rounds": rounds,
        "seconds": seconds,
        "times_as_fast": {
            key: {part: peer[part] / seconds[key][part] for part in ("wall", "cpu")} for key in list(candidates)[:2]
        },
        "nats_above_optimum": {"headstart": above, "scikit-learn": above_theirs},
        "largest_difference_of_log_loss": float(np.abs(their_losses - our_losses).max()),
        "chosen": {
            "headstart": results["headstart"].report["strength"],
            "whole_path": whole.report["strength"],
            "scikit-learn": strengths[int(their_losses.argmin())],
        },
        "iterations": [point["iterations"] for point in whole.report["path"]],
    }


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("features", nargs="*", type=Path, help=".npz files with X (N, D) and y (N,)")
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--out", type=Path, default=RESULTS)
    options = parser.parse_args()
    sets = [
        ("made 1,000 x 1,280 x 10", *made(1000, 1280, 10, 0.07), STRENGTHS),
        ("made 10,000 x 384 x 77", *made(10000, 384, 77, 0.16), STRENGTHS),
        ("made 10,000 x 384 x 77, 7 strengths", *made(10000, 384, 77, 0.16), SEVEN),
    ]
    for path in options.features:
        with np.load(path, allow_pickle=False) as arrays:
            classes = np.unique(arrays["y"], return_inverse=True)[1]
            sets.append((f"{path.stem}, 7 strengths", arrays["X"].astype(np.float32), classes, SEVEN))
    rows = []
    for name, x, classes, strengths in sets:
        row = compare(name, x, classes, options.rounds, strengths)
        rows.append(row)
        seconds, ratio = row["seconds"], row["times_as_fast"]
        print(f"{name}: scikit-learn {seconds['scikit-learn']['cpu']:.2f} s", end="")
        for key in ratio:
            print(f" | {key} {seconds[key]['cpu']:.2f} s, {ratio[key]['cpu']:.1f} times as fast", end="")
        above = row["nats_above_optimum"]
        print(f" | above optimum {above['headstart']:.1e} against {above['scikit-learn']:.1e} nats a row")
    options.out.parent.mkdir(parents=True, exist_ok=True)
    options.out.write_text(json.dumps({"schema": 1, "benchmark": "solver", "rows": rows}, indent=2) + "\n")


if __name__ == "__main__":
    main()
