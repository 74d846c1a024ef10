"""What is left of linear models without the part of their weights that no row which they learned from sees."""

from __future__ import annotations

import torch

from headstart.methods.logistic_problems import Coefficients, Problems

JITTER = 1e-9  # of the mean square length of a row: rows may be equal


def seen_part(problems: Problems, coefficients: Coefficients) -> Coefficients:
    """Weights within the span of each problem's own standardised rows; outputs of these rows stay as they are.

    The optimum lies there, whatever the penalty. Where rows are fewer than features, a descent that ends early does
    not: its preconditioner knows directions of all rows, and the penalty, if small, hardly pulls back what it adds
    along those of rows that are held out. There it would be all that these rows see.

    Args:
        problems: F of them on N rows of D features; those with D rows or more are left alone.
        coefficients: ``(F, K, D)`` and ``(F, K)``.
    """
    weight = coefficients.weight.clone()
    for number in range(len(problems)):
        rows = problems.weights[number] > 0
        if int(rows.sum()) >= problems.features.shape[1]:
            continue
        seen = (problems.features[rows] * problems.scale[number] - problems.shift[number]).double()
        products = seen @ seen.T
        products.diagonal().add_(JITTER * products.diagonal().mean())
        outputs = seen @ weight[number].double().T
        weight[number] = (torch.cholesky_solve(outputs, torch.linalg.cholesky(products)).T @ seen).to(weight)
    return Coefficients(weight, coefficients.bias)
