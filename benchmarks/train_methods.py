"""Every train method by one command: what it takes, what it reaches, and what ships.

    python benchmarks/train_methods.py --data DATA [--sets clothing_small,trec] [--methods lp_ft,lora]

``headstart fit FOLDER --method NAME`` for each, at its defaults (or with ``--epochs``), each from a fresh cache. Runs
are appended to WORK/train_methods.jsonl and not repeated; writes ``results/train_methods.json`` and the table of the
docs, ``results/train_methods.md``.
"""

from __future__ import annotations

import argparse
import shutil
from collections.abc import Iterable
from pathlib import Path
from typing import Any

from comparison import lines, machine, tables
from comparison.records import Record
from comparison.tools import tuning_result
from comparison.tuning_sets import SUBJECTS

SETS = ("clothing_small", "trec")


def options_of(method: str, epochs: int | None) -> dict[str, Any]:
    """Settings of one command; the epochs of a soup are a multiple of its three trials."""
    if epochs is None:
        return {}
    return {"epochs": 3 * -(-epochs // 3) if method == "greedy_soup" else epochs}


def row(run: Record) -> list[str]:
    """Of the table."""
    method = run["method"]
    facts, names = run["training"][method], run["candidates"]
    frozen = f"{facts['freeze']} stages" if facts["freeze"] else "nothing"
    kept = f", kept views: {facts['views'] or 1}" if facts["keep"] else ""
    shipped = "itself" if run["chosen"] == method else f"`{run['chosen']}`"
    seconds, own, probe = f"{run['wall_seconds']:.0f}", f"{names[method]:.3f}", f"{names['linear_probe']:.3f}"
    return [run["set"], f"`{method}`", f"{frozen}{kept}", f"{facts['lr']:.1e}", seconds, own, probe, shipped]


def table(runs: Iterable[Record]) -> str:
    """For the docs."""
    header = ("data", "method", "frozen", "rate", "seconds", "its accuracy", "the probe's", "shipped")
    return tables.markdown(header, map(row, runs))


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--data", type=Path, required=True, help="folder that holds the sets")
    parser.add_argument("--sets", type=lambda text: text.split(","), default=list(SETS))
    parser.add_argument("--methods", type=lambda text: text.split(","), help="only these")
    parser.add_argument("--epochs", type=int, help="of each method; default: its own")
    parser.add_argument("--threads", type=int, default=2)
    parser.add_argument("--work", type=Path, default=lines.BUILD, help="folder for splits, runs and results")
    parser.add_argument("--out", type=Path, default=lines.RESULTS)
    args = parser.parse_args()
    lines.stoppable()
    work = args.work.resolve()
    found = lines.Lines(work / "train_methods.jsonl")
    for name in args.sets:
        for method in args.methods or lines.train_methods():
            if not found.wants(f"{name} {method}"):
                continue
            data, out = SUBJECTS[name].folder(args.data.resolve(), work, 0), work / "train_methods" / name / method
            arguments = ["--method", method, *lines.set_options(options_of(method, args.epochs))]
            measured, failure = lines.fit(out, data, out / "cache", arguments, args.threads)
            shutil.rmtree(out / "cache", ignore_errors=True)
            result = {} if failure else tuning_result(out / "run", out / "watched.json")
            record = {"name": f"{name} {method}", "set": name, "method": method, "ok": failure is None}
            record |= {"failure": failure, **result, "wall_seconds": round(measured.wall_seconds, 1)}
            found.add({**record, "peak_memory_mib": round(measured.peak_memory_mib)})
    records = found.read()
    failures = [f"{run['name']}: {run['failure']}" for run in records if not run["ok"]]
    lines.write_json(args.out / "train_methods.json", {"machine": machine.describe(), "runs": records})
    text = "\n\n".join([table(run for run in records if run["ok"]), *failures])
    (args.out / "train_methods.md").write_text(text + "\n")
    print(f"\n{text}")


if __name__ == "__main__":
    main()
