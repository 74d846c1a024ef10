"""Features of every example: looked up, computed where they are missing, kept."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from headstart.api.network_in_pass import Flags, NetworkInPass, Workshop, backbone_space
from headstart.api.networks import Networks
from headstart.core.progress import Progress
from headstart.core.run_folder import RunFolder

if TYPE_CHECKING:
    from headstart.data.dataset import LabeledDataset
    from headstart.engine.activations.address import Space
    from headstart.engine.activations.store import Store
    from headstart.engine.feature_pass import Extraction
    from headstart.runtimes.choice import RuntimeChoice

TWIN_TRAIN = 200  # the twin with random weights learns from at most this many examples ...
TWIN_TEST = 1000  # ... and is compared on at most this many: enough for an interval of 3 points


@dataclass(frozen=True)
class Features:
    """Addresses of what the pass left, and what it learned on the way.

    Attributes:
        backbone, twin, pixels, fingerprint: Where to read.
        twin_keys: Of the examples whose twin features are kept, sorted byte strings.
        runtime: Of the pretrained network.
        failures: By row, inputs that turned out to be damaged when they were decoded.
        seconds_per_input: Of the pass, decoding included; None when nothing was computed.
    """

    backbone: Space
    twin: Space
    pixels: Space
    fingerprint: Space
    twin_keys: NDArray[np.bytes_]
    runtime: RuntimeChoice
    twin_runtime: RuntimeChoice
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
    from headstart.engine.activations.segment import as_strings
    from headstart.engine.feature_pass import run_pass

    wanted = twin_wanted(dataset, resplit)
    progress.step("runtime", 0)
    main = NetworkInPass("backbone", networks, dataset, workshop, folder, np.ones(len(dataset), bool))
    twin = NetworkInPass("twin", networks, dataset, workshop, folder, wanted, main.choice)
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
    for name in ("backbone", "twin", "pixel_histograms", "fingerprint"):
        folder.scalar(f"activations/forwarded/{name}", result.forwarded.get(name, 0))
    folder.scalar("activations/seconds", round(result.seconds, 4))
    per_input = result.seconds / result.decoded if result.decoded else None
    return Features(
        backbone=main.space,
        twin=twin.space,
        pixels=pixels,
        fingerprint=fingerprint,
        twin_keys=np.sort(as_strings(dataset.keys[wanted])),
        runtime=main.choice,
        twin_runtime=twin.choice,
        failures=dict(result.failures),
        seconds_per_input=per_input,
    )


def missing_features(dataset: LabeledDataset, networks: Networks, workshop: Workshop) -> int:
    """How many examples the pretrained network has to see; with the runtime of which most is kept."""
    from headstart.runtimes.choice import available, settled

    counts = []
    for (name, precision), found in available(workshop.device).items():
        if not isinstance(found, str):
            space = backbone_space(networks, settled(name, precision, workshop.threads))
            counts.append(int(workshop.store.missing(space, dataset.keys).sum()))
    return min(counts)


def kept_rows(
    features: Features, keys: NDArray[np.uint8], values: NDArray[Any] | None = None, limit: int | None = None
) -> NDArray[np.int64]:
    """Rows of ``keys`` whose twin features are kept; with ``limit`` about that many, the same number of each value."""
    from headstart.engine.activations.segment import as_strings

    strings = as_strings(keys)
    rows = np.flatnonzero(np.isin(strings, features.twin_keys))
    if values is None or limit is None or len(rows) <= limit:
        return rows
    order = rows[np.argsort(strings[rows], kind="stable")]
    return np.sort(np.concatenate(_by_class(values, order, limit)))


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
    from headstart.engine.activations.segment import as_strings

    order = np.argsort(as_strings(dataset.keys), kind="stable")
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
    """About ``count`` rows of ``order``: the first ones of each class, equally many where there are enough."""
    names = sorted(set(targets[order].tolist()))
    each = max(1, count // len(names))
    return [order[targets[order] == name][:each] for name in names]


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
