"""8-bit integers of text networks: ranges taken from the run's inputs (static), or found at run time (dynamic).

    python benchmarks/dynamic_integers.py --data DATA [--sets banking77 trec]

A linear probe on one thread, fitted by the command that users type; its network as ``headstart compress`` quantises it,
and by ONNX Runtime's ``quantize_dynamic`` (weights per channel) with the same table of embeddings in 8 bits, both
measured as a compression measures, on either runtime. Writes ``results/dynamic_integers.json`` and ``.md``.
"""

from __future__ import annotations

import argparse
import hashlib
import subprocess
import sys
import tempfile
from pathlib import Path
from typing import Any

from comparison import lines, machine
from compression_parts.quantizers import RUNTIMES, workbench

from headstart.api.compressing_bench import Made
from headstart.api.compressing_integers import in_integers
from headstart.api.compressing_measuring import measured
from headstart.api.compressing_search import as_it_is
from headstart.compression.knobs import Knobs
from headstart.compression.plain_graph import plain_graph
from headstart.compression.tables import quantize_tables
from headstart.core.resources import cache_folder
from headstart.runtimes.process_settings import settle_process

SETS = ("banking77", "trec")
HEAD = """# Integers whose ranges are found at run time

Written by `dynamic_integers.py` (see `../README.md`). Points are of the primary metric on held-out texts against the
network as it is, with 95 % intervals; times as fast against it in its fastest precision on that runtime.

| set | runtime | ranges | times as fast | MB | points held out | n |
|--|--|--|--|--|--|--|
"""


def dynamic(graph: Path) -> Path:
    """The same network by ``quantize_dynamic``, its tables as Headstart stores them."""
    import onnx
    from onnxruntime.quantization import QuantType, quantize_dynamic

    with tempfile.TemporaryDirectory() as place:
        before, after = (str(Path(place) / name) for name in ("plain.onnx", "dynamic.onnx"))
        onnx.save(plain_graph(graph), before)
        layers = ["MatMul", "Gemm"]
        quantize_dynamic(before, after, per_channel=True, weight_type=QuantType.QInt8, op_types_to_quantize=layers)
        model = onnx.load(after)
    quantize_tables(model)
    used = {name for node in model.graph.node for name in node.input}
    kept = [each for each in model.graph.initializer if each.name in used]
    model.graph.ClearField("initializer")
    model.graph.initializer.extend(kept)
    content = model.SerializeToString()
    made = cache_folder() / "graphs" / f"dynamic-{hashlib.sha256(content).hexdigest()[:32]}.onnx"
    made.write_bytes(content)
    return made


def rows_of(data: Path, run: Path) -> list[dict[str, Any]]:
    """A row for each runtime and form."""
    if not (run / "report.html").exists():
        words = ["fit", data, "--method", "linear_probe", "--out", run, "--threads", 1, "--quiet"]
        subprocess.run([sys.executable, "-m", "headstart", *map(str, words)], check=True)  # noqa: S603 - our program
    found = []
    for runtime in RUNTIMES:
        with workbench(run, runtime) as work:
            base = as_it_is(work)
            ways: dict[str, Made] = {"static": in_integers(work, base, base, max_drop=100)[0]}
            ways["dynamic"] = measured(work, base, Knobs(is_int8=True), work.backbone, dynamic(base.graph))
            told = f"{runtime} ({base.point.precision})"
            found += [
                {"set": data.name, "runtime": told, "ranges": name, **each.point.to_dict(base.point)}
                for name, each in ways.items()
            ]
    return found


def table_of(rows: list[dict[str, Any]]) -> str:
    """As Markdown."""
    lines_ = []
    for row in rows:
        gap = row["difference"]
        points = f"{100 * gap['value']:+.1f} ({100 * gap['low']:+.1f} to {100 * gap['high']:+.1f})"
        cells = (row["set"], row["runtime"], row["ranges"], f"{row['speedup']:.2f}", f"{row['bytes'] / 1e6:.1f}")
        lines_.append(f"| {' | '.join([*cells, points, str(row['n'])])} |\n")
    return HEAD + "".join(lines_)


def main() -> None:
    """Every set, then the table."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--data", type=Path, required=True)
    parser.add_argument("--sets", nargs="+", default=SETS)
    parser.add_argument("--work", type=Path, default=lines.BUILD / "dynamic_integers")
    parser.add_argument("--out", type=Path, default=lines.RESULTS)
    args = parser.parse_args()
    settle_process()
    args.work.mkdir(parents=True, exist_ok=True)
    rows: list[dict[str, Any]] = []
    for name in args.sets:
        rows += rows_of(args.data / name, args.work / name)
    lines.write_json(args.out / "dynamic_integers.json", {"machine": machine.describe(), "rows": rows})
    (args.out / "dynamic_integers.md").write_text(table_of(rows), encoding="utf-8")


if __name__ == "__main__":
    main()
