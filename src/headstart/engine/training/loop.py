"""The train loop: epochs of steps, validation, the best point, steps back, checkpoints.

Everything that is drawn is a function of the seed and of where the training stands, so a resumed training is the same
as one that was never interrupted, bit for bit on a processor.
"""

from __future__ import annotations

import copy
import logging
import math
import time
from collections.abc import Iterable
from typing import Any

import numpy as np
import torch
from torch import Tensor

from headstart.core.errors import ConfigError
from headstart.core.learning import Ints
from headstart.core.seeding import derive_seed, generator
from headstart.core.training import AnyBatch, Batch, Change, DomainBatch, UnlabeledBatch
from headstart.engine.training.checkpoint import Checkpoint, Checkpoints
from headstart.engine.training.context import Context, model_outputs
from headstart.engine.training.drop_path import DropPaths
from headstart.engine.training.job import SilentListener, Trained, TrainingJob, TrainingListener
from headstart.engine.training.loader import values_of
from headstart.engine.training.mixing import mixed, require_mixable, wants_raw_views
from headstart.engine.training.model import TrainableModel
from headstart.engine.training.order import batches_of, beside, by_length, drawn, permuted, view_of
from headstart.engine.training.peers import ALONE, Peers
from headstart.engine.training.result import finite, report_of, shipped_head
from headstart.engine.training.saved import of_group, put_into, tensors_of
from headstart.engine.training.schedule import rate
from headstart.engine.training.state import TIME_IS_OVER, State
from headstart.engine.training.stepper import DivergedError, Stepper
from headstart.engine.training.tensors import MovingAverage, put_back, taken
from headstart.methods.training.objective import TaskObjective

logger = logging.getLogger(__name__)

DIVERGED = 0.5  # of the way from the start's validation loss to that of a constant
MOST_STEPS_BACK = 3


class Trainer:
    """One training, begun or gone on with.

    Args:
        job: What to train.
        settings: The method's config, a ``methods.training.settings.TrainConfig`` without "auto".
        lr: Largest learning rate.
        precision: "float32" or "bfloat16".
        checkpoints: None: nothing is written.
        checkpoint_seconds: Between two checkpoints.
        deadline: ``time.monotonic()`` after which no epoch begins.
        listener: Told of steps and epochs.
        peers: Other processes of the same training.
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
        deadline: float = math.inf,
        listener: TrainingListener | None = None,
        peers: Peers = ALONE,
    ) -> None:
        require_mixable(settings, job.backbone.modality, job.boundary)
        require_batches(settings, job.passed)
        self.job = job
        self.settings = settings
        self.lr = lr
        self.checkpoints = checkpoints
        self.checkpoint_seconds = checkpoint_seconds
        self.deadline = deadline
        self.listener: TrainingListener = listener or SilentListener()
        self.method = job.method
        self.state = State(boundary=job.boundary, accumulate=settings.accumulate)
        self.context = Context(job, settings.epochs)
        self.objective = TaskObjective(job.train_targets.kind, job.train_targets.width, settings.label_smoothing)
        self.targets = self.context.targets("train")
        self.rows = np.concatenate([job.train_rows, job.target_rows])
        self.weights = None if job.weights is None else torch.from_numpy(job.weights).float()
        self.model = self._new_model()
        self.stepper = Stepper(
            self.model, job.method, self.objective, settings, precision=precision, peers=peers, say=self._say
        )
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
        return model.to(self.job.device)

    def prepare(self) -> None:
        """Let the method prepare the model, and make the optimizer; called before anything else."""
        with torch.random.fork_rng(devices=[]):
            torch.manual_seed(derive_seed(self.job.seed, "prepare", self.job.name))
            self.method.prepare(self.model, self.context)
        self.model.to(self.job.device)
        self.drop_paths = DropPaths(self.model, self.settings.drop_path)
        self.stepper.regroup()

    def run(self) -> Trained:
        """Train to the end, or go on from the newest checkpoint; returns the best point."""
        if not self.stepper.is_ready:
            self.prepare()
        found = self.checkpoints.latest() if self.checkpoints else None
        if found:
            self._go_on(found)
        else:
            self._begin()
        while self.state.epoch < self.settings.epochs and not self.state.stopped:
            if self.stepper.peers.agree(float(time.monotonic() > self.deadline))[0]:
                self.state.stopped = TIME_IS_OVER
                break
            self._epoch()
        self._checkpoint(force=True)
        return self._finished()

    def _begin(self) -> None:
        state = self.state
        state.start_loss, state.start_score = self._validated()
        state.best_loss, self.best = state.start_loss, taken(self.model)

    @property
    def entry(self) -> int:
        """Where values enter the model: the boundary, or the input where pixels are mixed."""
        return 0 if wants_raw_views(self.settings) else self.state.boundary

    def _epoch(self) -> None:
        state = self.state
        self.context.epoch = state.epoch
        if state.batch == 0:
            self._apply(self.method.on_epoch_start(self.model, self.context))
        batches = self._batches()
        view = view_of(state.epoch, self.job.views, self.job.seed)
        self.ensure(view, np.arange(len(self.rows)))
        began, cpu = time.perf_counter(), time.process_time()
        try:
            self._steps(batches, view)
        except DivergedError as error:
            self._step_back(str(error))
        else:
            state.seconds += time.perf_counter() - began
            state.cpu_seconds += time.process_time() - cpu
            self._end_epoch(view, len(batches))
        state.epoch, state.batch, state.loss_sum, state.loss_rows = state.epoch + 1, 0, 0.0, 0
        if not state.stopped and state.epoch < self.settings.epochs:
            self._checkpoint()

    def _batches(self) -> list[Ints]:
        job, epoch, size = self.job, self.state.epoch, self.settings.batch_size
        order = self.method.sampler(self.context)
        if order is None and job.chances is not None:
            order = drawn(job.chances, job.seed, epoch)
        elif order is None:
            order = permuted(job.passed, job.seed, epoch)
        if job.lengths is not None:
            return self._beside(by_length(order, job.lengths, size, job.seed, epoch))
        return self._beside(batches_of(order, size))

    def _beside(self, batches: list[Ints]) -> list[Ints]:
        """Positions among ``rows``: training rows, then as many of the target where there are some."""
        job = self.job
        return beside(batches, len(job.train_rows), len(job.target_rows), job.seed, self.state.epoch)

    def ensure(self, view: int, rows: Ints) -> None:
        """Have ``(n,)`` rows ready where values enter, those of the target plain too where the method wants that."""
        self.job.feed.ensure(self.entry, view, self.rows[rows])
        if self.method.wants_plain and len(unlabeled := self._unlabeled(rows)):
            self.job.feed.ensure(self.entry, 0, unlabeled)

    def _unlabeled(self, rows: Ints) -> Ints:
        return self.rows[rows[rows >= len(self.job.train_rows)]]

    def read(self, view: int, rows: Ints) -> AnyBatch:
        """A batch of ``(B,)`` rows that is made ready and read now, for measurements: with its target rows."""
        (rows,) = self._beside([rows])
        self.ensure(view, rows)
        plain = self.job.feed.read(self.entry, 0, self._unlabeled(rows)) if self.method.wants_plain else None
        return self.batch(self.job.feed.read(self.entry, view, self.rows[rows]), rows, plain)

    def _steps(self, batches: list[Ints], view: int) -> None:
        state, feed = self.state, self.job.feed
        todo = batches[state.batch :]
        workers = 1 if self.settings.loader_workers == "auto" else self.settings.loader_workers
        read = values_of(feed, self.entry, view, [self.rows[some] for some in todo], workers)
        plain: Iterable[Tensor | None] = [None] * len(todo)
        if self.method.wants_plain:
            plain = values_of(feed, self.entry, 0, [self._unlabeled(some) for some in todo], workers)
        for some, values, other in zip(todo, read, plain, strict=True):
            lr = self._rate(state.batch / len(batches))
            losses = self.step(self.batch(values, some, other), lr)
            state.step, state.batch = state.step + 1, state.batch + 1
            state.loss_sum += losses.get("loss", losses["total"]) * len(some)
            state.loss_rows += len(some)
            self.method.on_step_end(self.model, self.context)
            self.listener.on_step(state.step, losses, lr)
            self._checkpoint()

    def _rate(self, share: float) -> float:
        """Learning rate after a share of this epoch's steps."""
        progress = (self.state.epoch + share) * self.settings.cycles / self.settings.epochs % 1
        return self.lr * self.state.factor * rate(self.settings.schedule, progress, self.settings.warmup)

    def batch(self, values: Tensor, rows: Ints, plain: Tensor | None = None) -> AnyBatch:
        """What a step is given.

        Args:
            values: ``(B, ...)`` as read.
            rows: ``(B,)`` positions among ``rows``, those of the target last.
            plain: ``(b, ...)`` of the latter without augmentation.
        """
        count = int((rows < len(self.job.train_rows)).sum())
        if count == len(rows):
            return self._labeled(self._placed(values), rows)
        others = None if plain is None else self._placed(plain)
        target = UnlabeledBatch(
            self._placed(values[count:]), self.entry, rows[count:] - len(self.job.train_rows), others
        )
        return DomainBatch(self._labeled(self._placed(values[:count]), rows[:count]), target) if count else target

    def _placed(self, values: Tensor) -> Tensor:
        values = values.to(self.job.device, non_blocking=True)
        if self.model.channels_last and values.ndim == 4 and self.entry > 0:
            values = values.contiguous(memory_format=torch.channels_last)
        return values

    def _labeled(self, values: Tensor, rows: Ints) -> Batch:
        """With targets and weights of ``(B,)`` training rows, mixed as set."""
        device, places = self.job.device, torch.from_numpy(rows)
        weights = None if self.weights is None else self.weights[places].to(device)
        found = Batch(values, self.entry, self.targets[places].to(device), weights, rows)
        rng = generator(self.job.seed, "mixing", self.job.name, str(self.state.step))
        return mixed(found, self.settings, self.objective.kind, self.objective.width, rng)

    def step(self, batch: AnyBatch, lr: float) -> dict[str, float]:
        """One optimizer step; raises DivergedError at a loss that is not finite."""
        seed = derive_seed(self.job.seed, "step", self.job.name, str(self.state.step))
        found = self.stepper.step(batch, lr, seed)
        self.state.accumulate = self.stepper.accumulate
        if self.average:
            self.average.update(self.model, self.state.step)
        return found

    def _validated(self) -> tuple[float, float]:
        outputs = model_outputs(self.model, self.job, self.job.val_rows, self.state.boundary)
        loss, score = self.stepper.peers.agree(*self.context.judged(self.context.scale.outputs(outputs)))
        return loss, score

    def _end_epoch(self, view: int, batches: int) -> None:
        state = self.state
        raw = taken(self.model) if self.average else None
        if self.average:
            put_back(self.model, self.average.tensors)
        loss, score = self._validated()
        if loss < state.best_loss or self.method.ends == "last":
            state.best_loss, state.best_epoch, state.worse = loss, state.epoch + 1, 0
            self.best = taken(self.model)
        else:
            state.worse += 1
        if raw is not None:
            put_back(self.model, raw)
        self._record(loss, score, view, self._rate((batches - 1) / batches))
        if not loss <= self._most():
            self._step_back(f"the validation loss rose to {loss:.3g} from {state.start_loss:.3g}")
        elif state.worse >= self.settings.patience:
            state.stopped = f"no better validation loss for {state.worse} epochs"

    def _most(self) -> float:
        """Validation loss above which a training counts as diverged.

        Losses are those at the best temperature, so for classes they hardly exceed that of a constant.
        """
        start, constant = self.state.start_loss, self.context.constant_loss()
        return start + DIVERGED * (constant - start) if start < constant else 2 * start

    def _record(self, loss: float, score: float, view: int, lr: float) -> None:
        state = self.state
        record = {
            "epoch": state.epoch + 1,
            "train_loss": state.loss_sum / max(1, state.loss_rows),
            "val_loss": loss,
            "val_score": score,
            "lr": lr * max(group["lr_scale"] for group in self.stepper.optimizer.param_groups),
            "boundary": state.boundary,
            "view": view,
        }
        seconds = {"seconds": round(state.seconds, 3), "cpu_seconds": round(state.cpu_seconds, 3)}
        state.seconds = state.cpu_seconds = 0.0
        state.history.append(finite(record))
        state.timings.append(seconds)
        self.listener.on_epoch({**record, **seconds})

    def _step_back(self, reason: str) -> None:
        """Back to the best point with half the learning rate."""
        state = self.state
        put_back(self.model, self.best)
        if self.average:
            self.average.tensors = {}
        self.stepper.regroup(anew=True)
        state.factor /= 2
        self._say(f"{reason}; back to the best point, with the learning rate halved to {self.lr * state.factor:.2g}")
        if state.factor <= 0.5**MOST_STEPS_BACK:
            state.stopped = f"it diverged {MOST_STEPS_BACK} times"

    def _say(self, text: str) -> None:
        logger.info("%s: %s", self.job.name, text)  # people are told by the listener
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
        if change.boundary is not None or change.regroup or change.restart:
            self.stepper.regroup(anew=change.restart)
            self.best = {**taken(self.model), **self.best}  # what joins is still as it was at the best point

    def _checkpoint(self, *, force: bool = False) -> None:
        if self.checkpoints is None or self.stepper.peers.rank:
            return
        if not force and time.monotonic() - self._saved < self.checkpoint_seconds:
            return
        tensors = tensors_of(self.stepper, self.best, self.average)
        self.checkpoints.save(self.state.step, tensors, {"state": self.state.to_dict()})
        self._saved = time.monotonic()

    def _go_on(self, found: Checkpoint) -> None:
        self.state = State(**found.document["state"])
        self.stepper.accumulate = self.state.accumulate
        self.context.epoch = self.state.epoch
        if self.state.boundary != self.model.boundary:
            self.model.freeze_below(self.state.boundary)
        put_into(self.stepper, found.tensors)
        self.best = of_group(found.tensors, "best")
        if self.average:
            self.average.tensors = of_group(found.tensors, "average")
        logger.info("%s goes on from step %d", self.job.name, self.state.step)

    def _finished(self) -> Trained:
        self.context.last = self.average.tensors if self.average and self.average.tensors else taken(self.model)
        put_back(self.model, self.best)
        self.drop_paths.give_back()
        self.model.eval()
        with torch.random.fork_rng(devices=[]):
            torch.manual_seed(derive_seed(self.job.seed, "finish", self.job.name))
            told = self.method.finish(self.model, self.context)
        self.model.eval()
        self.model.to("cpu")
        fitted, outputs, facts = shipped_head(self.job, self.model, self.context)
        facts |= {"lr": self.lr, "precision": self.stepper.precision}
        moved = self.state.best_epoch > 0 or bool(told.get("moved"))
        report = report_of(self.state, facts, told)
        return Trained(self.model.backbone.eval(), fitted, self.state.best_epoch, moved, outputs, report)


def require_batches(settings: Any, rows: int) -> None:
    """Raise ConfigError for batches of one example with statistics of batches."""
    if settings.norm == "batch" and min(settings.batch_size, rows) < 2:
        raise ConfigError(
            f"statistics of a batch need at least two examples; got batch_size {settings.batch_size} for {rows} "
            "training examples and norm 'batch'. Raise method.batch_size, or set method.norm=frozen."
        )
