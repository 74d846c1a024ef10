"""One network in the feature pass: how it runs, where its features are kept, what is missing of them."""

from __future__ import annotations

import contextlib
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal

import numpy as np
from numpy.typing import NDArray
from pydantic import Field

from headstart.core.config import Config
from headstart.core.errors import ConfigError, DataError
from headstart.core.run_folder import RunFolder
from headstart.features.lanes import Lane
from headstart.features.networks import NO_MODEL, Network

if TYPE_CHECKING:
    from headstart.backbones.pretrained.backbone import Backbone
    from headstart.engine.activations.address import Space
    from headstart.engine.activations.store import Store
    from headstart.engine.feature_pass import Extraction
    from headstart.runtimes.choice import RuntimeChoice
    from headstart.runtimes.contract import Compute

SAMPLE = 8  # real inputs on which runtimes are measured and compared
LOOKED_AT = 64  # inputs among which the sample is found, so that a few damaged ones do no harm
# The twin's own ONNX graph costs half a second: as long as PyTorch needs longer than a fast runtime for 100
# pictures at 0.8 GFLOPs. Fewer inputs go through PyTorch.
WORTH_A_GRAPH = 100 * 0.8e9
AVERAGED_VERSION = 2  # raised when the same outputs of a stage would give other averages
Flags = NDArray[np.bool_]
Role = Literal["backbone", "twin"]


class RuntimeOptions(Config):
    """What ``runtime`` may hold."""

    name: str = Field("auto", description="A file of runtimes/; auto measures.")
    precision: str | None = Field(None, description="Of a named runtime, for example bfloat16.")
    backbone: dict[str, Any] | None = Field(None, description="Of the pretrained network; filled in by a run.")
    twin: dict[str, Any] | None = Field(None, description="Of the twin with random weights; filled in by a run.")
    networks: dict[str, dict[str, Any]] | None = Field(
        None, description="By modality, where several networks see the data; filled in by a run."
    )


def require_runnable(options: Mapping[str, Any], device: str) -> None:
    """Raise ConfigError for a ``runtime`` or device of a request that cannot be: told before the work, not after it."""
    from headstart.runtimes.choice import available
    from headstart.runtimes.contract import runtime

    if device == "cuda" and not any(
        not isinstance(found, str) and found.device == "cuda" for found in available("cuda").values()
    ):
        reasons = {found for (name, _), found in available("cuda").items() if name == "cuda"}
        raise ConfigError(f"--device cuda must be there to be used; {'; '.join(map(str, reasons))} Leave --device out.")
    asked = RuntimeOptions.parse(options, "runtime")
    if asked.name == NO_MODEL:
        return
    if asked.name != "auto":
        runtime(asked.name, asked.precision or precisions_of(asked.name)[0])
    elif asked.precision is not None:
        raise ConfigError(
            f"runtime.precision needs runtime.name; got precision {asked.precision!r} for a runtime that is chosen by "
            "measuring. Name one, for example --set runtime.name=openvino."
        )


@dataclass(frozen=True)
class Workshop:
    """Where features are computed and kept: the parts of a request that decide it.

    Attributes:
        store: Of activations.
        cache: Folder of graphs and measurements.
        threads: For decoding and for the network.
        device: Restricts the runtimes.
        runtime: The request's ``runtime``.
    """

    store: Store
    cache: Path
    threads: int
    device: Literal["auto", "cpu", "cuda"]
    runtime: Mapping[str, Any]


class NetworkInPass:
    """Its runtime and its address.

    The runtime is, in this order: what a resumed run or the request says; one whose features are all kept; what
    ``like`` says, of the network that this one is a twin of, or is at another size; measured.
    """

    def __init__(
        self,
        role: Role,
        lane: Lane,
        workshop: Workshop,
        folder: RunFolder,
        wanted: Flags,
        like: RuntimeChoice | None = None,
        *,
        among_several: bool = False,
    ) -> None:
        self.role: Role = role
        self.like = like
        self.lane = lane
        self.network = lane.network
        self.workshop = workshop
        self.rows = wanted
        self.among_several = among_several
        self.decision = f"runtime/{role}/{lane.modality}" if among_several else f"runtime/{role}"
        self._prepared: Callable[[], Compute] | None = None
        self.choice = self._decided(folder) or self._kept() or self._like() or self._measured()
        folder.decide(self.decision, self.choice.model_dump(mode="json"), self.choice.reason)
        self.space = self._space(self.choice)

    @property
    def _module(self) -> Backbone:
        return self.network.backbone if self.role == "backbone" else self.network.twin

    def _space(self, choice: RuntimeChoice) -> Space:
        return backbone_space(self.network, choice) if self.role == "backbone" else twin_space(self.network, choice)

    def _missing(self, choice: RuntimeChoice) -> Flags:
        missing = np.zeros(len(self.lane.keys), bool)
        missing[self.rows] = self.workshop.store.missing(self._space(choice), self.lane.keys[self.rows])
        return missing

    def _decided(self, folder: RunFolder) -> RuntimeChoice | None:
        """What a resumed run decided, or what the request names: replayed, never measured again."""
        from headstart.runtimes.choice import RuntimeChoice, settled

        if (before := folder.decision(self.decision)) is not None:
            return RuntimeChoice.parse(before, "runtime")
        options = self.workshop.runtime
        several = options.get("networks") or {}
        named = dict(
            several.get(self.lane.modality, options) if self.among_several else options.get(self.role) or options
        )
        if named.get("name", "auto") in ("auto", NO_MODEL):
            return None
        if "version" in named:
            return RuntimeChoice.parse(named, "runtime")
        precision = named.get("precision", precisions_of(named["name"])[0])
        return settled(named["name"], precision, self.workshop.threads, reason="named by the user")

    def _kept(self) -> RuntimeChoice | None:
        """A runtime whose features are all kept: then nothing is built, decoded or measured."""
        from headstart.runtimes.choice import available, settled

        found = available(self.workshop.device, self.lane.modality)
        runnable = [
            (runtime.prior.speed_of(self.lane.modality), *key)
            for key, runtime in found.items()
            if not isinstance(runtime, str)
        ]
        for _, name, precision in sorted(runnable, reverse=True):
            choice = settled(name, precision, self.workshop.threads, reason="its features are all kept")
            if not self._missing(choice).any():
                return choice
        return None

    def _like(self) -> RuntimeChoice | None:
        from headstart.runtimes.choice import settled
        from headstart.runtimes.contract import runtime

        if self.like is None:
            return None
        work = int(self._missing(self.like).sum()) * (self.network.card.flops or 0)
        if work >= WORTH_A_GRAPH or not runtime(self.like.name, self.like.precision).prior.needs_graph:
            whose = "as the pretrained network" if self.role == "twin" else "as the same network at another size"
            return self.like.model_copy(update={"reason": whose})
        reason = "too few inputs to be worth a graph of its own"
        name = "channels_last" if self.lane.modality == "image" else "eager"
        return settled(name, "float32", self.workshop.threads, self.like.batch_size, reason)

    def _measured(self) -> RuntimeChoice:
        from headstart.runtimes.choice import Job, choose

        job = Job(self._module, 0, len(self.network.card.stages), self.workshop.threads, self.workshop.cache)
        chosen = choose(
            job,
            prepared_sample(self.lane),
            int(self.rows.sum()),
            missing=lambda choice: int(self._missing(choice).sum()),
            device=self.workshop.device,  # the graph costs nothing extra: the bundle needs it anyway
        )
        self._prepared = chosen.prepare
        return chosen.choice

    def extractions(self) -> list[Extraction]:
        """What the pass must do for it: nothing, when all is kept."""
        from headstart.engine.feature_pass import Extraction

        missing = self._missing(self.choice)
        if not missing.any():
            return []
        n, cache = len(self.network.card.stages), self.workshop.cache
        compute = self._prepared() if self._prepared else self.choice.prepare(self._module, 0, n, cache)
        return [Extraction(self.role, self.space, self.network.card.feature_dim, compute, missing)]


def precisions_of(runtime: str) -> tuple[str, ...]:
    """Precisions of a runtime, its default first."""
    from headstart.runtimes.contract import precisions

    return precisions(runtime)


def prepared_sample(lane: Lane) -> list[NDArray[Any]]:
    """Up to SAMPLE inputs as the network takes them, evenly spread; lengths may differ.

    Returns:
        ``(H, W, 3)`` uint8, ``(T, 2)`` int32 or ``(S,)`` float32 each.

    Raises:
        DataError: none of the first looked at is readable.
    """
    preparer = lane.network.preparer
    found: list[NDArray[Any]] = []
    for content in lane.sample(LOOKED_AT):
        with contextlib.suppress(DataError):
            found.append(preparer.prepare(content))
    if not found:
        raise DataError(
            f"at least one {lane.network.modality.noun} must be readable; none of the first looked at is. "
            "Look at the files."
        )
    step = max(1, len(found) // SAMPLE)
    return found[::step][:SAMPLE]


def backbone_space(network: Network, runtime: RuntimeChoice) -> Space:
    """Where the pooled features of the pretrained network are kept."""
    return _network_space(network, network.digest, runtime)


def twin_space(network: Network, runtime: RuntimeChoice) -> Space:
    """Where the pooled features of the twin with random weights are kept."""
    return _network_space(network, network.twin_digest, runtime)


def _network_space(network: Network, digest: str, runtime: RuntimeChoice) -> Space:
    from headstart.engine.activations.address import network_space

    card = network.card
    space = network_space(
        name=card.whole_name,
        weights_digest=digest,
        stage=network.stop,
        preparer_address=network.preparer.address(),
        runtime=runtime.address(),
    )
    return space if card.cut is None else averaged_space(space)


def averaged_space(packed: Space) -> Space:
    """Where the averaged values of a boundary are kept, from where the boundary itself would be."""
    from headstart.engine.activations.address import Space

    return Space({**packed.parts, "kind": "averaged", "version": AVERAGED_VERSION})
