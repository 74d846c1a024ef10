"""Features of every example: looked up, computed where they are missing, kept."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal

import numpy as np
from numpy.typing import NDArray

from headstart.api.networks import Networks
from headstart.core.errors import DataError
from headstart.core.progress import Progress
from headstart.core.run_folder import RunFolder

if TYPE_CHECKING:
    from headstart.backbones.pretrained.backbone import Backbone
    from headstart.data.dataset import LabeledDataset
    from headstart.engine.activations.address import Space
    from headstart.engine.activations.store import Store
    from headstart.engine.feature_pass import Extraction
    from headstart.runtimes.choice import RuntimeChoice
    from headstart.runtimes.contract import Compute

SAMPLE = 8  # real pictures on which runtimes are measured and compared
TWIN_TRAIN = 200  # the twin with random weights learns from at most this many examples ...
TWIN_TEST = 1000  # ... and is compared on at most this many: enough for an interval of 3 points
EXPORT_SECONDS = 1.5  # what the twin's ONNX graph costs; the pretrained network's is needed for the bundle anyway
Flags = NDArray[np.bool_]


@dataclass(frozen=True)
class Workshop:
    """Where features are computed and kept: the parts of a request that this room needs."""

    store: Store
    cache: Path
    threads: int
    device: Literal["auto", "cpu", "cuda"]
    runtime: Mapping[str, Any]


@dataclass(frozen=True)
class Features:
    """Addresses of what the pass left, and what it learned on the way.

    Attributes:
        backbone, twin, pixels, fingerprint: Where to read.
        twin_wanted: ``(N,)``: the examples whose twin features are kept.
        runtime: Of the pretrained network.
        failures: By row, inputs that turned out to be damaged when they were decoded.
        seconds_per_input: Of the pass, decoding included; None when nothing was computed.
    """

    backbone: Space
    twin: Space
    pixels: Space
    fingerprint: Space
    twin_wanted: Flags
    runtime: RuntimeChoice
    failures: dict[int, str] = field(default_factory=dict)
    seconds_per_input: float | None = None


def compute_features(
    dataset: LabeledDataset,
    networks: Networks,
    workshop: Workshop,
    folder: RunFolder,
    *,
    resplit: bool,
    progress: Progress,
) -> Features:
    """Choose the runtimes, run one pass over what is missing, and count it in the run's metrics."""
    from headstart.engine.feature_pass import run_pass

    wanted = twin_wanted(dataset, resplit)
    progress.step("runtime", 0)
    main = _Network("backbone", networks, dataset, workshop, folder, np.ones(len(dataset), bool))
    twin = _Network("twin", networks, dataset, workshop, folder, wanted)
    pixels, fingerprint = pixel_spaces(networks)
    extractions = [*main.extractions(), *twin.extractions(), *_of_pixels(dataset, networks, workshop.store)]
    result = run_pass(
        dataset.inputs,
        dataset.keys,
        networks.card.preprocessing,
        extractions,
        workshop.store,
        workers=workshop.threads,
        batch_size=main.choice.batch_size,
        progress=progress,
    )
    folder.scalar("activations/decoded", result.decoded)
    for name in ("backbone", "twin", *("pixel_histograms", "fingerprint")):
        folder.scalar(f"activations/forwarded/{name}", result.forwarded.get(name, 0))
    folder.scalar("activations/seconds", round(result.seconds, 4))
    per_input = result.seconds / result.decoded if result.decoded else None
    return Features(main.space, twin.space, pixels, fingerprint, wanted, main.choice, dict(result.failures), per_input)


class _Network:
    """One network of the pass: its runtime, as decided before or measured now, and its address."""

    def __init__(
        self,
        role: Literal["backbone", "twin"],
        networks: Networks,
        dataset: LabeledDataset,
        workshop: Workshop,
        folder: RunFolder,
        wanted: Flags,
    ) -> None:
        self.role: Literal["backbone", "twin"] = role
        self.networks = networks
        self.dataset = dataset
        self.workshop = workshop
        self.rows = wanted
        self._prepared: Callable[[], Compute] | None = None
        self.choice = self._decided(folder) or self._measured()
        folder.decide(f"runtime/{role}", self.choice.model_dump(mode="json"), self.choice.reason)
        self.space = self._space(self.choice)

    @property
    def _module(self) -> Backbone:
        return self.networks.backbone if self.role == "backbone" else self.networks.twin

    def _space(self, choice: RuntimeChoice) -> Space:
        return backbone_space(self.networks, choice) if self.role == "backbone" else twin_space(self.networks, choice)

    def _missing(self, choice: RuntimeChoice) -> Flags:
        missing = np.zeros(len(self.dataset), bool)
        missing[self.rows] = self.workshop.store.missing(self._space(choice), self.dataset.keys[self.rows])
        return missing

    def _decided(self, folder: RunFolder) -> RuntimeChoice | None:
        """What a resumed run decided, or what the request names: replayed, never measured again."""
        from headstart.runtimes.choice import RuntimeChoice, settled

        if (before := folder.decision(f"runtime/{self.role}")) is not None:
            return RuntimeChoice.parse(before, "runtime")
        named = dict(self.workshop.runtime.get(self.role) or self.workshop.runtime)
        if named.get("name", "auto") == "auto":
            return None
        if "version" in named:
            return RuntimeChoice.parse(named, "runtime")
        precision = named.get("precision", precisions_of(named["name"])[0])
        return settled(named["name"], precision, self.workshop.threads, reason="named by the user")

    def _measured(self) -> RuntimeChoice:
        from headstart.runtimes.choice import Job, choose

        job = Job(self._module, 0, len(self.networks.card.stages), self.workshop.threads, self.workshop.cache)
        chosen = choose(
            job,
            decode_sample(self.dataset, self.networks),
            int(self.rows.sum()),
            missing=lambda choice: int(self._missing(choice).sum()),
            device=self.workshop.device,
            export_seconds=0.0 if self.role == "backbone" else EXPORT_SECONDS,
        )
        self._prepared = chosen.prepare
        return chosen.choice

    def extractions(self) -> list[Extraction]:
        """What the pass must do for it: nothing, when all is kept."""
        from headstart.engine.feature_pass import Extraction

        missing = self._missing(self.choice)
        if not missing.any():
            return []
        n, cache = len(self.networks.card.stages), self.workshop.cache
        compute = self._prepared() if self._prepared else self.choice.prepare(self._module, 0, n, cache)
        return [Extraction(self.role, self.space, self.networks.card.feature_dim, compute, missing)]


def precisions_of(runtime: str) -> tuple[str, ...]:
    """Precisions of a runtime, its default first."""
    from headstart.runtimes.contract import precisions

    return precisions(runtime)


def _of_pixels(dataset: LabeledDataset, networks: Networks, store: Store) -> list[Extraction]:
    from headstart.data import duplicates
    from headstart.engine.feature_pass import Extraction

    pixels, fingerprint = pixel_spaces(networks)
    parts = (
        Extraction(
            "pixel_histograms", pixels, networks.pixels.D, networks.pixels.describe, store.missing(pixels, dataset.keys)
        ),
        Extraction(
            "fingerprint",
            fingerprint,
            duplicates.LENGTH,
            duplicates.fingerprint,
            store.missing(fingerprint, dataset.keys),
        ),
    )
    return [part for part in parts if part.wanted.any()]


def twin_wanted(dataset: LabeledDataset, resplit: bool) -> Flags:
    """The examples that the twin with random weights sees, decided by content so that every seed finds them kept.

    With a given test split: TWIN_TRAIN examples of the rest and TWIN_TEST of the test. Without one: as many examples
    altogether, of which some will be test.
    """
    order = np.argsort(np.ascontiguousarray(dataset.keys).view("S32").ravel(), kind="stable")
    wanted = np.zeros(len(dataset), bool)
    is_test = (dataset.split == "test") & (not resplit)
    if not is_test.any():
        wanted[order[: TWIN_TRAIN + TWIN_TEST]] = True
        return wanted
    wanted[order[is_test[order]][:TWIN_TEST]] = True
    for rows in _by_class(dataset.targets, order[~is_test[order]], TWIN_TRAIN):
        wanted[rows] = True
    return wanted


def _by_class(targets: NDArray[Any], order: NDArray[np.int64], count: int) -> list[NDArray[np.int64]]:
    """About ``count`` rows, the same number of each class where there are enough."""
    names = sorted(set(targets[order].tolist()))
    each = max(1, count // len(names))
    return [order[targets[order] == name][:each] for name in names]


def decode_sample(dataset: LabeledDataset, networks: Networks) -> NDArray[np.uint8]:
    """The first pictures that can be decoded, ``(SAMPLE, H, W, 3)``, fewer where there are fewer."""
    from headstart.data.preprocess import prepare

    found: list[NDArray[np.uint8]] = []
    for row in range(len(dataset)):
        try:
            found.append(prepare(dataset.inputs.read(row), networks.card.preprocessing))
        except (DataError, OSError):
            continue
        if len(found) == SAMPLE:
            break
    if not found:
        raise DataError("at least one picture must be readable; none could be decoded. Look at the files.")
    return np.stack(found)


def backbone_space(networks: Networks, runtime: RuntimeChoice) -> Space:
    """Where the pooled features of the pretrained network are kept."""
    return _network_space(networks, networks.backbone.weights_digest(len(networks.backbone.stages)), runtime)


def twin_space(networks: Networks, runtime: RuntimeChoice) -> Space:
    """Where the pooled features of the twin with random weights are kept."""
    return _network_space(networks, networks.twin_digest(), runtime)


def _network_space(networks: Networks, digest: str, runtime: RuntimeChoice) -> Space:
    from headstart.engine.activations.address import network_space

    card = networks.card
    return network_space(
        name=card.name,
        weights_digest=digest,
        stage=len(card.stages),
        preprocessing=card.preprocessing,
        runtime=runtime.address(),
    )


def pixel_spaces(networks: Networks) -> tuple[Space, Space]:
    """Where histograms and fingerprints are kept."""
    from headstart.data import duplicates
    from headstart.engine.activations.address import pixel_space

    preprocessing = networks.card.preprocessing
    pixels = networks.pixels
    return (
        pixel_space(pixels.name, pixels.version, preprocessing),
        pixel_space("fingerprint", duplicates.VERSION, preprocessing),
    )
