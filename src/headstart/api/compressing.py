"""``compress``: the fastest network that is good enough, or the word that there is none."""

from __future__ import annotations

import time
from collections.abc import Sequence
from dataclasses import asdict, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

from headstart.api.compress_result import Compression
from headstart.api.compressing_asked import MAX_DROP, advice, asked_of, require_no_search
from headstart.api.threads import require_threads
from headstart.core.errors import ConfigError, DataError, GateError
from headstart.core.progress import Progress, Silent
from headstart.core.resources import cache_folder, cpu_count
from headstart.core.run_folder import RunFolder

if TYPE_CHECKING:
    from headstart.api.compressing_bench import Made
    from headstart.api.compressing_counted import Counted
    from headstart.api.compressing_schooling import Schooling
    from headstart.api.two_domains import SourceRows
    from headstart.bundle import Bundle, Predictor
    from headstart.compression.asked import Asked
    from headstart.compression.judging import Bench

STUDENTS = 2


def compress(
    run: str | Path,
    *,
    speedup: str | float | None = None,
    smaller: str | float | None = None,
    max_drop: float = MAX_DROP,
    by: str = "both",
    runtime: str = "auto",
    minutes: float | None = None,
    students: int | None = None,
    unlabelled: Any = None,
    teacher: str | Path | Sequence[str | Path] | None = None,
    out: str | Path | None = None,
    threads: int | None = None,
    pick: str | int | None = None,
    progress: Progress | None = None,
) -> Compression:
    """Turn inputs, depth and precision of a run's network down, and ship the fastest that is accurate enough.

    Args:
        run: A run folder whose data are where they were.
        speedup: How many times as fast it must be, 4 or "4x"; None: as fast as can be.
        smaller: How many times as small it must be, 4 or "4x"; None: of any size.
        max_drop: Points of the primary metric that may be lost on held-out examples; of numbers, percent of it.
        by: What must be as fast: "latency", one input at a time; "throughput", 32 at once; "both".
        runtime: What computes on the machine that it will run on: "openvino", "onnxruntime", or "auto", the fastest.
        minutes: After which nothing new is tried.
        students: Most smaller networks that are taught by the model as it is; None: 2 where ``minutes``,
            ``unlabelled`` or ``teacher`` are given, since a training takes minutes; 0: none, and no counted words.
        unlabelled: Files, folders or tables of further inputs of the run's kind, from which students learn, too.
        teacher: Runs on the same examples whose networks teach students, side by side, in place of the run's own.
        out: Folder of the new run, new or empty.
        threads: Processor threads.
        pick: ``run`` is what a search wrote, and this point of its front ships, by name or number: nothing is searched.
        progress: Told of steps.

    Raises:
        ConfigError: no run there, a speed-up or drop that makes no sense, no such point.
        DataError: a model without a network of its own, a run whose data are gone, unlabelled inputs of another kind.
        GateError: nothing is faster within the drop. With ``out`` the evidence is written all the same.
    """
    from headstart import bundle
    from headstart.api.compressed_run import bench_for
    from headstart.api.compressing_schooling import schooling_of
    from headstart.api.compressing_teachers import run_folders, teachers_of
    from headstart.api.two_domains import source_rows
    from headstart.core.files import require_new_folder
    from headstart.runtimes.process_settings import settle_process

    settle_process()
    require_threads(threads)
    asked = asked_of(speedup, smaller, max_drop, by)
    given = [name for name, value in (("unlabelled", unlabelled), ("teacher", teacher)) if value is not None]
    if students is not None and (students < 0 or (given and not students)):
        raise ConfigError(
            f"--students must be 0 or more, and 1 or more with --{' and --'.join(given or ['unlabelled', 'teacher'])}, "
            f"which only students learn from; got {students}."
        )
    place = Path(out) if out is not None else None
    if place is not None:
        require_new_folder(place)
    listener = progress or Silent()
    if pick is not None:
        from headstart.api.compressing_pick import picked

        require_no_search(
            speedup=speedup, smaller=smaller, max_drop=None if max_drop == MAX_DROP else max_drop, minutes=minutes,
            students=students, runtime=None if runtime == "auto" else runtime, by=None if by == "both" else by,
            unlabelled=unlabelled, teacher=teacher, threads=threads,
        )  # fmt: skip
        return picked(Path(run), pick, place, listener)
    shipped = bundle.read(run)
    _require_one_network(shipped)
    predictor = shipped.predictor(threads=threads)
    source = source_rows(RunFolder(Path(run)), shipped, predictor, threads=threads, progress=listener)
    if isinstance(source, str):
        raise DataError(
            f"compress needs the examples that the run learned from; {source}. Name the run folder of the fit, with "
            "its data where they were."
        )
    bench = bench_for(shipped, source)
    count = students if students is not None else STUDENTS * (minutes is not None or bool(given))
    teachers = teachers_of(run_folders(teacher), shipped, source, bench)  # told before more is read
    schooling = schooling_of(count, unlabelled, shipped, source, bench, threads or cpu_count(), words=students != 0)
    schooling = replace(schooling, teachers=teachers)
    deadline = None if minutes is None else time.monotonic() + 60 * minutes
    return _carried_out(
        Path(run), shipped, predictor, source, asked, runtime, deadline, place, threads or cpu_count(), listener,
        bench, schooling,
    )  # fmt: skip


def _carried_out(
    run: Path,
    shipped: Bundle,
    predictor: Predictor,
    source: SourceRows,
    asked: Asked,
    runtime: str,
    deadline: float | None,
    place: Path | None,
    threads: int,
    progress: Progress,
    bench: Bench,
    schooling: Schooling,
) -> Compression:
    """Search, decide, read the test once, write."""
    from headstart.api.compressed_files import write_files
    from headstart.api.compressed_run import readied, write_chosen, write_told
    from headstart.api.compressing_bench import Workbench
    from headstart.api.compressing_choice import chosen
    from headstart.api.compressing_counted import counted
    from headstart.api.compressing_memory import measure_memory
    from headstart.api.compressing_search import as_it_is, looked_at, searched
    from headstart.api.compressing_target import fastest
    from headstart.api.compressing_vocabulary import own_vocabulary, tell_lost
    from headstart.api.compression_evidence import evidence_of
    from headstart.api.compression_graphs import keep_search
    from headstart.api.compression_nearest import costs_held_out
    from headstart.bundle.torch_backbone import rebuild
    from headstart.engine.activations.store import Store

    backbone = rebuild(shipped.folder, shipped.manifest.networks[shipped.manifest.sources[0].name])
    with Store.open(cache_folder() / "activations") as store:
        part = shipped.manifest.sources[0].part or 0
        target, unable = fastest(runtime, backbone, threads, source, part, asked.by)
        whole = Workbench(
            backbone, source.dataset.without_targets(), part, bench, target, store, threads, progress, deadline,
            by=asked.by, schooling=schooling, skipped=unable,
        )  # fmt: skip
        whole.vocabulary = own_vocabulary(whole)
        work = looked_at(whole, source.groups)
        base = as_it_is(work)
        others = counted(whole, base, shipped, predictor, source)  # first: it takes seconds
        found = searched(work, base, asked)
        verdict, made = chosen(work, whole, base, found, others, asked)
        measured: list[Made | Counted] = [*found, *others]
        measure_memory(work, base, measured)
        wanted = {**asdict(asked), "runtime": runtime, "students": schooling.count}
        if made is None:
            evidence = evidence_of(shipped, predictor, source, work, base, measured, verdict, wanted, None)
            if place is not None:
                nearest = next((each for each in measured if each.point is verdict.nearest), None)
                if nearest is not None:
                    evidence["compression"]["held_out"] = costs_held_out(work, whole, source, base, nearest)
                keep_search(place, run, base, measured, evidence, whole.vocabulary)
                write_told(place, evidence)
            told = f" What was measured is in {place / 'evidence.json'}." if place is not None else ""
            raise GateError(f"{verdict.why} The model stays as it is.{told} {advice(asked)}")
        ready, features, tested = readied(whole, source, made)
        evidence = evidence_of(
            shipped, predictor, source, work, base, measured, verdict, wanted, (ready.task, tested.outputs)
        )
        tell_lost(evidence["compression"], whole, source, made.knobs)
        if place is not None:
            keep_search(place, run, base, measured, evidence, whole.vocabulary)
            write_chosen(place, shipped, whole, made, ready, features, evidence)
            write_files(
                RunFolder(place), RunFolder(run), bench.of(is_student=made.knobs.is_student), source, ready, tested
            )
        return Compression(evidence, place)


def _require_one_network(shipped: Bundle) -> None:
    sources = shipped.manifest.sources
    if len(sources) != 1 or sources[0].kind != "network" or sources[0].part is None:
        names = ", ".join(each.name for each in sources)
        raise DataError(
            f"compress turns down a network that sees one picture, text or recording of each example; the features of "
            f"this model come from {names}. It is as small as it can be made here."
        )
    record = shipped.manifest.networks[sources[0].name]
    if record.runtime.precision == "int8" or "compression" in shipped.evidence():
        origin = shipped.evidence().get("compression", {}).get("from", {}).get("name")
        raise DataError(
            "compress must be given the run of the fit; this one was compressed already. Name the run that it was made "
            f"from{f', {origin}' if origin else ''}, with a larger --max-drop, or give this one with --pick to ship "
            "another point of its search."
        )
