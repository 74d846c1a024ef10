"""From a card to a backbone that is ready to run."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING

from headstart.backbones.card import Card
from headstart.backbones.pretrained.source import find_source
from headstart.core.errors import IntegrityError

if TYPE_CHECKING:
    from torch import Tensor

    from headstart.backbones.pretrained.backbone import Backbone


def load_card(card: Card, *, random_seed: int | None = None, expected_sha256: str | None = None) -> Backbone:
    """Like :func:`load`, for a card that was found before."""
    from headstart.backbones.pretrained.backbone import Backbone
    from headstart.backbones.pretrained.family import family

    described, source = family(card.family), find_source(card.source)
    if random_seed is not None:
        network = described.build_random(card, random_seed)
        return Backbone(_randomised(card, random_seed), network, source.assets(card))
    weights = source.read(card)
    if expected_sha256 is not None and weights.sha256 != expected_sha256:
        raise IntegrityError(
            f"the weights of {card.name} must have sha256 {expected_sha256}, as recorded; they have {weights.sha256}. "
            "They were replaced since: fetch that version again, or start a new run."
        )
    network = described.build(card, weights)
    return Backbone(card.model_copy(update={"sha256": weights.sha256}), network, source.assets(card))


def build_from(card: Card, tensors: Mapping[str, Tensor], assets: Mapping[str, bytes] | None = None) -> Backbone:
    """The backbone of a card with tensors that are at hand, in eval mode: no source is asked.

    Args:
        card: Of any family.
        tensors: Named as in ``backbone.network.state_dict()``, complete but for what a cut network dropped, of the
            architecture's shapes or those that the card names.
        assets: Files that inputs are prepared with, by name.

    Raises:
        ShapeError: the tensors are not those of the card's network.
    """
    from headstart.backbones.pretrained.backbone import Backbone
    from headstart.backbones.pretrained.family import family
    from headstart.backbones.pretrained.narrow import narrow, parted, with_zeros
    from headstart.backbones.pretrained.source import Weights

    described = family(card.family)
    usual, own = parted(card, tensors)
    if card.cut is not None or own:
        layout = described.layout(card.architecture, card.options)
        usual = with_zeros(layout, usual, own if card.cut is None else set(layout.state_dict()) - set(usual))
    network = described.build(card, Weights(usual, card.sha256 or ""))
    narrow(network, own)
    return Backbone(card, network, assets)


def _randomised(card: Card, seed: int) -> Card:
    return card.model_copy(
        update={
            "sha256": None,
            "random_seed": seed,
            "pretraining": f"none: random weights drawn from seed {seed}",
            "known_biases": "none learned: the weights have seen no data",
        }
    )
