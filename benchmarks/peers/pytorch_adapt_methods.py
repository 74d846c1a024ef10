"""Methods of pytorch-adapt with its own hooks, losses and networks at their defaults.

    ENV/bin/python pytorch_adapt_methods.py OUT.jsonl FOLDER...

Its default rate and optimizer are not taken: every library trains at the same ones.
"""

from __future__ import annotations

import copy
from collections.abc import Callable
from functools import partial
from typing import Any

import torch
from pytorch_adapt.adapters import CDANNE, DANN, MCD, Aligner, BaseAdapter, Classifier
from pytorch_adapt.containers import Misc, Models, Optimizers
from pytorch_adapt.hooks import AlignerHook, JointAlignerHook, MCCHook
from pytorch_adapt.layers import CORALLoss, MMDLoss, MultipleModels, RandomizedDotProduct
from pytorch_adapt.layers.utils import get_kernel_scales
from pytorch_adapt.models import Discriminator
from pytorch_adapt.utils.common_functions import reinit
from torch import Tensor, nn
from upper_part import Step, Task, Training, main

SOURCE, TARGET = 0, 1
WIDE = 2048  # of the discriminator, its default


def with_adapter(
    task: Task, adapter: type[BaseAdapter], head: nn.Module, hook: dict[str, Any], wide: int | None = None
) -> Step:
    """A step of an adapter over network, head and, where ``wide`` says how wide its input is, a discriminator."""
    models = {"G": task.upper, "C": head}
    optimizers = {"G": task.optimizer(task.upper), "C": task.optimizer(head)}
    misc = None
    if wide is not None:
        models["D"] = Discriminator(in_size=wide, h=WIDE)
        optimizers["D"] = task.optimizer(models["D"], is_new=True)
        if adapter is CDANNE:
            misc = Misc({"feature_combiner": RandomizedDotProduct([task.width, task.classes], wide)})
    built = adapter(models=Models(models), optimizers=Optimizers(optimizers), misc=misc, hook_kwargs=hook)

    def step(source: Tensor, labels: Tensor, target: Tensor) -> None:
        domains = (torch.full((len(each),), domain) for each, domain in ((source, SOURCE), (target, TARGET)))
        names = ("src_imgs", "src_labels", "src_domain", "target_imgs", "target_domain")
        ours, theirs = domains
        built.training_step(dict(zip(names, (source, labels, ours, target, theirs), strict=True)))

    return step


def plain(adapter: type[BaseAdapter], hook: Callable[[], dict[str, Any]], task: Task) -> Any:
    """Without networks of its own."""
    return with_adapter(task, adapter, task.head, hook()), task.head


def adversarial(adapter: type[BaseAdapter], task: Task) -> Any:
    """With a discriminator."""
    wide = WIDE if adapter is CDANNE else task.width
    return with_adapter(task, adapter, task.head, {}, wide), task.head


def discrepancy(task: Task) -> Any:
    """With a second head that begins anew; both answer together."""
    heads = MultipleModels(task.head, reinit(copy.deepcopy(task.head)))
    return with_adapter(task, MCD, heads, {}), lambda features: sum(heads(features))


def kernels() -> MMDLoss:
    """Several kernels over all pairs, as in the papers."""
    return MMDLoss(kernel_scales=get_kernel_scales(low=-3, high=3, num_kernels=10), mmd_type="quadratic")


TRAININGS: dict[str, Training] = {
    "source_training": partial(plain, Classifier, dict),
    "dann": partial(adversarial, DANN),
    "cdan": partial(adversarial, CDANNE),
    "mcc": partial(plain, Classifier, lambda: {"post": [MCCHook()]}),
    "mcd": discrepancy,
    "deep_coral": partial(plain, Aligner, lambda: {"loss_fn": CORALLoss()}),
    "dan": partial(plain, Aligner, lambda: {"aligner_hook": AlignerHook(kernels())}),
    "jan": partial(plain, Aligner, lambda: {"aligner_hook": JointAlignerHook(kernels())}),
}

if __name__ == "__main__":
    main(TRAININGS)
