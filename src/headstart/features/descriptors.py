"""What is computed from prepared inputs without a network, in the same pass: fingerprints, descriptors of baselines."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from functools import partial
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from headstart.core import plugins

if TYPE_CHECKING:
    from headstart.engine.activations.address import Space
    from headstart.engine.activations.store import Store
    from headstart.engine.feature_pass import Extraction
    from headstart.features.lanes import Lane

FITTED = "backbones.fitted"
FINGERPRINT = "fingerprint"
FACTS = "facts"
Described = tuple[str, "Space", int, Callable[[NDArray[Any]], NDArray[np.float32]]]  # name, where, width, from arrays


@dataclass(frozen=True)
class DescribedLane:
    """Where they are kept: fingerprints, facts, and the descriptors of each fitted backbone by its name.

    There are no facts of a modality that measures none.
    """

    fingerprint: Space
    facts: Space | None
    fitted: dict[str, Space]

    @property
    def names(self) -> tuple[str, ...]:
        """For counters."""
        return (FINGERPRINT, *([FACTS] if self.facts else []), *self.fitted)


def fitted_backbones(modality: str) -> list[str]:
    """Names of the fitted backbones for a modality."""
    return [name for name in plugins.names(FITTED) if plugins.load(FITTED, name).modality == modality]


def build_fitted(name: str) -> Any:
    """A fitted backbone with its defaults."""
    plugin = plugins.load(FITTED, name)
    return plugin.build(plugin.config())


def prepared_descriptors(lane: Lane, store: Store) -> tuple[DescribedLane, list[Extraction]]:
    """Addresses, and what the pass must compute of them."""
    from headstart.engine.activations.address import prepared_space
    from headstart.engine.feature_pass import Extraction

    address = lane.network.preparer.address()
    modality = lane.network.modality
    marks = prepared_space(FINGERPRINT, modality.fingerprint_version, address)
    parts: list[Described] = [(FINGERPRINT, marks, modality.fingerprint_dim, modality.fingerprint)]
    facts: Space | None = None
    if modality.fact_names:
        facts = prepared_space(FACTS, modality.facts_version, address)
        compute = partial(modality.facts, preparer=lane.network.preparer)
        parts.append((FACTS, facts, len(modality.fact_names), compute))
    spaces = {}
    for name in fitted_backbones(lane.modality):
        code = build_fitted(name)
        if code.takes == "prepared":
            spaces[name] = prepared_space(name, code.version, address)
            parts.append((name, spaces[name], code.D, code.describe))
    extractions = [
        Extraction(name, space, width, compute, store.missing(space, lane.keys))
        for name, space, width, compute in parts
    ]
    return DescribedLane(marks, facts, spaces), [each for each in extractions if each.wanted.any()]
