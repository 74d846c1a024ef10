"""The intervals hold the true value as often as benchmarks/results/intervals.json says; a part is measured again."""

import importlib.util
import json
from pathlib import Path

import numpy as np
import pytest

from headstart.evaluation.proportions import clopper_pearson, paired_difference

BENCHMARKS = Path(__file__).parents[2] / "benchmarks"


@pytest.fixture(scope="module")
def benchmark():
    spec = importlib.util.spec_from_file_location("benchmark_intervals", BENCHMARKS / "intervals.py")
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


@pytest.fixture(scope="module")
def committed():
    return json.loads((BENCHMARKS / "results" / "intervals.json").read_text())


def coverage(part):
    at = part["columns"].index("coverage")
    return np.array([row[at] for row in part["cells"]])


@pytest.mark.parametrize("name, mean, smallest", [("proportions", 0.95, 0.93), ("paired_differences", 0.93, 0.90)])
def test_the_committed_grid_meets_what_is_promised(committed, name, mean, smallest):
    part = committed[name]
    assert min(row[0] for row in part["cells"]) == 30
    assert coverage(part).mean() >= mean and coverage(part).min() >= smallest
    assert part["mean_coverage"] == pytest.approx(coverage(part).mean(), abs=1e-4)
    assert part["smallest_coverage"] == pytest.approx(coverage(part).min(), abs=1e-4)


@pytest.mark.parametrize("n", [30, 100])
def test_the_exact_cells_come_out_again(benchmark, committed, n):
    for name, cells in (
        ("proportions", benchmark.proportion_cells(n, clopper_pearson)),
        ("paired_differences", benchmark.paired_cells(n, paired_difference)),
    ):
        kept = [row for row in committed[name]["cells"] if row[0] == n]
        assert np.allclose(kept, cells, atol=1e-5)


def test_the_other_metrics_hold_the_truth_nine_times_in_ten_on_the_whole(committed):
    others = set(committed) - {"schema", "level", "seed", "proportions", "paired_differences"}
    assert len(others) == 9
    for name in others:
        assert coverage(committed[name]).mean() >= 0.90, name


TARGETS = {  # metric: mean and smallest coverage of the committed grid, at least
    "qwk": (0.94, 0.88),
    "qwk_differences": (0.93, 0.86),
    "rmse": (0.92, 0.84),
    "mae": (0.93, 0.88),
    "r2": (0.93, 0.85),
    "spearman": (0.94, 0.85),
    "rmse_differences": (0.92, 0.85),
    "macro_f1": (0.93, 0.86),
    "micro_f1": (0.93, 0.86),
    "hamming_loss": (0.93, 0.86),
    "map": (0.95, 0.60),
    "macro_f1_differences": (0.94, 0.88),
}


@pytest.mark.parametrize("name", TARGETS)
def test_intervals_of_grades_labels_and_numbers_meet_what_is_promised_and_beat_what_was_tried(name):
    part = json.loads((BENCHMARKS / "results" / "target_intervals.json").read_text())[name]
    mean, smallest = TARGETS[name]
    assert coverage(part).mean() >= mean and coverage(part).min() >= smallest
    assert part["mean_coverage"] == pytest.approx(coverage(part).mean(), abs=1e-4)
    assert all(other["mean_coverage"] <= part["mean_coverage"] for other in part["tried"].values())


def test_a_simulated_cell_comes_out_near_the_committed_mean(benchmark):
    rng = np.random.default_rng(11)
    joint = benchmark.population(5, 0.9, "equal", rng)
    truth = benchmark.class_f1(joint).mean()
    bounds = np.array([benchmark.macro_f1_interval(*benchmark.draw(joint, 100, rng), 5) for _ in range(300)])
    holds = ((bounds[:, 0] <= truth) & (truth <= bounds[:, 1])).mean()
    assert 0.90 <= holds <= 1  # 0.95 +- 4 standard errors of 300 draws
