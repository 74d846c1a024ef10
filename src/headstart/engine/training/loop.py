"""The train loop: epochs of steps, validation, the best point, steps back, checkpoints.

Everything that is drawn is a function of the seed and of where the training stands, so a resumed training is the same
as one that was never interrupted, bit for bit on a processor.
"""

from __future__ import annotations

import copy
import logging
import math
import time
from collections.abc import Mapping
from typing import Any

import torch
from torch import Tensor

from headstart.core.errors import ConfigError
from headstart.core.learning import Fitted, Ints
from headstart.core.seeding import derive_seed
from headstart.core.training import Batch, Change
from headstart.engine.training.checkpoint import Checkpoints
from headstart.engine.training.context import Context, model_outputs
from headstart.engine.training.job import SilentListener, Trained, TrainingJob, TrainingListener
from headstart.engine.training.loader import values_of
from headstart.engine.training.model import TrainableModel
from headstart.engine.training.optimizer import load_state_tensors, make_optimizer, set_rate, state_tensors
from headstart.engine.training.order import batches_of, permuted, view_of
from headstart.engine.training.schedule import rate
from headstart.engine.training.sharpness import best_factor
from headstart.engine.training.state import State
from headstart.engine.training.tensors import MovingAverage, put_back, taken
from headstart.methods.training.objective import TaskObjective

logger = logging.getLogger(__name__)

DIVERGED = 2.0  # times the start's validation loss
MOST_STEPS_BACK = 3


class DivergedError(Exception):
    """A loss that is not finite."""


class Trainer:
    """One training, begun or gone on with.

    Args:
        job: What to train.
        settings: The method's config, a ``methods.training.settings.TrainConfig`` without "auto".
        lr: Largest learning rate.
        precision: "float32" or "bfloat16".
        checkpoints: None: nothing is written.
        checkpoint_seconds: Between two checkpoints.
        listener: Told of steps and epochs.
    """

    def __init__(
        self,
        job: TrainingJob,
        settings: Any,
        *,
        lr: float = 1e-3,
        precision: str = "float32",
        checkpoints: Checkpoints | None = None,
        checkpoint_seconds: float = 60.0,
        listener: TrainingListener | None = None,
    ) -> None:
        self.job = job
        self.settings = settings
        self.lr = lr
        self.precision = precision
        self.checkpoints = checkpoints
        self.checkpoint_seconds = checkpoint_seconds
        self.listener: TrainingListener = listener or SilentListener()
        self.method = job.method
        self.state = State(boundary=job.boundary)
        self.context = Context(job, settings.epochs)
        self.objective = TaskObjective(job.train_targets.kind, job.train_targets.width, settings.label_smoothing)
        self.targets = self.context.targets("train")
        self.weights = None if job.weights is None else torch.from_numpy(job.weights).float()
        self.model = self._new_model()
        self.optimizer: torch.optim.Optimizer
        self.best: dict[str, Tensor] = {}
        self.average = MovingAverage(settings.ema) if settings.ema else None
        self._saved = time.monotonic()

    def _new_model(self) -> TrainableModel:
        model = TrainableModel(
            copy.deepcopy(self.job.backbone),
            self.job.train_targets.width,
            self.job.boundary,
            dropout=self.settings.dropout,
            batch_statistics=self.settings.norm == "batch",
            channels_last=self.job.backbone.modality == "image",
        )
        model.freeze_below(self.job.boundary)
        return model

    def prepare(self) -> None:
        """Let the method prepare the model, and make the optimizer; called before anything else."""
        with torch.random.fork_rng(devices=[]):
            torch.manual_seed(derive_seed(self.job.seed, "prepare", self.job.name))
            self.method.prepare(self.model, self.context)
        self._regroup()

    def run(self) -> Trained:
        """Train to the end, or go on from the newest checkpoint; returns the best point."""
        if not hasattr(self, "optimizer"):
            self.prepare()
        found = self.checkpoints.latest() if self.checkpoints else None
        if found:
            self._load(found.tensors, found.document)
        else:
            self._begin()
        while self.state.epoch < self.settings.epochs and not self.state.stopped:
            self._epoch()
        return self._finished()

    def _begin(self) -> None:
        state = self.state
        state.start_loss, state.start_score = self._validated()
        state.best_loss, self.best = state.start_loss, taken(self.model)

    def _epoch(self) -> None:
        state, began = self.state, time.perf_counter()
        self.context.epoch = state.epoch
        if state.batch == 0:
            self._apply(self.method.on_epoch_start(self.model, self.context))
        order = self._order()
        batches = batches_of(order, self.settings.batch_size)
        view = view_of(state.epoch, self.job.views, self.job.seed)
        todo = batches[state.batch :]
        try:
            self._steps(todo, view, len(batches))
        except DivergedError as error:
            self._step_back(str(error))
        else:
            state.seconds += time.perf_counter() - began
            self._end_epoch(view)
        state.epoch, state.batch, state.loss_sum, state.loss_rows = state.epoch + 1, 0, 0.0, 0
        if not state.stopped and state.epoch < self.settings.epochs:
            self._checkpoint(force=False)

    def _order(self) -> Ints:
        own = self.method.sampler(self.context)
        return permuted(len(self.targets), self.job.seed, self.state.epoch) if own is None else own

    def _steps(self, todo: list[Ints], view: int, per_epoch: int) -> None:
        state = self.state
        workers = 1 if self.settings.loader_workers == "auto" else self.settings.loader_workers
        rows = [self.job.train_rows[some] for some in todo]
        for some, values in zip(todo, values_of(self.job.feed, state.boundary, view, rows, workers), strict=True):
            progress = (state.epoch + state.batch / per_epoch) * self.settings.cycles / self.settings.epochs % 1
            lr = self.lr * state.factor * rate(self.settings.schedule, progress, self.settings.warmup)
            losses = self.step(self._batch(values, some), lr)
            state.step, state.batch = state.step + 1, state.batch + 1
            state.loss_sum += losses.get("loss", losses["total"]) * len(some)
            state.loss_rows += len(some)
            self.listener.on_step(state.step, losses, lr)
            self._checkpoint(force=False)

    def _batch(self, values: Tensor, rows: Ints) -> Batch:
        if self.model.channels_last and values.ndim == 4 and self.state.boundary > 0:
            values = values.contiguous(memory_format=torch.channels_last)
        weights = None if self.weights is None else self.weights[torch.from_numpy(rows)]
        return Batch(values, self.state.boundary, self.targets[torch.from_numpy(rows)], weights, rows)

    def step(self, batch: Batch, lr: float) -> dict[str, float]:
        """One optimizer step for each of the method's phases; raises DivergedError at a loss that is not finite."""
        torch.manual_seed(derive_seed(self.job.seed, "step", self.job.name, str(self.state.step)))
        self.model.train_mode()
        set_rate(self.optimizer, lr)
        found: dict[str, float] = {}
        for phase in range(self.method.phases):
            self.optimizer.zero_grad(set_to_none=True)
            for part, share in parts_of(batch, self.settings.accumulate):
                with torch.autocast("cpu", torch.bfloat16, enabled=self.precision == "bfloat16"):
                    loss = self.method.step(self.model, part, self.objective, phase)
                (loss.total * share).backward()  # type: ignore[no-untyped-call]  # torch has no types here
                for name, value in {**loss.parts, "total": loss.total}.items():
                    found[name] = found.get(name, 0.0) + float(value.detach()) * share
            if not math.isfinite(found["total"]):
                raise DivergedError(f"the training loss became {found['total']}")
            if self.settings.clip:
                torch.nn.utils.clip_grad_norm_(self._trained(), self.settings.clip)
            self.optimizer.step()
        if self.average:
            self.average.update(self.model, self.state.step)
        return found

    def _trained(self) -> list[torch.nn.Parameter]:
        return [value for group in self.optimizer.param_groups for value in group["params"]]

    def _validated(self) -> tuple[float, float]:
        outputs = model_outputs(self.model, self.job, self.job.val_rows, self.state.boundary)
        return self.context.judged(self.context.scale.outputs(outputs))

    def _end_epoch(self, view: int) -> None:
        state = self.state
        raw = taken(self.model) if self.average else None
        if self.average:
            put_back(self.model, self.average.tensors)
        loss, score = self._validated()
        record = {
            "epoch": state.epoch + 1,
            "train_loss": state.loss_sum / max(1, state.loss_rows),
            "val_loss": loss,
            "val_score": score,
            "lr": self.optimizer.param_groups[0]["lr"],
            "boundary": state.boundary,
            "view": view,
            "seconds": round(state.seconds, 3),
        }
        if loss < state.best_loss:
            state.best_loss, state.best_epoch, state.worse = loss, state.epoch + 1, 0
            self.best = taken(self.model)
        else:
            state.worse += 1
        if raw is not None:
            put_back(self.model, raw)
        state.seconds = 0.0
        state.history.append({key: _json(value) for key, value in record.items()})
        self.listener.on_epoch(record)
        if not loss <= DIVERGED * state.start_loss:
            self._step_back(f"the validation loss rose to {loss:.3g} from {state.start_loss:.3g}")
        elif state.worse >= self.settings.patience:
            state.stopped = f"no better validation loss for {state.worse} epochs"

    def _step_back(self, reason: str) -> None:
        """Back to the best point with half the learning rate."""
        state = self.state
        put_back(self.model, self.best)
        if self.average:
            self.average.tensors = {}
        self._regroup(anew=True)
        state.factor /= 2
        self._say(f"{reason}; back to the best point, with the learning rate halved to {self.lr * state.factor:.2g}")
        if state.factor <= 0.5**MOST_STEPS_BACK:
            state.stopped = f"it diverged {MOST_STEPS_BACK} times"

    def _say(self, text: str) -> None:
        logger.warning("%s: %s", self.job.name, text)
        self.state.messages.append(text)
        self.listener.on_message(text)

    def _apply(self, change: Change) -> None:
        state = self.state
        if change.boundary is not None and change.boundary != state.boundary:
            if change.boundary > state.boundary:
                raise ConfigError(
                    f"stages can be unfrozen, not frozen again once they were trained; got boundary {change.boundary} "
                    f"after {state.boundary}."
                )
            state.boundary = change.boundary
            self.model.freeze_below(change.boundary)
            self.best = {**taken(self.model), **self.best}
        if change.boundary is not None or change.regroup:
            self._regroup()

    def _regroup(self, *, anew: bool = False) -> None:
        groups = self.method.param_groups(self.model)
        trained = {id(value) for group in groups for value in group.parameters}
        for value in self.model.parameters():
            value.requires_grad_(id(value) in trained)
        before = None if anew else getattr(self, "optimizer", None)
        self.optimizer = make_optimizer(groups, self.settings.optimizer, self.settings.weight_decay, before)

    def _checkpoint(self, *, force: bool) -> None:
        if self.checkpoints is None or (not force and time.monotonic() - self._saved < self.checkpoint_seconds):
            return
        names = {id(value): name for name, value in self.model.named_parameters()}
        groups = {
            "model": self.model.trained_tensors(),
            "optimizer": state_tensors(self.optimizer, names),
            "best": self.best,
            "average": self.average.tensors if self.average else {},
            "method": self.method.state(),
        }
        tensors = {f"{group}/{name}": value for group, found in groups.items() for name, value in found.items()}
        self.checkpoints.save(self.state.step, tensors, {"state": self.state.to_dict()})
        self._saved = time.monotonic()

    def _load(self, tensors: Mapping[str, Tensor], document: Mapping[str, Any]) -> None:
        self.state = State(**document["state"])
        if self.state.boundary != self.model.boundary:
            self.model.freeze_below(self.state.boundary)
        self.context.epoch = self.state.epoch
        self._regroup(anew=True)

        def group(name: str) -> dict[str, Tensor]:
            prefix = f"{name}/"
            return {key.removeprefix(prefix): value for key, value in tensors.items() if key.startswith(prefix)}

        put_back(self.model, group("model"))
        load_state_tensors(self.optimizer, dict(self.model.named_parameters()), group("optimizer"))
        self.best = group("best")
        if self.average:
            self.average.tensors = group("average")
        self.method.load_state(group("method"))
        logger.info("%s goes on from step %d", self.job.name, self.state.step)

    def _finished(self) -> Trained:
        put_back(self.model, self.best)
        self.model.eval()
        with torch.random.fork_rng(devices=[]):
            torch.manual_seed(derive_seed(self.job.seed, "finish", self.job.name))
            told = self.method.finish(self.model, self.context)
        self.model.eval()
        factor = best_factor(self.job.task, self.job.val_targets, self.context.predict(self.model, "val"))
        with torch.no_grad():
            self.model.head.weight.mul_(factor)
            self.model.head.bias.mul_(factor)
        weight, bias = self.context.scale.head_out(
            self.model.head.weight.detach().double().numpy(), self.model.head.bias.detach().double().numpy()
        )
        state = self.state
        report = {
            "start": {"val_loss": _json(state.start_loss), "val_score": _json(state.start_score)},
            "best": {"epoch": state.best_epoch, "val_loss": _json(state.best_loss)},
            "history": state.history,
            "messages": state.messages,
            "stopped": state.stopped,
            "lr": self.lr,
            "precision": self.precision,
            "boundary": state.boundary,
            "temperature": 1 / factor,
            **({"method": dict(told)} if told else {}),
        }
        fitted = Fitted(
            {"weight": weight.astype("float32"), "bias": bias.astype("float32")},
            {"method": self.job.name, "form": "linear"},
        )
        return Trained(self.model.backbone.eval(), fitted, state.best_epoch, report)


def parts_of(batch: Batch, count: int) -> list[tuple[Batch, float]]:
    """A batch in about ``count`` parts with the share of each, so that gradients add up to the whole batch's."""
    rows = len(batch.rows)
    if count == 1 or rows < 2 * count:
        return [(batch, 1.0)]
    size = math.ceil(rows / count)
    found = []
    for low in range(0, rows, size):
        cut = slice(low, low + size)
        weights = None if batch.weights is None else batch.weights[cut]
        part = Batch(batch.values[cut], batch.start, batch.targets[cut], weights, batch.rows[cut])
        found.append((part, len(part.rows) / rows))
    return found


def _json(value: Any) -> Any:
    """Numbers that JSON can hold; None for those that are not finite."""
    return None if isinstance(value, float) and not math.isfinite(value) else value
