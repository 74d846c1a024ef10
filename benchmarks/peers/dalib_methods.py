"""Losses of dalib, the first release of TLlib and the only one on PyPI, in steps as in its examples.

    ENV/bin/python dalib_methods.py OUT.jsonl FOLDER...

Kernels and weights are those of its examples; the trained part is that of all, without a layer before the head.
"""

from __future__ import annotations

import copy
from typing import Any

import torch
from dalib.adaptation.cdan import ConditionalDomainAdversarialLoss
from dalib.adaptation.dan import MultipleKernelMaximumMeanDiscrepancy
from dalib.adaptation.dann import DomainAdversarialLoss
from dalib.adaptation.jan import JointMultipleKernelMaximumMeanDiscrepancy
from dalib.adaptation.mcd import classifier_discrepancy, entropy
from dalib.modules.domain_discriminator import DomainDiscriminator
from dalib.modules.kernels import GaussianKernel
from torch import Tensor, nn
from torch.nn.functional import cross_entropy
from upper_part import Task, Training, main

HIDDEN = 1024  # of the discriminator
WARM = 0.1  # share of the training in which a reversed gradient rises: its 1,000 steps are longer than these trainings
TIMES, CERTAIN = 4, 0.01  # of MCD: steps of the network for each of the heads, and the weight of the entropy


def aligned(task: Task, alignment: Any, *new: nn.Module) -> Any:
    """Cross-entropy on source rows and an alignment of both domains."""
    optimizers = [task.optimizer(task.upper, task.head), *(task.optimizer(each, is_new=True) for each in new)]

    def step(source: Tensor, labels: Tensor, target: Tensor) -> None:
        ours, theirs = task.upper(source), task.upper(target)
        outputs = task.head(ours)
        loss = cross_entropy(outputs, labels) + alignment(ours, outputs, theirs, task.head(theirs))
        _move(loss, *optimizers)

    return step, task.head


def source_training(task: Task) -> Any:
    """Cross-entropy alone."""
    optimizer = task.optimizer(task.upper, task.head)

    def step(source: Tensor, labels: Tensor, target: Tensor) -> None:
        _move(cross_entropy(task.head(task.upper(source)), labels), optimizer)

    return step, task.head


def dann(task: Task) -> Any:
    """Features alone."""
    tells_apart = DomainDiscriminator(task.width, HIDDEN)
    loss = DomainAdversarialLoss(tells_apart)
    loss.grl.max_iters = WARM * task.steps
    return aligned(task, lambda ours, outputs, theirs, others: loss(ours, theirs), tells_apart)


def cdan(task: Task) -> Any:
    """Features times predictions, sure ones above all."""
    tells_apart = DomainDiscriminator(task.width * task.classes, HIDDEN)
    loss = ConditionalDomainAdversarialLoss(tells_apart, entropy_conditioning=True)
    loss.grl.max_iters = WARM * task.steps
    return aligned(task, lambda ours, outputs, theirs, others: loss(outputs, ours, others, theirs), tells_apart)


def dan(task: Task) -> Any:
    """Means in the space of several kernels, over all pairs."""
    loss = MultipleKernelMaximumMeanDiscrepancy(_kernels(), linear=False)
    return aligned(task, lambda ours, outputs, theirs, others: loss(ours, theirs))


def jan(task: Task) -> Any:
    """Features together with predictions."""
    loss = JointMultipleKernelMaximumMeanDiscrepancy(
        (_kernels(), (GaussianKernel(sigma=0.92, track_running_stats=False),)), linear=False
    )

    def alignment(ours: Tensor, outputs: Tensor, theirs: Tensor, others: Tensor) -> Tensor:
        return loss((ours, outputs.softmax(1)), (theirs, others.softmax(1)))

    return aligned(task, alignment)


def mcd(task: Task) -> Any:
    """Its three steps, with linear heads; the better one is not known without labels, so the first answers."""
    second = copy.deepcopy(task.head)
    second.reset_parameters()
    network, heads = task.optimizer(task.upper), task.optimizer(task.head, second)

    def learned(source: Tensor, labels: Tensor, target: Tensor) -> tuple[Tensor, Tensor]:
        ours, theirs = task.upper(source), task.upper(target)
        found = [head(theirs).softmax(1) for head in (task.head, second)]
        at_home = sum(cross_entropy(head(ours), labels) for head in (task.head, second))
        return at_home + CERTAIN * sum(map(entropy, found)), classifier_discrepancy(*found)

    def step(source: Tensor, labels: Tensor, target: Tensor) -> None:
        _move(learned(source, labels, target)[0], network, heads)
        at_home, apart = learned(source, labels, target)
        _move(at_home - apart, heads)
        for _ in range(TIMES):
            theirs = task.upper(target)
            _move(classifier_discrepancy(*(head(theirs).softmax(1) for head in (task.head, second))), network)

    return step, task.head


def _kernels() -> list[Any]:
    return [GaussianKernel(alpha=2.0**power) for power in range(-3, 2)]


def _move(loss: Tensor, *optimizers: torch.optim.Optimizer) -> None:
    for optimizer in optimizers:
        optimizer.zero_grad()
    loss.backward()
    for optimizer in optimizers:
        optimizer.step()


TRAININGS: dict[str, Training] = {
    "source_training": source_training,
    "dann": dann,
    "cdan": cdan,
    "mcd": mcd,
    "dan": dan,
    "jan": jan,
}

if __name__ == "__main__":
    main(TRAININGS)
