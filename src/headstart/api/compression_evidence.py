"""evidence.json of a compressed run: what was measured, what was chosen and why, and what it costs on the test."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

from headstart.compression.points import worth_keeping
from headstart.compression.running import processor_notes

if TYPE_CHECKING:
    from headstart.api.compressing_bench import Made, Workbench
    from headstart.api.compressing_counted import Counted
    from headstart.api.two_domains import SourceRows
    from headstart.bundle import Bundle, Predictor
    from headstart.compression.gate import Verdict
    from headstart.core.learning import Floats, Task

SEED = 0


def evidence_of(
    shipped: Bundle,
    predictor: Predictor,
    source: SourceRows,
    work: Workbench,
    base: Made,
    found: Sequence[Made | Counted],
    verdict: Verdict,
    asked: Mapping[str, Any],
    tested: tuple[Task, Floats] | None,
) -> dict[str, Any]:
    """The document.

    Args:
        shipped: The model as it is.
        predictor: Of it.
        source: The run's examples.
        work: What was searched with.
        base: The model as it is, on the target.
        found: All that was measured.
        verdict: Which ships.
        asked: By the user.
        tested: Task and calibrated outputs ``(t, W)`` of the test by what ships; None: nothing ships, and the test is
            not read.
    """
    points = [base.point, *(each.point for each in found)]
    best = {each.name for each in worth_keeping(points, base.point)}
    section: dict[str, Any] = {
        "from": {"name": shipped.folder.parent.resolve().name, "hashes": shipped.evidence().get("hashes")},
        "asked": dict(asked),
        "chosen": None if verdict.point is None else verdict.point.name,
        "why": verdict.why,
        "target": _target(work),
        "n": len(work.bench.rows),
        "points": [
            {**each.to_dict(base.point), "front": each.name in best, "memory": _memory(work, each.name)}
            for each in points
        ],
        "taught": dict(work.taught),
        "unlabelled": None if work.schooling is None else work.schooling.told(),
        "teachers": None if work.schooling is None else list(work.schooling.teachers),
        "vocabulary": None if work.vocabulary is None else work.vocabulary.told(),
        "skipped": dict(work.skipped),
    }
    notes = [*processor_notes(), *work.notes, *([] if work.schooling is None else work.schooling.notes)]
    if tested is None:
        old = shipped.evidence()
        kept = ("schema", "headstart_version", "task", "primary", "primary_reason", "n", "test", "backbone", "data")
        document = {name: old[name] for name in kept if name in old}
        return {**document, "test_reads": int(old["test_reads"]), "warnings": notes, "sentence": verdict.why,
                "compression": section}  # fmt: skip
    document = on_the_test(shipped, predictor, source, section, *tested)
    document["warnings"] += notes
    return document


def on_the_test(
    shipped: Bundle,
    predictor: Predictor,
    source: SourceRows,
    section: dict[str, Any],
    task: Task,
    outputs: Floats,
    reads: int | None = None,
) -> dict[str, Any]:
    """The document with what ``outputs`` cost on the test; ``reads``: of the test before this one, None: by the run."""
    from headstart.api.compression_costs import costs_of
    from headstart.api.compression_groups import unequal_told
    from headstart.evidence.document import Facts, of_an_evaluation

    old, targets = shipped.evidence(), task.encode(source.test.targets)
    before = predictor.outputs_of(source.test_features)
    facts = Facts(
        counts={**old["n"], "test": len(source.test)}, backbone=old["backbone"], data=old["data"],
        test_reads=int(old["test_reads"] if reads is None else reads) + 1, warnings=[],
    )  # fmt: skip
    tasks = (shipped.task(), task)
    section["test"] = {"n": len(targets), **task.compare(targets, outputs, before, SEED, tasks[0])}
    document = of_an_evaluation(task, targets, outputs, facts, SEED)
    tests = (old["test"], document["test"])
    section |= costs_of(tasks, targets, (before, outputs), source.test.slices, tests, SEED)
    document["compression"] = section
    document["warnings"] += unequal_told(section.get("groups", {}), task)
    document["sentence"] = f"{section['why']} {document['sentence']}"
    document["hashes"] = {key: value for key, value in old.get("hashes", {}).items() if key == "data"}
    return document


def _target(work: Workbench) -> dict[str, Any]:
    """What computes; ``memory`` of a process that has loaded it and no network, in bytes."""
    target, runtimes = work.target, [each.runtime for each in work.memory.values()]
    told = {"runtime": target.name, "precision": target.precision, "threads": target.threads}
    return {**told, "memory": min(runtimes, default=None)}


def _memory(work: Workbench, name: str) -> int | None:
    """Bytes that a network adds; None where it was not measured."""
    found = work.memory.get(name)
    return None if found is None else found.graph
