"""A network turned down, with the weights that it has."""

from __future__ import annotations

from typing import TYPE_CHECKING

from headstart.compression.knobs import Knobs, turned_down
from headstart.compression.own_vocabulary import Numbers, with_vocabulary
from headstart.core.errors import ConfigError, HeadstartError

if TYPE_CHECKING:
    from headstart.backbones.pretrained.backbone import Backbone


def smaller(backbone: Backbone, knobs: Knobs, vocabulary: Numbers | None = None) -> Backbone:
    """The same weights at another size of inputs, without the stages after a cut, in eval mode.

    Args:
        backbone: As it is.
        knobs: What is turned.
        vocabulary: Tokens that stay where the vocabulary is trimmed.

    Raises:
        ConfigError: the network cannot be had so; for example weights that hold a table of positions.
    """
    from headstart.backbones.pretrained.load import build_from

    if knobs.size is None and knobs.stage is None and knobs.framing is None:
        return _trimmed(backbone, knobs, vocabulary)
    try:
        card = turned_down(backbone.card, knobs)
        found = build_from(card, backbone.network.state_dict(), backbone.assets).eval()
        return _trimmed(found, knobs, vocabulary)
    except ConfigError:
        raise
    except HeadstartError as error:
        raise ConfigError(f"{backbone.name} cannot be run at {knobs.name(backbone.modality)}: {error}") from error


def _trimmed(backbone: Backbone, knobs: Knobs, vocabulary: Numbers | None) -> Backbone:
    if not knobs.is_trimmed:
        return backbone
    assert vocabulary is not None, "whoever trims knows to what"  # noqa: S101
    return with_vocabulary(backbone, vocabulary)
