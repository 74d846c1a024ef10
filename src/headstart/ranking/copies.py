"""Near-duplicates of a fit: in the view of its own networks, or of the one that a choice among several was made in."""

from __future__ import annotations

from typing import TYPE_CHECKING

from headstart.core.learning import Ints
from headstart.core.progress import Progress
from headstart.features.compute import Features
from headstart.features.duplicate_examples import duplicate_groups, groups_in_view
from headstart.features.lanes import Lane
from headstart.features.network_in_pass import Workshop
from headstart.features.networks import ModelOptions, Networks
from headstart.ranking.data import described_inputs
from headstart.ranking.network_field import view_of
from headstart.request.fit_config import FitConfig

if TYPE_CHECKING:
    from headstart.data.dataset import LabeledDataset


def copies_in(
    dataset: LabeledDataset,
    request: FitConfig,
    networks: Networks,
    features: Features,
    workshop: Workshop,
    progress: Progress,
) -> Ints:
    """``(N,)`` group numbers; an example without a near-duplicate is alone in its group.

    Two sizes of a picture may differ in what counts as a copy. A fit that chose its network on one split must not be
    tested on another, so it goes on with the view in which that split was made, and says so in its config.
    """
    options = ModelOptions.parse(request.model, "model")
    if options.copies_by is None:
        return duplicate_groups(dataset, networks, features, workshop.store)
    view = view_of(options.copies_by, options, dataset.schema)
    described, _ = described_inputs(Lane(view, (0,), dataset), workshop, progress)
    return groups_in_view(dataset, view, described.lane.fingerprint, workshop.store)
