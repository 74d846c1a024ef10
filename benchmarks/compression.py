"""A fitted network made smaller: times as fast, times smaller, points lost; and 8-bit integers beside other quantizers.

    python benchmarks/compression.py --data DATA --nncf ENV/bin/python [--sets clothing_small ...] [--seeds 0 1 2]

Each set is split anew for each seed, fitted with a linear probe and compressed with ``--speedup 2 --max-drop 5`` on one
thread, by the commands that users type: of what is twice as fast the most accurate, whose loss the test tells. Times
are those of the network alone, against the network as it is in its fastest precision on the same runtime; ``end to
end`` is that of whole predictions from files. Writes ``results/compression.json``, ``.md`` and fronts; lines of what
is done are kept, so that it can go on. See README.md.
"""

from __future__ import annotations

import argparse
import json
import os
import shutil
import subprocess
import sys
import time
from pathlib import Path
from typing import Any

import numpy as np
from comparison import lines, machine
from compression_parts.fronts import drawing_of, front_of
from compression_parts.quantizers import quantized_by_each
from compression_parts.table import document_of, table_of

from headstart import bundle
from headstart.api.compressing_measuring import alike
from headstart.core.run_folder import RunFolder
from headstart.features.own_data import read_again

SETS = ("clothing_small", "magnetic_tile", "banking77", "spoken_digits")
PHOTOGRAPHS = ("clothing_small", "magnetic_tile")
SEEDS = (0, 1, 2)
FRONTS = """# Fronts of searches

Written by `compression.py` (see `../README.md`) with [what it says of the test](compression.md): every way that was
measured, and those that nothing else beats with the command that ships them. Points are of the primary metric on
held-out examples, with 95 % intervals; ``expected`` is the loss in the light of all ways. Searches asked for
{speedup:g} times the speed within {max_drop:g} points, on one thread. `squashed` sees all of a picture where the run
sees its middle: what tiles gain beside the model as it is, is mostly that.
"""
COMMANDS = """
## {set}

```bash
headstart fit DATA/{set} --method linear_probe --resplit --seed {seed} --out RUN --threads 1
headstart compress RUN --speedup {speedup} --max-drop {max_drop} {more}--out OUT --threads 1
```
"""
SPEEDUP, MAX_DROP = "2", "5"  # points: wide enough that something ships; what it loses is measured on the test
TIMED, ROUNDS = 64, 5  # inputs of a whole prediction, and how often


def by_of(name: str) -> str:
    """What must be as fast: many photographs at once; of others one input, too."""
    return "throughput" if name in PHOTOGRAPHS else "both"


def asked_of(name: str) -> tuple[str, ...]:
    """Options of a search beside the speed and the drop."""
    return ("--by", "throughput", "--smaller", "4") if name in PHOTOGRAPHS else ()


def command(*words: object) -> float:
    """Seconds of a command of Headstart on one thread; it may refuse."""
    environment = {name: value for name, value in os.environ.items() if name != "OPENBLAS_CORETYPE"}
    began = time.perf_counter()
    done = subprocess.run(  # noqa: S603 - our own program
        [sys.executable, "-m", "headstart", *map(str, words), "--threads", "1", "--quiet"],
        env=environment | {"OMP_NUM_THREADS": "1"}, capture_output=True, text=True, check=False,
    )  # fmt: skip
    if done.returncode not in (0, 4):
        raise RuntimeError(f"{' '.join(map(str, words))}: {done.stderr[-500:]}")
    return time.perf_counter() - began


def compressed(data: Path, place: Path, seed: int) -> dict[str, Any]:
    """One row: what the search found and what the test said of it."""
    run, small = place / "run", place / "small"
    if not (run / "report.html").exists():
        command("fit", data, "--method", "linear_probe", "--resplit", "--seed", seed, "--out", run)
    shutil.rmtree(small, ignore_errors=True)
    seconds = command(
        "compress", run, "--speedup", SPEEDUP, "--max-drop", MAX_DROP, *asked_of(data.name), "--out", small
    )
    evidence = json.loads((small / "evidence.json").read_text())
    section = evidence["compression"]
    point = next((each for each in section["points"] if each["name"] == section["chosen"]), None)
    found = {
        "seconds": round(seconds, 1), "chosen": section["chosen"], "why": section["why"], "target": section["target"],
        "points": section["points"], "skipped": section["skipped"], "primary": evidence["primary"],
    }  # fmt: skip
    if point is not None:
        found |= {"point": point, "test": section["test"], "end_to_end": end_to_end(run, small)}
    return found


def end_to_end(run: Path, small: Path) -> float:
    """Times as fast from the bytes of files to answers, in turns, the fastest of each; no input is kept."""
    dataset = read_again(RunFolder(run))
    assert not isinstance(dataset, str), dataset
    inputs = dataset.parts[0].inputs
    contents = [inputs.read(row) for row in range(min(TIMED, len(dataset)))]
    models = [bundle.read(path).predictor(threads=1) for path in (run, small)]
    best = np.full(2, np.inf)
    for _ in range(ROUNDS):
        for place, model in enumerate(models):
            began = time.perf_counter()
            if not model.passes:  # counted words
                model.outputs((), {part: contents for part in model.contents})
            for over in model.passes:
                for group in alike([over.preparer.prepare(each) for each in contents]):
                    model.outputs_of(over.compute(np.stack(group)))
            best[place] = min(best[place], time.perf_counter() - began)
    return round(float(best[0] / best[1]), 2)


def main() -> None:
    """Every set and seed, then the table."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--data", type=Path, required=True)
    parser.add_argument("--nncf", type=Path, required=True, help="Python of an environment with peers/nncf.txt")
    parser.add_argument("--sets", nargs="+", default=SETS)
    parser.add_argument("--seeds", type=int, nargs="+", default=SEEDS)
    parser.add_argument("--work", type=Path, default=lines.BUILD / "compression")
    parser.add_argument("--out", type=Path, default=lines.RESULTS)
    args = parser.parse_args()
    args.work.mkdir(parents=True, exist_ok=True)
    done = lines.Lines(args.work / "lines.jsonl")
    for seed in args.seeds:
        for name in args.sets:
            place = args.work / f"{name}-{seed}"
            if done.wants(f"{name}/{seed}"):
                done.add({"name": f"{name}/{seed}", "set": name, "seed": seed, "ok": True, "failure": None,
                          **compressed(args.data / name, place, seed)})  # fmt: skip
            if seed == args.seeds[0] and done.wants(f"{name}/quantizers"):
                done.add({"name": f"{name}/quantizers", "set": name, "ok": True, "failure": None,
                          "rows": quantized_by_each(place / "run", args.nncf)})  # fmt: skip
    document = {
        "machine": machine.describe(),
        "speedup": float(SPEEDUP),
        "max_drop": float(MAX_DROP),
        **document_of(done.read()),
    }
    lines.write_json(args.out / "compression.json", document)
    (args.out / "compression.md").write_text(table_of(document), encoding="utf-8")
    _draw_fronts(document, args.out)


def _draw_fronts(document: dict[str, Any], out: Path) -> None:
    """``compression_fronts.md`` and a drawing for each set, of its first seed."""
    told = [FRONTS.format(speedup=document["speedup"], max_drop=document["max_drop"])]
    first: dict[str, Any] = {}
    for each in document["runs"]:
        first.setdefault(each["set"], each)
    for run in first.values():
        drawing = drawing_of(run, document["max_drop"], by_of(run["set"]))
        told.append(
            COMMANDS.format(
                set=run["set"],
                seed=run["seed"],
                speedup=SPEEDUP,
                max_drop=MAX_DROP,
                more="".join(f"{each} " for each in asked_of(run["set"])),
            )
        )
        if drawing is not None:
            (out / f"compression_front_{run['set']}.svg").write_text(drawing, encoding="utf-8")
            told.append(f"![The front of {run['set']}](compression_front_{run['set']}.svg)\n")
        told += [*front_of(run), f"\n{run['why']}"]
    (out / "compression_fronts.md").write_text("\n".join(told) + "\n", encoding="utf-8")


if __name__ == "__main__":
    main()
