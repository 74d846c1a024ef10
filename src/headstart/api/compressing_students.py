"""Students of a compression: smaller networks that lose too much as they stand, taught by the model as it is."""

from __future__ import annotations

import logging
import math
import time
from collections.abc import Sequence
from dataclasses import replace
from typing import TYPE_CHECKING

import numpy as np

from headstart.api.compressing_choice import expect
from headstart.compression.points import times_as_fast, unbeaten
from headstart.compression.smaller import smaller
from headstart.core.resources import cache_folder

if TYPE_CHECKING:
    from headstart.api.compressing_bench import Made, Workbench
    from headstart.api.compressing_schooling import Schooling
    from headstart.api.network_of_run import RunNetwork
    from headstart.backbones.pretrained.backbone import Backbone
    from headstart.compression.asked import Asked
    from headstart.compression.knobs import Knobs
    from headstart.compression.teaching import Lesson
    from headstart.data.dataset import Dataset

logger = logging.getLogger(__name__)
REACH = 10.0  # points more than may be lost, up to which a network is worth teaching
PAPER = 1.25  # times as fast as on paper, that is not worth timing
FASTER = 1.3  # times as fast as the fastest that is good enough as it stands
FEWEST = 32  # rows that teach
WATCHED = "loss of examples that teach"


def students(work: Workbench, base: Made, found: Sequence[Made], asked: Asked) -> list[Made]:
    """The networks that are worth teaching, taught and measured; each is judged on rows that did not teach it.

    Args:
        work: With its schooling, and what ways lose at a first look.
        base: The teacher.
        found: What was measured, untaught.
        asked: By the user.
    """
    schooling = work.schooling
    if schooling is None or not schooling.count or work.is_late:
        return []
    if len(schooling.bench.taught) < FEWEST or len(schooling.bench.taught) == len(schooling.dataset):
        return []
    chosen = _worth_teaching(work, base, found, asked.max_drop, schooling.count)
    made = [_student(work, base, schooling, knobs) for knobs in chosen]
    return [each for each in made if each is not None]


def _worth_teaching(work: Workbench, base: Made, found: Sequence[Made], max_drop: float, count: int) -> list[Knobs]:
    """Those that lose least of what is clearly faster than what is good enough untaught, each faster than the last."""
    rated = list(found)
    expect(work, base, rated)  # as the gate will see them
    fastest = max([1.0, *(each.point.speedup(base.point) for each in rated if each.point.loss <= max_drop)])
    reached = {knobs: lost for knobs, lost in work.looked.items() if max_drop < lost <= max_drop + REACH}
    arithmetic = {knobs: _arithmetic(work, smaller(work.backbone, knobs)) for knobs in reached}
    whole = _arithmetic(work, work.backbone)
    chosen: list[Knobs] = []
    for knobs in unbeaten(arithmetic, reached):
        if len(chosen) == count or work.is_late:
            break
        if PAPER * whole < FASTER * fastest * arithmetic[knobs]:
            continue
        speedup = 0.0
        with work.skipping(knobs):
            speedup = _speedup(work, base, smaller(work.backbone, knobs))
        logger.info("%s: %.2f times as fast, to be taught from %.1f", knobs, speedup, FASTER * fastest)
        if speedup >= FASTER * fastest:
            chosen.append(knobs)
            fastest = speedup
    return chosen


def _arithmetic(work: Workbench, backbone: Backbone) -> float:
    """Operations of one input on paper: which of two is worth timing, not how fast it is."""
    import torch

    from headstart.backbones.pretrained.measure import counting

    (one,) = work.prepared(backbone, 1)
    with torch.no_grad(), counting(backbone.network) as counter:
        backbone(torch.from_numpy(np.array(one))[None])
    return float(counter.get_total_flops())


def _speedup(work: Workbench, base: Made, backbone: Backbone) -> float:
    """Measured, untaught: what it is taught changes no time."""
    from headstart.api.compressing_measuring import timed
    from headstart.runtimes.onnx_graph import export

    graph = export(backbone, 0, len(backbone.stages), cache_folder())
    took = timed(
        work, {"base": (base.backbone, base.graph, base.precision), "this": (backbone, graph, work.target.precision)}
    )
    return times_as_fast(work.by, took["base"], took["this"])


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
        backbone = smaller(work.backbone, knobs)
        lesson = _lesson(work, backbone, base, schooling)
        with torch_threads(work.threads):
            found = taught(lesson, len(work.backbone.stages), {}, ToldTraining(work.progress, name, WATCHED))
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
    from headstart.methods.probe_config import LinearProbeConfig

    bench, rows = schooling.bench, schooling.bench.taught
    datasets: list[Dataset] = [schooling.dataset, *([] if schooling.further is None else [schooling.further])]
    further = np.arange(len(schooling.dataset), sum(map(len, datasets)))
    student, teacher = _network(work, backbone), _network(work, work.backbone)
    augmentation = StudentConfig().augmentation
    return Lesson(
        feed=student.feed(datasets, work.store, augmentation),
        teacher=teacher.feed(datasets, work.store, augmentation),
        rows=np.concatenate([rows, further]), labelled=rows, targets=bench.targets.take(rows), task=bench.task,
        penalty=(base.strength or LinearProbeConfig().fallback) * base.backbone.feature_dim,
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
