from __future__ import annotations

import numpy as np
import pytest
import torch
from torch.nn.functional import normalize

from headstart.adaptation.training.centroids import centroid_labels
from headstart.adaptation.training.conditioning import Conditioned, certainty_weights
from headstart.adaptation.training.neighbours import affinities, attraction, dispersion, nearest


def drawn(rows, columns, seed=0):
    return torch.randn(rows, columns, generator=torch.Generator().manual_seed(seed), dtype=torch.float64)


def slow_labels(features, p):
    rows = np.concatenate([features, np.ones((len(features), 1))], 1)
    rows = rows / np.linalg.norm(rows, axis=1, keepdims=True)
    seen = sorted(set(p.argmax(1).tolist()))
    shares = p
    for _ in range(2):
        labels = []
        for row in rows:
            distances = {}
            for k in seen:
                centre = sum(w * r for w, r in zip(shares[:, k], rows, strict=True)) / (shares[:, k].sum() + 1e-8)
                distances[k] = 1 - row @ centre / (np.linalg.norm(centre) + 1e-12)
            labels.append(min(distances, key=distances.get))
        shares = np.eye(p.shape[1])[labels]
    return labels


@pytest.mark.parametrize("seed", range(4))
def test_labels_by_centroids_are_those_of_a_slow_version(seed):
    features, p = drawn(15, 3, seed), (2 * drawn(15, 4, seed + 9)).softmax(1)
    assert centroid_labels(features, p).tolist() == slow_labels(features.numpy(), p.numpy())


def test_a_wrong_prediction_among_right_neighbours_is_corrected_and_an_unseen_class_is_no_label():
    features = torch.tensor([[9.0, 0], [8, 1], [9, 1], [0, 9.0], [1, 8], [1, 9]])
    p = torch.tensor([[0.9, 0.1, 0], [0.9, 0.1, 0], [0.4, 0.6, 0], [0.1, 0.9, 0], [0.1, 0.9, 0], [0.1, 0.9, 0]])
    assert p.argmax(1).tolist() == [0, 0, 1, 1, 1, 1]
    assert centroid_labels(features, p).tolist() == [0, 0, 0, 1, 1, 1]


def test_nearest_rows_by_hand():
    bank = normalize(torch.tensor([[1.0, 0], [1, 0.1], [0, 1], [-1, -0.1]]), dim=1)
    found = nearest(bank[[0, 2]], bank, torch.tensor([0, 2]), 2)
    assert found.tolist() == [[1, 2], [1, 0]]
    assert nearest(bank[:1], bank, torch.tensor([0]), 9).shape == (1, 3)  # no more than there are


def test_a_neighbour_is_reciprocal_where_it_has_the_row_among_its_own():
    near, back = torch.tensor([[1, 2]]), torch.tensor([[[0, 3], [3, 1]]])
    assert affinities(near, back, torch.tensor([0]), 0.1)[0].tolist() == pytest.approx([1.0, 0.1])


def test_attraction_and_dispersion_by_hand():
    p = torch.tensor([[1.0, 0.0], [0.5, 0.5]])
    scores = torch.tensor([[[1.0, 0.0], [0.0, 1.0]], [[1.0, 0.0], [0.0, 1.0]]])
    # row 0: 1 and 0, row 1: 1/2 and 1/2; minus their sum, mean over rows
    assert attraction(p, scores).item() == pytest.approx(-(1 + 1) / 2)
    weights = torch.tensor([[1.0, 0.1], [0.0, 1.0]])
    assert attraction(p, scores, weights).item() == pytest.approx(-(1 + 0.5) / 2)
    # the two rows agree by 1/2; times two classes
    assert dispersion(p).item() == pytest.approx(1.0)


def test_dispersion_of_even_sure_classes_is_about_one_however_many_rows_and_classes():
    for classes, each in ((2, 50), (10, 20)):
        p = torch.eye(classes).repeat(each, 1)
        expected = classes * (each - 1) / (classes * each - 1)
        assert dispersion(p).item() == pytest.approx(expected)
        assert 0.9 < expected < 1
    assert dispersion(torch.ones(1, 3) / 3).item() == 0


def test_features_with_predictions_are_the_outer_product():
    both = Conditioned(3, 2, seed=0)
    features, p = drawn(4, 3), drawn(4, 2, 1).softmax(1)
    expected = torch.stack([torch.outer(q, f).flatten() for f, q in zip(features, p, strict=True)])
    assert both.width == 6 and torch.allclose(both(features, p), expected)


def test_wide_ones_are_projected_so_that_scalar_products_stay():
    both = Conditioned(1024, 8, seed=0)
    assert both.width == 1024
    features, p = drawn(6, 1024).float(), (4 * drawn(6, 8, 1)).softmax(1).float()
    outer = (p[:, :, None] * features[:, None, :]).flatten(1)
    exact, found = outer @ outer.T, both(features, p) @ both(features, p).T
    assert (exact - found).abs().max() < 0.25 * exact.diag().mean()
    assert torch.equal(Conditioned(1024, 8, seed=0)(features, p), both(features, p))


def test_sure_rows_weigh_up_to_twice_as_much():
    weights = certainty_weights(torch.tensor([[1.0, 0.0], [0.5, 0.5]]))
    # 1 + e^0 = 2 and 1 + e^(-log 2) = 1.5; their mean is 1.75
    assert weights.tolist() == pytest.approx([2 / 1.75, 1.5 / 1.75])
