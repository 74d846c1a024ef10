"""Ways with a vocabulary trimmed to the texts of the task, judged as if the held-out texts had not been known.

The table of embeddings loses rows and nothing else changes: what a text's tokens say is what they said. So a trimmed
network needs no features of its own, but those of held-out texts with a token that no other text has: new texts have
such tokens too, and only a vocabulary of the other folds' texts tells what they cost.
"""

from __future__ import annotations

import logging
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from headstart.api.own_vocabulary import OwnVocabulary, tokens_of
from headstart.compression.own_vocabulary import Numbers, kept_numbers, table_of, with_vocabulary
from headstart.compression.points import Point, front
from headstart.core.errors import ConfigError
from headstart.core.learning import NEVER_HELD_OUT
from headstart.core.resources import cache_folder

if TYPE_CHECKING:
    from headstart.api.compressing_bench import Made, Workbench
    from headstart.api.two_domains import SourceRows
    from headstart.compression.asked import Asked
    from headstart.compression.knobs import Knobs

logger = logging.getLogger(__name__)
NAME = "own vocabulary"
MOST_TRIMMED = 6  # ways whose vocabulary is trimmed


def own_vocabulary(whole: Workbench) -> OwnVocabulary | None:
    """That of all texts of the run; None of other inputs, without time, and where it cannot be had, which is told."""
    if whole.modality != "text" or whole.is_late:
        return None
    further = whole.schooling.further if whole.schooling else None
    folds = whole.bench.folds
    try:
        tokens = len(table_of(whole.backbone)[1])
        texts = tokens_of(whole.backbone, whole.dataset, whole.part)
        more = set().union(*([] if further is None else tokens_of(whole.backbone, further, whole.part)))
        of_others, lost = {}, 0
        for fold in np.unique(folds[folds != NEVER_HELD_OUT]).tolist():
            others = more.union(*(texts[row] for row in np.flatnonzero(folds != fold)))
            of_others[fold] = kept_numbers(whole.backbone, others)
            known = set(of_others[fold].tolist())
            lost += sum(not texts[row] <= known for row in np.flatnonzero(folds == fold))
        kept = kept_numbers(whole.backbone, more.union(*texts))
    except ConfigError as error:
        whole.skipped[NAME] = str(error)
        logger.info("%s: %s", NAME, error)
        return None
    return OwnVocabulary(kept, of_others, tokens, int((folds != NEVER_HELD_OUT).sum()), lost)


def the_best_trimmed(bench: Workbench, base: Made, found: Sequence[Made], asked: Asked) -> list[Made]:
    """The best of what was measured, with the vocabulary of the run's texts; what cannot be had is written down."""
    if bench.vocabulary is None or bench.is_late:
        return []
    by_name = {each.point.name: each for each in [base, *found]}
    best = _promising([each.point for each in by_name.values()], base.point, asked.max_drop)
    bench.progress.step("trim vocabularies", len(best))
    made = []
    for point in best:
        bench.progress.advance()
        if bench.is_late:
            break
        with bench.skipping(replace(point.knobs, is_trimmed=True)):
            made.append(in_own_vocabulary(bench, base, by_name[point.name]))
    return made


def _promising(points: Sequence[Point], base: Point, max_drop: float) -> list[Point]:
    """The model as it is, then what nothing else beats: the fastest of what is good enough first, then the best."""

    def order(point: Point) -> tuple[bool, float]:
        is_worse = point.drop > max_drop
        return is_worse, point.drop if is_worse else -point.speedup(base)

    best = [each for each in front(points, base) if each is not base]
    return [base, *sorted(best, key=order)][:MOST_TRIMMED]


def in_own_vocabulary(bench: Workbench, base: Made, made: Made) -> Made:
    """A network with the vocabulary of the run's texts; ``bench`` must have one.

    Its head is that of the whole network, since the texts that it learns from lose nothing.

    Raises:
        ConfigError: it cannot be had so.
    """
    from headstart.api.compressing_measuring import measured

    assert bench.vocabulary is not None, "nothing is trimmed without one"  # noqa: S101
    kept = bench.vocabulary.kept
    knobs, backbone = replace(made.knobs, is_trimmed=True), with_vocabulary(made.backbone, kept)
    graph = _graph(made, kept)
    solution = bench.unknowing(
        knobs, backbone, graph, made.precision, made.features(bench, bench.dataset), made.solution
    )
    return measured(bench, base, knobs, backbone, graph, solution)


def _graph(made: Made, kept: Numbers) -> Path:
    """The graph with rows of its table left out: so it computes as the whole one does, in integers too."""
    import hashlib

    import onnx

    from headstart.compression.tables import select_rows
    from headstart.core.files import write_bytes

    model = onnx.load(str(made.graph))
    if not select_rows(model, table_of(made.backbone)[1], kept):
        raise ConfigError(f"the graph of {made.point.name} must look up its table of embeddings; it does not.")
    content = model.SerializeToString()
    graph = cache_folder() / "graphs" / f"trimmed-{hashlib.sha256(content).hexdigest()[:32]}.onnx"
    write_bytes(graph, content)
    return graph


def tell_lost(section: dict[str, Any], work: Workbench, source: SourceRows, knobs: Knobs) -> None:
    """Write down how many test texts have a token that is gone, where such a network ships: ``test`` of the section."""
    own = work.vocabulary
    if own is not None and knobs.is_trimmed:
        known = set(own.kept.tolist())
        texts = tokens_of(work.backbone, source.test, work.part)
        section["vocabulary"]["test"] = {"n": len(texts), "lost": sum(not each <= known for each in texts)}
