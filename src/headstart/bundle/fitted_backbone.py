"""A backbone without a network: what a plugin of ``backbones/fitted`` learned from the training part, in NumPy."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any, Literal

from numpy.typing import NDArray

from headstart.core import plugins
from headstart.core.errors import IntegrityError
from headstart.core.modality import Array

ROOM = "backbones.fitted"


@dataclass(frozen=True)
class FittedBackbone:
    """A plugin of ``backbones/fitted`` with what its ``fit`` returned.

    Attributes:
        name: The plugin's name.
        arrays: What ``fit`` returned; may be empty.
        settings: The plugin's config as JSON.
        version: Of its code; "" takes the installed one.
    """

    name: str
    arrays: Mapping[str, NDArray[Any]]
    settings: Mapping[str, Any] = field(default_factory=dict)
    version: str = ""

    def load(self) -> Any:
        """The plugin's object; raises IntegrityError when its code is not that which the arrays were fitted with."""
        if self.name not in plugins.names(ROOM):
            raise IntegrityError(
                f"the bundle needs the fitted backbone {self.name!r}; this version has {plugins.names(ROOM)}. "
                "Use the version of Headstart that wrote it, or install the package that adds it."
            )
        plugin = plugins.load(ROOM, self.name)
        backbone = plugin.build(plugin.config.parse(self.settings, self.name))
        if self.version and str(backbone.version) != self.version:
            raise IntegrityError(
                f"{self.name} must have version {self.version}, with which the bundle was written; "
                f"version {backbone.version} is installed. Use the version of Headstart that wrote the bundle."
            )
        return backbone

    @cached_property
    def _loaded(self) -> Any:
        return self.load()

    @property
    def takes(self) -> Literal["prepared", "content", "columns"]:
        """What it is given: descriptors of prepared inputs, an input's bytes, or a table of plain columns."""
        takes: Literal["prepared", "content", "columns"] = self._loaded.takes
        return takes

    def describe(self, prepared: Array) -> Array:
        """Descriptors ``(B, D)`` of ``(B, ...)`` prepared inputs."""
        described: Array = self._loaded.describe(prepared)
        return described

    def transform(self, raw: Any) -> Any:
        """Features ``(n, D)``, float32 or a ``scipy.sparse.csr_array``, of n descriptors, contents or rows."""
        return self._loaded.transform(self.arrays, raw)
