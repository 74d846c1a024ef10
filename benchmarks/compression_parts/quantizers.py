"""The network of a run in 8-bit integers: by Headstart, ONNX Runtime's quantizer and nncf, each with its defaults.

All quantize the same graph on the same calibration inputs. A head is solved again on the features of each, in the same
folds, and each is timed in turns with the network as it is in its fastest precision, on the runtime it is made for.
"""

from __future__ import annotations

import subprocess
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np

from headstart import bundle
from headstart.api.compressed_run import bench_for
from headstart.api.compressing_bench import Made, Workbench
from headstart.api.compressing_integers import CALIBRATION, HURT, in_integers
from headstart.api.compressing_measuring import alike, measured
from headstart.api.compressing_search import as_it_is, looked_at
from headstart.api.two_domains import source_rows
from headstart.bundle.torch_backbone import rebuild
from headstart.compression.knobs import Knobs
from headstart.compression.plain_graph import plain_graph
from headstart.compression.running import targets
from headstart.core.progress import Silent
from headstart.core.resources import cache_folder
from headstart.core.run_folder import RunFolder
from headstart.engine.activations.store import Store
from headstart.runtimes.process_settings import settle_process

NNCF = Path(__file__).parents[1] / "peers" / "nncf_quantize.py"
RUNTIMES = {"onnxruntime": "ONNX Runtime's quantizer", "openvino": "nncf"}


def quantized_by_each(run: Path, nncf: Path) -> list[dict[str, Any]]:
    """Rows ``{runtime, by, score, points, low, high, speedup, smaller, n}``; ``failure`` where a peer fails.

    Args:
        run: Of a fit.
        nncf: Python of an environment with ``peers/nncf.txt``.
    """
    settle_process()
    found = []
    for runtime, peer in RUNTIMES.items():
        with workbench(run, runtime) as work:
            base = as_it_is(work)
            for made in in_integers(work, base, base, HURT):
                found.append(_row(runtime, f"Headstart, {made.point.name}", made, base))
                print(f"    {found[-1]}", flush=True)
            try:
                with tempfile.TemporaryDirectory() as place:
                    graph = (_by_onnxruntime if runtime == "onnxruntime" else _by_nncf)(work, base, Path(place), nncf)
                    made = measured(work, base, Knobs(is_int8=True), work.backbone, graph)
                found.append(_row(runtime, peer, made, base))
            except Exception as error:  # noqa: BLE001 - whatever stops a peer is its result
                found.append({"runtime": runtime, "by": peer, "failure": f"{type(error).__name__}: {str(error)[:200]}"})
            print(f"    {found[-1]}", flush=True)
    return found


@contextmanager
def workbench(run: Path, runtime: str) -> Iterator[Workbench]:
    """What a compression of a run works with, on one thread."""
    shipped = bundle.read(run)
    source = source_rows(RunFolder(run), shipped, shipped.predictor(threads=1), threads=1, progress=Silent())
    assert not isinstance(source, str), source
    backbone = rebuild(shipped.folder, shipped.manifest.networks[shipped.manifest.sources[0].name])
    with Store.open(cache_folder() / "activations") as store:
        whole = Workbench(
            backbone, source.dataset.without_targets(), 0, bench_for(shipped, source), targets(runtime, 1)[0], store, 1,
            Silent(), None,
        )  # fmt: skip
        yield looked_at(whole, source.groups)


def _by_onnxruntime(work: Workbench, base: Made, place: Path, _: Path) -> Path:
    """``quantize_static`` with its defaults, after the pre-processing that its guide asks for."""
    import onnx
    from onnxruntime.quantization import CalibrationDataReader, quantize_static

    class Reader(CalibrationDataReader):
        def __init__(self, name: str, batches: list[Any]) -> None:
            self.rows = iter([{name: batch} for batch in batches])

        def get_next(self) -> dict[str, Any] | None:
            return next(self.rows, None)

    model = plain_graph(base.graph)
    onnx.save(model, str(place / "plain.onnx"))
    reader = Reader(model.graph.input[0].name, _batches(work, base))
    quantize_static(str(place / "plain.onnx"), str(place / "out.onnx"), reader)
    return _kept(place / "out.onnx")


def _by_nncf(work: Workbench, base: Made, place: Path, python: Path) -> Path:
    np.savez(place / "inputs.npz", *_batches(work, base))
    command = [str(python), str(NNCF), str(base.graph), str(place / "inputs.npz"), str(place / "out.xml")]
    subprocess.run(command, check=True, capture_output=True)  # noqa: S603 - our own program
    return _kept(place / "out.xml")


def _batches(work: Workbench, base: Made) -> list[Any]:
    return [np.stack(group) for group in alike(work.prepared(base.backbone, CALIBRATION))]


def _kept(path: Path) -> Path:
    """Where it outlives the folder that it was made in; of OpenVINO's two files the first is named."""
    import shutil

    place = cache_folder() / "graphs" / f"peer-{path.parent.name}"
    place.mkdir(parents=True, exist_ok=True)
    for each in path.parent.glob(f"{path.stem}.*"):
        shutil.copyfile(each, place / each.name)
    return place / path.name


def _row(runtime: str, by: str, made: Made, base: Made) -> dict[str, Any]:
    size = sum(each.stat().st_size for each in made.graph.parent.glob(f"{made.graph.stem}.*"))
    point = replace(made.point, bytes=size)
    unit = point.unit
    return {
        "runtime": runtime, "by": by, "score": point.score, "points": -point.drop,
        "low": unit * float(point.difference["low"]), "high": unit * float(point.difference["high"]),
        "speedup": round(point.speedup(base.point), 3), "smaller": round(base.point.bytes / size, 2), "n": point.n,
        "against": base.point.precision,
    }  # fmt: skip
