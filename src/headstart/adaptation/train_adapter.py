"""A network trained for another domain by one of the methods in ``trainers/``, in the engine's own loop."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from headstart.core import plugins
from headstart.core.errors import DataError
from headstart.request.train_request import TrainRequest

if TYPE_CHECKING:
    from headstart.core.learning import Ints, Targets, Task
    from headstart.core.training import TrainMethod
    from headstart.engine.training.feed import Feed, KeptFeed
    from headstart.engine.training.job import Trained, TrainingJob, TrainingListener
    from headstart.training.setup import Setup

TRAINERS = "adaptation.trainers"
HEAD_FORM = "linear_probe"
# What plugins need: no source rows; texts; texts of which tokens are hidden; a head solved again on what the network
# makes of the labelled rows in the end.
SOURCE_FREE, TEXTS, MASKED, SOLVED = "source_free", "texts", "masked_texts", "solved_head"


class TrainerRequest(TrainRequest):
    """A train method of another room."""

    def config(self, settings: dict[str, Any] | None = None) -> Any:
        """Its config, from the options or from resolved settings; raises ConfigError for what it does not have."""
        values = self.options if settings is None else settings
        return plugins.load(TRAINERS, self.name).config.parse(values, f"method {self.name}")

    def method(self, config: Any) -> TrainMethod:
        """Built from a config."""
        method: TrainMethod = plugins.load(TRAINERS, self.name).build(config)
        return method


@dataclass(frozen=True)
class DomainRows:
    """Both domains before a network.

    Attributes:
        feed: Over the network's inputs, those of the source and those of the target one after another.
        train: Positions ``(n,)`` of source rows to learn from.
        val: Positions ``(v,)`` of held-out source rows.
        target: Positions ``(m,)``; of their targets nothing is known here.
        train_targets: Of the n rows.
        val_targets: Of the v rows.
        task: Of the run.
        head: Weight ``(K, D)`` and bias ``(K,)`` that the training begins with.
        lengths: ``(N,)`` of all inputs where rows of about equal length are to be batched, else None.
        cache_bytes: Size of the cache.
        seed: Of all that is drawn.
    """

    feed: KeptFeed
    train: Ints
    val: Ints
    target: Ints
    train_targets: Targets
    val_targets: Targets
    task: Task
    head: tuple[NDArray[np.float64], NDArray[np.float64]]
    lengths: Ints | None
    cache_bytes: int
    seed: int

    def without_source(self) -> DomainRows:
        """Held-out rows stay, for the look whether the training diverges; nothing is learned from them."""
        none = np.zeros(0, np.int64)
        return replace(self, train=none, train_targets=self.train_targets.take(none))

    @property
    def passed(self) -> Ints:
        """Positions of the rows that an epoch goes through."""
        return self.train if len(self.train) else self.target


def train_adapter(
    request: TrainerRequest, rows: DomainRows, listener: TrainingListener | None = None
) -> tuple[Trained, Setup]:
    """Train the upper part of the network and its head for the target.

    Args:
        request: The method; what its options leave open is settled as for any training.
        rows: Both domains.
        listener: Told of steps and epochs.

    Raises:
        ConfigError: no such option.
        StageError: nothing of the network would be trained.
        DataError: the training diverged at once.
    """
    from headstart.engine.training.loop import Trainer
    from headstart.training.draft import feed_of
    from headstart.training.setup import set_up

    name = request.name
    rows = _as_needed(request, rows)
    request = replace(request, options={**request.options, "freeze": _boundary(request, rows)})
    setup = set_up(_place(request, rows))
    assert setup is not None  # noqa: S101 - there is no deadline
    config = request.config(setup.settings)
    job = _job(name, rows, request.method(config), feed_of(rows.feed, bool(config.keep)), setup.boundary, config.views)
    found = Trainer(job, config, lr=config.lr, precision=config.precision, listener=listener).run()
    if not found.best_epoch:
        raise DataError(f"the training came to no end of an epoch: {'; '.join(found.report['messages'])}")
    # The head's form is that of a probe, which every version of a bundle's reader knows.
    spec = {**found.fitted.spec, "method": HEAD_FORM, "adapted": name}
    return replace(found, fitted=replace(found.fitted, spec=spec)), setup


def solves_head(name: str) -> bool:
    """Whether the head that ships is solved after the training, on the new features."""
    return SOLVED in plugins.load(TRAINERS, name).needs


def _as_needed(request: TrainerRequest, rows: DomainRows) -> DomainRows:
    """Without source rows, or with tokens hidden, as the method needs; raises DataError where it needs texts."""
    from headstart.adaptation.training.masked_feed import masked_feed
    from headstart.data.text_masked import Masking

    needs = plugins.load(TRAINERS, request.name).needs
    backbone = rows.feed.origin.backbone
    if needs & {TEXTS, MASKED} and backbone.modality != "text":
        raise DataError(
            f"{request.name} needs a network that reads texts; {backbone.name} takes inputs of kind "
            f"{backbone.modality!r}. Name another method."
        )
    if SOURCE_FREE in needs:
        return rows.without_source()
    if MASKED in needs:
        return replace(rows, feed=masked_feed(rows.feed, Masking(masked=request.config().masked)))
    return rows


def _boundary(request: TrainerRequest, rows: DomainRows) -> int:
    """As asked; else below the last 40 % of the network's arithmetic: probes of its stages would need labels of the
    domain that it is to serve.
    """
    from headstart.engine.training.depth import MOST, boundary_of_work
    from headstart.engine.training.freezing import boundary_of, deepest

    backbone, freeze = rows.feed.origin.backbone, request.config().freeze
    if freeze != "auto":
        return boundary_of(backbone, freeze)
    return min(boundary_of_work(rows.feed.origin, rows.target[:1], MOST), deepest(backbone))


def _place(request: TrainerRequest, rows: DomainRows) -> Any:
    import math

    from headstart.training.place import Place

    def job_of(method: TrainMethod, feed: Feed, boundary: int, views: int) -> TrainingJob:
        return _job(request.name, rows, method, feed, boundary, views)

    return Place(
        request=request, kept=rows.feed, rows=rows.passed, val=rows.val, targets=rows.train_targets, task=rows.task,
        job_of=job_of, cache_bytes=rows.cache_bytes, deadline=math.inf, seed=rows.seed, probe_loss=math.inf,
    )  # fmt: skip


def _job(name: str, rows: DomainRows, method: TrainMethod, feed: Feed, boundary: int, views: int) -> TrainingJob:
    from headstart.adaptation.training.masked_feed import AnsweredFeed
    from headstart.engine.training.job import TrainingJob

    origin = rows.feed.origin
    if MASKED in plugins.load(TRAINERS, name).needs:
        feed = AnsweredFeed(feed, rows.feed)

    def features(split: str) -> NDArray[np.float32]:
        raise AssertionError(f"no method of this room asks for the pretrained features of {split} rows")

    return TrainingJob(
        name=name, backbone=origin.backbone, method=method, feed=feed, train_rows=rows.train, val_rows=rows.val,
        train_targets=rows.train_targets, val_targets=rows.val_targets, weights=None, task=rows.task, probe=rows.head,
        features=features, boundary=boundary, views=views, seed=rows.seed,
        lengths=None if rows.lengths is None else rows.lengths[rows.passed],
        device="cuda" if "cuda" in origin.runtime.name else "cpu", target_rows=rows.target,
    )  # fmt: skip
