"""Grad-CAM: where the last map of features speaks for a class.

Selvaraju et al., Grad-CAM: Visual Explanations from Deep Networks via Gradient-based Localization, ICCV 2017,
arXiv:1610.02391. The weight of a channel is the mean of the gradient over the map; the weighted sum of channels is cut
off below 0. The map is the last between two stages by which the answer still changes: of a convolutional network the
one before pooling; of a transformer that answers by its class token the tokens before its last block.

One forward and one backward pass.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from headstart.core.config import Config
from headstart.core.plugins import Plugin
from headstart.explanation.grid import resampled
from headstart.explanation.maps import stage_maps
from headstart.explanation.network import Network
from headstart.explanation.question import Attribution, Question


class GradCam:
    """See ``explanation.question.Explainer``."""

    def __init__(self, config: Config) -> None:
        """Nothing to set."""

    def explain(self, question: Question) -> Attribution:
        """Raises ConfigError where the network has no map that the answer depends on."""
        rows, columns = question.units.shape
        networks = question.networks()
        found = [cam(network, question.example.prepared[network.number]) for network in networks]
        values = np.sum([resampled(drawn, rows, columns) for _, drawn in found], axis=0)
        passes = "one forward and one backward pass" + (f" of {len(found)} networks each" if len(found) > 1 else "")
        stages = ", ".join(dict.fromkeys(stage for stage, _ in found))
        return Attribution(values, f"{passes}; map after {stages}")


def cam(network: Network, pixels: NDArray[np.uint8]) -> tuple[str, NDArray[np.float64]]:
    """Name of the stage and map ``(h, w)``, >= 0, of one prepared picture ``(H, W, 3)``."""
    last = stage_maps(network, pixels)[-1]
    weighted = (last.slope.mean((1, 2), keepdim=True) * last.values).sum(0)
    return last.stage, weighted.clamp(min=0).double().numpy()


PLUGIN = Plugin(
    build=GradCam, modality="image", needs=frozenset({"gradients"}), paper="arXiv:1610.02391", title="Grad-CAM"
)
