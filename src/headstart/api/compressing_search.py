"""A search: every kind of way to turn a run's network down, one after another, each measured on the target."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace

from headstart.api.compressing_bench import Made, Workbench, unit_of
from headstart.api.compressing_floats import in_floats
from headstart.api.compressing_integers import as_it_is_in_integers, the_best_in_integers
from headstart.api.compressing_measuring import timed
from headstart.api.compressing_pruning import pruned_ways
from headstart.api.compressing_students import students
from headstart.api.compressing_vocabulary import the_best_trimmed
from headstart.compression.asked import Asked
from headstart.compression.judging import drawn
from headstart.compression.knobs import Knobs
from headstart.compression.points import Point
from headstart.core.learning import Ints
from headstart.core.resources import cache_folder

MOST_ROWS = 2000  # on which ways are told apart; what is chosen is confirmed on all

# Takes the bench, the model as it is, all that was measured before, and what is asked; gives what it adds.
Kind = Callable[[Workbench, Made, Sequence[Made], Asked], list[Made]]
KINDS: tuple[Kind, ...] = (  # each builds on those before
    in_floats,
    as_it_is_in_integers,
    pruned_ways,
    students,
    the_best_in_integers,
    the_best_trimmed,
)


def looked_at(whole: Workbench, groups: Ints) -> Workbench:
    """With the rows that a search looks at; ``whole`` itself where these are all.

    Args:
        whole: With all rows.
        groups: ``(n,)``: kept together.
    """
    rows = drawn(whole.bench, groups, MOST_ROWS)
    if rows is None:
        return whole
    return replace(whole, dataset=whole.dataset.take(rows), bench=whole.bench.on(rows), is_part=True)


def searched(work: Workbench, base: Made, asked: Asked) -> list[Made]:
    """All ways that were measured, by :data:`KINDS`.

    Args:
        work: What is searched with.
        base: The model as it is on the target, see :func:`as_it_is`.
        asked: By the user.
    """
    found: list[Made] = []
    for kind in KINDS:
        found += kind(work, base, found, asked)
    return found


def as_it_is(bench: Workbench) -> Made:
    """The model on the target, whose head is solved as those of its rivals are."""
    from headstart.runtimes.onnx_graph import export

    graph = export(bench.backbone, 0, len(bench.backbone.stages), cache_folder())
    bench.progress.step("features of the model as it is", len(bench.dataset))
    features = bench.features(bench.backbone, graph, bench.target.precision, bench.dataset)
    solution = bench.bench.solved(features)
    if bench.is_part:
        bench.bench = replace(bench.bench, base=solution.out_of_fold)
    alone, batch = timed(bench, {"base": (bench.backbone, graph, bench.target.precision)})["base"]
    score = float(
        bench.bench.task.score(bench.bench.targets.take(bench.bench.rows), bench.bench.base[bench.bench.rows])
    )
    nothing = {"value": 0.0, "low": 0.0, "high": 0.0}
    point = Point(
        Knobs().name(bench.modality), Knobs(), score, nothing, alone, batch, unit_of(bench, score),
        graph.stat().st_size, bench.target.name, bench.target.precision, len(bench.bench.rows),
        by=bench.by,
    )  # fmt: skip
    return Made(Knobs(), bench.backbone, graph, bench.target.precision, solution, point)
