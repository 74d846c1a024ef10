"""Intervals and claims keep what benchmarks/results/fairness_coverage.json says; a part is measured again."""

import json
from pathlib import Path

import numpy as np
import pytest
from scipy.stats import binom

from headstart.evaluation.independent import difference_limits
from headstart.evaluation.proportions import clopper_pearson

RESULTS = Path(__file__).parents[3] / "benchmarks" / "results" / "fairness_coverage.json"


@pytest.fixture(scope="module")
def committed():
    return json.loads(RESULTS.read_text())


def of(part, *names):
    return [[row[part["columns"].index(name)] for name in names] for row in part["cells"]]


@pytest.mark.parametrize(
    ("name", "mean", "smallest"),
    [
        ("differences", 0.97, 0.95),
        ("gaps", 0.97, 0.93),
        ("two_gaps", 0.97, 0.93),
        ("ratios", 0.97, 0.93),
        ("worst_group", 0.97, 0.95),
        ("calibration_gaps", 0.97, 0.93),
        ("mean_error_differences", 0.94, 0.88),
        ("rmse_differences", 0.90, 0.60),
    ],
)
def test_the_committed_grid_meets_what_is_promised_and_beats_what_was_tried(committed, name, mean, smallest):
    part = committed[name]
    coverage = np.ravel(of(part, "coverage"))
    assert coverage.mean() >= mean and coverage.min() >= smallest
    assert part["smallest_coverage"] == pytest.approx(coverage.min(), abs=1e-4)
    assert all(other["smallest_coverage"] <= part["smallest_coverage"] for other in part.get("tried", {}).values())


def test_a_false_claim_is_made_in_at_most_5_of_100_reports(committed):
    found = of(committed["familywise"], "reports", "false_claims", "uncorrected")
    assert len(found) == 7
    for reports, share, uncorrected in found:
        assert share <= 0.05 and reports >= 250 and uncorrected > 0.4


def test_one_that_differs_by_10_points_is_found_oftener_with_more_examples(committed):
    power = {(n, m, rate): alone for n, m, rate, alone in of(committed["power"], "n", "n_others", "rate", "alone")}
    for rate in (0.6, 0.9):
        for times in (1, 10):
            by_size = [power[n, n * times, rate] for n in (25, 50, 100, 200, 400, 800)]
            assert by_size == sorted(by_size) and by_size[-1] > 0.95


@pytest.mark.parametrize("level", [0.95, 1 - 0.05 / 12])
def test_exact_cells_come_out_again(committed, level):
    n, m = 20, 200
    k, j = np.meshgrid(np.arange(n + 1), np.arange(m + 1), indexing="ij")
    tail = (1 - level) / 2
    low, high = difference_limits(k / n, clopper_pearson(k, n, tail), j / m, clopper_pearson(j, m, tail))
    rows = of(committed["differences"], "level", "n", "m", "first", "second", "coverage")
    kept = [row for row in rows if abs(row[0] - level) < 1e-4 and row[1:3] == [n, m]]
    assert len(kept) == 49
    for *_, first, second, coverage in kept[::6]:
        holds = (low <= first - second + 1e-9) & (first - second <= high + 1e-9)
        p = binom.pmf(k, n, first) * binom.pmf(j, m, second)
        assert p[holds].sum() == pytest.approx(coverage, abs=1e-4)
