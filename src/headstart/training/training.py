"""Train methods in a fit: rows set apart for validation, activations kept at the boundary, a contender at the end."""

from __future__ import annotations

import math
import time
from dataclasses import dataclass, field
from functools import cached_property
from typing import TYPE_CHECKING, Any, Literal

import numpy as np
from numpy.typing import NDArray

from headstart.core.files import sha256_json
from headstart.core.learning import Ints, Solution
from headstart.core.resources import MIB
from headstart.core.run_folder import RunFolder
from headstart.evidence.contender import Apart, Contender
from headstart.features.lanes import lanes_of
from headstart.features.network_in_pass import backbone_space
from headstart.features.sources import PretrainedSource, joined
from headstart.features.workshop import parse_size
from headstart.methods.linear import linear_outputs
from headstart.request.train_request import TrainRequest
from headstart.solving.candidates import Candidate, default_method
from headstart.solving.solve import Learning
from headstart.solving.work import Trial
from headstart.training.draft import KEPT_BYTES, feed_of
from headstart.training.followers import Followed, invite
from headstart.training.log import TrainLog
from headstart.training.place import Place
from headstart.training.required import require_trainable
from headstart.training.rows import validation_rows
from headstart.training.setup import Setup, set_up
from headstart.training.stage_lines import stage_lines, stages

if TYPE_CHECKING:
    from headstart.backbones.pretrained.backbone import Backbone
    from headstart.core.progress import Progress
    from headstart.core.training import TrainMethod
    from headstart.engine.training.checkpoint import Checkpoints
    from headstart.engine.training.feed import Feed, KeptFeed
    from headstart.engine.training.job import Trained, TrainingJob
    from headstart.engine.training.peers import Peers
    from headstart.solving.work import Solved, Work


AFTERWARDS = 10.0  # seconds for what follows a training: features of all rows, evidence, bundle, report
MINUTE = 60.0
SET_ASIDE = ".set_aside"  # after the name of the folder of checkpoints


def trained(
    asked: TrainRequest, work: Work, solved: Solved, progress: Progress, seconds: float = math.inf
) -> Trial | None:
    """Carry out one train method; None where ``seconds`` are too few for it."""
    require_trainable(asked, work, solved)
    return Training(asked, work, solved, progress, seconds).run()


@dataclass
class Shared:
    """What trainings of one fit have in common, made once: feeds with their compiled prefixes, and the probe."""

    feeds: dict[tuple[bool, str], KeptFeed] = field(default_factory=dict)
    probe: tuple[NDArray[np.float64], NDArray[np.float64]] | None = None


class Training:
    """A train method on the data of a fit, step by step."""

    def __init__(
        self,
        asked: TrainRequest,
        work: Work,
        solved: Solved,
        progress: Progress,
        seconds: float,
        shared: Shared | None = None,
    ) -> None:
        self.asked, self.work, self.solved, self.progress = asked, work, solved, progress
        self.seconds = seconds
        self.shared = shared or Shared()
        self.began = time.monotonic()
        self.learning: Learning = solved.learning
        (self.lane,) = lanes_of(solved.reading.dataset, work.networks)
        self.positions = validation_rows(solved, solved.learning.seed)._asdict()

    def run(self) -> Trial | None:
        """Settle, train, and ask the trained network about the rows that are looked at."""
        setup = self.settle()
        return None if setup is None else self.trial(self.train(setup), setup)

    def train(self, setup: Setup, *, from_set_aside: bool = False) -> Trained:
        """As settled; what was trained before, by the same settings or fewer cycles of them, is gone on with.

        ``from_set_aside``: from the point that :meth:`set_aside` kept.
        """
        from headstart.engine.training.loop import Trainer

        config = self.asked.config(setup.settings)
        peers = self._peers()
        job = self.job(setup, setup.boundary)
        request, folder = self.work.job.request, self.work.job.folder
        log = TrainLog(self.asked.label, folder, self.progress, tensorboard=request.tensorboard)
        checkpoints = self._checkpoints(setup, SET_ASIDE if from_set_aside else "")
        trainer = Trainer(
            job,
            config,
            lr=config.lr,
            precision=config.precision,
            checkpoints=checkpoints,
            checkpoint_seconds=request.checkpoint_minutes * MINUTE,
            deadline=self.began + self.seconds,
            listener=log,
            peers=peers,
        )
        self.progress.step("train", config.epochs * math.ceil(len(job.train_rows) / config.batch_size))
        found = trainer.run()
        log.close()
        if peers.rank:
            raise Followed
        return found

    def job(self, setup: Setup, boundary: int) -> TrainingJob:
        """As settled, from a boundary."""
        config = self.asked.config(setup.settings)
        return self._job(self.asked.method(config), feed_of(self.kept, bool(config.keep)), boundary, config.views)

    def set_aside(self, setup: Setup) -> None:
        """Keep the point that was reached, while the training goes on from it."""
        self._checkpoints(setup).copy_latest(self._checkpoints(setup, SET_ASIDE))

    def _peers(self) -> Peers:
        """Other processes that train with this one; the first one tells them what was decided."""
        from headstart.engine.training.peers import ALONE

        if self.asked is not self.work.train_request:
            return ALONE
        return invite(self.work.job)

    def settle(self) -> Setup | None:
        """As decided before, else measured and written down; None where the time is too short."""
        self.progress.step("prepare training", 0)
        folder, name = self.work.job.folder, f"training/{self.asked.label}"
        if before := folder.decision(name):
            return Setup(**before) if "settings" in before else None
        setup = set_up(self._place())
        if setup is None:
            why = "the time that was given is too short for it"
            folder.decide(name, {"skipped": why}, why)
            self.progress.note(f"{self.asked.label} is not tried: {why}")
            return None
        folder.decide(name, setup.to_dict(), "the asked settings, and what was measured where they left it open")
        for line in stage_lines(self.backbone, setup, self.kept_mib(setup)):
            self.progress.note(line)
        return setup

    def _place(self) -> Place:
        return Place(
            request=self.asked,
            kept=self.kept,
            rows=self._rows("train"),
            val=self._rows("val"),
            targets=self.learning.targets.take(self.positions["train"]),
            task=self.learning.task,
            job_of=self._job,
            cache_bytes=parse_size(self.work.job.request.cache_size),
            deadline=self.began + self.seconds,
            seed=self.learning.seed,
            probe_loss=self._held_out_loss(),
        )

    def _held_out_loss(self) -> float:
        """Of the solved probe, over the rows that folds held out."""
        outputs = next(
            (each.solution.out_of_fold for each in self.solved.contenders if "penalty" in each.report),
            self.solved.contenders[0].solution.out_of_fold,
        )
        known = np.flatnonzero(np.isfinite(outputs).all(axis=1))
        if not len(known):
            return math.inf
        return float(self.learning.task.loss(self.learning.targets.take(known), outputs[known]).mean())

    def kept_mib(self, setup: Setup) -> float:
        """What the kept views of the training rows take."""
        if not setup.settings["keep"]:
            return 0.0
        rows = self._rows("train")
        numbers = self.kept.numbers_per_row(setup.boundary, int(rows[0]))
        return numbers * KEPT_BYTES * len(rows) * max(1, int(setup.settings["views"])) / MIB

    @cached_property
    def backbone(self) -> Backbone:
        """Where the training begins."""
        return self.lane.network.twin if self.asked.is_random else self.lane.network.backbone

    @property
    def kept(self) -> KeptFeed:
        """Kept activations of the network where the training begins."""
        key = (self.asked.is_random, str(self.asked.config().augmentation))
        if key not in self.shared.feeds:
            self.shared.feeds[key] = self._feed(key[1])
        return self.shared.feeds[key]

    def _feed(self, strength: str) -> KeptFeed:
        from headstart.engine.training.feed import KeptFeed, Origin

        lane, workshop = self.lane, self.work.workshop
        network = lane.network
        modality, preparer = network.modality, network.preparer
        augmentation = None
        if strength != "none":
            augmentation = modality.augmentation("light" if strength == "auto" else strength)
            if strength == "auto" and modality.name == "text":
                augmentation = None

        def preparer_of(view: int) -> Any:
            return preparer if view == 0 or augmentation is None else modality.view(preparer, augmentation, view)

        runtime = self.learning.features.lanes[lane.modality].runtime
        origin = Origin(
            self.backbone, runtime, lane.inputs, lane.keys, preparer_of, augmentation, workshop.cache, workshop.threads
        )
        return KeptFeed(origin, workshop.store)

    def _rows(self, split: str) -> Ints:
        """Rows of the data set from positions in the training part."""
        return self.solved.parts.split.train[self.positions[split]]

    def _checkpoints(self, setup: Setup, suffix: str = "") -> Checkpoints:
        from headstart.core.versions import version
        from headstart.engine.training.checkpoint import Checkpoints

        identity = {
            "method": self.asked.name,
            "settings": _without_length(setup.settings),
            "data": self.solved.reading.dataset.fingerprint,
            "rows": sha256_json([self._rows("train").tolist(), self._rows("val").tolist()]),
            "model": self.backbone.weights_digest(len(self.backbone.stages)),
            "seed": self.learning.seed,
            "versions": {name: version(name) for name in ("headstart", "torch")},
        }
        folder = self.work.leader or self.work.job.folder.path
        return Checkpoints(RunFolder(folder).checkpoints / f"{self.asked.label}{suffix}", identity)

    def _job(self, method: TrainMethod, feed: Feed, boundary: int, views: int) -> TrainingJob:
        from headstart.engine.training.job import TrainingJob

        learning, train = self.learning, self.positions["train"]
        weights = None if learning.weights is None else learning.weights[train]
        is_sampled = weights is not None and self.work.job.request.balance == "sampler"
        lengths = self.lane.sizes[self._rows("train"), 0] if self.lane.modality == "text" else None
        return TrainingJob(
            name=self.asked.name,
            backbone=self.backbone,
            method=method,
            feed=feed,
            train_rows=self._rows("train"),
            val_rows=self._rows("val"),
            train_targets=learning.targets.take(train),
            val_targets=learning.targets.take(self.positions["val"]),
            weights=None if is_sampled else weights,
            task=learning.task,
            probe=self._probe,
            features=lambda split: self._kept_features(self.positions[split]),
            boundary=boundary,
            views=views,
            seed=learning.seed,
            lengths=lengths,
            chances=weights if is_sampled else None,
            domains=self.solved.parts.groups[train] if self.work.job.request.domains else None,
            device="cuda" if "cuda" in learning.features.lanes[self.lane.modality].runtime.name else "cpu",
        )

    def _kept_features(self, positions: Ints) -> NDArray[np.float32]:
        space = self.learning.features.lanes[self.lane.modality].space
        return self.learning.store.read(space, self.learning.train.keys[positions])

    @property
    def _probe(self) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
        """Solved on the training rows alone, as strong as the folds chose."""
        if self.shared.probe is None:
            self.shared.probe = self._solved_probe()
        return self.shared.probe

    def _solved_probe(self) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
        from headstart.core.resources import one_blas_thread
        from headstart.methods.fixed_penalty import solve_at_penalty
        from headstart.methods.probe_config import LinearProbeConfig
        from headstart.methods.threads import torch_threads

        learning, config = self.learning, LinearProbeConfig()
        found = [each.report["penalty"] for each in self.solved.contenders if "penalty" in each.report]
        penalty = float(found[0]) if found else config.fallback
        rows = self.positions["train"]
        weights = np.ones(len(rows)) if learning.weights is None else learning.weights[rows]
        with one_blas_thread(), torch_threads(1):
            weight, bias = solve_at_penalty(
                self._kept_features(rows), learning.targets.take(rows), weights[None].astype(np.float64), penalty,
                config.least_spread, config.tolerance,
            )  # fmt: skip
        return weight[0], bias[0]

    def trial(
        self, found: Trained, setup: Setup, *, sources: tuple[PretrainedSource, ...] = (), what: str = ""
    ) -> Trial:
        """The trained network as a candidate, with its features of every row.

        ``sources``: networks whose features, side by side, its head takes; else this one alone. ``what``: in words.
        """
        learning = self.learning
        sources = sources or (self.source(found),)
        candidate = Candidate(
            self.asked.name, sources, self.asked.name, default_method("linear_probe"), self._kind(),
            what or self._what(setup), self.asked.can_ship,
        )  # fmt: skip
        train, test = learning.train, learning.test
        out_of_fold = np.full((len(train), learning.targets.width), np.nan)
        val = self.positions["val"]
        out_of_fold[val] = linear_outputs(found.fitted, joined(sources, train.take(val)))
        apart = self.positions["apart"]
        report = {**found.report, "settings": setup.settings, "n_val": len(val), "stages": stages(self.backbone, setup)}
        seconds = {"predicted": setup.predicted, "epochs": report.pop("timings")}
        contender = Contender(
            name=self.asked.name,
            candidate=candidate.title,
            kind=self._kind(),
            what=candidate.what,
            can_ship=self.asked.can_ship,
            n_train=len(self.positions["train"]),
            solution=Solution(found.fitted, out_of_fold, report),
            test_rows=np.arange(len(test)),
            test_outputs=linear_outputs(found.fitted, joined(sources, test)),
            task=learning.task.settle(learning.targets, out_of_fold),
            apart=Apart(apart, linear_outputs(found.fitted, joined(sources, train.take(apart))))
            if len(apart)
            else None,
        )
        return Trial(candidate, contender, setup.settings, report, seconds, found.moved or self.asked.is_random)

    def _kind(self) -> Literal["transfer", "ablation", "baseline"]:
        if not self.asked.is_random:
            return "transfer"
        return "baseline" if self.asked.can_ship else "ablation"

    def _what(self, setup: Setup) -> str:
        if self.asked.is_random:
            return "The same network trained on these examples alone, from random weights."
        names = self.backbone.stages[setup.settings["freeze"] :]
        part = "all of it" if not setup.settings["freeze"] else f"its stages {names[0]} to {names[-1]}"
        return f"The pretrained network with {part} trained further on these examples ({self.asked.name})."

    def source(self, found: Trained) -> PretrainedSource:
        """Features of the trained network, of every row, by the runtime that ships."""
        from headstart.engine.feature_pass import Extraction, run_pass

        workshop, lane = self.work.workshop, self.lane
        chosen = self.learning.features.lanes[lane.modality]
        if not found.moved and not self.asked.is_random:
            return PretrainedSource(lane.network, lane.numbers, chosen.space, workshop.store)
        tuned = lane.network.with_backbone(found.backbone)
        space = backbone_space(tuned, chosen.runtime)
        wanted = workshop.store.missing(space, lane.keys)
        if wanted.any():
            compute = chosen.runtime.prepare(tuned.backbone, 0, len(tuned.card.stages), workshop.cache)
            extraction = Extraction("tuned", space, tuned.card.feature_dim, compute, wanted)
            run_pass(
                lane.inputs, lane.keys, tuned.preparer, [extraction], workshop.store,
                workers=workshop.threads, batch_size=chosen.runtime.batch_size, progress=self.progress,
            )  # fmt: skip
        return PretrainedSource(tuned, lane.numbers, space, workshop.store)


def _without_length(settings: dict[str, Any]) -> dict[str, Any]:
    """What two trainings share of which one goes on where the other ended: all but the number of their cycles."""
    rest = {key: value for key, value in settings.items() if key not in ("epochs", "cycles")}
    return {**rest, "epochs_per_cycle": settings["epochs"] / settings["cycles"]}
