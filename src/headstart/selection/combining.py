"""What several trainings come to together: their weights averaged, or their outputs, as long as validation gets better.

Weights: the greedy soup of Wortsman et al., ICML 2022, arXiv:2203.05482. Outputs: forward selection from a library of
models, with replacement, of Caruana, Niculescu-Mizil, Crew & Ksikes, ICML 2004.

Both begin from the best one alone and add only what makes the loss smaller, so neither ends worse than that on the
rows that were asked.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field

import numpy as np

from headstart.core.learning import Floats

MOST_AVERAGED = 5  # trainings whose weights are tried: each costs a pass over the validation rows
MOST_MEMBERS = 4  # networks of an ensemble: each costs as much again at every prediction
MOST_PICKS = 8  # of an ensemble, the same one again among them: weights are eighths at the finest


@dataclass(frozen=True)
class Chosen:
    """What was chosen.

    Attributes:
        times: How often each member counts in the average, in the order in which they came in.
        loss: Of the average.
        tried: Averages that were asked.
    """

    times: Mapping[str, int] = field(default_factory=dict)
    loss: float = float("inf")
    tried: int = 0

    @property
    def is_alone(self) -> bool:
        """Whether nothing was worth adding."""
        return len(self.times) < 2


def greedy_soup(
    losses: Mapping[str, float], loss_of: Callable[[Sequence[str]], float], has_time: Callable[[], bool] = lambda: True
) -> Chosen:
    """Members whose mean is better than the best of them, taken best first.

    Args:
        losses: Of each one alone; at least one.
        loss_of: Of the mean of several.
        has_time: Asked before each mean; the answer so far stands where there is none.

    >>> points, target = {"a": 1.0, "b": -0.5, "c": 4.0}, 0.0
    >>> def loss_of(names): return abs(sum(points[name] for name in names) / len(names) - target)
    >>> greedy_soup({name: loss_of([name]) for name in points}, loss_of).times
    {'b': 1, 'a': 1}
    """
    first, *others = sorted(losses, key=losses.__getitem__)[:MOST_AVERAGED]
    members, least, tried = [first], losses[first], 0
    for name in others:
        if not has_time():
            break
        tried += 1
        if (loss := loss_of([*members, name])) < least:
            members, least = [*members, name], loss
    return Chosen(dict.fromkeys(members, 1), least, tried)


def forward_selection(
    outputs: Mapping[str, Floats], loss_of: Callable[[Floats], float], most_members: int = MOST_MEMBERS
) -> Chosen:
    """Members whose mean output is better than the best one's; one may be picked again, and then counts more.

    Args:
        outputs: ``(V, W)`` of each; at least one.
        loss_of: Of a mean of outputs.
        most_members: That may differ.

    >>> outputs = {"a": np.array([1.0, 3.0]), "b": np.array([4.0, 0.0]), "c": np.array([9.0, 9.0])}
    >>> forward_selection(outputs, lambda mean: float(np.abs(mean - 2).sum())).times
    {'a': 2, 'b': 1}
    """
    times: dict[str, int] = {}
    least, tried = float("inf"), 0
    for picks in range(MOST_PICKS):
        names = list(outputs) if len(times) < most_members else list(times)
        losses = {name: loss_of(mean_output(outputs, {**times, name: times.get(name, 0) + 1})) for name in names}
        tried += len(names) if picks else 0  # the first round asks each one alone
        best = min(names, key=losses.__getitem__)
        if not losses[best] < least:
            break
        times[best], least = times.get(best, 0) + 1, losses[best]
    return Chosen(times, least, tried)


def mean_output(outputs: Mapping[str, Floats], times: Mapping[str, int]) -> Floats:
    """The mean of outputs ``(V, W)``, each counted so often.

    >>> mean_output({"a": np.array([0.0, 3.0]), "b": np.array([3.0, 0.0])}, {"a": 2, "b": 1})
    array([1., 2.])
    """
    total = sum(times.values())
    return np.asarray(sum(outputs[name] * (count / total) for name, count in times.items()), np.float64)
