"""Features of every example: looked up, computed where they are missing, kept."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from headstart.core.progress import Progress
from headstart.core.run_folder import RunFolder
from headstart.features.descriptors import DescribedLane, prepared_descriptors
from headstart.features.lanes import Lane, lanes_of
from headstart.features.network_in_pass import Flags, NetworkInPass, Workshop, backbone_space
from headstart.features.networks import Networks

if TYPE_CHECKING:
    from headstart.data.dataset import LabeledDataset
    from headstart.engine.activations.address import Space
    from headstart.runtimes.choice import RuntimeChoice

TWIN_TRAIN = 200  # the twin with random weights learns from at most this many examples ...
TWIN_TEST = 1000  # ... and is compared on at most this many: enough for an interval of 3 points


@dataclass(frozen=True)
class Twin:
    """The network with random weights: where its features are kept, and of which examples.

    Attributes:
        keys: Of the examples whose features are kept, sorted byte strings.
    """

    space: Space
    runtime: RuntimeChoice
    keys: NDArray[np.bytes_]


@dataclass(frozen=True)
class LaneFeatures:
    """Where the features of one network's inputs are kept.

    Attributes:
        space: Of the pretrained network's features.
        runtime: That computed them.
        described: Spaces of what was computed from prepared inputs alone: fingerprints, descriptors.
        twin: None where several inputs make one example.
    """

    space: Space
    runtime: RuntimeChoice
    described: DescribedLane
    twin: Twin | None


@dataclass(frozen=True)
class Features:
    """Addresses of what the passes left, and what was learned on the way.

    Attributes:
        lanes: By modality.
        failures: By example, inputs that turned out to be damaged when they were prepared.
        seconds_per_input: Of the passes, preparing included; None when nothing was computed.
    """

    lanes: dict[str, LaneFeatures] = field(default_factory=dict)
    failures: dict[int, str] = field(default_factory=dict)
    seconds_per_input: float | None = None


def compute_features(
    dataset: LabeledDataset,
    networks: Networks,
    workshop: Workshop,
    folder: RunFolder,
    *,
    strata: NDArray[np.int64],
    resplit: bool,
    progress: Progress,
    with_twin: bool = True,
) -> Features:
    """Choose the runtimes, run one pass per network over what is missing, and count it in the run's metrics.

    Args:
        dataset: N examples.
        networks: By modality.
        workshop: Where everything is kept.
        folder: Of the run, for its metrics.
        strata: ``(N,)``, which the examples of the twin with random weights balance.
        resplit: Whether a given test split is left aside.
        progress: Told of each pass.
        with_twin: Whether the twin sees some examples, where there is one input alone.
    """
    found: dict[str, LaneFeatures] = {}
    failures: dict[int, str] = {}
    seconds, decoded = 0.0, 0
    lanes = lanes_of(dataset, networks)
    for lane in lanes:
        is_alone = len(dataset.parts) == 1 and not dataset.table.columns
        wanted = twin_wanted(dataset, strata, resplit) if with_twin and is_alone else None
        one, result = _one_lane(lane, workshop, folder, wanted, progress, among_several=len(lanes) > 1)
        found[lane.modality] = one
        failures |= lane.examples(result.failures)
        seconds, decoded = seconds + result.seconds, decoded + result.decoded
    folder.scalar("activations/decoded", decoded)
    folder.scalar("activations/seconds", round(seconds, 4))
    return Features(found, failures, seconds / decoded if decoded else None)


def _one_lane(
    lane: Lane,
    workshop: Workshop,
    folder: RunFolder,
    twin_rows: Flags | None,
    progress: Progress,
    *,
    among_several: bool,
) -> tuple[LaneFeatures, Any]:
    from headstart.engine.activations.segment import as_strings
    from headstart.engine.feature_pass import run_pass

    progress.step("runtime", 0)
    every = np.ones(len(lane.keys), bool)
    main = NetworkInPass("backbone", lane, workshop, folder, every, among_several=among_several)
    extractions = main.extractions()
    twin: Twin | None = None
    if twin_rows is not None:
        random = NetworkInPass("twin", lane, workshop, folder, twin_rows, main.choice)
        extractions += random.extractions()
        twin = Twin(random.space, random.choice, np.sort(as_strings(lane.keys[twin_rows])))
    described, further = prepared_descriptors(lane, workshop.store)
    extractions += further
    result = run_pass(
        lane.inputs,
        lane.keys,
        lane.network.preparer,
        extractions,
        workshop.store,
        workers=workshop.threads,
        batch_size=main.choice.batch_size,
        progress=progress,
    )
    suffix = f"/{lane.modality}" if among_several else ""
    for name in ("backbone", "twin", *described.names):
        folder.scalar(f"activations/forwarded/{name}{suffix}", result.forwarded.get(name, 0))
    return LaneFeatures(main.space, main.choice, described, twin), result


def missing_features(dataset: LabeledDataset, networks: Networks, workshop: Workshop) -> dict[str, int]:
    """By modality, how many inputs the pretrained network has to see; with the runtime of which most is kept."""
    from headstart.runtimes.choice import available, settled

    found: dict[str, int] = {}
    for lane in lanes_of(dataset, networks):
        counts = []
        for (name, precision), runtime in available(workshop.device, lane.modality).items():
            if not isinstance(runtime, str):
                space = backbone_space(lane.network, settled(name, precision, workshop.threads))
                counts.append(int(workshop.store.missing(space, lane.keys).sum()))
        found[lane.modality] = min(counts)
    return found


def kept_rows(
    twin: Twin, keys: NDArray[np.uint8], strata: NDArray[Any] | None = None, limit: int | None = None
) -> NDArray[np.int64]:
    """Rows of ``keys`` whose twin features are kept; with ``limit`` about that many, equally many of each stratum.

    Args:
        twin: Knows what is kept.
        keys: ``(N, 32)`` uint8.
        strata: ``(N,)``; None: as without a limit.
        limit: None: all of them.

    Returns:
        ``(n,)``, ascending.
    """
    from headstart.engine.activations.segment import as_strings

    strings = as_strings(keys)
    rows = np.flatnonzero(np.isin(strings, twin.keys))
    if strata is None or limit is None or len(rows) <= limit:
        return rows
    order = rows[np.argsort(strings[rows], kind="stable")]
    return np.sort(np.concatenate(_by_stratum(strata, order, limit)))


def twin_wanted(dataset: LabeledDataset, strata: NDArray[np.int64], resplit: bool) -> Flags:
    """``(N,)`` which examples the twin with random weights sees, by content, so that every seed finds them kept.

    With a given test split: TWIN_TRAIN examples of the rest and TWIN_TEST of the test. Without one: as many examples
    altogether, of which some will be test. ``strata`` is ``(N,)``.
    """
    from headstart.engine.activations.segment import as_strings

    order = np.argsort(as_strings(dataset.keys), kind="stable")
    wanted = np.zeros(len(dataset), bool)
    is_test = (dataset.split == "test") & (not resplit)
    if not is_test.any():
        wanted[order[: TWIN_TRAIN + TWIN_TEST]] = True
        return wanted
    wanted[order[is_test[order]][:TWIN_TEST]] = True
    for rows in _by_stratum(strata, order[~is_test[order]], TWIN_TRAIN):
        wanted[rows] = True
    return wanted


def _by_stratum(strata: NDArray[Any], order: NDArray[np.int64], count: int) -> list[NDArray[np.int64]]:
    """About ``count`` rows of ``order``: the first ones of each stratum, equally many where there are enough."""
    names = np.unique(strata[order])
    each = max(1, count // max(1, len(names)))
    return [order[strata[order] == name][:each] for name in names]
