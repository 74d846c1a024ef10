"""What is settled before a training begins: depth, views, precision, learning rate. Measured once, then replayed."""

from __future__ import annotations

import logging
import math
import time
from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from headstart.core.errors import ConfigError

if TYPE_CHECKING:
    from headstart.api.train_request import TrainRequest
    from headstart.core.learning import Ints, Targets, Task
    from headstart.core.training import TrainMethod
    from headstart.engine.training.feed import Feed, KeptFeed
    from headstart.engine.training.job import TrainingJob

logger = logging.getLogger(__name__)

CACHE_SHARE = 0.25  # of the cache that one training's views may take
KEPT_BYTES = 2  # a number in bfloat16
USUAL_LR = {"image": 3e-4, "text": 1e-4, "sound": 3e-4}  # of pretrained weights; measured, see benchmarks
FEWEST = 0.6  # of the usual epochs, whatever the number of examples
LEAST_STEPS = 20  # of the optimizer: an epoch of 40 texts has two
MANY = 600  # training examples beyond which there are fewer epochs
WORTH_IT = 0.9  # time of a step in bfloat16, as a share of that in float32, from which it is used
FEW = 8  # examples of the steps that are compared
LEAST_SECONDS = 5.0  # below which nothing is even measured
SHORTEST = 2  # epochs below which a training is not worth beginning
Probe = Callable[[], Any]


@dataclass(frozen=True)
class Setup:
    """A training, settled.

    Attributes:
        settings: Of the method, without "auto".
        boundary: Where the first epoch's boundary lies.
        predicted: Seconds: ``step``, ``epoch``, ``epoch_cpu``, ``view``, ``all``.
        depth: What the probes of the stages said, if they were asked.
    """

    settings: dict[str, Any]
    boundary: int
    predicted: dict[str, float]
    depth: dict[str, Any] | None = None

    def to_dict(self) -> dict[str, Any]:
        """JSON for decisions.jsonl."""
        return {
            "settings": self.settings,
            "boundary": self.boundary,
            "predicted": self.predicted,
            **({"depth": self.depth} if self.depth else {}),
        }


@dataclass(frozen=True)
class Place:
    """What settling needs to know.

    Attributes:
        request: The method.
        kept: A feed over the pretrained network (of random weights for a method that starts from them).
        rows: Training rows among the feed's inputs.
        val: Validation rows.
        targets, task: Of the training rows.
        job_of: A job from method, feed, boundary and views.
        cache_bytes: Size of the cache.
        deadline: ``time.monotonic()`` at which the training must be over; infinity without a limit.
        probe_loss: Held-out loss of the probe that the training begins from.
    """

    request: TrainRequest
    kept: KeptFeed
    rows: Ints
    val: Ints
    targets: Targets
    task: Task
    job_of: Callable[[TrainMethod, Feed, int, int], TrainingJob]
    cache_bytes: int
    deadline: float
    seed: int
    probe_loss: float


def set_up(place: Place) -> Setup | None:
    """Settle everything by measuring; None where the time that is left is too short."""
    from headstart.engine.training.loop import Trainer
    from headstart.engine.training.mixing import wants_raw_views
    from headstart.engine.training.rates import range_test

    if place.deadline - time.monotonic() < LEAST_SECONDS:
        return None
    asked = place.request.config()
    config = asked.model_copy(update={"epochs": usual_epochs(asked, len(place.rows))})
    settings: dict[str, Any] = config.model_dump()
    bottom, depth = _depth(place, config)
    method = place.request.method(config)
    boundary = _top(place) if method.begins == "top" else bottom
    keep = config.keep if isinstance(config.keep, bool) else not wants_raw_views(config)
    keep = keep and bottom > 0 and not wants_raw_views(config)
    has_views = place.kept.origin.augmentation is not None
    views = _views(place, config, bottom, keep) if has_views else 0
    usual_lr = USUAL_LR[place.kept.origin.backbone.modality] * method.lr_scale
    settings |= {"freeze": bottom, "keep": keep, "views": views, "precision": "float32", "lr": usual_lr}
    settings["augmentation"] = config.augmentation if config.augmentation != "auto" else "light"
    settings["augmentation"] = settings["augmentation"] if has_views else "none"
    settings["loader_workers"] = 1 if config.loader_workers == "auto" else config.loader_workers
    resolved = place.request.config(settings)
    feed = feed_of(place.kept, keep)
    trainer = Trainer(place.job_of(place.request.method(resolved), feed, boundary, views), resolved)
    trainer.prepare()
    began = time.perf_counter()
    feed.ensure(trainer.entry, 1 if views else 0, place.rows)
    view_seconds = time.perf_counter() - began if keep else 0.0
    settings["precision"], cost = _precision(trainer, config.precision)
    if config.lr == "auto":
        settings["lr"] = range_test(trainer, usual_lr)
    else:
        settings["lr"] = config.lr
    epoch = cost.epoch(len(place.rows))
    settings["epochs"] = _epochs(place, config, epoch.wall + view_seconds, view_seconds)
    if settings["epochs"] < min(SHORTEST, config.epochs):
        return None
    settings["views"] = min(views, settings["epochs"])
    predicted = {
        "step": cost.wall,
        "epoch": epoch.wall,
        "epoch_cpu": epoch.cpu,
        "view": view_seconds,
        "all": settings["epochs"] * epoch.wall + max(1, settings["views"]) * view_seconds,
    }
    return Setup(settings, boundary, {key: round(value, 3) for key, value in predicted.items()}, depth)


def feed_of(kept: KeptFeed, keep: bool) -> Feed:
    """Kept activations, or views prepared on the way."""
    from headstart.engine.training.feed import RawFeed

    return kept if keep else RawFeed(kept.origin)


def usual_epochs(config: Any, rows: int) -> int:
    """As asked; else fewer of more examples, by the root of their number, down to 0.6, and more of very few; a multiple
    of the cycles.
    """
    if config.epochs != "auto":
        return int(config.epochs)
    usual = int(config.usual_epochs)
    fewer = max(math.ceil(FEWEST * usual), round(usual * min(1.0, math.sqrt(MANY / rows))))
    least = math.ceil(LEAST_STEPS / math.ceil(rows / config.batch_size))
    cycles = int(config.cycles)
    return int(cycles * math.ceil(max(fewer, least) / cycles))


def _depth(place: Place, config: Any) -> tuple[int, dict[str, Any] | None]:
    from headstart.core.seeding import generator
    from headstart.engine.training.depth import probed_depth
    from headstart.engine.training.freezing import boundary_of, deepest

    backbone = place.kept.origin.backbone
    if config.freeze != "auto":
        return boundary_of(backbone, config.freeze), None
    found = probed_depth(
        place.kept.origin, place.rows, place.targets, place.task, generator(place.seed, "depth"), place.probe_loss
    )
    logger.info("probes of the stages of %s: %s", backbone.name, found.to_dict())
    return min(found.boundary, deepest(backbone)), found.to_dict()


def _top(place: Place) -> int:
    from headstart.engine.training.freezing import deepest

    return deepest(place.kept.origin.backbone)


def _views(place: Place, config: Any, boundary: int, keep: bool) -> int:
    """As many as there are epochs, or as fit into a share of the cache."""
    if isinstance(config.views, int):
        return config.views
    if not keep:
        return int(config.epochs)  # nothing is kept, so each epoch may see another one
    numbers = place.kept.numbers_per_row(boundary, int(place.rows[0]))
    fitting = int(CACHE_SHARE * place.cache_bytes / max(1, numbers * KEPT_BYTES * len(place.rows)))
    return max(1, min(int(config.epochs), fitting))


def _precision(trainer: Any, asked: str) -> tuple[str, Any]:
    from headstart.engine.training.measure import measure_step

    if asked != "auto":
        return asked, measure_step(trainer, asked)
    few = {name: measure_step(trainer, name, rows=FEW) for name in ("float32", "bfloat16")}
    logger.info("steps take %s", few)
    is_faster = few["bfloat16"].wall < WORTH_IT * few["float32"].wall
    chosen = "bfloat16" if is_faster else "float32"
    return chosen, measure_step(trainer, chosen)


def _epochs(place: Place, config: Any, seconds: float, view_seconds: float) -> int:
    """As asked, or as many as fit into the time that is left."""
    fitting = (place.deadline - time.monotonic() + view_seconds) / max(seconds, 1e-9)
    if fitting >= config.epochs:
        return int(config.epochs)
    if config.cycles > 1:
        raise ConfigError(
            f"{config.cycles} cycles of training must fit into the time; they need about "
            f"{config.epochs * seconds:.0f} s. Give more --minutes, or fewer method.epochs."
        )
    return int(fitting)
