"""The operators of a model's description, computed by PyTorch: what ``torch.export`` records and runs on its own."""

from __future__ import annotations

import functools
from collections.abc import Callable, Mapping
from typing import Any

import numpy as np
import torch
from torch import Tensor, nn

from headstart.exporting.exportable import Exportable
from headstart.exporting.model_nodes import model_nodes, outputs_of

ONE: dict[str, Callable[[Tensor], Tensor]] = {
    "Abs": torch.abs, "Sign": torch.sign, "Sqrt": torch.sqrt, "Log": torch.log, "Sin": torch.sin, "Cos": torch.cos,
    "Floor": torch.floor, "Ceil": torch.ceil, "Round": torch.round, "IsNaN": torch.isnan, "Sigmoid": torch.sigmoid,
    "Relu": torch.relu, "Identity": torch.clone,
}  # fmt: skip
TWO: dict[str, Callable[[Tensor, Tensor], Tensor]] = {
    "Add": torch.add, "Sub": torch.sub, "Mul": torch.mul, "Div": torch.div, "Min": torch.minimum, "Max": torch.maximum,
    "Less": torch.lt, "LessOrEqual": torch.le, "Greater": torch.gt, "GreaterOrEqual": torch.ge, "Equal": torch.eq,
    "And": torch.logical_and, "Or": torch.logical_or, "MatMul": torch.matmul,
}  # fmt: skip


class Constant:
    """An array that is part of the model: its numbers, for operators that need them, and its tensor."""

    def __init__(self, array: np.ndarray[Any, Any], tensor: Tensor) -> None:
        self.array = array
        self.tensor = tensor

    @property
    def numbers(self) -> list[int]:
        """Of axes and bounds."""
        return [int(each) for each in self.array.reshape(-1)]


class TorchNodes:
    """Calls that compute; see ``graph_nodes.Operators``. Constants are a module's buffers, in the order of calls.

    Attributes:
        widest: Of numbers with a point: what is wider is computed in it, where a runtime has nothing wider.
    """

    may_cut = False

    def __init__(self, holder: nn.Module, widest: Any = np.float64) -> None:
        self.holder = holder
        self.widest = np.dtype(widest)
        self.count = 0

    def __call__(self, kind: str, *inputs: Any, **attributes: Any) -> Tensor:
        """One operator."""
        if kind in ONE:
            return ONE[kind](_tensor(inputs[0]))
        if kind in TWO:
            return functools.reduce(TWO[kind], map(_tensor, inputs))
        return SPECIAL[kind](*inputs, **attributes)

    def constant(self, value: Any, dtype: Any = np.float32) -> Constant:
        """A buffer, made by the first call and found again by later ones."""
        array = np.asarray(value, self._narrowed(dtype))
        name = f"constant_{self.count}"
        self.count += 1
        if not hasattr(self.holder, name):
            self.holder.register_buffer(name, torch.from_numpy(array.copy()))
        return Constant(array, getattr(self.holder, name))

    def cast(self, value: Any, dtype: Any) -> Tensor:
        """The same numbers in another dtype."""
        return _tensor(value).to(_dtype(self._narrowed(dtype)))

    def _narrowed(self, dtype: Any) -> Any:
        asked = np.dtype(dtype)
        return self.widest if asked.kind == "f" and asked.itemsize > self.widest.itemsize else asked

    def places(self, value: Any, axis: int) -> Tensor:
        """``(n,)`` float32 along an axis."""
        return torch.arange(_tensor(value).shape[axis], dtype=torch.float32)


class Whole(nn.Module):
    """The whole model from raw tensors, in the order of ``Exportable.inputs``, to its answers as a tuple.

    With ``fixed`` those are the tensors of ``fixed_sizes``, and nothing is computed in float64.
    """

    def __init__(self, model: Exportable, networks: Mapping[str, nn.Module], fixed: bool = False) -> None:
        super().__init__()
        self.networks = nn.ModuleDict({_key(name): network for name, network in networks.items()})
        self.constants = nn.Module()
        self.model = model
        self.fixed = fixed
        self.training = False

    def forward(self, *given: Tensor) -> tuple[Tensor, ...]:
        """``(B, K)`` each."""
        taken = {each.name: tensor for each, tensor in zip(self.model.inputs, given, strict=True)}
        nodes = TorchNodes(self.constants, np.float32 if self.fixed else np.float64)
        answers = model_nodes(nodes, self.model, taken, self._features, branches=False, fixed=self.fixed)
        return tuple(answers[name] for name in outputs_of(self.model))

    def _features(self, place: int, prepared: Tensor) -> tuple[Tensor, None]:
        return self.networks[_key(self.model.sources[place].name)](prepared), None


def _key(name: str) -> str:
    return name.replace(".", "_")  # a module's name holds no point


def _dtype(dtype: Any) -> torch.dtype:
    return torch.from_numpy(np.zeros(0, dtype)).dtype


def _tensor(value: Any) -> Tensor:
    return value.tensor if isinstance(value, Constant) else value


def _slice(value: Any, low: Constant, high: Constant, axes: Constant) -> Tensor:
    found = _tensor(value)
    for start, end, axis in zip(low.numbers, high.numbers, axes.numbers, strict=True):
        found = found.narrow(axis, start, end - start)
    return found


def _gather(value: Any, index: Any, axis: int = 0) -> Tensor:
    found = _tensor(value)
    if isinstance(index, Constant) and index.array.ndim == 0:
        return found.select(axis, int(index.array))
    places = _tensor(index)
    return found[places] if axis == 0 else found.index_select(axis, places)


def _squeeze(value: Any, axes: Constant) -> Tensor:
    return _tensor(value).squeeze(axes.numbers[0])


def _unsqueeze(value: Any, axes: Constant) -> Tensor:
    return _tensor(value).unsqueeze(axes.numbers[0])


def _shape(value: Any) -> Tensor:
    return torch.stack([torch.scalar_tensor(side, dtype=torch.int64) for side in _tensor(value).shape])


SPECIAL: dict[str, Callable[..., Tensor]] = {
    "Transpose": lambda value, perm: _tensor(value).permute(perm),
    "Concat": lambda *values, axis: torch.cat([_tensor(each) for each in values], dim=axis),
    "Where": lambda where, one, other: torch.where(_tensor(where), _tensor(one), _tensor(other)),
    "Clip": lambda value, low, high: torch.clamp(_tensor(value), float(low.array), float(high.array)),
    "Softmax": lambda value, axis: torch.softmax(_tensor(value), dim=axis),
    "ReduceSum": lambda value, axes, keepdims: _tensor(value).sum(dim=axes.numbers, keepdim=bool(keepdims)),
    "ReduceMean": lambda value, axes, keepdims: _tensor(value).mean(dim=axes, keepdim=bool(keepdims)),
    "GatherElements": lambda value, index, axis: torch.gather(_tensor(value), axis, _tensor(index)),
    "ScatterElements": lambda value, index, source, axis: _tensor(value).scatter(axis, _tensor(index), source),
    "Slice": _slice,
    "Gather": _gather,
    "Squeeze": _squeeze,
    "Unsqueeze": _unsqueeze,
    "Shape": _shape,
}
