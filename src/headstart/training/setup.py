"""What is settled before a training begins: depth, views, precision, learning rate. Measured once, then replayed."""

from __future__ import annotations

import logging
import math
import time
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from headstart.core.errors import ConfigError
from headstart.training.draft import Draft, drafted, fewest_views, shorter
from headstart.training.shorter import Costs, Shape, affordable, sentence

if TYPE_CHECKING:
    from headstart.training.place import Place

logger = logging.getLogger(__name__)

FEWEST = 0.6  # of the usual epochs, whatever the number of examples
LEAST_STEPS = 20  # of the optimizer: an epoch of 40 texts has two
MANY = 600  # training examples beyond which there are fewer epochs
WORTH_IT = 0.9  # time of a step in bfloat16, as a share of that in float32, from which it is used
FEW = 8  # examples of the steps that are compared
LEAST_SECONDS = 5.0  # below which nothing is even measured
HURRY = 12.0  # seconds below which stages are not probed


@dataclass(frozen=True)
class Setup:
    """A training, settled.

    Attributes:
        settings: Of the method, without "auto".
        boundary: Where the first epoch's boundary lies.
        predicted: Seconds: ``step``, ``epoch``, ``epoch_cpu``, ``view``, ``all``.
        depth: What the probes of the stages said, if they were asked.
        shortened: What was given up since the time is short, in words.
    """

    settings: dict[str, Any]
    boundary: int
    predicted: dict[str, float]
    depth: dict[str, Any] | None = None
    shortened: str = ""

    def to_dict(self) -> dict[str, Any]:
        """JSON for decisions.jsonl."""
        return {
            "settings": self.settings,
            "boundary": self.boundary,
            "predicted": self.predicted,
            **({"depth": self.depth} if self.depth else {}),
            **({"shortened": self.shortened} if self.shortened else {}),
        }


def set_up(place: Place) -> Setup | None:
    """Settle everything by measuring; None where no training fits into the time that is left."""
    from headstart.engine.training.rates import range_test

    if place.left < LEAST_SECONDS:
        return None
    asked = place.request.config()
    config = asked.model_copy(update={"epochs": usual_epochs(asked, len(place.rows))})
    bottom, depth = _depth(place, config)
    draft = drafted(place, config, bottom)
    precision, cost = _precision(draft.trainer, config.precision)
    wanted, left = Shape(draft.bottom, config.epochs, draft.views, 0.0), place.left
    is_short = math.isfinite(place.deadline) and config.cycles == 1
    if is_short:
        found = shorter(place, config, draft, cost, precision)
        if found is None:
            return None
        draft, cost = found
    began = time.perf_counter()
    draft.feed.ensure(draft.trainer.entry, 1 if draft.views else 0, place.rows)
    view_seconds = time.perf_counter() - began if draft.keep else 0.0
    settings = draft.settings | {"precision": precision}
    settings["lr"] = range_test(draft.trainer, draft.usual_lr) if config.lr == "auto" else config.lr
    epoch = cost.epoch(len(place.rows))
    shape = _fitting(place, config, draft, epoch.wall, view_seconds) if is_short else wanted
    if shape is None:
        return None
    if math.isfinite(place.deadline) and not is_short:
        _require_cycles(place, config, epoch.wall, view_seconds)
    settings["epochs"], settings["views"] = shape.epochs, min(shape.views, shape.epochs)
    predicted = {
        "step": cost.wall,
        "epoch": epoch.wall,
        "epoch_cpu": epoch.cpu,
        "view": view_seconds,
        "all": settings["epochs"] * epoch.wall + max(1, settings["views"]) * view_seconds,
    }
    rounded = {key: round(value, 3) for key, value in predicted.items()}
    shortened = sentence(wanted, shape, place.kept.origin.backbone.stages, left)
    return Setup(settings, draft.boundary, rounded, depth, shortened)


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
    from headstart.engine.training.depth import MOST, boundary_of_work, probed_depth
    from headstart.engine.training.freezing import boundary_of, deepest

    backbone = place.kept.origin.backbone
    if config.freeze != "auto":
        return boundary_of(backbone, config.freeze), None
    if place.left < HURRY:
        return min(boundary_of_work(place.kept.origin, place.rows[:1], MOST), deepest(backbone)), None
    found = probed_depth(
        place.kept.origin, place.rows, place.targets, place.task, generator(place.seed, "depth"), place.probe_loss
    )
    logger.info("probes of the stages of %s: %s", backbone.name, found.to_dict())
    return min(found.boundary, deepest(backbone)), found.to_dict()


def _precision(trainer: Any, asked: str) -> tuple[str, Any]:
    from headstart.engine.training.measure import measure_step

    if asked != "auto":
        return asked, measure_step(trainer, asked)
    few = {name: measure_step(trainer, name, rows=FEW) for name in ("float32", "bfloat16")}
    logger.info("steps take %s", few)
    is_faster = few["bfloat16"].wall < WORTH_IT * few["float32"].wall
    chosen = "bfloat16" if is_faster else "float32"
    return chosen, measure_step(trainer, chosen)


def _fitting(place: Place, config: Any, draft: Draft, epoch: float, view: float) -> Shape | None:
    """As many epochs and views as fit, now that everything is measured and the first view is there."""
    costs = Costs(draft.bottom, epoch, view, 0.0, keeps=True)  # what is not kept has a view of no seconds
    return affordable([costs], config.epochs, draft.views, place.left + view, fewest_views(config, draft))


def _require_cycles(place: Place, config: Any, epoch: float, view: float) -> None:
    """Raise ConfigError where cycles that were asked for do not fit: they cannot be made fewer."""
    needed = config.epochs * (epoch + view) - view  # the first view is there
    if needed > place.left:
        raise ConfigError(
            f"{config.cycles} cycles of training must fit into the time; they need about "
            f"{needed:.0f} s. Give more --minutes, or fewer method.epochs."
        )
