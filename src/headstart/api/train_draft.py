"""A training at one depth, before anything of it is settled, and a cheaper one where the time is short."""

from __future__ import annotations

import time
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

from headstart.api.train_shorter import Costs, Shape, affordable, deeper, sentence

if TYPE_CHECKING:
    from headstart.api.train_setup import Place
    from headstart.engine.training.feed import Feed, KeptFeed

CACHE_SHARE = 0.25  # of the cache that one training's views may take
KEPT_BYTES = 2  # a number in bfloat16
USUAL_LR = {"image": 3e-4, "text": 1e-4, "sound": 3e-4}  # of pretrained weights; measured, see benchmarks
SAMPLE = 48  # training rows of which a view is timed


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


def shorter(place: Place, config: Any, draft: Draft, cost: Any, precision: str) -> tuple[Draft, Any, Any, str] | None:
    """What fits into the time that is left, at the wanted depth or a deeper one; None where nothing does.

    Returns:
        The training, its measured step, its config with the epochs and views that fit, and what was given up.
    """
    from headstart.engine.training.depth import work_below
    from headstart.engine.training.freezing import deepest
    from headstart.engine.training.measure import measure_step
    from headstart.engine.training.mixing import wants_raw_views

    backbone = place.kept.origin.backbone
    wanted = Shape(draft.bottom, config.epochs, draft.views, 0.0)
    left = place.left
    is_free = config.freeze == "auto" and draft.boundary == draft.bottom
    can_keep = config.keep is not False and not wants_raw_views(config)
    fewest = draft.views if isinstance(config.views, int) else 1
    options = [_costs(place, draft, cost)]
    found = affordable(options, config.epochs, draft.views, place.left, fewest)
    if is_free and (found is None or found.epochs < config.epochs):
        below = work_below(place.kept.origin, place.rows[:1])
        while True:
            options = deeper(options[0], below.tolist(), deepest(backbone), can_keep=can_keep)
            found = affordable(options, config.epochs, draft.views, place.left, fewest)
            if found is None or found.boundary == draft.bottom:
                break
            draft = drafted(place, config, found.boundary)
            cost = measure_step(draft.trainer, precision)
            options = [_costs(place, draft, cost)]
    if found is None:
        return None
    config = config.model_copy(update={"epochs": found.epochs})
    draft = replace(draft, views=found.views)
    return draft, cost, config, sentence(wanted, found, backbone.stages, left)


def _costs(place: Place, draft: Draft, cost: Any) -> Costs:
    """Of all training rows, from a step that was measured and a view of some of them."""
    from headstart.engine.training.rates import FACTORS, ROWS

    rows, entry, view = len(place.rows), draft.trainer.entry, 1 if draft.views else 0
    some = place.rows[-min(rows, SAMPLE) :]
    began = time.perf_counter()
    draft.feed.ensure(entry, view, some)
    if not draft.keep:
        draft.feed.read(entry, view, some)
    each = (time.perf_counter() - began) / len(some)
    validation = each * len(place.val)
    testing = len(FACTORS) * ROWS * cost.wall / cost.rows
    return Costs(draft.bottom, cost.epoch(rows).wall, each * rows, validation + testing, draft.keep)


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
