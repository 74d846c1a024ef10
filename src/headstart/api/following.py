"""A network that adapts while it predicts, with what its normalisations saw of the run's own examples."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from headstart.core.errors import BackendError, ConfigError, DataError, HeadstartError
from headstart.core.run_folder import RunFolder
from headstart.features.own_data import read_again

if TYPE_CHECKING:
    from headstart.adaptation.stream.following import Following
    from headstart.bundle import Bundle

REFERENCE = 128  # examples that were learned from, for the statistics of what enters a normalisation
BATCH = 32


def following_of(run: str | Path, shipped: Bundle, name: str, runtime: str, threads: int | None) -> Following:
    """Ready to predict.

    Raises:
        ConfigError: another runtime was named, no such method, no fitting model, or the run's data are not there.
    """
    from headstart.adaptation.stream.following import Following, require_followable

    if runtime != "auto":
        raise ConfigError(f"--stream runs in PyTorch alone; got the runtime {runtime!r} too. Leave one of them out.")
    require_followable(shipped, name)
    try:
        return Following(shipped, name, _reference(run, shipped, name), threads)
    except BackendError as error:
        raise ConfigError(str(error)) from error


def _reference(run: str | Path, shipped: Bundle, name: str) -> list[NDArray[Any]]:
    """Prepared batches of examples that the run learned from, of one shape each."""
    from headstart.bundle.assembling import preparer_of
    from headstart.evidence.run_answers import read_run_answers

    folder = RunFolder(Path(run))
    try:
        if not folder.config.exists():
            raise ConfigError("a bundle holds no examples")
        dataset = read_again(folder)
        if isinstance(dataset, str):
            raise ConfigError(dataset)
        tested = read_run_answers(folder.path).ids
    except HeadstartError as error:
        raise ConfigError(
            f"--stream {name} needs a run whose data are there, to know what normalisations saw before; {error}. Name "
            "the run folder, or leave --stream out."
        ) from error
    (source,) = shipped.manifest.sources
    preparer = preparer_of(shipped.folder, shipped.manifest.networks[source.name])
    inputs, found = dataset.parts[source.part or 0].inputs, list[NDArray[Any]]()
    learned = np.flatnonzero(~np.isin(np.array(dataset.ids, dtype=object), tested))
    for row in np.random.default_rng(0).permutation(learned)[:REFERENCE].tolist():
        try:
            found.append(preparer.prepare(inputs.read(row)))
        except (DataError, OSError):
            continue
    by_shape: dict[tuple[int, ...], list[NDArray[Any]]] = {}
    for each in found:
        by_shape.setdefault(each.shape, []).append(each)
    return [np.stack(rows[low : low + BATCH]) for rows in by_shape.values() for low in range(0, len(rows), BATCH)]
