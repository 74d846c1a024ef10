"""A run taken further: its examples and the new ones in their places, the gate before the test is read."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from headstart.core.errors import GateError
from headstart.core.learning import Ints, Targets
from headstart.features.own_data import COPIES
from headstart.features.workshop import threads_of
from headstart.fitting.held_out import held_out_outputs
from headstart.solving.splitting import kept_together
from headstart.updating.former import Former, former_of
from headstart.updating.gate import Judged, judged
from headstart.updating.placing import Placing, placed, with_validation
from headstart.updating.section import Tested, update_section

if TYPE_CHECKING:
    from headstart.data.read import Reading
    from headstart.evidence.contender import Contender
    from headstart.evidence.guard import Choice
    from headstart.postprocessing.choosing import Postprocessed
    from headstart.solving.work import Solved, Work
    from headstart.updating.joining import Joining


@dataclass(frozen=True)
class Updated:
    """What is known of the update before the test is read.

    Attributes:
        former: What the old model says of the test examples.
        is_added: Which of those are new.
    """

    joining: Joining
    placing: Placing
    gate: Judged
    former: Former
    is_added: NDArray[np.bool_]

    @property
    def test_reads(self) -> int:
        """How often the old run's test was read before."""
        return int(self.joining.evidence["test_reads"])


def with_places(
    work: Work, joining: Joining, reading: Reading, duplicates: Ints, strata: Ints
) -> tuple[Reading, Placing]:
    """The reading without new examples that the run had already, and the part of each example.

    Raises:
        DataError: nothing new is left to learn from.
    """
    seed, folder = work.job.request.seed, work.job.folder
    is_added, parted = joining.is_added(reading.dataset), joining.with_parts(reading.dataset)
    placing = placed(parted, is_added, duplicates, strata, seed)
    if placing.copies:
        left_out = [{"id": name, "reason": why} for name, why in placing.copies.items()]
        folder.decide(COPIES, left_out, "these new examples are the same as examples of the run")
    rows = placing.rows
    used = reading.dataset.take(rows)
    held_out = np.isin(np.array(used.ids, dtype=object), joining.held_out.ids)
    if joining.was_trained:
        groups = kept_together(used, duplicates[rows])
        placing = with_validation(placing, is_added[rows], held_out, groups, strata[rows], seed)
    return replace(reading, dataset=used), placing


def judged_update(
    work: Work, solved: Solved, choice: Choice, answers: Postprocessed, joining: Joining | None, placing: Placing | None
) -> Updated | None:
    """Whether the updated model may ship; None where no run is updated.

    Raises:
        GateError: it is not better than the old one, by held-out examples.
    """
    if joining is None or placing is None:
        return None
    learning, request = solved.learning, work.job.request
    chosen = next(each for each in solved.contenders if each.name == choice.name)
    former = former_of(joining, solved.reading.dataset, chosen.task, learning.store, threads_of(request))
    rows, found = held_out_outputs(solved, choice, answers)
    outputs = np.full((len(learning.train), learning.targets.width), np.nan)
    outputs[rows] = found
    train, test = solved.parts.split.train, solved.parts.split.test
    is_added = joining.is_added(solved.reading.dataset)
    gate = judged(chosen.task, learning.targets, outputs, former.take(train), is_added[train], request.seed)
    work.job.folder.decide("update", gate.to_dict(), gate.why)
    if not gate.is_better:
        raise GateError(
            f"an updated model ships only where it is better than the one of {joining.name}, by examples that neither "
            f"learned from; {gate.why}. Nothing was written, the test was not read, and {joining.name} is as it was. "
            f"{gate.advice}"
        )
    return Updated(joining, placing, gate, former.take(test), is_added[test])


def section_of_update(updated: Updated, solved: Solved, chosen: Contender, targets: Targets) -> dict[str, Any]:
    """The section ``update``, with the test's targets encoded."""
    learning, slices = solved.learning, solved.parts.sealed.slices
    tested = Tested(
        chosen.task, learning.test.ids, targets, chosen.test_outputs, updated.former, updated.is_added, slices
    )
    return update_section(updated.joining, updated.placing, updated.gate, tested, learning.seed)
