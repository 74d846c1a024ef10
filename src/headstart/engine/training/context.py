"""What a method may ask of the engine."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from typing import TYPE_CHECKING

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from headstart.backbones.pretrained.cut import averaged as average
from headstart.core.learning import Floats, Ints, Targets
from headstart.core.seeding import generator
from headstart.core.training import Model, UnlabeledBatch
from headstart.engine.training.job import TrainingJob
from headstart.engine.training.scale import Scale
from headstart.engine.training.sharpness import best_factor
from headstart.engine.training.tensors import put_back, taken

if TYPE_CHECKING:
    from headstart.engine.training.model import TrainableModel

EVALUATION_BATCH = 64


class Context:
    """See ``core.training.TrainContext``."""

    def __init__(self, job: TrainingJob, epochs: int) -> None:
        self.job = job
        self.scale = Scale.of(job.train_targets)
        self.kind = job.train_targets.kind
        self.width = job.train_targets.width
        self.epoch = 0
        self.epochs = epochs
        self.seed = job.seed
        self.last: Mapping[str, Tensor] = {}
        self.domains = job.domains

    def rows(self, split: str) -> Ints:
        """Positions among the feed's inputs."""
        job = self.job
        return {"train": job.train_rows, "val": job.val_rows, "target": job.target_rows}[split]

    def encoded(self, split: str) -> Targets:
        """Of a split."""
        return self.job.train_targets if split == "train" else self.job.val_targets

    def features(self, split: str, stage: int | None = None) -> NDArray[np.float32]:
        """Pooled features ``(N, D)``, or those of an earlier boundary averaged."""
        if stage is None or stage == len(self.job.backbone.stages):
            return self.job.features(split)
        return self._averaged(split, stage)

    def _averaged(self, split: str, stage: int) -> NDArray[np.float32]:
        rows = self.rows(split)
        parts = []
        for low in range(0, len(rows), EVALUATION_BATCH):
            self.job.feed.ensure(stage, 0, rows)
            values = self.job.feed.read(stage, 0, rows[low : low + EVALUATION_BATCH])
            parts.append(averaged(values, is_map=self.job.backbone.variable_axis is None))
        return torch.cat(parts).numpy()

    def targets(self, split: str) -> Tensor:
        """As in ``core.training.Batch``."""
        return self.scale.targets(self.encoded(split))

    def probe_head(self) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
        """In the model's units."""
        return self.scale.head_in(*self.job.probe)

    def predict(self, model: Model, split: str) -> Floats:
        """Outputs ``(N, W)`` in the task's units; the model is in eval mode afterwards."""
        return self.scale.outputs(model_outputs(model, self.job, self.rows(split), model.boundary))  # type: ignore[arg-type]

    def embed(self, model: Model, split: str) -> Tensor:
        """Pooled features ``(N, D)``; the model is in eval mode afterwards."""
        return torch.cat(list(_passed(model.features, model, self.job, self.rows(split), model.boundary)))  # type: ignore[arg-type]

    def validate(self, model: Model) -> float:
        """Mean validation loss."""
        return self.judged(self.predict(model, "val"))[0]

    def judged(self, outputs: Floats) -> tuple[float, float]:
        """Validation loss at the best temperature, and score; infinity and NaN where outputs are not finite."""
        if not np.isfinite(outputs).all():
            return float("inf"), float("nan")
        targets, task = self.job.val_targets, self.job.task
        scaled = outputs * best_factor(task, targets, outputs)
        return float(task.loss(targets, scaled).mean()), float(task.score(targets, outputs))

    def constant_loss(self) -> float:
        """Mean validation loss of a model that says the same of every example: the mean, or all classes alike."""
        train, val = self.job.train_targets, self.job.val_targets
        value = float(np.mean(train.values)) if train.kind == "real" else 0.0
        return float(self.job.task.loss(val, np.full((len(val), self.width), value)).mean())

    def rng(self, *purpose: str) -> np.random.Generator:
        """Random numbers for one purpose."""
        return generator(self.seed, self.job.name, *purpose)

    def taken(self, model: Model) -> dict[str, Tensor]:
        """A copy of every trained tensor, by name."""
        return taken(model)  # type: ignore[arg-type]  # the engine's own model

    def put_back(self, model: Model, tensors: Mapping[str, Tensor]) -> None:
        """Fill the model with tensors of :meth:`taken`."""
        put_back(model, tensors)  # type: ignore[arg-type]  # the engine's own model


def averaged(values: Tensor, *, is_map: bool) -> Tensor:
    """``(B, C)`` of a packed boundary, as of a network that is cut there; padded positions do not count."""
    if is_map or values.ndim <= 2:
        return average(values, None, is_map=is_map)
    padded = torch.isnan(values)
    mask = ~padded.flatten(2)[:, :, 0]
    return average(torch.where(padded, torch.zeros_like(values), values), mask, is_map=is_map)


def model_outputs(model: TrainableModel, job: TrainingJob, rows: Ints, start: int) -> NDArray[np.float64]:
    """Outputs ``(N, W)`` of rows in the model's units, view 0, from kept boundary ``start``."""
    return torch.cat([part.double() for part in _passed(model, model, job, rows, start)]).cpu().numpy()


def _passed(
    compute: Callable[[UnlabeledBatch], Tensor], model: TrainableModel, job: TrainingJob, rows: Ints, start: int
) -> Iterator[Tensor]:
    """``compute`` of batches of rows, view 0, in eval mode, without gradients."""
    model.eval()
    job.feed.ensure(start, 0, rows)
    with torch.no_grad():
        for low in range(0, len(rows), EVALUATION_BATCH):
            some = rows[low : low + EVALUATION_BATCH]
            yield compute(UnlabeledBatch(job.feed.read(start, 0, some).to(model.device), start, some))
