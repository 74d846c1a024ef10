"""The share of moved labels is told apart from a probe's doubt."""

from __future__ import annotations

import numpy as np
import pytest

from headstart.inspection.checks.label_noise import Noise, label_noise


def drawn(n, k, sharpness, moved, seed=0):
    """Labels drawn from probabilities that are right, a share of them moved to another class; and which were."""
    rng = np.random.default_rng(seed)
    logits = rng.normal(size=(n, k)) * sharpness
    probabilities = np.exp(logits) / np.exp(logits).sum(axis=1, keepdims=True)
    labels = (probabilities.cumsum(axis=1) > rng.random((n, 1))).argmax(axis=1)
    is_moved = rng.random(n) < moved
    return np.where(is_moved, (labels + rng.integers(1, k, n)) % k, labels), probabilities, is_moved


def tempered(probabilities, temperature):
    values = probabilities ** (1 / temperature)
    return values / values.sum(axis=1, keepdims=True)


@pytest.mark.parametrize("k", [2, 5])
@pytest.mark.parametrize("temperature", [0.5, 1.0, 2.0])
def test_the_share_is_found_however_sure_the_probe_is(k, temperature):
    labels, probabilities, is_moved = drawn(8000, k, 6.0, 0.05)
    found = label_noise(labels, tempered(probabilities, temperature), np.random.default_rng(0))
    assert found.share == pytest.approx(is_moved.mean(), abs=0.012)
    assert found.evidence > 50
    assert found.wrong.sum() == pytest.approx(is_moved.sum(), rel=0.25)  # probabilities that mean what they say


@pytest.mark.parametrize("sharpness", [1.0, 3.0, 8.0])
@pytest.mark.parametrize("temperature", [0.5, 2.0])
def test_labels_that_only_chance_decides_are_not_called_wrong(sharpness, temperature):
    for seed in range(5):
        labels, probabilities, _ = drawn(2000, 3, sharpness, 0.0, seed)
        assert not label_noise(labels, tempered(probabilities, temperature), np.random.default_rng(0)).is_clear(0.001)


def test_labels_moved_to_the_class_that_is_most_alike_are_told_too():
    labels, probabilities, _ = drawn(4000, 6, 6.0, 0.0)
    moved = np.random.default_rng(1).random(4000) < 0.05
    others = probabilities.copy()
    others[np.arange(4000), labels] = -1
    found = label_noise(np.where(moved, others.argmax(axis=1), labels), probabilities, np.random.default_rng(0))
    assert found.is_clear(0.001)
    assert found.share == pytest.approx(0.05, abs=0.025)


def test_a_class_that_is_certain_for_every_row_is_no_trouble():
    probabilities = np.tile([1.0, 0.0, 0.0], (50, 1))
    found = label_noise(np.zeros(50, int), probabilities, np.random.default_rng(0))
    assert found.share == 0
    assert np.isfinite(found.wrong).all()


def test_as_many_are_listed_as_are_best_by_the_expected_f2_score():
    # of the first k, F2 / 5 is expected hits / (k + 4 * 1.5): 0.9 / 7, 1.4 / 8 = 0.175, 1.5 / 9 = 0.167
    noise = Noise(0.1, 20.0, np.array([0.1, 0.9, 0.5, 0.0]))
    assert noise.likely_wrong().tolist() == [False, True, True, False]
    assert not Noise(0.0, 0.0, np.zeros(3)).likely_wrong().any()
