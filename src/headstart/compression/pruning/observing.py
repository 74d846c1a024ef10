"""What readers of groups see and give on kept inputs: rows of their input, one a position, and of their output."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

import torch
from torch import Tensor, nn

if TYPE_CHECKING:
    from headstart.backbones.pretrained.backbone import Backbone
    from headstart.core.boundary import Boundary

POSITIONS = 48  # of a map that are looked at: neighbours say nearly the same


class _Seen(Exception):  # noqa: N818 - no error: the pass need go no further
    pass


def rows_in(reader: nn.Module, values: Tensor, mask: Tensor | None = None) -> Tensor:
    """``(rows, columns)`` of a reader's input, as its weights ``(out, columns)`` multiply it.

    Args:
        reader: A linear layer, or a convolution without groups.
        values: ``(B, ..., C)`` of a linear layer, ``(B, C, H, W)`` of a convolution, of whose output positions at
            most POSITIONS a map are taken, always the same.
        mask: ``(B, T)``: positions that count; None: all.
    """
    if not isinstance(reader, nn.Conv2d):
        return _there(values, mask)
    if reader.kernel_size == (1, 1) and reader.padding == (0, 0):
        stepped = values[:, :, :: reader.stride[0], :: reader.stride[1]].flatten(2)
    else:
        stepped = nn.functional.unfold(
            values, reader.kernel_size, reader.dilation, _pixels(reader.padding), reader.stride
        )
    return _drawn(stepped)


def rows_out(reader: nn.Module, values: Tensor, mask: Tensor | None = None) -> Tensor:
    """``(rows, out)`` of what a reader gives, of the positions that :func:`rows_in` takes."""
    return _drawn(values.flatten(2)) if isinstance(reader, nn.Conv2d) else _there(values, mask)


def _pixels(padding: str | tuple[int, ...]) -> tuple[int, ...]:
    assert not isinstance(padding, str)  # noqa: S101 - groups have no such readers
    return padding


def _drawn(maps: Tensor) -> Tensor:
    """``(B, C, L)`` to ``(B * P, C)``."""
    length = maps.shape[2]
    places = torch.randperm(length, generator=torch.Generator().manual_seed(length))[:POSITIONS].sort().values
    return maps[:, :, places].transpose(1, 2).flatten(0, 1)


def _there(values: Tensor, mask: Tensor | None) -> Tensor:
    if mask is not None and mask.shape == values.shape[: mask.ndim]:
        return values[mask].flatten(0, -2)
    return values.flatten(0, -2)


@contextmanager
def watching(network: nn.Module, readers: Sequence[str], taken: Any) -> Iterator[None]:
    """Within it ``taken(name, input, output)`` is called wherever a reader runs."""
    handles = []
    for name in readers:

        def hook(_module: nn.Module, given: Any, output: Tensor, name: str = name) -> None:
            taken(name, given[0], output)

        handles.append(network.get_submodule(name).register_forward_hook(hook))
    try:
        yield
    finally:
        for handle in handles:
            handle.remove()


def outputs_of(
    backbone: Backbone, boundaries: Sequence[Boundary], stage: int, readers: Sequence[str]
) -> tuple[dict[str, Tensor], list[Boundary]]:
    """``(rows, out)`` of readers in one stage by name, and the boundaries behind it."""
    found: dict[str, list[Tensor]] = {name: [] for name in readers}
    behind = []
    for boundary in boundaries:

        def taken(name: str, _given: Tensor, output: Tensor, mask: Tensor | None = boundary.mask) -> None:
            found[name].append(rows_out(backbone.network.get_submodule(name), output, mask))

        with torch.no_grad(), watching(backbone.network, readers, taken):
            behind.append(backbone.run(boundary, stage, stage + 1))
    return {name: torch.cat(rows) for name, rows in found.items()}, behind


def inputs_of(backbone: Backbone, boundaries: Sequence[Boundary], stage: int, reader: str) -> Tensor:
    """``(rows, columns)`` that one reader sees; what follows it is not computed."""
    found: list[Tensor] = []
    module = backbone.network.get_submodule(reader)
    for boundary in boundaries:

        def taken(_name: str, given: Tensor, _output: Tensor, mask: Tensor | None = boundary.mask) -> None:
            found.append(rows_in(module, given, mask))
            raise _Seen

        try:
            with torch.no_grad(), watching(backbone.network, [reader], taken):
                backbone.run(boundary, stage, stage + 1)
        except _Seen:
            pass
    return torch.cat(found)


def entered(backbone: Backbone, batches: Sequence[Any]) -> list[Boundary]:
    """Boundary 0 of prepared batches."""
    with torch.no_grad():
        return [backbone.enter(torch.from_numpy(batch)) for batch in batches]
