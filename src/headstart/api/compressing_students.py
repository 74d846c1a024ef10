"""Students of a compression: networks that lose too much as they stand, taught by the model as it is or other runs."""

from __future__ import annotations

import logging
import math
import time
from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import TYPE_CHECKING

import numpy as np

from headstart.api.compressing_choice import expect
from headstart.api.compressing_integers import gain_of
from headstart.api.compressing_measuring import exported, timed_beside
from headstart.compression.knobs import Knobs
from headstart.compression.ladder import next_to_teach
from headstart.compression.points import times_as_fast, unbeaten

if TYPE_CHECKING:
    from headstart.api.compressing_bench import Made, Workbench
    from headstart.api.compressing_schooling import Schooling
    from headstart.api.network_of_run import RunNetwork
    from headstart.backbones.pretrained.backbone import Backbone
    from headstart.compression.asked import Asked
    from headstart.compression.teaching import Lesson
    from headstart.data.dataset import Dataset

logger = logging.getLogger(__name__)
REACH = 10.0  # points more than may be lost, up to which a network is worth teaching
PAPER = 1.25  # times as fast as on paper, that is not worth timing
FASTER = 1.3  # times as fast as the fastest that is good enough as it stands
MOST_TIMED = 8  # networks
FEWEST = 32  # rows that teach
ENDS = 1  # any boundary of joined feeds but that of inputs: each gives the end of its network
WATCHED = "loss of examples that teach"


def students(work: Workbench, base: Made, found: Sequence[Made], asked: Asked) -> list[Made]:
    """The networks that are worth teaching, taught and measured; each is judged on rows that did not teach it.

    Args:
        work: With its schooling, and what ways lose at a first look.
        base: The model as it is.
        found: What was measured, untaught.
        asked: By the user.
    """
    schooling = work.schooling
    if schooling is None or not schooling.count or work.is_late:
        return []
    if len(schooling.bench.taught) < FEWEST or len(schooling.bench.taught) == len(schooling.dataset):
        return []
    ladder = _worth_teaching(work, base, found, asked)
    made: list[Made] = []
    taught: dict[int, float] = {}
    while len(taught) < schooling.count and (place := _next(work, ladder, asked, taught)) is not None:
        student = _student(work, base, schooling, ladder[place])
        taught[place] = math.inf if student is None else student.point.drop
        made += [] if student is None else [student]
    return made


def _next(work: Workbench, ladder: Sequence[Knobs], asked: Asked, taught: Mapping[int, float]) -> int | None:
    """Place of what is taught next: as fast as can be, or, where a speed-up is asked for, what loses least."""
    if asked.speedup is None:
        return next_to_teach([work.looked[knobs] for knobs in ladder], asked.max_drop, taught)
    return len(taught) if len(taught) < len(ladder) else None


def _worth_teaching(work: Workbench, base: Made, found: Sequence[Made], asked: Asked) -> list[Knobs]:
    """Networks that lose too much as they stand, by what they lose, the least first.

    Where a speed-up is asked for, those that reach it, if need be in 8 bits, which gain as much as they gain of the
    model as it is. Else those that no other beats and that are clearly faster than what is good enough untaught, each
    faster than the one before.
    """
    rated = list(found)
    expect(work, base, rated)  # as the gate will see them
    good = [each.point.speedup(base.point) for each in rated if each.point.loss <= asked.max_drop]
    needed = FASTER * max([1.0, *good]) if asked.speedup is None else asked.speedup / (gain_of(base, found) or 1.0)
    reached = {knobs: lost for knobs, lost in work.looked.items() if asked.max_drop < lost <= asked.max_drop + REACH}
    arithmetic = {knobs: _arithmetic(work, work.network(knobs)) for knobs in reached}
    order = unbeaten(arithmetic, reached) if asked.speedup is None else sorted(reached, key=lambda each: reached[each])
    enough = PAPER * _arithmetic(work, work.backbone) / needed
    on_paper = [knobs for knobs in order if arithmetic[knobs] <= enough][:MOST_TIMED]
    speeds = _speedups(work, base, on_paper)
    logger.info("to be taught from %.2f times as fast: %s", needed, speeds)
    fast = [knobs for knobs in on_paper if speeds[knobs] >= needed]
    if asked.speedup is not None:
        return fast
    return [each for place, each in enumerate(fast) if all(speeds[each] > speeds[other] for other in fast[:place])]


def _arithmetic(work: Workbench, backbone: Backbone) -> float:
    """Operations of one input on paper: which of two is worth timing, not how fast it is."""
    import torch

    from headstart.backbones.pretrained.measure import counting

    (one,) = work.prepared(backbone, 1)
    with torch.no_grad(), counting(backbone.network) as counter:
        backbone(torch.from_numpy(np.array(one))[None])
    return float(counter.get_total_flops())


def _speedups(work: Workbench, base: Made, ways: Sequence[Knobs]) -> dict[Knobs, float]:
    """Measured, untaught: what they are taught changes no time. 0 where the target cannot run it, or time is up."""
    found = dict.fromkeys(ways, 0.0)
    was = base.point.alone, base.point.batch
    for knobs in ways:
        if not work.is_late:
            with work.skipping(knobs):
                backbone = work.network(knobs)
                took = timed_beside(work, base, {"this": (backbone, exported(backbone), work.target.precision)})
                found[knobs] = times_as_fast(work.by, was, took["this"])
    return found


def _student(work: Workbench, base: Made, schooling: Schooling, knobs: Knobs) -> Made | None:
    """Taught and measured; None where the time is too short or the target cannot run it, which is written down."""
    from headstart.api.compressing_measuring import measured
    from headstart.api.training_told import ToldTraining
    from headstart.compression.teaching import taught
    from headstart.methods.threads import torch_threads

    knobs, untaught = replace(knobs, is_student=True), work.looked[knobs]
    name = knobs.name(work.modality)
    work.progress.step(f"teach {name}", 0)
    began = time.perf_counter()
    found = None
    if not work.is_late:
        backbone = work.network(knobs)
        lesson = _lesson(work, backbone, base, schooling)
        with torch_threads(work.threads):
            found = taught(lesson, ENDS, {}, ToldTraining(work.progress, name, WATCHED))
    if found is None:
        work.skipped[name] = "the time that was left was too short to teach it"
        return None
    trained, setup = found
    work.taught[name] = {
        "n": len(lesson.rows),
        "labelled": len(lesson.labelled),
        "untaught": -untaught,
        "frozen": setup.boundary,
        "epochs": trained.best_epoch,
        **{key: setup.settings[key] for key in ("views", "lr", "precision")},
        "losses": [each["train_loss"] for each in trained.report["history"]],
        "seconds": round(time.perf_counter() - began, 3),
    }
    with work.skipping(knobs):
        return measured(work, base, knobs, trained.backbone)
    return None


def _lesson(work: Workbench, backbone: Backbone, base: Made, schooling: Schooling) -> Lesson:
    from headstart.compression.student import StudentConfig
    from headstart.compression.teaching import Lesson
    from headstart.engine.activations.store import DEFAULT_LIMIT_BYTES
    from headstart.engine.training.joined_feed import JoinedFeed
    from headstart.methods.probe_config import LinearProbeConfig

    bench, rows = schooling.bench, schooling.bench.taught
    datasets: list[Dataset] = [schooling.dataset, *([] if schooling.further is None else [schooling.further])]
    further = np.arange(len(schooling.dataset), sum(map(len, datasets)))
    student, augmentation = _network(work, backbone), StudentConfig().augmentation
    teachers = list(schooling.teachers.values()) or [work.backbone]
    feeds = [(_network(work, each).feed(datasets, work.store, augmentation), len(each.stages)) for each in teachers]
    return Lesson(
        feed=student.feed(datasets, work.store, augmentation), teacher=JoinedFeed(feeds),
        rows=np.concatenate([rows, further]), labelled=rows, targets=bench.targets.take(rows), task=bench.task,
        penalty=(base.strength or LinearProbeConfig().fallback) * sum(each.feature_dim for each in teachers),
        lengths=student.lengths(datasets), cache_bytes=DEFAULT_LIMIT_BYTES, seed=bench.seed,
        deadline=math.inf if work.deadline is None else work.deadline,
    )  # fmt: skip


def _network(work: Workbench, backbone: Backbone) -> RunNetwork:
    """As the target computes it."""
    from headstart.api.compressing_bench import BATCH
    from headstart.api.network_of_run import RunNetwork
    from headstart.features.networks import Network
    from headstart.runtimes.settled import settled

    target = work.target
    choice = settled(target.name, target.precision, target.threads, BATCH, "the target of a compression")
    return RunNetwork(Network(backbone.card, None).with_backbone(backbone), work.part, choice, work.threads)
