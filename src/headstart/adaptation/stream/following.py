"""A method over a stream of prepared batches: answers, the watch for collapse, and the end of it after some resets."""

from __future__ import annotations

import logging
from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from headstart.adaptation.stream.collapse import Collapse
from headstart.adaptation.stream.contract import STREAM, StreamMethod
from headstart.core import plugins
from headstart.core.errors import ConfigError, choice_message

if TYPE_CHECKING:
    from headstart.bundle import Bundle

logger = logging.getLogger(__name__)
MOST_RESETS = 2  # after which the network stays as it was


class Following:
    """Computes features of prepared inputs, in order, with a network that goes on adapting.

    Attributes:
        rows: That were answered.
        used: Rows that taught.
        resets: How often it went back to the start.
    """

    def __init__(
        self, shipped: Bundle, name: str, reference: Sequence[NDArray[Any]] = (), threads: int | None = None
    ) -> None:
        """Build the network; ``reference`` are prepared batches of examples that were learned from.

        Raises:
            ConfigError: no such method, or a bundle that is no network with a linear head.
            BackendError: torch is not installed.
        """
        self.network_name = require_followable(shipped, name)
        import torch

        from headstart.adaptation.stream.network import StreamNetwork
        from headstart.bundle.torch_backbone import rebuild

        if threads is not None:
            torch.set_num_threads(threads)
        self._network = StreamNetwork(
            rebuild(shipped.folder, shipped.manifest.networks[self.network_name]), shipped.fitted()
        )
        self._network.learn_statistics(torch.from_numpy(np.ascontiguousarray(each)) for each in reference)
        plugin = plugins.load(STREAM, name)
        self._method: StreamMethod = plugin.build(plugin.config())
        self._method.begin(self._network)
        self._collapse = Collapse(self._network.classes)
        self.rows = self.used = self.resets = 0

    def compute(self, prepared: NDArray[Any]) -> NDArray[np.float32]:
        """``(B, D)`` features of a prepared batch."""
        import torch

        values = torch.from_numpy(np.ascontiguousarray(prepared))
        self.rows += len(values)
        if self.resets > MOST_RESETS:
            with torch.no_grad():
                return np.asarray(self._network.features(values).numpy(), np.float32)
        first = self._network.first(values)
        found = self._method.step(self._network, values)
        self.used += found.used
        if self._collapse.saw(first.numpy(), found.logits.numpy()):
            self._reset()
            with torch.no_grad():
                return np.asarray(self._network.features(values).numpy(), np.float32)
        return np.asarray(found.features.numpy(), np.float32)

    def _reset(self) -> None:
        self.resets += 1
        logger.warning("answers had collapsed: the network went back to where it began (%d)", self.resets)
        self._network.reset()
        self._collapse.begin()
        self._method.begin(self._network)

    @property
    def notes(self) -> list[str]:
        """What people should know of the stream that was answered."""
        found = [f"The network adapted to {self.used:,} of {self.rows:,} examples while it answered them."]
        if self.resets:
            found.append(
                f"Answers collapsed {self.resets} times, and the network went back to where it began"
                + (", for good." if self.resets > MOST_RESETS else ".")
            )
        return found


def require_followable(shipped: Bundle, name: str) -> str:
    """Name of the bundle's network; raises ConfigError where it cannot adapt while it predicts."""
    if name not in plugins.names(STREAM):
        raise ConfigError(choice_message("stream", name, plugins.names(STREAM)))
    manifest = shipped.manifest
    sources, form = manifest.sources, manifest.method.get("form")
    if (
        len(sources) != 1
        or sources[0].kind != "network"
        or form != "linear"
        or shipped.task().kind not in ("class", "ordinal")
    ):
        raise ConfigError(
            f"--stream {name} needs a model that is one network with a linear head and tells classes; this one is "
            f"{manifest.candidate['backbone']} with {manifest.candidate['method']}. Leave --stream out."
        )
    return sources[0].name
