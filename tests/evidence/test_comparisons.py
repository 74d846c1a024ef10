from __future__ import annotations

import numpy as np
import pytest

from evidence.helpers_evidence import contender, targets, task
from headstart.evidence.comparisons import compare_all

TRUTH = [0, 1, 0, 1, 0, 1, 0, 1, 0, 1]


def test_differences_are_chosen_minus_other_on_the_same_examples():
    chosen = contender("probe", test=[0, 1, 0, 1, 0, 1, 0, 1, 1, 0])  # 8 of 10
    worse = contender("pixels", test=[1] * 10, kind="baseline")  # 5 of 10
    better = contender("knn", test=TRUTH)
    found = compare_all(targets(TRUTH), chosen, [worse, better], 0)
    assert [each["name"] for each in found] == ["pixels", "knn"]
    assert [each["accuracy"]["value"] for each in found] == pytest.approx([0.5, 1.0])
    assert [each["difference"]["value"] for each in found] == pytest.approx([0.3, -0.2])
    assert [(each["kind"], each["transfer"], each["n_test"]) for each in found] == [
        ("baseline", False, 10),
        ("transfer", True, 10),
    ]
    for each in found:
        assert each["difference"]["low"] <= each["difference"]["value"] <= each["difference"]["high"]


def test_a_contender_of_some_rows_is_compared_on_these_rows_alone():
    chosen = contender("probe", test=[0, 1, 0, 1, 0, 0, 1, 0, 1, 0])  # right on the first five, wrong on the others
    rows = [0, 2, 4]
    twin = contender("random_weights", test=[0, 0, 1], rows=rows, kind="ablation")
    [found] = compare_all(targets(TRUTH), chosen, [twin], 0)
    assert found["n_test"] == 3
    assert found["accuracy"]["value"] == pytest.approx(2 / 3)
    assert found["difference"]["value"] == pytest.approx(1 / 3)


def test_macro_f1_is_compared_where_it_decides():
    truth = [0] * 8 + [1, 1]
    chosen, other = contender("probe", test=truth, settled=task("macro_f1")), contender("majority", test=[0] * 10)
    [found] = compare_all(targets(truth), chosen, [other], 0)
    f1 = np.mean([2 * 8 / (2 * 8 + 2), 0.0])
    assert found["macro_f1"]["value"] == pytest.approx(f1)
    assert found["difference"]["value"] == pytest.approx(1 - f1)
