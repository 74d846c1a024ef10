"""Class activation maps: where the last map of features speaks for a class, without gradients.

Zhou et al., Learning Deep Features for Discriminative Localization, CVPR 2016, arXiv:1512.04150. Where features are the
mean of a map over the plane and the head is linear, the head applied to each place, divided by the number of places,
adds up to the margin less the head's bias. For such networks it is what Grad-CAM weighs, before that cuts off below 0.

One forward pass, by the bundle's graph; needs no torch.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from headstart.bundle.graph_runners import GraphCompute
from headstart.core.config import Config
from headstart.core.errors import ConfigError
from headstart.core.learning import Floats
from headstart.core.plugins import Plugin
from headstart.explanation.grid import resampled
from headstart.explanation.model import Model, margin
from headstart.explanation.question import Attribution, Question

TOLERANCE = 1e-3  # of a head's sums, relative, below which it counts as linear


class ClassActivation:
    """See ``explanation.question.Explainer``."""

    def __init__(self, config: Config) -> None:
        """Nothing to set."""

    def explain(self, question: Question) -> Attribution:
        """Raises ConfigError where the graph gives no map, or the head is not linear."""
        rows, columns = question.units.shape
        values = activation(question.model, question.example.prepared[0])
        return Attribution(resampled(values, rows, columns), "one forward pass of the bundle's graph")


def has_maps(model: Model) -> bool:
    """Whether one network whose graph gives maps is all that the head reads."""
    predictor = model.predictor
    computes = [over.compute for over in predictor.passes]
    return len(predictor.sources) == len(computes) == 1 and getattr(computes[0], "maps", None) is not None


def activation(model: Model, pixels: NDArray[np.uint8]) -> NDArray[np.float64]:
    """Map ``(h, w)`` of one prepared picture ``(H, W, 3)``; its sum is the margin less that of no features at all."""
    if not has_maps(model):
        raise ConfigError(
            "class activation maps need one network whose graph ends by averaging a map, run by onnxruntime or "
            "openvino; this bundle or its runtime is another. Leave the method out, or take occlusion."
        )
    compute = model.predictor.passes[0].compute
    assert isinstance(compute, GraphCompute) and compute.maps is not None  # noqa: S101 - has_maps looked
    found = np.asarray(compute.maps(np.ascontiguousarray(pixels[None]))[0], np.float32)  # (D, h, w)
    places = found.reshape(len(found), -1).T  # (h * w, D)
    values = _margins(model, places) - _margins(model, np.zeros_like(places[:1]))
    mean = _margins(model, places.mean(axis=0, keepdims=True)) - _margins(model, np.zeros_like(places[:1]))
    if abs(values.mean() - mean[0]) > TOLERANCE * (np.abs(values).mean() + 1e-9):
        raise ConfigError("class activation maps need a linear head; this bundle's is another. Take occlusion.")
    return np.asarray((values / len(values)).reshape(found.shape[1:]), np.float64)


def _margins(model: Model, features: NDArray[np.float32]) -> Floats:
    return margin(model.predictor.head(features), model.column, model.kind)


PLUGIN = Plugin(build=ClassActivation, modality="image", paper="arXiv:1512.04150", title="class activation map")
