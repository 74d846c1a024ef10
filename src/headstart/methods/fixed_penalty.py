"""Linear models under several weightings of the rows at one penalty: no strength is chosen."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np

from headstart.core.learning import Floats, Ints, Targets
from headstart.core.resources import one_blas_thread
from headstart.methods.inputs import as_tensor
from headstart.methods.threads import torch_threads
from headstart.methods.training_parts import training_parts


def solve_at_penalty(
    features: Floats,
    targets: Targets,
    training: Floats,
    penalty: float,
    least_spread: float,
    tolerance: float,
    start: tuple[Floats, Floats] | None = None,
    *,
    only_seen: bool = False,
) -> tuple[Floats, Floats]:
    """Weights ``(F, W, D)`` and intercepts ``(F, W)`` float64 for raw features.

    Args:
        features: ``(N, D)``.
        targets: Of any kind; numbers are solved with the squared loss.
        training: ``(F, N)`` float64 weightings, each with a sum above 0.
        penalty: As the linear probe reports it.
        least_spread: As the linear probe's.
        tolerance: Of logistic regression, in nats per row; ridge regression is exact.
        start: Weights and intercepts as they are returned, of models whose optimum lies near; None: 0. They must not
            have learned from rows that a weighting holds out, since what is left of them is within the tolerance.
        only_seen: Whether what no row sees is taken out of logistic regression's weights, which a loose tolerance may
            leave in, see :func:`headstart.methods.seen_part.seen_part`.
    """
    import torch

    if targets.kind == "real":
        from headstart.methods.ridge import Ridge
        from headstart.methods.weightings import Weightings

        weightings = Weightings.build(as_tensor(features), torch.from_numpy(training), least_spread)
        response = torch.tensor(targets.values, dtype=torch.float64)[:, None]
        models = []
        for index in range(len(training)):
            weight, bias = Ridge(weightings.rows(index)).fit(response, torch.tensor([penalty], dtype=torch.float64))
            models.append(weightings.raw(index, weight[:, 0], bias[0]))
        return (
            torch.stack([weight for weight, _ in models])[:, None].numpy(),
            torch.stack([bias for _, bias in models])[:, None].numpy(),
        )
    from headstart.methods.logistic_problems import Problems
    from headstart.methods.logistic_regression import nearer, solve
    from headstart.methods.probe_logistic import logistic_targets
    from headstart.methods.seen_part import seen_part

    problems = Problems.build(as_tensor(features), logistic_targets(targets), torch.from_numpy(training), least_spread)
    penalties = torch.full((len(problems),), penalty, dtype=torch.float64)
    shape = len(training), targets.width
    begin = problems.zeros()
    if start is not None:  # of labels each is a problem of its own
        weight, bias = (torch.from_numpy(part) for part in start)
        given = problems.from_raw(weight.reshape(begin.weight.shape), bias.reshape(begin.bias.shape))
        begin = nearer(problems, penalties, given)
    solved = solve(problems, penalties, begin, tolerance)
    weights, biases = problems.raw(seen_part(problems, solved.coefficients) if only_seen else solved.coefficients)
    return weights.view(*shape, -1).numpy(), biases.view(*shape).numpy()


def out_of_fold_at_penalty(
    features: Floats,
    targets: Targets,
    folds: Ints,
    row_weights: Floats,
    penalty: float,
    least_spread: float,
    tolerance: float,
    of_folds: Mapping[str, Floats] | None = None,
    *,
    only_seen: bool = False,
) -> Floats:
    """Outputs ``(N, W)`` float64, each from a model of the fold that held the row out; NaN for rows never held out.

    Args:
        features: ``(N, D)``, dense.
        targets: Of any kind.
        folds: ``(N,)`` fold numbers or NEVER_HELD_OUT.
        row_weights: ``(N,)``.
        penalty: As the linear probe reports it.
        least_spread: As the linear probe's.
        tolerance: As :func:`solve_at_penalty`'s.
        of_folds: Models of the same folds to begin with, as ``Solution.of_folds``.
        only_seen: As :func:`solve_at_penalty`'s.
    """
    fold_of_row, training = training_parts(folds, row_weights)
    out_of_fold = np.full((len(features), targets.width), np.nan)
    if len(training) == 1:
        return out_of_fold
    begin = None if of_folds is None else (of_folds["weight"], of_folds["bias"])
    with one_blas_thread(), torch_threads(1):
        weight, bias = solve_at_penalty(
            features, targets, training[1:], penalty, least_spread, tolerance, begin, only_seen=only_seen
        )
        for fold in range(len(weight)):
            held_out = fold_of_row == fold
            out_of_fold[held_out] = features[held_out] @ weight[fold].T + bias[fold]
    return out_of_fold
