"""Several trainings as one candidate: weights averaged to one network, or outputs averaged over several.

A mean of outputs of linear heads is one linear head on the features of all networks side by side, so an ensemble is a
candidate with several networks, and ships in a bundle like any other.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

import numpy as np

from headstart.core.learning import Fitted
from headstart.request.combination import Combination, How
from headstart.request.train_request import TrainRequest, train_request
from headstart.selection.combining import mean_output
from headstart.training.required import require_trainable
from headstart.training.training import Shared, Training

if TYPE_CHECKING:
    from headstart.core.progress import Progress
    from headstart.engine.training.job import Trained
    from headstart.solving.work import Solved, Trial, Work
    from headstart.training.setup import Setup

NUMBERS = {2: "two", 3: "three", 4: "four", 5: "five"}


@dataclass(frozen=True)
class Member:
    """A training that came to its end.

    Attributes:
        setup: With as many cycles as ``trained`` took.
    """

    training: Training
    trained: Trained
    setup: Setup


def combined_trial(how: How, members: Sequence[Member], times: Sequence[int]) -> Trial:
    """Members as one candidate, under the name of the first one's method.

    Args:
        how: Whether weights are averaged or outputs.
        members: At least two.
        times: How often each counts.
    """
    first = members[0]
    found = soup(members) if how == "soup" else ensemble(members, times)
    sources = () if how == "soup" else tuple(each.training.source(each.trained) for each in members)
    trial = first.training.trial(found, first.setup, sources=sources, what=_what(how, members))
    others = tuple({"name": each.training.asked.name, **each.setup.settings} for each in members[1:])
    report = {**trial.report, "combined": _told(how, members, times)}
    solution = replace(trial.contender.solution, report=report)
    return replace(
        trial,
        contender=replace(trial.contender, solution=solution),
        report=report,
        moved=any(each.trained.moved or each.training.asked.is_random for each in members),
        combine=Combination(how=how, others=others, times=tuple(times)),
    )


def soup(members: Sequence[Member]) -> Trained:
    """One network of averaged weights, judged from the shallowest boundary of its members."""
    from headstart.engine.training.soup import soup_of

    lowest = min(members, key=_boundary)
    job = lowest.training.job(lowest.setup, _boundary(lowest))
    return soup_of(replace(job, name=members[0].training.asked.name), [each.trained for each in members])


def _boundary(member: Member) -> int:
    """Below which the training changed nothing: some methods end lower than they began."""
    return int(member.trained.report["boundary"])


def ensemble(members: Sequence[Member], times: Sequence[int]) -> Trained:
    """The first one with the head that averages all outputs, on all features side by side, at the best temperature."""
    from headstart.engine.training.sharpness import best_factor

    training, first = members[0].training, members[0].trained
    learning, numbers = training.learning, range(len(members))
    targets = learning.targets.take(training.positions["val"])
    outputs = mean_output(
        {str(number): members[number].trained.val_outputs for number in numbers},
        {str(number): times[number] for number in numbers},
    )
    factor = best_factor(learning.task, targets, outputs)
    fitted = stacked([each.trained.fitted for each in members], times, factor)
    end = {
        "val_loss": float(learning.task.loss(targets, outputs * factor).mean()),
        "val_score": float(learning.task.score(targets, outputs)),
    }
    report = {**first.report, "end": end, "temperature": 1 / factor}
    return replace(first, fitted=fitted, val_outputs=outputs * factor, report=report)


def stacked(heads: Sequence[Fitted], times: Sequence[int], factor: float = 1.0) -> Fitted:
    """The linear head whose outputs are the mean of those of ``heads``, each counted so often, times a factor.

    Its weight is ``(W, D1 + D2 + ...)``, on the features of all of them side by side.
    """
    shares = [factor * count / sum(times) for count in times]
    pairs = list(zip(shares, heads, strict=True))
    weight = np.concatenate([share * head.arrays["weight"].astype(np.float64) for share, head in pairs], axis=1)
    bias = np.sum([share * head.arrays["bias"].astype(np.float64) for share, head in pairs], axis=0)
    return Fitted({"weight": weight.astype(np.float32), "bias": bias.astype(np.float32)}, heads[0].spec)


def _what(how: How, members: Sequence[Member]) -> str:
    methods = ", ".join(dict.fromkeys(each.training.asked.name for each in members))
    count = NUMBERS.get(len(members), str(len(members)))
    if how == "soup":
        return f"The pretrained network with the weights of {count} trainings on these examples averaged ({methods})."
    return f"The pretrained network trained on these examples {count} times; the outputs averaged ({methods})."


def _told(how: How, members: Sequence[Member], times: Sequence[int]) -> dict[str, object]:
    """For the report of the training: the same for the same bits."""
    return {
        "how": how,
        "members": [
            {"method": each.training.asked.name, "times": count, "end": each.trained.report["end"]}
            for each, count in zip(members, times, strict=True)
        ],
    }


def trained_together(work: Work, solved: Solved, progress: Progress) -> Trial:
    """What a config combines: its members trained one after another, then put together in the way that is written."""
    combination, shared = work.job.request.combine, Shared()
    assert combination is not None and work.train_request is not None  # noqa: S101  # require_combinable
    members = []
    for number, asked in enumerate([work.train_request, *map(_asked, combination.others)], 1):
        require_trainable(asked, work, solved)
        named = replace(asked, trial=f"{asked.name}#{number}")
        training = Training(named, work, solved, progress, float("inf"), shared)
        setup = training.settle()
        assert setup is not None  # noqa: S101  # there is time without end
        members.append(Member(training, training.train(setup), setup))
    return combined_trial(combination.how, members, combination.times)


def _asked(options: dict[str, object]) -> TrainRequest:
    found = train_request(dict(options))
    assert found is not None  # noqa: S101  # require_combinable
    return found
