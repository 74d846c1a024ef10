"""The whole model as one module, recorded by ``torch.export`` for inputs of any size, or given fixed ones."""

from __future__ import annotations

import warnings
from typing import TYPE_CHECKING, Any

import numpy as np
import torch

from headstart.bundle.torch_backbone import rebuild
from headstart.core.errors import BackendError
from headstart.core.preprocessing.text import PAD
from headstart.exporting.exportable import Exportable, RawInput
from headstart.exporting.fixed_sizes import dtype_of, entries_of
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
    networks = _networks(model)
    whole = _whole(model, networks)
    examples = tuple(_example(model, name, dtype, shape, networks) for name, (dtype, shape) in shapes_of(model).items())
    free = tuple(
        {axis: torch.export.Dim.AUTO for axis, side in enumerate(shape) if isinstance(side, str)}
        for _, shape in shapes_of(model).values()
    )
    with torch.no_grad():
        whole(*examples)  # constants are made
    return _recorded(whole, examples, {"given": free})


def fixed_module(model: Exportable) -> tuple[Whole, dict[str, tuple[Tensor, ...]]]:
    """A module of inputs of fixed sizes, and by entry (``fixed_sizes.entries_of``) examples of what it takes.

    Raises:
        BackendError: torch or the architecture's library is not installed.
    """
    networks = _networks(model)
    whole = _whole(model, networks, fixed=True)
    examples = {
        entry: tuple(_fixed_example(model, each, shapes[each.name], networks) for each in model.inputs)
        for entry, shapes in entries_of(model).items()
    }
    with warnings.catch_warnings(), torch.no_grad():
        warnings.simplefilter("ignore")
        whole(*next(iter(examples.values())))  # constants are made
    return whole, examples


def recorded(whole: Whole, example: tuple[Tensor, ...]) -> ExportedProgram:
    """What a module of fixed sizes computes; raises BackendError where ``torch.export`` cannot follow."""
    return _recorded(whole, example, None)


def _recorded(whole: Whole, example: tuple[Tensor, ...], free: Any) -> ExportedProgram:
    with warnings.catch_warnings(), torch.no_grad():
        warnings.simplefilter("ignore")  # about the networks' own code; nothing a user could do about it
        try:
            return torch.export.export(whole, example, dynamic_shapes=free, strict=False)
        except Exception as error:  # it raises anything
            first = str(error).strip().splitlines()[0] if str(error).strip() else type(error).__name__
            raise BackendError(f"torch.export cannot follow this model: {first}") from error


def _networks(model: Exportable) -> dict[str, Any]:
    folder = model.shipped.folder
    return {name: rebuild(folder, record) for name, record in model.shipped.manifest.networks.items()}


def _whole(model: Exportable, networks: dict[str, Any], fixed: bool = False) -> Whole:
    slices = {name: Slice(each, 0, len(each.stages)) for name, each in networks.items()}
    return Whole(model, slices, fixed).eval()


def _fixed_example(model: Exportable, each: RawInput, shape: list[int], networks: dict[str, Any]) -> Tensor:
    """Zeros, of texts and recordings an input of half the length that is padded."""
    values = np.zeros(shape, dtype_of(each))
    if each.kind in ("text", "sound"):
        found = networks[model.sources[each.source].name].example(1)[:, : shape[1] // 2]
        values = np.full(shape, np.nan if each.kind == "sound" else PAD, dtype_of(each))
        values[:, : found.shape[1]] = found
    return torch.from_numpy(values)


def _example(model: Exportable, name: str, dtype: Any, shape: list[int | str], networks: dict[str, Any]) -> Tensor:
    """Two examples: with one, an axis of length one would be taken for one that is always so."""
    given = next(each for each in model.inputs if each.name == name)
    if given.kind in ("text", "sound"):
        return example_input(networks[model.sources[given.source].name], 0, 2)
    sides = [2 if side == "B" else SIDES[side[0]] if isinstance(side, str) else side for side in shape]
    return torch.from_numpy(np.zeros(sides, dtype))
