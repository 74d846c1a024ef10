"""A way in 8-bit integers, and where these hurt, with the layers that they hurt most left in float."""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from dataclasses import replace
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from headstart.api.compressing_measuring import alike, measured
from headstart.compression.knobs import Knobs
from headstart.compression.points import Point, front
from headstart.core.resources import cache_folder

if TYPE_CHECKING:
    from headstart.api.compressing_bench import Made, Workbench
    from headstart.compression.asked import Asked
    from headstart.compression.quantizing import Calibration

MOST_INT8 = 6  # ways that are quantised
CALIBRATION = 128  # inputs that set ranges of activations
JUDGED = 8  # inputs whose features tell which layer is hurt
AT_MOST = 1.5  # times what 8 bits gain of the model as it is, that they may gain of another way
HURT = 0.5  # points that integers lose beyond the same way in float, above which layers are looked at


def as_it_is_in_integers(work: Workbench, base: Made, found: Sequence[Made], asked: Asked) -> list[Made]:
    """Where a speed is asked for, ahead of others: what 8 bits gain of the model as it is they gain of those too."""
    return [] if asked.speedup is None else in_integers(work, base, base, asked.max_drop)


def gain_of(base: Made, found: Sequence[Made]) -> float | None:
    """How many times as fast 8 bits make the model as it is, 1 where they do not; None: that was not measured."""
    forms = [each for each in found if each.knobs.is_int8 and replace(each.knobs, is_int8=False, floats=0) == Knobs()]
    return max([1.0, *(each.point.speedup(base.point) for each in forms)]) if forms else None


def the_best_in_integers(work: Workbench, base: Made, found: Sequence[Made], asked: Asked) -> list[Made]:
    """What nothing else beats, and the model as it is, in 8 bits, as far as they are not yet."""
    floats = [each for each in (base, *found) if not each.knobs.is_int8]
    there = {replace(each.knobs, is_int8=False, floats=0) for each in found if each.knobs.is_int8}
    by_name = {each.point.name: each for each in floats}
    promising = sorted(front([each.point for each in floats], base.point), key=lambda point: point.drop)[:MOST_INT8]
    work.progress.step("quantise", len(promising))
    if told := _of_one_class(work):
        work.notes.append(told)
    made: list[Made] = []
    for point in promising:
        work.progress.advance()
        if point.knobs not in there and _may_reach(work, base, by_name[point.name], found, asked):
            made += in_integers(work, base, by_name[point.name], asked.max_drop)
    return made


def _may_reach(work: Workbench, base: Made, made: Made, found: Sequence[Made], asked: Asked) -> bool:
    """Whether a way in integers may be as fast as is asked; one that cannot be is written down."""
    gain = gain_of(base, found)
    if asked.speedup is None or gain is None or AT_MOST * gain * made.point.speedup(base.point) >= asked.speedup:
        return True
    speed = gain * made.point.speedup(base.point)
    work.skipped[replace(made.knobs, is_int8=True).name(work.modality)] = (
        f"it would be some {speed:.1f} times as fast, where {asked.speedup:g} times was asked for"
    )
    return False


def _of_one_class(work: Workbench) -> str | None:
    """That ranges of activations come of one class alone, of those that have classes; None: they do not."""
    targets = work.bench.targets
    if targets.kind not in ("class", "ordinal"):
        return None
    seen = np.unique(targets.values[(rows := work.drawn(CALIBRATION))])
    if len(seen) != 1:
        return None
    name = work.bench.task.class_names[int(seen[0])]
    return (
        f"All {len(rows)} inputs that set the ranges of 8-bit activations are of class {name!r}: what inputs of other "
        "classes give beyond these ranges is cut off. Look at the other classes before an integer network ships."
    )


def in_integers(bench: Workbench, base: Made, made: Made, max_drop: float) -> list[Made]:
    """The same in 8 bits; and where that costs too much, divisions that leave some layers in float.

    A division ends the list that does not cost too much: a larger one is slower. What cannot be had is written
    down.

    Args:
        bench: That measures.
        base: The model as it is.
        made: In float.
        max_drop: Points that may be lost: integers within it hurt nobody.
    """
    from headstart.compression.mixed_precision import kept_in_float, sensitivities
    from headstart.compression.quantizing import calibrated

    if bench.is_late:
        return []
    knobs = replace(made.knobs, is_int8=True)
    found: list[Made] = []
    with bench.skipping(knobs):
        inputs = bench.prepared(made.backbone, CALIBRATION)
        calibration = calibrated(made.graph, _batches(inputs), bench.target.threads)
        found.append(_measured(bench, base, made, calibration, ()))
        if not (_hurts(found[-1].point, made.point, max_drop) and _gains(found[-1].point, made.point, base.point)):
            return found
        divisions = kept_in_float(sensitivities(calibration, _batches(inputs[:JUDGED])))
        bench.progress.step("layers left in float", len(divisions))
        for kept in divisions:
            bench.progress.advance()
            last = found[-1].point
            if bench.is_late or not (_hurts(last, made.point, max_drop) and _gains(last, made.point, base.point)):
                break
            found.append(_measured(bench, base, made, calibration, kept))
    return found


def _measured(bench: Workbench, base: Made, made: Made, calibration: Calibration, kept: Sequence[str]) -> Made:
    from headstart.compression.quantizing import quantized
    from headstart.core.files import write_bytes

    content = quantized(calibration, keep=kept)
    graph = cache_folder() / "graphs" / f"int8-{hashlib.sha256(content).hexdigest()[:32]}.onnx"
    write_bytes(graph, content)
    return measured(bench, base, replace(made.knobs, is_int8=True, floats=len(kept)), made.backbone, graph)


def _hurts(integers: Point, floats: Point, max_drop: float) -> bool:
    return integers.drop > max(max_drop, floats.drop + HURT)


def _gains(integers: Point, floats: Point, base: Point) -> bool:
    """Whether a division may be faster than the same way in float: one that is not is beaten by it."""
    return integers.speedup(base) > floats.speedup(base)


def _batches(inputs: Sequence[NDArray[Any]]) -> list[NDArray[Any]]:
    return [np.stack(group) for group in alike(inputs)]
