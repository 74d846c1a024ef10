"""``compress OUT --pick``: another point of a search that was made, without the search."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

from headstart.api.compress_result import Compression
from headstart.core.errors import ConfigError, DataError
from headstart.core.resources import cache_folder
from headstart.core.run_folder import RunFolder

if TYPE_CHECKING:
    from headstart.api.compressing_bench import Made, Workbench
    from headstart.api.compressing_counted import Counted
    from headstart.api.compression_graphs import KeptSearch
    from headstart.api.two_domains import SourceRows
    from headstart.bundle import Bundle, Predictor
    from headstart.core.progress import Progress
    from headstart.engine.activations.store import Store

ROUNDED = 1e-9  # of a score that a head solved again on the same features gives


def picked(folder: Path, asked: str | int, place: Path | None, progress: Progress) -> Compression:
    """Ship a point of the front that a search kept: its head is solved again and the test is read once more.

    Args:
        folder: That the search wrote.
        asked: Name of a point, or its number.
        place: Of the new run.
        progress: Told of steps.

    Raises:
        ConfigError: no search is there, no such point, its graph is gone, or the run is.
        DataError: the data of the run are gone.
    """
    from headstart import bundle
    from headstart.api.compression_graphs import kept_search
    from headstart.api.two_domains import source_rows
    from headstart.engine.activations.store import Store

    if place is None:
        raise ConfigError("--pick needs --out, the folder of the new run; got none.")
    search = kept_search(folder)
    point = search.point(asked)
    search.graph(point)  # told before anything is computed
    shipped = bundle.read(search.run)
    if shipped.evidence().get("hashes") != search.section["from"]["hashes"]:
        raise ConfigError(f"--pick needs the run that {folder} was made from; {search.run} is another by now.")
    threads = int(search.section["target"]["threads"])
    predictor = shipped.predictor(threads=threads)
    source = source_rows(RunFolder(search.run), shipped, predictor, threads=threads, progress=progress)
    if isinstance(source, str):
        raise DataError(f"--pick needs the examples that the run learned from; {source}.")
    with Store.open(cache_folder() / "activations") as store:
        work = _workbench(search, shipped, source, store, progress)
        return _shipped(search, point, shipped, predictor, source, work, place)


def _shipped(
    search: KeptSearch,
    point: dict[str, Any],
    shipped: Bundle,
    predictor: Predictor,
    source: SourceRows,
    work: Workbench,
    place: Path,
) -> Compression:
    from headstart.api.compressed_files import write_files
    from headstart.api.compressed_run import readied, write_chosen
    from headstart.api.compressing_vocabulary import tell_lost
    from headstart.api.compression_evidence import on_the_test

    made = _made(search, point, work)
    bench = work.bench.of(is_student=made.knobs.is_student)
    score = float(bench.compared(made.solution.out_of_fold)[0])
    ready, features, tested = readied(work, source, made)
    measured = ("from", "target", "n", "points", "taught", "unlabelled", "teachers", "skipped", "vocabulary")
    section = {
        **{name: search.section[name] for name in measured if name in search.section},
        "asked": {**search.section["asked"], "pick": point["name"]},
        "chosen": point["name"],
        "why": f"{point['name']} was picked from the points of {search.folder.resolve().name}: {_told(point, search)}.",
        "picked": {"search": search.folder.resolve().name, "score": score, "n": len(bench.rows)},
    }
    evidence = on_the_test(shipped, predictor, source, section, ready.task, tested.outputs, search.test_reads)
    tell_lost(section, work, source, made.knobs)
    search.read_once_more()
    if point["n"] == len(bench.rows) and abs(score - point["score"]) > ROUNDED:
        evidence["warnings"].append(
            f"The head solved again scores {score:.4f} on held-out examples, where the search found "
            f"{point['score']:.4f}: this machine computes the network otherwise, so the times may differ too."
        )
    write_chosen(place, shipped, work, made, ready, features, evidence)
    write_files(RunFolder(place), RunFolder(search.run), bench, source, ready, tested)
    return Compression(evidence, place)


def _workbench(search: KeptSearch, shipped: Bundle, source: SourceRows, store: Store, progress: Progress) -> Workbench:
    from headstart.api.compressed_run import bench_for
    from headstart.api.compressing_bench import Workbench
    from headstart.bundle.torch_backbone import rebuild
    from headstart.compression.running import targets

    wanted, (network,) = search.section["target"], shipped.manifest.sources
    threads = int(wanted["threads"])
    target = next((each for each in targets(wanted["runtime"], threads) if each.precision == wanted["precision"]), None)
    if target is None:
        raise ConfigError(
            f"--pick needs a machine that computes {wanted['runtime']} in {wanted['precision']}, as the search did; "
            f"this one does not. Compress {search.run} here."
        )
    backbone = rebuild(shipped.folder, shipped.manifest.networks[network.name])
    return Workbench(
        backbone, source.dataset, network.part or 0, bench_for(shipped, source), target, store, threads, progress, None,
        vocabulary=search.vocabulary,
    )  # fmt: skip


def _made(search: KeptSearch, point: dict[str, Any], work: Workbench) -> Made | Counted:
    """The network of a point, its head solved on what the kept graph gives; of counted words all was kept."""
    from headstart.api.compressing_bench import Made
    from headstart.api.compressing_counted import kept_counted
    from headstart.compression.knobs import Knobs
    from headstart.compression.points import Point
    from headstart.compression.smaller import smaller

    knobs, graph, took = Knobs.from_dict(point["knobs"]), search.graph(point), point["milliseconds"]
    value = point["difference"]["value"]
    unit = point["points"] / value if value else 100.0
    figures = Point(
        point["name"], knobs, point["score"], point["difference"], took["alone"], took["batch"], unit,
        point["bytes"], point["runtime"], point["precision"], point["n"], -point["expected"],
    )  # fmt: skip
    if knobs.is_counted:
        return kept_counted(graph, work.part, figures)
    backbone = smaller(work.backbone, knobs, None if work.vocabulary is None else work.vocabulary.kept)
    if knobs.has_own_weights:
        backbone = search.student(point, backbone)
    solution = work.solution(knobs, backbone, graph, point["precision"])
    return Made(knobs, backbone, graph, point["precision"], solution, figures)


def _told(point: dict[str, Any], search: KeptSearch) -> str:
    held = f"{point['points']:+.1f} points on {point['n']} held-out examples"
    return f"{point['speedup']:.1f} times as fast, {point['smaller']:.1f} times smaller, {held}"
