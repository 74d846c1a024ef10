"""What must hold before a train method is begun."""

from __future__ import annotations

from typing import TYPE_CHECKING

from headstart.core import plugins
from headstart.core.errors import ConfigError
from headstart.features.lanes import lanes_of
from headstart.solving.candidates import solves

if TYPE_CHECKING:
    from headstart.features.networks import Networks
    from headstart.request.train_request import TrainRequest
    from headstart.solving.work import Solved, Work


def require_trainable(asked: TrainRequest, work: Work, solved: Solved) -> None:
    """Raise ConfigError where a train method does not fit the data."""
    dataset = solved.reading.dataset
    lanes = lanes_of(dataset, work.networks)
    if len(lanes) != 1 or len(lanes[0].numbers) != 1 or dataset.table.columns:
        raise ConfigError(
            f"{asked.name} trains a network on examples of one picture, text or recording; these have "
            f"{len(dataset.parts)} such parts and {len(dataset.table.columns)} plain columns. Name one with "
            "--input, or use the method linear_probe."
        )
    if not solves(asked.name, solved.learning.task.kind):
        raise ConfigError(f"{asked.name} does not train for targets of kind {solved.learning.task.kind!r}.")


def require_stages(asked: TrainRequest, networks: Networks) -> None:
    """What a method asks of the network: told before the work, not after it.

    Raises:
        StageError: it does not have the depth.
        ConfigError: it has no channel maps, and the method needs them.
    """
    from headstart.backbones.pretrained.maps import require_maps
    from headstart.engine.training.freezing import boundary_of

    if len(networks) != 1:
        return
    (network,) = networks.values()
    freeze = asked.config().freeze
    start = 0 if freeze == "auto" else boundary_of(network.backbone, freeze)
    if "maps" in plugins.load("methods", asked.name).needs:
        require_maps(network.backbone, asked.name, start)
