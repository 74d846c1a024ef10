"""What does ranking cost over the feature passes that it cannot do without, and what does ranking again cost?

    python benchmarks/ranking_cost.py --data DATA            # nothing else should run
    python benchmarks/ranking_cost.py --data DATA --per-class 10 --repeats 1 --out FOLDER   # a quick try

Ten candidates (EfficientNet-Lite0, 1 and 2 at several input sizes, the nine of ``ranking.py`` and one more) on 1,000
training pictures of cifar10_small. Each repeat ranks them from a fresh cache, ranks them again from what that left, and
runs each one's feature pass alone: its network in the runtime that the ranking chose, in a process of its own, over the
same pictures into an empty store. A pass is timed without imports, loading and compiling; the ranking is timed as a
whole process with all of them. Runs are appended to WORK/ranking_cost.jsonl and not repeated; writes
``results/ranking_cost.json`` and ``.md``.
"""

from __future__ import annotations

import argparse
import json
import os
import shutil
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from comparison import lines, machine, runs, tables
from comparison.records import Record
from comparison.tuning_sets import first_of_each

from ranking import CANDIDATES, name_of, rank

TEN = (*CANDIDATES, "efficientnet_lite0:128")
SET = "cifar10_small"
PER_CLASS = 100
MOST, AGAIN = 1.2, 30.0  # times the passes; seconds of ranking again


def pictures_of(folder: Path) -> list[str]:
    """The training pictures, which are what a ranking looks at."""
    return [str(path) for path in sorted((folder / "train").rglob("*")) if path.is_file()]


def one_pass(candidate: str, folder: Path, runtime: str, threads: int) -> dict[str, float]:
    """Seconds of one network's pass over the training pictures, into a store that is empty."""
    import hashlib

    import numpy as np

    from headstart.backbones.pretrained.find import BackboneOptions, find_card
    from headstart.backbones.pretrained.load import load_card
    from headstart.data.inputs import Files
    from headstart.data.modalities import modality
    from headstart.engine.activations.address import network_space
    from headstart.engine.activations.store import Store
    from headstart.engine.feature_pass import Extraction, run_pass
    from headstart.runtimes.choice import settled

    model, _, size = candidate.partition(":")
    files = pictures_of(folder)
    inputs = Files(files)
    keys = np.stack([np.frombuffer(hashlib.sha256(inputs.read(row)).digest(), np.uint8) for row in range(len(files))])
    options = BackboneOptions.parse({"image_size": (int(size), int(size))} if size else {}, candidate)
    backbone = load_card(find_card(model, options))
    preparer = modality(backbone.modality).preparer(backbone.preprocessing, backbone.assets)
    name, precision = runtime.split()
    choice = settled(name, precision, threads, 32)
    with tempfile.TemporaryDirectory() as cache:
        stop = len(backbone.stages)
        compute = choice.prepare(backbone, 0, stop, Path(cache))
        compute(np.stack([preparer.prepare(inputs.read(row)) for row in range(min(32, len(files)))]))
        space = network_space(
            name=backbone.name, weights_digest=backbone.weights_digest(stop), stage=stop,
            preparer_address=preparer.address(), runtime=choice.address(),
        )  # fmt: skip
        with Store.open(None) as store:
            extraction = Extraction("features", space, backbone.feature_dim, compute, store.missing(space, keys))
            began = time.perf_counter()
            run_pass(inputs, keys, preparer, [extraction], store, workers=threads, batch_size=choice.batch_size)
            return {"seconds": time.perf_counter() - began, "pictures": len(files)}


def passes(ranking: dict[str, Any], candidates: Sequence[str], folder: Path, threads: int) -> dict[str, float]:
    """Seconds of every candidate's pass, each in a process of its own, by the runtime that the ranking chose."""
    chosen = {name_of(row): row["runtime"] for row in ranking["candidates"]}
    found = {}
    for each in candidates:
        command = [sys.executable, __file__, "--one-pass", each, "--folder", folder, "--runtime", chosen[each]]
        done = subprocess.run(
            [*map(str, command), "--threads", str(threads)],
            env={**os.environ, **runs.environment_of(threads)}, capture_output=True, text=True, check=True,
        )  # fmt: skip
        found[each] = round(json.loads(done.stdout)["seconds"], 3)
    return found


def measured(folder: Path, candidates: Sequence[str], cache: Path, threads: int) -> dict[str, Any]:
    """One repeat."""
    shutil.rmtree(cache, ignore_errors=True)
    document, cold = rank(folder, candidates, cache, threads)
    _, again = rank(folder, candidates, cache, threads)
    shutil.rmtree(cache, ignore_errors=True)
    return {
        "wall_seconds": round(cold, 2),
        "again_seconds": round(again, 2),
        "passes": passes(document, candidates, folder, threads),
        "runtimes": {name_of(row): row["runtime"] for row in document["candidates"]},
        "pictures": len(pictures_of(folder)),
    }


def summary(records: Sequence[Record]) -> dict[str, Any]:
    """Medians over the repeats, and whether the promises hold.

    >>> found = summary([{"wall_seconds": 24.0, "again_seconds": 5.0, "passes": {"a": 12.0, "b": 8.0}}])
    >>> found["ratio"], found["met"]
    (1.2, {'ratio': True, 'again': True})
    """
    sums = [sum(record["passes"].values()) for record in records]
    ratios = [record["wall_seconds"] / total for record, total in zip(records, sums, strict=True)]
    ratio, again = statistics.median(ratios), statistics.median(record["again_seconds"] for record in records)
    return {
        "ranking_seconds": statistics.median(record["wall_seconds"] for record in records),
        "passes_seconds": statistics.median(sums),
        "ratio": ratio,
        "ratios": [round(each, 3) for each in ratios],
        "again_seconds": again,
        "met": {"ratio": ratio <= MOST, "again": again <= AGAIN},
    }


def report(records: Sequence[Record], candidates: Sequence[str], out: Path) -> None:
    """Tables, and everything behind them."""
    found = summary(records)
    rows = [
        (each, records[0]["runtimes"][each], f"{statistics.median(record['passes'][each] for record in records):.1f}")
        for each in candidates
    ]
    met = {True: "yes", False: "no"}
    promises = [
        ("ranking over the sum of the passes", f"at most {MOST}", f"{found['ratio']:.2f}", met[found["met"]["ratio"]]),
        ("ranking again", f"at most {AGAIN:.0f} s", f"{found['again_seconds']:.1f} s", met[found["met"]["again"]]),
    ]
    pictures = records[0]["pictures"]
    text = "\n\n".join(
        [
            f"{len(candidates)} candidates on {pictures:,} pictures, median of {len(records)}: ranked in "
            f"{found['ranking_seconds']:.1f} s, their passes alone {found['passes_seconds']:.1f} s, ranked again in "
            f"{found['again_seconds']:.1f} s",
            tables.markdown(("candidate", "runtime", "pass, s"), rows),
            tables.markdown(("promise", "target", "measured", "met"), promises),
        ]
    )
    print(f"\n{text}")
    lines.write_json(out / "ranking_cost.json", {"machine": machine.describe(), "summary": found, "runs": records})
    (out / "ranking_cost.md").write_text(text + "\n")


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--data", type=Path, help="folder that holds cifar10_small")
    parser.add_argument("--candidates", type=lambda text: text.split(","), default=list(TEN))
    parser.add_argument("--per-class", type=int, default=PER_CLASS, help="training pictures of each of ten classes")
    parser.add_argument("--repeats", type=int, default=3)
    parser.add_argument("--threads", type=int, default=2)
    parser.add_argument("--work", type=Path, default=lines.BUILD, help="folder for pictures, caches and results")
    parser.add_argument("--out", type=Path, default=lines.RESULTS)
    parser.add_argument("--one-pass", help="measure one candidate's pass and print it as JSON")
    parser.add_argument("--folder", type=Path, help="of the pictures of --one-pass")
    parser.add_argument("--runtime", help="of --one-pass, for example 'openvino bfloat16'")
    args = parser.parse_args()
    if args.one_pass:
        print(json.dumps(one_pass(args.one_pass, args.folder, args.runtime, args.threads)))
        return
    if args.data is None:
        parser.error("--data must name the folder that holds cifar10_small")
    lines.stoppable()
    work = args.work.resolve()
    folder = first_of_each(args.data.resolve() / SET, work / "splits" / f"{SET}_{args.per_class}", args.per_class)
    found = lines.Lines(work / "ranking_cost.jsonl")
    names = [f"{args.per_class} a class, {len(args.candidates)} candidates, {turn}" for turn in range(args.repeats)]
    for name in names:
        if found.wants(name):
            result = measured(folder, args.candidates, work / "ranking_cost" / "cache", args.threads)
            found.add({"name": name, "ok": True, **result})
    by_name = {record["name"]: record for record in found.read() if record["ok"]}
    report([by_name[name] for name in names], args.candidates, args.out)


if __name__ == "__main__":
    from headstart.runtimes.process_settings import settle_process

    settle_process()
    main()
