"""A training at one depth, before anything of it is settled, and a cheaper one where the time is short."""

from __future__ import annotations

import logging
import time
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from headstart.training.shorter import Costs, affordable, deeper

if TYPE_CHECKING:
    from headstart.core.learning import Ints
    from headstart.engine.training.feed import Feed, KeptFeed
    from headstart.training.place import Place

logger = logging.getLogger(__name__)

CACHE_SHARE = 0.25  # of the cache that one training's views may take
KEPT_BYTES = 2  # a number in bfloat16
USUAL_LR = {"image": 3e-4, "text": 1e-4, "sound": 3e-4}  # of pretrained weights; measured, see benchmarks
SAMPLES = (16, 64)  # training rows of which views are timed: what the second takes longer is no fixed cost
LEAST_SLOPE = 0.3  # of the second one's seconds a row, where the clock was disturbed


@dataclass(frozen=True)
class Draft:
    """A training at one depth, ready to be measured.

    Attributes:
        bottom: ``stages[:bottom]`` stay frozen to the end.
        boundary: Where the first epoch's boundary lies.
        keep: Whether activations are kept.
        views: As many as there would be.
        settings: Of the method; precision, rate and epochs are not measured yet.
        usual_lr: The method's own rate for this kind of network.
        feed, trainer: Over these.
    """

    bottom: int
    boundary: int
    keep: bool
    views: int
    settings: dict[str, Any]
    usual_lr: float
    feed: Feed
    trainer: Any


def drafted(place: Place, config: Any, bottom: int) -> Draft:
    """A training that leaves ``stages[:bottom]`` as they are."""
    from headstart.engine.training.loop import Trainer
    from headstart.engine.training.mixing import wants_raw_views

    method = place.request.method(config)
    boundary = _top(place) if method.begins == "top" else bottom
    keep = config.keep if isinstance(config.keep, bool) else not wants_raw_views(config)
    keep = keep and bottom > 0 and not wants_raw_views(config)
    has_views = place.kept.origin.augmentation is not None
    views = _views(place, config, bottom, keep) if has_views else 0
    usual_lr = USUAL_LR[place.kept.origin.backbone.modality] * method.lr_scale
    settings: dict[str, Any] = config.model_dump()
    settings |= {"freeze": bottom, "keep": keep, "views": views, "precision": "float32", "lr": usual_lr}
    settings["augmentation"] = config.augmentation if config.augmentation != "auto" else "light"
    settings["augmentation"] = settings["augmentation"] if has_views else "none"
    settings["loader_workers"] = 1 if config.loader_workers == "auto" else config.loader_workers
    resolved = place.request.config(settings)
    feed = feed_of(place.kept, keep)
    trainer = Trainer(place.job_of(place.request.method(resolved), feed, boundary, views), resolved)
    trainer.prepare()
    return Draft(bottom, boundary, keep, views, settings, usual_lr, feed, trainer)


def shorter(place: Place, config: Any, draft: Draft, cost: Any, precision: str) -> tuple[Draft, Any] | None:
    """The training at the wanted depth, or at the first deeper one that fits into the time that is left.

    Returns:
        It, and its measured step; None where not even the least of it fits anywhere.
    """
    from headstart.engine.training.depth import work_below
    from headstart.engine.training.freezing import deepest
    from headstart.engine.training.measure import measure_step
    from headstart.engine.training.mixing import wants_raw_views

    is_free = config.freeze == "auto" and draft.boundary == draft.bottom
    can_keep = config.keep is not False and not wants_raw_views(config)
    fewest = fewest_views(config, draft)
    options = [_costs(place, draft, cost)]
    found = affordable(options, config.epochs, draft.views, place.left, fewest)
    if is_free and (found is None or found.epochs < config.epochs):
        below = work_below(place.kept.origin, place.rows[:1]).tolist()
        while True:
            options = deeper(options[0], below, deepest(place.kept.origin.backbone), can_keep=can_keep)
            found = affordable(options, config.epochs, draft.views, place.left, fewest)
            if found is None or found.boundary == draft.bottom:
                break
            draft = drafted(place, config, found.boundary)
            cost = measure_step(draft.trainer, precision)
            options = [_costs(place, draft, cost)]
    return None if found is None else (draft, cost)


def fewest_views(config: Any, draft: Draft) -> int:
    """Views that must be kept: as many as were named."""
    return draft.views if isinstance(config.views, int) else 1


def _costs(place: Place, draft: Draft, cost: Any) -> Costs:
    """Of all training rows, from a step that was measured and a view of some of them."""
    from headstart.engine.training.rates import FACTORS, ROWS

    rows, entry, view = len(place.rows), draft.trainer.entry, 1 if draft.views else 0
    each = _seconds_per_row(draft.feed, entry, view, place.rows, keep=draft.keep)
    validation = each * len(place.val)
    testing = len(FACTORS) * ROWS * cost.wall / cost.rows
    found = Costs(draft.bottom, cost.epoch(rows).wall, each * rows, validation + testing, draft.keep)
    logger.info("measured: %s; %.1f s are left", found, place.left)
    return found


def _seconds_per_row(feed: Feed, entry: int, view: int, rows: Ints, *, keep: bool) -> float:
    """Of a view: the slope between a small sample and a larger one, since every pass has its fixed cost."""
    few, more = (min(len(rows) // 2, size) for size in SAMPLES)
    timed = []
    for some in (rows[:few], rows[-more:]):
        began = time.perf_counter()
        feed.ensure(entry, view, some)
        if not keep:
            feed.read(entry, view, some)
        timed.append(time.perf_counter() - began)
    slope = (timed[1] - timed[0]) / (more - few) if more > few else 0.0
    return max(slope, LEAST_SLOPE * timed[1] / max(1, more))


def feed_of(kept: KeptFeed, keep: bool) -> Feed:
    """Kept activations, or views prepared on the way."""
    from headstart.engine.training.feed import RawFeed

    return kept if keep else RawFeed(kept.origin)


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
