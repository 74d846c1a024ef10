"""Trainings that began at the same point, averaged: one network, one head, judged on the validation rows.

Wortsman et al., ICML 2022, arXiv:2203.05482. What is averaged is what each training would ship: its best point, with
what its method added merged into the weights and the best temperature in its head.
"""

from __future__ import annotations

import copy
from collections.abc import Sequence
from dataclasses import replace

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from headstart.engine.training.context import Context
from headstart.engine.training.job import Trained, TrainingJob
from headstart.engine.training.model import TrainableModel
from headstart.engine.training.result import shipped_head
from headstart.methods.greedy_soup import mean_of
from headstart.methods.training.head import fill_head


def soup_of(job: TrainingJob, members: Sequence[Trained]) -> Trained:
    """The mean of trained networks and of their heads, at the best temperature.

    Args:
        job: Whose validation rows judge; ``job.boundary`` is below everything that any of the members changed.
        members: Of one start and one architecture; the report is that of the first.
    """
    first = members[0]
    backbone = copy.deepcopy(first.backbone)
    own = _tensors(backbone)
    with torch.no_grad():
        for name, value in _averaged([_tensors(member.backbone) for member in members]).items():
            own[name].copy_(value)
    width = job.train_targets.width
    model = TrainableModel(backbone, width, job.boundary, channels_last=backbone.modality == "image")
    context = Context(job, 1)
    fill_head(model.head, *context.scale.head_in(_mean(members, "weight"), _mean(members, "bias")))
    model.eval()
    fitted, outputs, facts = shipped_head(job, model, context)
    report = {**first.report, **facts, "boundary": job.boundary}
    moved = any(member.moved for member in members)
    return replace(first, backbone=backbone, fitted=fitted, moved=moved, val_outputs=outputs, report=report)


def _tensors(backbone: torch.nn.Module) -> dict[str, Tensor]:
    return {**dict(backbone.named_parameters()), **dict(backbone.named_buffers())}


def _averaged(points: Sequence[dict[str, Tensor]]) -> dict[str, Tensor]:
    """Means of what differs; what all share stays as it is to the last bit: kept activations lie above it."""
    first, *others = points
    differing = [name for name, value in first.items() if not all(torch.equal(value, each[name]) for each in others)]
    return mean_of([{name: point[name].detach() for name in differing} for point in points])


def _mean(members: Sequence[Trained], name: str) -> NDArray[np.float64]:
    arrays = [member.fitted.arrays[name].astype(np.float64) for member in members]
    return np.asarray(np.mean(arrays, axis=0), np.float64)
