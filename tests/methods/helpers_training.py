"""A network of four small layers in stages, with a head, and an engine that does what it is told."""

from __future__ import annotations

import numpy as np
import torch
from torch import nn

from headstart.backbones.pretrained.stage import modules
from headstart.core.boundary import Boundary
from headstart.core.training import Batch


class Pool(nn.Module):
    def forward(self, maps):
        return maps.mean((2, 3))


class TinyNetwork(nn.Module):
    """Maps ``(B, 2, H, W)`` to features ``(B, 4)``; every number was drawn, those of norms too."""

    def __init__(self, bias=True):
        super().__init__()
        self.conv = nn.Conv2d(2, 6, 3, bias=False)
        self.bn = nn.BatchNorm2d(6, affine=bias)
        self.pool = Pool()
        self.fc = nn.Linear(6, 5, bias=bias)
        self.out = nn.Linear(5, 4, bias=bias)
        self.ln = nn.LayerNorm(4, bias=bias)
        draw = torch.Generator().manual_seed(0)
        with torch.no_grad():
            for value in self.parameters():
                value.normal_(0.5, 1, generator=draw)
            self.bn.running_mean.normal_(0, 1, generator=draw)
            self.bn.running_var.uniform_(0.5, 2, generator=draw)


class TinyBackbone(nn.Module):
    """Stages stem (convolution and BatchNorm), pool (no parameters), body (two linear layers), top (LayerNorm)."""

    name = "tiny"
    variable_axis = None

    def __init__(self, bias=True):
        super().__init__()
        self.network = TinyNetwork(bias)
        self.stage_list = (modules("stem", "conv", "bn"), modules("pool"), modules("body", "fc", "out"), modules("ln"))
        self.stages = tuple(stage.name for stage in self.stage_list)

    def example(self, count):
        return np.zeros((count, 2, 5, 5), np.float32)

    def enter(self, values):
        return Boundary(values)

    def unpack(self, values, start):
        return Boundary(values)

    def run(self, boundary, start, stop):
        for stage in self.stage_list[start:stop]:
            boundary = stage.apply(self.network, boundary)
        return boundary

    def parameters_of(self, start, stop):
        owned = [stage.tensors(self.network) for stage in self.stage_list[start:stop]]
        return [value for stage in owned for _, value in stage if isinstance(value, nn.Parameter)]


class TinyModel(nn.Module):
    """In eval mode, as the engine keeps norms by default."""

    def __init__(self, boundary=0, width=3, bias=True):
        super().__init__()
        self.backbone = TinyBackbone(bias)
        self.head = nn.Linear(4, width)
        self.boundary = boundary
        self.eval()

    def features(self, batch):
        boundary = self.backbone.unpack(batch.values, batch.start)
        return self.backbone.run(boundary, batch.start, len(self.backbone.stages)).values

    def outputs(self, features):
        return self.head(features)

    def forward(self, batch):
        return self.outputs(self.features(batch))


class TinyContext:
    """``validate`` is a function of the model."""

    def __init__(self, validate=lambda model: 1.0, epochs=6, width=3, kind="class"):
        self.validate = validate
        self.epochs, self.width, self.kind = epochs, width, kind
        self.epoch, self.seed, self.last, self.domains = 0, 0, {}, None

    def targets(self, split):
        return torch.arange(24) % self.width

    def probe_head(self):
        draw = np.random.default_rng(7)
        return draw.standard_normal((self.width, 4)), draw.standard_normal(self.width)

    def rng(self, *purpose):
        return np.random.default_rng([self.seed, *(len(word) for word in purpose)])

    def taken(self, model):
        return {name: value.detach().clone() for name, value in tensors_of(model).items()}

    def put_back(self, model, tensors):
        own = tensors_of(model)
        with torch.no_grad():
            for name, value in tensors.items():
                own[name].copy_(value)


class Line(nn.Module):
    """A model that is one number, for methods that choose among places."""

    def __init__(self, place=0.0):
        super().__init__()
        self.place = nn.Parameter(torch.tensor([float(place)]))


def tensors_of(model):
    return {**dict(model.named_parameters()), **dict(model.named_buffers())}


def a_batch(rows=5, classes=3, seed=0, weights=None):
    draw = torch.Generator().manual_seed(seed)
    values = torch.randn(rows, 2, 5, 5, generator=draw)
    return Batch(values, 0, torch.arange(rows) % classes, weights, np.arange(rows))


def prepared(method, boundary=0, bias=True):
    """A model that a method prepared, and the context; drawn numbers are the same each time."""
    model, ctx = TinyModel(boundary, bias=bias), TinyContext()
    with torch.random.fork_rng(devices=[]):
        torch.manual_seed(3)
        method.prepare(model, ctx)
    return model, ctx


def train_only(model, groups):
    """What the engine does with groups: all else is frozen."""
    trained = {id(value) for group in groups for value in group.parameters}
    for value in model.parameters():
        value.requires_grad_(id(value) in trained)


def by_name(model, parameters):
    """Names of parameters, sorted."""
    names = {id(value): name for name, value in model.named_parameters()}
    return sorted(names[id(value)] for value in parameters)


def with_gradient(model):
    return sorted(name for name, value in model.named_parameters() if value.grad is not None)


def randomise(parameters, seed=1):
    draw = torch.Generator().manual_seed(seed)
    with torch.no_grad():
        for value in parameters:
            value.normal_(0, 1, generator=draw)
