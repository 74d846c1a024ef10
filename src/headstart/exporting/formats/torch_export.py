"""PyTorch's own: one .pt2 file that ``torch.export.load`` runs without the code that made it."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

from headstart.core.config import Config
from headstart.core.files import dump_json
from headstart.core.plugins import Plugin
from headstart.exporting.exportable import Exportable
from headstart.exporting.facts import metadata_of
from headstart.exporting.reference import require_reference


class TorchExport:
    """See ``contract.Format``. Tensors are given in the order of model.json."""

    file = "model.pt2"
    running = "run_torch"
    packages = ("torch",)
    needs = ("torch",)
    browser = False
    fixed = False

    def __init__(self, config: Config) -> None:
        """Nothing to set."""

    def check(self, model: Exportable) -> None:
        """The runtime that the gate holds the file against is there."""
        require_reference(model)

    def write(self, model: Exportable, facts: Mapping[str, Any], folder: Path) -> dict[str, Any]:
        """The recorded model, with the facts beside it in the archive."""
        import torch

        from headstart.exporting.torch_program import whole_program

        found = {"torch": torch.__version__}
        said = dump_json(metadata_of({**facts, **found}))
        torch.export.save(whole_program(model), folder / self.file, extra_files={"headstart.json": said})
        return found


PLUGIN = Plugin(build=TorchExport)
