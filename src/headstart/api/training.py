"""Train methods in a fit: rows set apart for validation, activations kept at the boundary, a contender at the end."""

from __future__ import annotations

import logging
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from headstart.api.candidates import METHODS, Candidate
from headstart.api.lanes import lanes_of
from headstart.api.network_in_pass import backbone_space
from headstart.api.solving import Learning
from headstart.api.sources import PretrainedSource
from headstart.core import plugins
from headstart.core.errors import ConfigError
from headstart.core.learning import Ints, Solution
from headstart.core.seeding import generator
from headstart.evidence.contender import Contender
from headstart.methods.linear import linear_outputs

if TYPE_CHECKING:
    from headstart.api.carry_out import Solved, Work
    from headstart.api.lanes import Lane
    from headstart.api.networks import Network
    from headstart.core.progress import Progress
    from headstart.core.training import TrainMethod
    from headstart.engine.training.feed import KeptFeed
    from headstart.engine.training.job import Trained, TrainingJob

logger = logging.getLogger(__name__)

VAL_FRACTION = 0.2
USUAL_RATE = {"image": 3e-4, "text": 1e-4, "sound": 3e-4}


@dataclass(frozen=True)
class TrainRequest:
    """A train method that was asked for.

    Attributes:
        name: Of the method and of its candidate.
        options: As asked, "auto" where they were not.
        method: Built from them.
    """

    name: str
    options: dict[str, Any]
    method: TrainMethod


def train_request(options: dict[str, Any]) -> TrainRequest | None:
    """The train method of a request; None where it names none."""
    name = str(options["name"])
    if name == "auto" or name not in plugins.names(METHODS) or plugins.load(METHODS, name).kind != "train":
        return None
    return built(name, {key: value for key, value in options.items() if key != "name"})


def built(name: str, options: dict[str, Any]) -> TrainRequest:
    """A train method from its options; raises ConfigError for those it does not have."""
    plugin = plugins.load(METHODS, name)
    return TrainRequest(name, options, plugin.build(plugin.config.parse(options, f"method {name}")))


def trained(asked: TrainRequest, work: Work, solved: Solved, progress: Progress) -> Trial:
    """Carry out one train method."""
    return _Training(asked, work, solved, progress).run()


@dataclass(frozen=True)
class Trial:
    """A trained candidate.

    Attributes:
        settings: Of the method, without "auto".
        report: The engine's account.
    """

    candidate: Candidate
    contender: Contender
    settings: dict[str, Any]
    report: dict[str, Any]


class _Training:
    def __init__(self, asked: TrainRequest, work: Work, solved: Solved, progress: Progress) -> None:
        self.asked, self.work, self.solved, self.progress = asked, work, solved, progress
        self.learning: Learning = solved.learning
        self.lane = self._one_lane()
        self.train_rows, self.val_rows = validation_rows(solved, work.job.request.seed)

    def _one_lane(self) -> Lane:
        dataset = self.solved.reading.dataset
        lanes = lanes_of(dataset, self.work.networks)
        if len(lanes) != 1 or len(lanes[0].numbers) != 1 or dataset.table.columns:
            raise ConfigError(
                f"{self.asked.name} trains a network on examples of one picture, text or recording; these have "
                f"{len(dataset.parts)} such parts and {len(dataset.table.columns)} plain columns. Name one with "
                "--input, or use the method linear_probe."
            )
        return lanes[0]

    def run(self) -> Trial:
        """Keep, measure, train, and ask the trained network about the rows that are looked at."""
        from headstart.engine.training.checkpoint import Checkpoints
        from headstart.engine.training.feed import KeptFeed, RawFeed
        from headstart.engine.training.freezing import boundary_of
        from headstart.engine.training.loop import Trainer
        from headstart.engine.training.measure import measure_step
        from headstart.engine.training.rates import range_test

        folder = self.work.job.folder
        network = self.lane.network
        self.progress.step("prepare training", 0)
        config: Any = self.asked.method.config
        augmentation = None if config.augmentation == "none" else network.modality.augmentation("light")
        kept = KeptFeed(self._origin(augmentation), self.work.workshop.store)
        boundary = boundary_of(network.backbone, 5 if config.freeze == "auto" else config.freeze)
        views = 0 if augmentation is None else (config.epochs if config.views == "auto" else config.views)
        is_kept = boundary > 0 and config.keep is not False
        feed = kept if is_kept else RawFeed(kept.origin)
        if is_kept:
            self._keep(kept, boundary, views)
        settings = {**config.model_dump(), "freeze": boundary, "views": views, "keep": is_kept}
        plugin = plugins.load(METHODS, self.asked.name)
        resolved: Any = plugin.config.parse(settings, f"method {self.asked.name}")
        method = plugin.build(resolved)
        job = self._job(method, feed, boundary, views)
        checkpoints = Checkpoints(folder.path / "checkpoints" / self.asked.name, {"settings": settings})
        trainer = Trainer(job, resolved, checkpoints=checkpoints)
        trainer.prepare()
        cost = measure_step(trainer, "float32")
        logger.info("a step takes %.3f s, an epoch %.1f s", cost.wall, cost.epoch(len(self.train_rows)).wall)
        usual = USUAL_RATE[self.lane.modality]
        trainer.lr = range_test(trainer, usual) if resolved.lr == "auto" else resolved.lr
        self.progress.step("train", resolved.epochs)
        found = trainer.run()
        return self._trial(found, {**settings, "lr": trainer.lr})

    def _origin(self, augmentation: dict[str, Any] | None) -> Any:
        from headstart.engine.training.feed import Origin

        lane, workshop = self.lane, self.work.workshop
        network = lane.network
        modality, preparer = network.modality, network.preparer

        def preparer_of(view: int) -> Any:
            return preparer if view == 0 or augmentation is None else modality.view(preparer, augmentation, view)

        return Origin(
            network.backbone,
            self.learning.features.lanes[lane.modality].runtime,
            lane.inputs,
            lane.keys,
            preparer_of,
            augmentation,
            workshop.cache,
            workshop.threads,
        )

    def _rows(self, positions: Ints) -> Ints:
        """Rows of the data set from positions in the training part."""
        return self.solved.parts.split.train[positions]

    def _keep(self, kept: KeptFeed, boundary: int, views: int) -> None:
        train, val = self._rows(self.train_rows), self._rows(self.val_rows)
        wanted = [(view, train) for view in range(1, views + 1)] or [(0, train)]
        for view, rows in [*wanted, (0, val)]:
            kept.ensure(boundary, view, rows, self.progress)

    def _job(self, method: TrainMethod, feed: Any, boundary: int, views: int) -> TrainingJob:
        from headstart.engine.training.job import TrainingJob

        learning = self.learning
        by_split = {"train": self.train_rows, "val": self.val_rows}
        return TrainingJob(
            name=self.asked.name,
            backbone=self.lane.network.backbone,
            method=method,
            feed=feed,
            train_rows=self._rows(self.train_rows),
            val_rows=self._rows(self.val_rows),
            train_targets=learning.targets.take(self.train_rows),
            val_targets=learning.targets.take(self.val_rows),
            weights=None if learning.weights is None else learning.weights[self.train_rows],
            task=learning.task,
            probe=self._probe(),
            features=lambda split: self._kept_features(by_split[split]),
            boundary=boundary,
            views=views,
            seed=learning.seed,
        )

    def _kept_features(self, positions: Ints) -> NDArray[np.float32]:
        space = self.learning.features.lanes[self.lane.modality].space
        return self.learning.store.read(space, self.learning.train.keys[positions])

    def _probe(self) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
        """Solved on the training rows alone, as strong as the folds chose."""
        from headstart.core.resources import one_blas_thread
        from headstart.methods.fixed_penalty import solve_at_penalty
        from headstart.methods.linear_probe import LinearProbeConfig
        from headstart.methods.threads import torch_threads

        learning, config = self.learning, LinearProbeConfig()
        penalty = float(self.solved.contenders[0].report["penalty"])
        rows = self.train_rows
        weights = np.ones(len(rows)) if learning.weights is None else learning.weights[rows]
        with one_blas_thread(), torch_threads(1):
            weight, bias = solve_at_penalty(
                self._kept_features(rows), learning.targets.take(rows), weights[None].astype(np.float64), penalty,
                config.least_spread, config.tolerance,
            )  # fmt: skip
        return weight[0], bias[0]

    def _trial(self, found: Trained, settings: dict[str, Any]) -> Trial:
        learning = self.learning
        tuned = self.lane.network.with_backbone(found.backbone)
        source = self._features_of(tuned)
        candidate = Candidate(
            self.asked.name, (source,), self.asked.name, self.solved.candidates[0].method, "transfer",
            "The pretrained network, its last stages trained on these examples.", True,
        )  # fmt: skip
        train, test = learning.train, learning.test
        out_of_fold = np.full((len(train), learning.targets.width), np.nan)
        out_of_fold[self.val_rows] = self._outputs(found, source, train.take(self.val_rows))
        report = {**found.report, "settings": settings, "n_val": len(self.val_rows)}
        contender = Contender(
            name=self.asked.name,
            candidate=candidate.title,
            kind="transfer",
            what=candidate.what,
            can_ship=True,
            n_train=len(self.train_rows),
            solution=Solution(found.fitted, out_of_fold, report),
            test_rows=np.arange(len(test)),
            test_outputs=self._outputs(found, source, test),
            task=learning.task.settle(learning.targets, out_of_fold),
        )
        return Trial(candidate, contender, settings, report)

    def _outputs(self, found: Trained, source: PretrainedSource, examples: Any) -> NDArray[np.floating[Any]]:
        from headstart.api.sources import joined

        return linear_outputs(found.fitted, joined((source,), examples))

    def _features_of(self, tuned: Network) -> PretrainedSource:
        """Features of the trained network, of every row, by the runtime that ships."""
        from headstart.engine.feature_pass import Extraction, run_pass

        workshop = self.work.workshop
        runtime = self.learning.features.lanes[self.lane.modality].runtime
        space = backbone_space(tuned, runtime)
        wanted = workshop.store.missing(space, self.lane.keys)
        if wanted.any():
            compute = runtime.prepare(tuned.backbone, 0, len(tuned.card.stages), workshop.cache)
            lane = self.lane
            extraction = Extraction("tuned", space, tuned.card.feature_dim, compute, wanted)
            run_pass(
                lane.inputs, lane.keys, tuned.preparer, [extraction], workshop.store,
                workers=workshop.threads, batch_size=runtime.batch_size, progress=self.progress,
            )  # fmt: skip
        return PretrainedSource(tuned, self.lane.numbers, space, workshop.store)


def validation_rows(solved: Solved, seed: int) -> tuple[Ints, Ints]:
    """Positions in the training part that are trained on, and that are validated on: the given val, else 20 %."""
    from headstart.data.splits import train_test

    parts = solved.parts
    given = parts.train.split == "val"
    if given.any():
        return np.flatnonzero(~given), np.flatnonzero(given)
    return train_test(parts.strata, parts.groups, VAL_FRACTION, generator(seed, "validation"))


def with_trials(solved: Solved, trials: list[Trial]) -> Solved:
    """The trained candidates before the others."""
    return replace(
        solved,
        trials=tuple(trials),
        candidates=[*(trial.candidate for trial in trials), *solved.candidates],
        contenders=[*(trial.contender for trial in trials), *solved.contenders],
    )
