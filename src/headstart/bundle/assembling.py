"""From the files of a bundle to the sources that a predictor joins."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path

from headstart.bundle.fitted_backbone import FittedBackbone
from headstart.bundle.manifest import WEIGHTS, FittedRecord, Manifest, NetworkRecord
from headstart.bundle.predictor import Pass, Source
from headstart.bundle.runners import NUMPY, Runner, check_runtime, choose_runner
from headstart.bundle.torch_backbone import read_assets
from headstart.bundle.weights import read_weights
from headstart.core.modality import Preparer
from headstart.core.preprocessing import Preprocessing
from headstart.core.resources import cpu_count
from headstart.runtimes.contract import Compute

GIVEN = "given"  # name of what is no runtime
FITTED_BATCH = 32  # descriptors are computed row by row; the number only bounds memory


def sources_of(
    folder: Path,
    manifest: Manifest,
    wanted: str,
    threads: int | None,
    sizes: Sequence[int] | None = None,
    computed: Mapping[str, Compute] | None = None,
) -> tuple[Source, ...]:
    """All sources, in order, each network prepared once, or with ``computed`` given by name in place of a runtime.

    With ``sizes`` by the runtimes that read its graph alone, for as many rows at once as one of them says.

    Raises:
        ConfigError: no such runtime.
        MissingExtraError, BackendError: a network cannot be run by the runtime that is wanted, or by none.
        IntegrityError: this version lacks a fitted backbone, or has another version of it.
    """
    check_runtime(wanted, bool(manifest.networks))
    runners = {
        name: Runner(GIVEN, "float32", computed[name])
        if computed is not None
        else choose_runner(
            *(folder, record, wanted, threads or min(record.runtime.threads, cpu_count()), sizes),
            same_answers=manifest.parity.get("same_answers", ()),
        )
        for name, record in manifest.networks.items()
    }
    sources = []
    for source in manifest.sources:
        if source.kind == "network":
            record = manifest.networks[source.name]
            over = _network_pass(folder, record, runners[source.name], source.part)
            sources.append(Source(source.part, over))
        else:
            sources.append(_fitted_source(folder, manifest.fitted[source.name], source.part))
    return tuple(sources)


def stored_fitted(folder: Path, record: FittedRecord) -> FittedBackbone:
    """A fitted backbone with its arrays as they were written."""
    arrays = read_weights(folder / WEIGHTS, record.prefix)
    return FittedBackbone(record.name, arrays, record.settings, record.version)


def _network_pass(folder: Path, record: NetworkRecord, runner: Runner, part: int | None) -> Pass:
    assert part is not None  # noqa: S101 - the manifest was checked: a network sees a part
    return Pass(
        part, preparer_of(folder, record), runner.compute, record.runtime.batch_size, runner.name, runner.precision
    )


def preparer_of(folder: Path, record: NetworkRecord) -> Preparer:
    """From an input's bytes to what a network takes."""
    return _preparer(record.preprocessing, read_assets(folder, record))


def _fitted_source(folder: Path, record: FittedRecord, part: int | None) -> Source:
    backbone = stored_fitted(folder, record)
    if record.takes != "prepared" or part is None or record.preprocessing is None:
        return Source(part, None, backbone.transform)
    preparer = _preparer(record.preprocessing, {})
    over = Pass(part, preparer, backbone.describe, FITTED_BATCH, NUMPY, "float32")
    return Source(part, over, backbone.transform)


def _preparer(preprocessing: Preprocessing, assets: dict[str, bytes]) -> Preparer:
    from headstart.data.modalities import modality

    return modality(preprocessing.kind).preparer(preprocessing, assets)
