"""The one network of a bundle before both domains: what computes it, where its activations are kept."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from headstart.core.errors import DataError
from headstart.core.resources import cache_folder, cpu_count

if TYPE_CHECKING:
    from headstart.api.two_domains import Given
    from headstart.backbones.pretrained.backbone import Backbone
    from headstart.bundle.manifest import NetworkRecord
    from headstart.core.progress import Progress
    from headstart.core.schema import PartSchema
    from headstart.data.dataset import Dataset
    from headstart.engine.activations.store import Store
    from headstart.engine.training.feed import KeptFeed
    from headstart.features.networks import Network
    from headstart.runtimes.settled import RuntimeChoice


@dataclass(frozen=True)
class RunNetwork:
    """A network that sees one part of every example, alone.

    Attributes:
        network: With the weights of the bundle.
        part: Place of what it sees among the parts.
        runtime: What computes it when it does not learn.
        threads: Processor threads.
    """

    network: Network
    part: int
    runtime: RuntimeChoice
    threads: int

    def feed(self, datasets: list[Dataset], store: Store, augmentation: str) -> KeptFeed:
        """Batches of the examples of several data sets, one after another.

        Args:
            datasets: Of the bundle's schema.
            store: Where activations are kept.
            augmentation: Of views: "auto", "none", "light", "strong".
        """
        from headstart.engine.training.feed import KeptFeed, Origin

        modality, preparer = self.network.modality, self.network.preparer
        strength = "light" if augmentation == "auto" else augmentation
        is_plain = strength == "none" or (augmentation == "auto" and modality.name == "text")
        settings = None if is_plain else modality.augmentation(strength)

        def preparer_of(view: int) -> Any:
            return preparer if view == 0 or settings is None else modality.view(preparer, settings, view)

        inputs, keys = self._joined(datasets)
        return KeptFeed(
            Origin(
                self.network.backbone, self.runtime, inputs, keys, preparer_of, settings, cache_folder(), self.threads
            ),
            store,
        )

    def lengths(self, datasets: list[Dataset]) -> NDArray[np.int64] | None:
        """Of texts, whose batches are of about equal length; else None."""
        if self.network.modality.name != "text":
            return None
        return np.concatenate([each.parts[self.part].sizes[:, 0] for each in datasets])

    def features(
        self, backbone: Backbone, datasets: list[Dataset], store: Store, progress: Progress
    ) -> list[NDArray[np.float32]]:
        """``(N, D)`` of each data set by the same network with other weights, computed by the runtime that ships."""
        from headstart.engine.feature_pass import Extraction, run_pass
        from headstart.features.network_in_pass import backbone_space

        tuned, runtime = self.network.with_backbone(backbone), self.runtime
        space = backbone_space(tuned, runtime)
        inputs, keys = self._joined(datasets)
        wanted = store.missing(space, keys)
        if wanted.any():
            compute = runtime.prepare(backbone, 0, len(backbone.stages), cache_folder())
            extraction = Extraction("adapted", space, tuned.card.feature_dim, compute, wanted)
            found = run_pass(
                inputs, keys, tuned.preparer, [extraction], store,
                workers=self.threads, batch_size=runtime.batch_size, progress=progress,
            )  # fmt: skip
            if found.failures:
                row, reason = next(iter(found.failures.items()))
                raise DataError(f"{inputs.name(row)} could be read before and cannot be now: {reason}. Begin again.")
        return [store.read(space, each.parts[self.part].keys) for each in datasets]

    def _joined(self, datasets: list[Dataset]) -> tuple[Any, NDArray[np.uint8]]:
        from headstart.data.inputs import chained

        parts = [each.parts[self.part] for each in datasets]
        inputs = parts[0].inputs
        for part in parts[1:]:
            inputs = chained(inputs, part.inputs)
        return inputs, np.concatenate([part.keys for part in parts])

    def written(self, backbone: Backbone, some: Dataset, part: PartSchema) -> Any:
        """For the bundle, with a few examples to compare runtimes on."""
        from headstart.bundle.sources import WrittenNetwork
        from headstart.runtimes.onnx_graph import export

        shipped = self.network.with_backbone(backbone).shipped
        graph = export(shipped, 0, len(shipped.stages), cache_folder())
        inputs = some.parts[self.part].inputs
        prepared = [self.network.preparer.prepare(inputs.read(row)) for row in range(len(some))]
        return WrittenNetwork(part, shipped, self.runtime, graph, prepared)


def has_one_network(given: Given) -> bool:
    """Whether the features come from one network that sees one picture, text or recording of each example."""
    sources = given.shipped.manifest.sources
    return len(sources) == 1 and sources[0].kind == "network" and sources[0].part is not None


def network_of_run(given: Given, threads: int | None) -> RunNetwork:
    """The network of a bundle that can be trained further.

    Raises:
        DataError: features do not come from one network that sees one picture, text or recording.
    """
    from headstart.bundle.torch_backbone import rebuild
    from headstart.features.networks import Network

    manifest = given.shipped.manifest
    sources = manifest.sources
    if not has_one_network(given) or sources[0].part is None:
        names = [each.name for each in sources]
        raise DataError(
            f"a network is trained on examples of one picture, text or recording each; the features of this model come "
            f"from {names}. Name an adapter that works on features, for example standardisation."
        )
    record = manifest.networks[sources[0].name]
    backbone = rebuild(given.shipped.folder, record)
    network = Network(backbone.card, None).with_backbone(backbone)
    return RunNetwork(network, sources[0].part, _runtime(given, record, threads), threads or cpu_count())


def _runtime(given: Given, record: NetworkRecord, threads: int | None) -> RuntimeChoice:
    """That of the fit where it is there, as the predictor found it."""
    from headstart.runtimes.settled import settled

    over = given.predictor.passes[0]
    if over.precision == "int8":
        raise DataError(
            "a network that is trained or moved must be in floats; this one was compressed to 8-bit integers. Adapt "
            "the run that it was compressed from, and compress what comes out."
        )
    count = record.runtime.threads if threads is None else threads
    return settled(over.runtime, over.precision, min(count, cpu_count()), over.batch_size, "as the run")
