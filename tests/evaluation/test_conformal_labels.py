import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from headstart.core.errors import ConfigError, ShapeError
from headstart.evaluation.conformal_labels import label_threshold, missed


def made(n, width, seed, decimals=6):
    rng = np.random.default_rng(seed)
    truth = rng.random((n, width)) < 0.4
    return np.round(1 / (1 + np.exp(-rng.normal(size=(n, width)) - 2 * truth + 1)), decimals), truth


def slow(p, truth, kept):
    """The largest of all probabilities, and 1, at which the condition of the paper holds."""
    n = len(p)
    allowed = [
        t for t in sorted({*p[truth].tolist(), 1.0}) if (missed(p >= t, truth).sum() + 1) / (n + 1) <= 1 - kept + 1e-12
    ]
    return allowed[-1] if allowed else None


@settings(max_examples=60, deadline=None)
@given(st.integers(0, 10_000), st.integers(1, 40), st.integers(1, 4), st.sampled_from([0.5, 0.8, 0.9]), st.booleans())
def test_it_is_the_largest_threshold_that_the_condition_allows(seed, n, width, kept, has_ties):
    p, truth = made(n, width, seed, 1 if has_ties else 6)
    assert label_threshold(p, truth, kept) == slow(p, truth, kept)


@settings(max_examples=25, deadline=None)
@given(st.integers(0, 10_000), st.integers(11, 40), st.integers(1, 4), st.sampled_from([0.5, 0.8, 0.9]))
def test_each_row_once_the_new_one_no_more_labels_are_missed_than_allowed(seed, n, width, kept):
    p, truth = made(n, width, seed)
    lost = []
    for new in range(n):
        threshold = label_threshold(np.delete(p, new, 0), np.delete(truth, new, 0), kept)
        lost.append(missed(p[[new]] >= threshold, truth[[new]])[0])
    assert np.mean(lost) <= 1 - kept + 1e-9


def test_nine_rows_by_hand():
    # one label each: (lost + 1) / 10 <= 0.1 allows none to be lost, so the smallest probability is taken
    p = np.linspace(0.1, 0.9, 9)[:, None]
    truth = np.ones((9, 1), bool)
    assert label_threshold(p, truth) == pytest.approx(0.1) and label_threshold(p[:8], truth[:8]) is None
    assert label_threshold(p, truth, 0.8) == pytest.approx(0.2)


def test_a_row_is_missed_by_its_share_and_one_without_labels_not_at_all():
    truth = np.array([[1, 1, 0], [0, 0, 0], [1, 0, 0]], bool)
    given_labels = np.array([[1, 0, 1], [1, 1, 1], [0, 1, 1]], bool)
    assert missed(given_labels, truth).tolist() == [0.5, 0.0, 1.0]


def test_what_does_not_fit_is_said():
    p, truth = made(20, 3, 0)
    with pytest.raises(ShapeError):
        label_threshold(p[1:], truth)
    with pytest.raises(ConfigError, match="between 0 and 1"):
        label_threshold(p, truth, 0.0)
