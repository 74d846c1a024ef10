"""A few labelled examples of the new domain, found again among those that are adapted to; they check the estimates."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from headstart.api.adaptation_measured import is_known
from headstart.api.adaptation_setting import CLOSED
from headstart.core.errors import DataError
from headstart.core.resources import cpu_count

if TYPE_CHECKING:
    from headstart.adaptation.choosing import Labels
    from headstart.api.two_domains import Given

FEWEST = 10


def few_labels(
    data: Any, target: str | None, input: Any, given: Given, threads: int | None, setting: str = CLOSED
) -> Labels:
    """The rows of the new domain whose classes are known.

    Args:
        data: Labelled examples, as ``fit`` takes them. They should be drawn at random from the new domain.
        target: Column with their targets.
        input: Columns with the inputs, for a table that calls them otherwise.
        given: Both domains.
        threads: Processor threads.
        setting: In the open one examples of classes that the model does not know are unknown: every head is wrong about
            them as long as it answers, so that they say nothing of which is better, and are left out.

    Raises:
        DataError: fewer than FEWEST of them are among the examples that are adapted to, or a class is unknown and the
            setting is not the open one.
    """
    from headstart.adaptation.choosing import Labels
    from headstart.data.read import read

    dataset = read(
        data, schema=given.shipped.schema, target=target, input=input, to_learn=False, workers=threads or cpu_count()
    ).dataset
    dataset = dataset.take(is_known(dataset.targets, given.shipped.class_names, setting, "--labels"))
    truth = given.shipped.task().encode(dataset.targets).values
    place: dict[bytes, int] = {}
    for row, key in enumerate(given.aim.dataset.keys):
        place.setdefault(key.tobytes(), row)
    found = {place[key.tobytes()]: int(truth[row]) for row, key in enumerate(dataset.keys) if key.tobytes() in place}
    if len(found) < FEWEST:
        where = "--to" if given.order is None else "the last window of --to"
        raise DataError(
            f"--labels must hold at least {FEWEST} labelled examples that are among those of {where}, byte for byte; "
            f"{len(found)} of {len(dataset)} are. Draw some of {where} at random and label them."
        )
    return Labels(np.array(list(found), np.int64), np.array(list(found.values()), np.int64))
