"""The whole model recorded by ``torch.export``, for any number of examples and inputs of any size."""

from __future__ import annotations

import warnings
from typing import TYPE_CHECKING, Any

import numpy as np
import torch

from headstart.bundle.torch_backbone import rebuild
from headstart.core.errors import BackendError
from headstart.exporting.exportable import Exportable
from headstart.exporting.model_nodes import shapes_of
from headstart.exporting.torch_nodes import Whole
from headstart.runtimes.torch_slice import Slice, example_input

if TYPE_CHECKING:
    from torch import Tensor
    from torch.export import ExportedProgram

SIDES = {"H": 250, "W": 310, "T": 64}  # of what is recorded; all differ from one another and from what networks take


def whole_program(model: Exportable) -> ExportedProgram:
    """Recorded, for any B, H, W, T and S.

    Raises:
        BackendError: torch or the architecture's library is not installed, or ``torch.export`` cannot follow.
    """
    folder = model.shipped.folder
    networks = {name: rebuild(folder, record) for name, record in model.shipped.manifest.networks.items()}
    slices = {name: Slice(each, 0, len(each.stages)) for name, each in networks.items()}
    whole = Whole(model, slices).eval()
    examples = tuple(_example(model, name, dtype, shape, networks) for name, (dtype, shape) in shapes_of(model).items())
    free = tuple(
        {axis: torch.export.Dim.AUTO for axis, side in enumerate(shape) if isinstance(side, str)}
        for _, shape in shapes_of(model).values()
    )
    with warnings.catch_warnings(), torch.inference_mode():
        warnings.simplefilter("ignore")  # about the networks' own code; nothing a user could do about it
        whole(*examples)  # constants are made
        try:
            return torch.export.export(whole, examples, dynamic_shapes={"given": free}, strict=False)
        except Exception as error:  # it raises anything
            first = str(error).strip().splitlines()[0] if str(error).strip() else type(error).__name__
            raise BackendError(f"torch.export cannot follow this model: {first}") from error


def _example(model: Exportable, name: str, dtype: Any, shape: list[int | str], networks: dict[str, Any]) -> Tensor:
    """Two examples: with one, an axis of length one would be taken for one that is always so."""
    given = next(each for each in model.inputs if each.name == name)
    if given.kind in ("text", "sound"):
        return example_input(networks[model.sources[given.source].name], 0, 2)
    sides = [2 if side == "B" else SIDES[side[0]] if isinstance(side, str) else side for side in shape]
    return torch.from_numpy(np.zeros(sides, dtype))
