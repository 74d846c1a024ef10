"""Units inside a block that go together: the layers that make them, what lies between, and the layer that reads them.

Dependencies are traced by torch-pruning (Fang et al., CVPR 2023, arXiv:2301.12900). A group is *interior* where its
units reach one reading layer alone and all of it lies in one stage: the expanded channels of an inverted residual, the
inner ones of a bottleneck, the neurons of a feed-forward layer, the heads of an attention. What a residual sum or a
boundary between stages needs is never one.
"""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from headstart.core.errors import BackendError, MissingExtraError

if TYPE_CHECKING:
    from torch import nn

    from headstart.backbones.pretrained.backbone import Backbone

MOST_COLUMNS = 2560  # of a reader's weights: solving more takes minutes
HEAD_SIZES = ("attention_head_size", "head_dim")  # what modules that attend call the width of a head


@dataclass(frozen=True)
class Group:
    """Units that go together.

    Attributes:
        stage: Number of the stage that it lies in.
        reader: The layer whose inputs the units are, by name: a linear layer or a convolution.
        makers: Layers whose outputs they are, and what normalises these channel by channel, by name.
        units: How many there are.
        width: Channels of a unit: 1, or the width of a head.
        columns: Columns of the reader's weights that belong to a unit.
    """

    stage: int
    reader: str
    makers: tuple[str, ...]
    units: int
    width: int
    columns: int


def interior_groups(backbone: Backbone) -> list[Group]:
    """Groups of a network in the order in which it computes their readers.

    Args:
        backbone: Of any family, in eval mode.

    Raises:
        MissingExtraError: torch-pruning is not installed.
        BackendError: the network cannot be traced.
    """
    try:
        import torch_pruning
    except ImportError as error:
        raise MissingExtraError("torch-pruning", "prune", "pruning channels and heads") from error
    graph = _traced(torch_pruning, backbone)
    names = {module: name for name, module in backbone.network.named_modules()}
    stages = _stages_of(backbone, _run_once(backbone))
    found: dict[str, Group] = {}
    for root, name in names.items():
        if not _is_layer(root) or name not in stages:
            continue
        width = int(root.weight.shape[0])
        pruner = graph.get_pruner_of_module(root).prune_out_channels
        items = [(each.dep, each.idxs) for each in graph.get_pruning_group(root, pruner, idxs=list(range(width))).items]
        group = _interior(backbone, items, names, stages, width)
        if group is not None:
            found.setdefault(group.reader, group)
    order = {name: place for place, name in enumerate(names.values())}
    return sorted(found.values(), key=lambda each: (each.stage, order[each.reader]))


def _traced(torch_pruning: Any, backbone: Backbone) -> Any:
    import torch

    wanted = [(each, each.requires_grad) for each in backbone.parameters()]
    try:
        for parameter, _ in wanted:  # dependencies are read off the graph of gradients
            parameter.requires_grad_(True)
        return torch_pruning.DependencyGraph().build_dependency(
            backbone, example_inputs=torch.from_numpy(backbone.example(1)), verbose=False
        )
    except Exception as error:  # noqa: BLE001 - whatever a tracer does not understand
        raise BackendError(f"{backbone.name} cannot be pruned: its dependencies cannot be traced ({error}).") from error
    finally:
        for parameter, was in wanted:
            parameter.requires_grad_(was)


def _interior(
    backbone: Backbone, items: list[tuple[Any, Any]], names: dict[Any, str], stages: dict[str, int], width: int
) -> Group | None:
    """The group, or None where its units go further than one reader, or are not its members' channels one by one."""
    from torch import nn

    makers, readers = [], []
    for dependency, indices in items:
        module = dependency.target.module
        if type(module).__name__ == "_OutputOp":
            return None
        if module not in names and isinstance(module, nn.Module) and not list(module.parameters()):
            continue  # what the tracer made of an operation without parameters
        if list(indices) != list(range(width)) or module not in names or names[module] not in stages:
            return None
        if _reads(dependency):
            readers.append(module)
        elif _is_layer(module) or isinstance(module, nn.modules.batchnorm._BatchNorm):
            makers.append(module)
        else:
            return None
    if len(readers) != 1 or not _can_be_solved(readers[0], width):
        return None
    [reader] = readers
    if len({stages[names[each]] for each in (*makers, reader)}) != 1:
        return None
    size = _head_size(backbone, names[reader], [names[each] for each in makers if isinstance(each, nn.Linear)])
    if size is None or width % size:
        return None
    columns = reader.weight[0].numel() // width * size
    ordered = tuple(sorted({names[each] for each in makers}))
    return Group(stages[names[reader]], names[reader], ordered, width // size, size, columns)


def _reads(dependency: Any) -> bool:
    return bool(dependency.handler.__name__ == "prune_in_channels")


def _can_be_solved(reader: nn.Module, width: int) -> bool:
    from torch import nn

    if isinstance(reader, nn.Linear):
        return reader.in_features == width
    if not isinstance(reader, nn.Conv2d) or reader.padding_mode != "zeros" or isinstance(reader.padding, str):
        return False
    return reader.groups == 1 and reader.in_channels == width and reader.weight[0].numel() <= MOST_COLUMNS


def _head_size(backbone: Backbone, reader: str, linears: list[str]) -> int | None:
    """1 where one layer makes the units; of an attention the width of its heads; None where it does not tell it."""
    if len(linears) < 2:
        return 1
    place = linears[0].rpartition(".")[0]
    while place:
        module = backbone.network.get_submodule(place)
        size = next(
            (getattr(module, name) for name in HEAD_SIZES if isinstance(getattr(module, name, None), int)), None
        )
        if size is not None:
            return int(size)
        place = place.rpartition(".")[0]
    return None


def _is_layer(module: nn.Module) -> bool:
    from torch import nn

    return isinstance(module, nn.Linear | nn.Conv2d)


def _stages_of(backbone: Backbone, names: set[str]) -> dict[str, int]:
    """Number of the stage that owns a module, by the module's name."""
    found = {}
    for name in names:
        for number, stage in enumerate(backbone.stage_list):
            if any(name == place or name.startswith(f"{place}.") for place in stage.owns):
                found[name] = number
    return found


def _run_once(backbone: Backbone) -> set[str]:
    """Modules that one pass runs once: what several layers share sees several things."""
    import torch

    counts: Counter[str] = Counter()
    handles = []
    for name, module in backbone.network.named_modules():

        def hook(*_given: Any, name: str = name) -> None:
            counts[name] += 1

        handles.append(module.register_forward_hook(hook))
    try:
        with torch.no_grad():
            backbone(torch.from_numpy(backbone.example(1)))
    finally:
        for handle in handles:
            handle.remove()
    return {name for name, count in counts.items() if count == 1}
