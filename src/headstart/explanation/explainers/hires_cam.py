"""HiResCAM over several stages: where the deeper maps of a network speak for a class, each place by its own gradient.

Draelos & Carin, Use HiResCAM instead of Grad-CAM for faithful explanations of convolutional neural networks, 2020,
arXiv:2011.08891: the gradient is multiplied with the map place by place instead of being averaged over it first. One
map alone is either coarse (the last) or unsure of what counts (earlier ones), so several are added up, each cut off
below 0 and brought to a largest value of 1, as Jiang et al. fuse theirs (LayerCAM, IEEE TIP 2021,
doi:10.1109/TIP.2021.3089943, who take a maximum and cut off the gradients instead).

Which maps: of the deeper half of those between stages the ones at most twice as fine as the last. That was chosen on
stamps of other sizes and patterns planted in other photographs than those of ``benchmarks/planted_evidence.py``.

One forward and one backward pass.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from headstart.core.config import Config
from headstart.core.plugins import Plugin
from headstart.explanation.grid import averaged, resampled
from headstart.explanation.maps import StageMap, stage_maps
from headstart.explanation.question import Attribution, Question

FINER = 2  # times as many rows as the last map, at most


class HiResCam:
    """See ``explanation.question.Explainer``."""

    def __init__(self, config: Config) -> None:
        """Nothing to set."""

    def explain(self, question: Question) -> Attribution:
        """Raises ConfigError where a network has no map that the answer depends on."""
        shape = (question.units.shape[0], question.units.shape[1])
        values, stages = np.zeros(shape), list[str]()
        networks = question.networks()
        for network in networks:
            maps = deeper(stage_maps(network, question.example.prepared[network.number]))
            values += np.sum([to_cells(drawn(each), shape) for each in maps], axis=0)
            stages += [each.stage for each in maps]
        passes = "one forward and one backward pass"
        if len(networks) > 1:
            passes += f" of {len(networks)} networks each"
        return Attribution(values, f"{passes}; maps after {', '.join(dict.fromkeys(stages))}")


def deeper(maps: list[StageMap]) -> list[StageMap]:
    """Those that are added up, of the maps between stages; the last always."""
    most = FINER * maps[-1].values.shape[1]
    return [each for each in maps[len(maps) // 2 :] if each.values.shape[1] <= most]


def drawn(each: StageMap) -> NDArray[np.float64]:
    """``(h, w)`` from 0 to 1: the sum over channels of slope times value, cut off below 0; zeros if none is above."""
    summed = (each.slope * each.values).sum(0).clamp(min=0).double().numpy()
    return np.asarray(summed / (summed.max() or 1.0))


def to_cells(values: NDArray[np.float64], shape: tuple[int, int]) -> NDArray[np.float64]:
    """``(h, w)`` to cells ``(R, C)``: means where a map is finer than they are, else between its places."""
    finer = values.shape[0] >= 2 * shape[0] and values.shape[1] >= 2 * shape[1]
    return averaged(values, shape) if finer else resampled(values, *shape)


PLUGIN = Plugin(
    build=HiResCam,
    modality="image",
    needs=frozenset({"gradients"}),
    paper="arXiv:2011.08891",
    title="HiResCAM over several stages",
)
