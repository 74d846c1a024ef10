"""One student, taught: depth, rate and epochs are settled as for any training, and the engine's loop runs it."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from headstart.compression.distillation import standards
from headstart.compression.student import NAME, READ, StudentConfig, StudentRequest, Teacher
from headstart.core.learning import Ints, Targets, Task

if TYPE_CHECKING:
    from headstart.core.training import TrainMethod
    from headstart.engine.training.feed import Feed, KeptFeed
    from headstart.engine.training.job import Trained, TrainingJob, TrainingListener
    from headstart.training.setup import Setup

FROZEN = 0.4  # of the student's arithmetic lies in stages that stay as they are
WATCHED = 1000  # labelled rows whose loss says whether a training diverges
LEAST_SPREAD, TOLERANCE = 0.1, 1e-5  # of the teacher's head; nats per row


@dataclass(frozen=True)
class Lesson:
    """What a student learns from.

    Attributes:
        feed: Over its inputs: those of the run, then further ones without labels.
        teacher: Over the same inputs.
        rows: ``(m,)`` positions that teach: of the run those that never judge, and all further ones.
        labelled: ``(k,)`` of them, those of the run.
        targets: Of the labelled ones, for the teacher's head and for the look whether a training diverges.
        task: Of the run.
        penalty: Of the teacher's head.
        lengths: ``(N,)`` of all inputs where rows of about equal length are to be batched, else None.
        cache_bytes: Size of the cache.
        deadline: ``time.monotonic()`` at which the training must be over; infinity without a limit.
        seed: Of all that is drawn.
    """

    feed: KeptFeed
    teacher: Feed
    rows: Ints
    labelled: Ints
    targets: Targets
    task: Task
    penalty: float
    lengths: Ints | None
    cache_bytes: int
    seed: int
    deadline: float = math.inf


def taught(
    lesson: Lesson, stage: int, options: dict[str, Any], listener: TrainingListener | None = None
) -> tuple[Trained, Setup] | None:
    """Train the upper part of a network to be as its teacher is; None where the time that is left is too short.

    Args:
        lesson: What it learns from.
        stage: Boundary of the teacher's pooled features.
        options: Of :class:`StudentConfig`, as far as they are not the usual ones.
        listener: Told of steps and epochs.
    """
    from headstart.engine.training.loop import Trainer
    from headstart.training.draft import feed_of
    from headstart.training.setup import set_up

    request = StudentRequest(NAME, options, teacher=teacher_of(lesson, stage)).frozen_at(_boundary(lesson, options))
    setup = set_up(_place(request, lesson))
    if setup is None:
        return None
    config = request.config(setup.settings)
    feed = feed_of(lesson.feed, bool(config.keep))
    job = _job(lesson, request.method(config), feed, setup.boundary, int(config.views))
    found = Trainer(
        job, config, lr=config.lr, precision=config.precision, deadline=lesson.deadline, listener=listener
    ).run()
    return (found, setup) if found.best_epoch else None


def teacher_of(lesson: Lesson, stage: int) -> Teacher:
    """With features standardised by the rows that teach, and a head of the labelled ones among them."""
    import torch

    from headstart.core.resources import one_blas_thread
    from headstart.engine.training.scale import Scale
    from headstart.methods.fixed_penalty import solve_at_penalty
    from headstart.methods.threads import torch_threads

    lesson.teacher.ensure(stage, 0, lesson.rows)
    mean, spread = standards(_read(lesson.teacher, stage, lesson.rows))
    scaled = ((_read(lesson.teacher, stage, lesson.labelled) - mean) / spread).numpy()
    with one_blas_thread(), torch_threads(1):
        weights, biases = solve_at_penalty(
            scaled, lesson.targets, np.ones((1, len(scaled))), lesson.penalty, LEAST_SPREAD, TOLERANCE, only_seen=True
        )
    weight, bias = Scale.of(lesson.targets).head_in(weights[0].astype(np.float64), biases[0].astype(np.float64))
    head = torch.from_numpy(weight).float(), torch.from_numpy(bias).float()
    return Teacher(lesson.teacher, lesson.rows, stage, mean, spread, *head)


def _read(feed: Feed, stage: int, rows: Ints) -> Any:
    import torch

    return torch.cat([feed.read(stage, 0, rows[low : low + READ]) for low in range(0, len(rows), READ)])


def _boundary(lesson: Lesson, options: dict[str, Any]) -> int:
    from headstart.engine.training.depth import boundary_of_work
    from headstart.engine.training.freezing import boundary_of, deepest

    backbone, freeze = lesson.feed.origin.backbone, StudentConfig.parse(options, "a student").freeze
    if freeze != "auto":
        return boundary_of(backbone, freeze)
    return min(boundary_of_work(lesson.feed.origin, lesson.rows[:1], FROZEN), deepest(backbone))


def _place(request: StudentRequest, lesson: Lesson) -> Any:
    from headstart.training.place import Place

    def job_of(method: TrainMethod, feed: Feed, boundary: int, views: int) -> TrainingJob:
        return _job(lesson, method, feed, boundary, views)

    return Place(
        request=request, kept=lesson.feed, rows=lesson.rows, val=lesson.labelled[:WATCHED], targets=lesson.targets,
        task=lesson.task, job_of=job_of, cache_bytes=lesson.cache_bytes, deadline=lesson.deadline, seed=lesson.seed,
        probe_loss=math.inf,
    )  # fmt: skip


def _job(lesson: Lesson, method: TrainMethod, feed: Feed, boundary: int, views: int) -> TrainingJob:
    from headstart.engine.training.job import TrainingJob

    backbone, targets = lesson.feed.origin.backbone, lesson.targets
    watched, none = lesson.labelled[:WATCHED], np.zeros(0, np.int64)
    head = np.zeros((targets.width, backbone.feature_dim)), np.zeros(targets.width)

    def features(split: str) -> NDArray[np.float32]:
        raise AssertionError(f"a student asks its teacher, not for the pretrained features of {split} rows")

    return TrainingJob(
        name=NAME, backbone=backbone, method=method, feed=feed, train_rows=none, val_rows=watched,
        train_targets=targets, val_targets=targets.take(np.arange(len(watched))), weights=None, task=lesson.task,
        probe=head, features=features, boundary=boundary, views=views, seed=lesson.seed,
        lengths=None if lesson.lengths is None else lesson.lengths[lesson.rows], target_rows=lesson.rows,
    )  # fmt: skip
