"""Linear models under several weightings of the rows at one penalty: no strength is chosen."""

from __future__ import annotations

from headstart.core.learning import Floats, Targets
from headstart.methods.inputs import as_tensor


def solve_at_penalty(
    features: Floats, targets: Targets, training: Floats, penalty: float, least_spread: float, tolerance: float
) -> tuple[Floats, Floats]:
    """Weights ``(F, W, D)`` and intercepts ``(F, W)`` float64 for raw features.

    Args:
        features: ``(N, D)``.
        targets: Of any kind; numbers are solved with the squared loss.
        training: ``(F, N)`` float64 weightings, each with a sum above 0.
        penalty: As the linear probe reports it.
        least_spread: As the linear probe's.
        tolerance: Of logistic regression, in nats per row; ridge regression is exact.
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
    from headstart.methods.logistic_regression import solve
    from headstart.methods.probe_logistic import logistic_targets

    problems = Problems.build(as_tensor(features), logistic_targets(targets), torch.from_numpy(training), least_spread)
    penalties = torch.full((len(problems),), penalty, dtype=torch.float64)
    solved = solve(problems, penalties, problems.zeros(), tolerance)
    weights, biases = problems.raw(solved.coefficients)
    shape = len(training), targets.width
    return weights.view(*shape, -1).numpy(), biases.view(*shape).numpy()
