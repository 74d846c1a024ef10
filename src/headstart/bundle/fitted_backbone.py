"""A backbone without a network: descriptors of the pixels and arrays learned from the training part, in NumPy."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

import numpy as np
from numpy.typing import NDArray

from headstart.bundle.manifest import BackboneRecord
from headstart.core import plugins
from headstart.core.errors import IntegrityError

ROOM = "backbones.fitted"


@dataclass(frozen=True)
class FittedBackbone:
    """A plugin of ``backbones/fitted`` with what its ``fit`` returned.

    Attributes:
        name: The plugin's name.
        arrays: What ``fit`` returned; may be empty.
        settings: The plugin's config as JSON.
        version: Of the descriptors' code; "" takes the installed one.
    """

    name: str
    arrays: Mapping[str, NDArray[Any]]
    settings: Mapping[str, Any] = field(default_factory=dict)
    version: str = ""

    def describe(self, pixels: NDArray[np.uint8]) -> NDArray[np.float32]:
        """Features ``(B, D)`` float32 of ``(B, H, W, 3)`` uint8 pixels."""
        backbone = self.load()
        features: NDArray[np.float32] = backbone.transform(self.arrays, backbone.describe(pixels))
        return features

    def load(self) -> Any:
        """The plugin's object; raises IntegrityError when its descriptors are not those the arrays were fitted on."""
        plugin = plugins.load(ROOM, self.name)
        backbone = plugin.build(plugin.config.parse(self.settings, self.name))
        if self.version and str(backbone.version) != self.version:
            raise IntegrityError(
                f"{self.name} must have version {self.version}, with which the bundle was written; "
                f"version {backbone.version} is installed. Use the version of Headstart that wrote the bundle."
            )
        return backbone


def describe_fitted(backbone: FittedBackbone) -> BackboneRecord:
    """Name, width and version of the descriptors' code."""
    built = backbone.load()
    return BackboneRecord(
        kind="fitted",
        name=backbone.name,
        stage="descriptors",
        feature_dim=built.D,
        settings=dict(backbone.settings),
        version=str(built.version),
    )
