"""A network turned down, with the weights that it has."""

from __future__ import annotations

from typing import TYPE_CHECKING

from headstart.compression.knobs import Knobs, turned_down
from headstart.core.errors import ConfigError, HeadstartError

if TYPE_CHECKING:
    from headstart.backbones.pretrained.backbone import Backbone


def smaller(backbone: Backbone, knobs: Knobs) -> Backbone:
    """The same weights at another size of inputs, without the stages after a cut, in eval mode.

    Raises:
        ConfigError: the network cannot be had so; for example weights that hold a table of positions.
    """
    from headstart.backbones.pretrained.load import build_from

    if knobs.size is None and knobs.stage is None and knobs.framing is None:
        return backbone
    try:
        card = turned_down(backbone.card, knobs)
        return build_from(card, backbone.network.state_dict(), backbone.assets).eval()
    except ConfigError:
        raise
    except HeadstartError as error:
        raise ConfigError(f"{backbone.name} cannot be run at {knobs.name(backbone.modality)}: {error}") from error
