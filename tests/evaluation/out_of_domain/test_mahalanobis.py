from __future__ import annotations

import numpy as np
import pytest

from evaluation.out_of_domain.helpers_out_of_domain import built, elsewhere, made
from headstart.core.learning import Targets
from headstart.evaluation.out_of_domain.gaussian import FEWEST
from headstart.evaluation.out_of_domain.report import detection_report


def test_one_dimension_by_hand():
    # classes at 0 and 10 with variance 1 around them: 3 is 9 variances from the first mean, 12 is 4 from the second
    x = np.array([-1.0, 1, -1, 1, -1, 1, 9, 11, 9, 11, 9, 11])[:, None]
    targets = Targets(np.repeat([0, 1], 6), "class", 2)
    scores = built("mahalanobis").score(built("mahalanobis").fit(x, targets), np.array([[3.0], [12.0], [0.0]]))
    assert scores == pytest.approx([9, 4, 0], abs=1e-5)


def dense(x, y, new, alpha):
    """Class means, the shared covariance shrunk by a known share, inverted as a matrix."""
    means = np.stack([x[y == k].mean(axis=0) for k in np.unique(y)])
    off = x - means[y]
    scale = off.std(axis=0)
    covariance = (off / scale).T @ (off / scale) / len(x)
    shrunk = (1 - alpha) * covariance + alpha * np.trace(covariance) / x.shape[1] * np.eye(x.shape[1])
    gaps = (new[:, None] - means) / scale
    return np.einsum("nkd,de,nke->nk", gaps, np.linalg.inv(shrunk), gaps).min(axis=1)


@pytest.mark.parametrize("n", [60, 400])
def test_with_all_directions_kept_it_is_the_dense_distance(n):
    rng = np.random.default_rng(n)
    x, targets = made(n, 8)
    x = x @ rng.normal(size=(8, 8)) * rng.exponential(size=8)
    new = rng.normal(size=(20, 8))
    found = built("mahalanobis").score(built("mahalanobis").fit(x, targets), new)
    y, means = targets.values, np.stack([x[targets.values == k].mean(axis=0) for k in range(3)])
    off = x - means[y]
    off /= off.std(axis=0)
    s = off.T @ off / n
    noise = (((off[:, :, None] * off[:, None]) - s) ** 2).sum(axis=(1, 2)).mean() / n  # Ledoit & Wolf, as written
    from_identity = ((s - np.trace(s) / 8 * np.eye(8)) ** 2).sum()
    assert np.allclose(found, dense(x, y, new, min(noise / from_identity, 1)), rtol=1e-4)


def test_units_of_features_do_not_count():
    x, targets = made(100)
    scale, move = np.random.default_rng(0).exponential(size=12) * 100, np.arange(12.0)
    plain = built("mahalanobis").score(built("mahalanobis").fit(x, targets), elsewhere())
    moved = built("mahalanobis").score(built("mahalanobis").fit(x * scale + move, targets), elsewhere() * scale + move)
    assert np.allclose(plain, moved, rtol=1e-3)


def test_without_classes_there_is_one_cloud():
    x, targets = made(100)
    for given in (None, Targets(x[:, 0], "real", 1), Targets((x[:, :2] > 0).astype(float), "multilabel", 2)):
        assert built("mahalanobis").fit(x, given)["means"].shape == (1, 12)
    assert built("mahalanobis").fit(x, targets)["means"].shape == (3, 12)


def test_no_mean_is_nearly_a_row():
    x, targets = made(100)
    y = np.where(np.arange(100) < FEWEST - 1, 3, targets.values)
    assert built("mahalanobis").fit(x, Targets(y, "class", 4))["means"].shape == (3, 12)  # left out
    y = np.where(np.arange(100) < FEWEST, np.where(np.arange(100) < 2, 3, 4), targets.values)
    assert built("mahalanobis").fit(x, Targets(y, "class", 5))["means"].shape == (4, 12)  # two rare ones together


def test_the_relative_distance_sees_a_near_class_where_noise_is_wide():
    # the classes differ in 2 of 40 dimensions, and the rows from outside are a class between them
    rng = np.random.default_rng(3)
    means = np.zeros((3, 40))
    means[:, :2] = [[6, 0], [0, 6], [3, 3]]
    x = np.concatenate([rng.normal(size=(100, 40)) + means[k] for k in (0, 1)])
    targets = Targets(np.repeat([0, 1], 100), "class", 2)
    new, out = (rng.normal(size=(200, 40)) + means[k] for k in (np.arange(200) % 2, np.full(200, 2)))
    area = {}
    for name in ("mahalanobis", "relative_mahalanobis"):
        arrays = built(name).fit(x, targets)
        scores = [built(name).score(arrays, rows) for rows in (new, out)]
        area[name] = detection_report(*scores)["auroc"]["value"]
    assert area["relative_mahalanobis"] > area["mahalanobis"] + 0.03


@pytest.mark.parametrize("classes", [1, 2, 5])
def test_the_relative_distance_is_that_of_two_dense_clouds(classes):
    rng = np.random.default_rng(classes)
    x, targets = made(200, 8, classes)
    x = x @ rng.normal(size=(8, 8))
    new = rng.normal(size=(20, 8)) * 5
    arrays = built("relative_mahalanobis").fit(x, targets)
    directions = arrays["directions"].astype(float)
    within = directions / arrays["precisions"] @ directions.T  # all 8 are kept, so this is the shrunk covariance
    means, shares = arrays["means"].astype(float), np.bincount(targets.values) / 200
    total = within + (means.T * shares) @ means
    z = (new - arrays["middle"]) * arrays["per_spread"]
    from_means = np.stack([np.einsum("nd,de,ne->n", z - m, np.linalg.inv(within), z - m) for m in means])
    expected = from_means.min(axis=0) - np.einsum("nd,de,ne->n", z, np.linalg.inv(total), z)
    assert np.allclose(built("relative_mahalanobis").score(arrays, new), expected, rtol=1e-4, atol=1e-4)


def test_what_lies_outside_the_plane_of_the_means_does_not_count_in_the_relative_distance():
    x, targets = made(300, 20)
    detector = built("relative_mahalanobis")
    arrays = detector.fit(x, targets)
    v, rest = arrays["directions"].astype(float), float(arrays["rest"][0])
    precision = rest * np.eye(20) + v @ np.diag(arrays["precisions"] - rest) @ v.T
    plane = np.linalg.qr((arrays["means"].astype(float) @ precision).T)[0]
    push = np.random.default_rng(0).normal(size=20)
    push = (push - plane @ (plane.T @ push)) / arrays["per_spread"]
    assert np.allclose(detector.score(arrays, x + 3 * push), detector.score(arrays, x), atol=1e-2)
