"""What a file of this folder offers."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any, Protocol

from headstart.exporting.exportable import Exportable


class Format(Protocol):
    """One format.

    Attributes:
        file: Name of the exported file.
        running: Part of ``exporting/parts`` that runs it in the reader.
        packages: What the reader needs beside what decodes inputs, for an installer.
        needs: Modules of ``gate.BLOCKED`` that its runtime is made of.
        browser: Whether ``reader.mjs`` can run it.
        fixed: Whether it takes inputs of fixed sizes, one at a time (``fixed_sizes``).
    """

    file: str
    running: str
    packages: tuple[str, ...]
    needs: tuple[str, ...]
    browser: bool
    fixed: bool

    def check(self, model: Exportable) -> None:
        """Raise before anything is written.

        Raises:
            MissingExtraError: a package is not installed.
            ConfigError: the format cannot hold such a model; the message says why.
        """

    def write(self, model: Exportable, facts: Mapping[str, Any], folder: Path) -> dict[str, Any]:
        """Write the file (and what belongs to it) into ``folder``; facts for ``model.json``, such as the opset.

        Raises:
            BackendError: the exporter or the runtime refuses the model.
        """
