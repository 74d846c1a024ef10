from __future__ import annotations

import math

import pytest
import torch

from headstart.adaptation.training.kernels import FACTORS, gaussian_kernels, maximum_mean_discrepancy


def drawn(rows, columns, seed=0, dtype=torch.float64):
    return torch.randn(rows, columns, generator=torch.Generator().manual_seed(seed), dtype=dtype)


def slow_kernels(rows, factors):
    n = len(rows)
    apart = [[sum((a - b) ** 2 for a, b in zip(x, y, strict=True)) for y in rows] for x in rows]
    mean = sum(map(sum, apart)) / (n * (n - 1))
    return [[sum(math.exp(-d / (2 * f * mean)) for f in factors) / len(factors) for d in row] for row in apart]


def slow_mmd(kernel, count):
    n = len(kernel)
    ours = [kernel[i][j] for i in range(count) for j in range(count) if i != j]
    theirs = [kernel[i][j] for i in range(count, n) for j in range(count, n) if i != j]
    across = [kernel[i][j] for i in range(count) for j in range(count, n)]
    return sum(ours) / len(ours) + sum(theirs) / len(theirs) - 2 * sum(across) / len(across)


@pytest.mark.parametrize("dtype", [torch.float32, torch.float64])
@pytest.mark.parametrize("seed", range(3))
def test_they_are_the_formulas_term_by_term(seed, dtype):
    rows = drawn(7, 4, seed, dtype)
    found, expected = gaussian_kernels(rows), slow_kernels(rows.tolist(), FACTORS)
    assert torch.allclose(found.double(), torch.tensor(expected, dtype=torch.float64), atol=1e-5)
    assert maximum_mean_discrepancy(found, 3).item() == pytest.approx(slow_mmd(expected, 3), abs=1e-5)


def test_two_pairs_by_hand():
    # squared distances 0 within the pairs, 4 across; of 6 pairs 4 are across, so their mean is 8/3
    # one kernel of factor 1: e^0 = 1 within, e^(-4 / (2 * 8/3)) = e^(-3/4) across; 1 + 1 - 2 e^(-3/4)
    rows = torch.tensor([[0.0], [0.0], [2.0], [2.0]])
    kernel = gaussian_kernels(rows, (1.0,))
    assert kernel[0].tolist() == pytest.approx([1, 1, math.exp(-0.75), math.exp(-0.75)])
    assert maximum_mean_discrepancy(kernel, 2).item() == pytest.approx(2 - 2 * math.exp(-0.75))


def test_it_grows_with_the_distance_of_the_domains_and_has_no_bias():
    near, far = (
        torch.stack(
            [
                maximum_mean_discrepancy(gaussian_kernels(torch.cat([drawn(8, 3, s), drawn(8, 3, s + 99) + by])), 8)
                for s in range(40)
            ]
        )
        for by in (0.0, 4.0)
    )
    assert abs(near.mean()) < 3 * near.std() / math.sqrt(40) + 1e-3  # of the same distribution: about 0
    assert far.min() > near.max()


def test_the_order_of_rows_within_a_domain_is_irrelevant():
    rows = drawn(6, 3)
    turned = rows[torch.tensor([2, 0, 1, 5, 3, 4])]
    one, other = (maximum_mean_discrepancy(gaussian_kernels(each), 3) for each in (rows, turned))
    assert one.item() == pytest.approx(other.item())


@pytest.mark.parametrize("rows", [torch.ones(4, 3), torch.zeros(2, 3), 1e4 * torch.eye(4)])
def test_gradients_are_finite_where_rows_are_equal_or_far(rows):
    leaf = rows.clone().requires_grad_()
    maximum_mean_discrepancy(gaussian_kernels(leaf), 1).backward()
    assert leaf.grad.isfinite().all()


def test_its_gradient_is_that_of_small_differences_at_a_constant_width():
    rows = drawn(5, 2)
    leaf = rows.clone().requires_grad_()
    maximum_mean_discrepancy(gaussian_kernels(leaf, (1.0,)), 2).backward()
    apart = torch.cdist(rows, rows).square()
    mean = apart.sum() / 20

    def at(moved):
        return maximum_mean_discrepancy((-torch.cdist(moved, moved).square() / (2 * mean)).exp(), 2).item()

    for row, column in ((0, 0), (4, 1)):
        move = torch.zeros_like(rows)
        move[row, column] = 1e-5
        assert leaf.grad[row, column].item() == pytest.approx((at(rows + move) - at(rows - move)) / 2e-5, abs=1e-6)
