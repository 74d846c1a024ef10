"""The map of both domains before and after an adaptation, from what is adapted and what ships."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

if TYPE_CHECKING:
    from headstart.adaptation.contract import RowsMap
    from headstart.adaptation.domains import Labeled
    from headstart.api.two_domains import Given
    from headstart.core.learning import Floats, Ints, Task

SEED = 0


def map_of_heads(given: Given, carry: RowsMap | None, task: Task | None, outputs: Floats) -> dict[str, Any]:
    """Where features stay and the head changes.

    Args:
        given: Both domains.
        carry: Of the adapter that was tried without the held-out rows; None: it moves no source row.
        task: Of what ships; None: nothing does.
        outputs: ``(m, K)`` of what ships.
    """
    ours = _held(given)
    moved = ours if carry is None or not ours.shape[0] else carry(_held_rows(given))
    return _mapped(given, ours, None if task is None else (moved, given.aim.features), task, outputs, same_space=True)


def map_of_networks(given: Given, held: Any, target: Any, task: Task, outputs: Floats) -> dict[str, Any]:
    """Where a changed network gives other features.

    Args:
        given: Both domains.
        held: ``(h, D)`` of the held-out rows of the run, in the new features; None: there are none.
        target: ``(m, D)`` in the new features.
        task: Of what ships.
        outputs: ``(m, K)`` of what ships.
    """
    after = (target[:0] if held is None else held, target)
    return _mapped(given, _held(given), after, task, outputs, same_space=False)


def answered(task: Task, outputs: Floats, names: list[str]) -> Ints:
    """``(n,)`` places among ``names`` of what a task says; -1 for an answer that is none of them."""
    place = {name: number for number, name in enumerate(names)}
    said = (str(each) for each in task.predictions(outputs)["prediction"])
    return np.array([place.get(each, -1) for each in said], np.int64)


def _held(given: Given) -> Any:
    """``(h, D)`` features of the held-out rows of the run; ``(0, D)`` where its data are not there."""
    return given.aim.features[:0] if given.domains.source is None else _held_rows(given).features


def _held_rows(given: Given) -> Labeled:
    """The held-out rows of the run, where its data are there."""
    from headstart.adaptation.trying import held_out_rows

    source = given.domains.source
    assert source is not None  # noqa: S101 - asked where there is a source
    return source.take(held_out_rows(source, SEED))


def _mapped(
    given: Given, ours: Any, after: tuple[Any, Any] | None, task: Task | None, outputs: Floats, *, same_space: bool
) -> dict[str, Any]:
    from headstart.adaptation.feature_map import HeldOut, Looks, feature_map
    from headstart.adaptation.trying import held_out_rows

    former, source = given.shipped.task(), given.domains.source
    names = [str(name) for name in former.class_names]
    none = np.zeros(0, np.int64)
    known = HeldOut(none, none)
    if source is not None:
        held = held_out_rows(source, SEED)
        known = HeldOut(source.targets.values[held], source.groups[held])
    before = Looks(ours, given.aim.features, answered(former, given.domains.start, names))
    then = None
    if after is not None and task is not None:
        then = Looks(*after, answered(task, outputs, names))
    return feature_map(before, then, known, names, SEED, same_space=same_space)
