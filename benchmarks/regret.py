"""The regret of ``headstart fit --minutes 3``: how far it stays below an oracle that picks from a committed grid.

    python benchmarks/regret.py --data DATA --grid      # untimed, niced, on any machine
    python benchmarks/regret.py --data DATA --fits      # as a user types it, from a fresh cache; on a quiet machine
    python benchmarks/regret.py --data DATA --summary   # the tables again

The oracle is the candidate that is best on one half of the test, scored on the other, both ways. Results are appended
to WORK/regret_grid.jsonl and WORK/regret_fits.jsonl after every candidate and run; what is there is not run again.
Writes ``results/regret.json`` and ``.md``. See README.md.
"""

from __future__ import annotations

import argparse
import json
import shutil
import sys
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from comparison import environments, lines, machine, processes, regret_summary, runs, tools
from comparison.records import Record
from comparison.regret_grid import GRIDS
from comparison.regret_sets import SETS

SEEDS = (0, 1, 2, 3, 4)
MINUTES = 3.0
GRID_FIT = environments.BENCHMARKS / "grid_fit.py"
LIMIT_SECONDS = 4 * 3600.0  # of a grid, on a busy machine


@dataclass(frozen=True)
class Place:
    """Where things are, and what every process is given."""

    data: Path
    work: Path
    threads: int

    def folder(self, name: str, seed: int) -> Path:
        """The split that both the grid and the fit read."""
        return SETS[name].folder(self.data, self.work, seed)

    def fresh(self, kind: str, name: str, seed: int) -> Path:
        """An empty folder for what a process writes."""
        out = self.work / "regret" / kind / name / str(seed)
        shutil.rmtree(out, ignore_errors=True)
        out.mkdir(parents=True)
        return out

    def run(self, command: list[Any], cache: Path, log: Path, nice: int) -> processes.Measured:
        """As a whole process, with a cache of its own."""
        environment = runs.environment_of(self.threads) | {"HEADSTART_CACHE": str(cache)}
        text = [str(part) for part in command]
        return processes.run(text, environment=environment, log=log, limit_seconds=LIMIT_SECONDS, nice=nice)


def run_grid(place: Place, name: str, seed: int, most: int | None) -> None:
    """What is missing of one set and seed, in one process; the features stay kept until all is there."""
    found, prefix = lines.Lines(place.work / "regret_grid.jsonl"), f"{name}/{seed}"
    grid = GRIDS[SETS[name].kind][:most]
    done = {record["name"] for record in found.read() if record["ok"]}
    if all(f"{prefix}/{entry.name}" in done for entry in grid):
        return
    print(f"{prefix}: the grid ...", flush=True)
    out, cache = place.fresh("grid", name, seed), place.work / "regret" / "cache" / name / str(seed)
    command = [sys.executable, GRID_FIT, found.path, place.folder(name, seed), "--prefix", prefix, "--out", out / "run"]
    command += ["--grid", SETS[name].kind, "--seed", seed, "--threads", place.threads]
    command += ["--most", most] if most else []
    measured = place.run(command, cache, out / "log.txt", nice=19)
    if measured.rc == 0:
        shutil.rmtree(cache, ignore_errors=True)
    else:
        print(f"    FAILED, exit code {measured.rc}: {runs.last_line(out / 'log.txt')}", flush=True)
    shutil.rmtree(out / "run", ignore_errors=True)
    print(f"    {measured.wall_seconds:.0f} s, {measured.cpu_seconds:.0f} CPU s", flush=True)


def run_fit(place: Place, headstart: Path, name: str, seed: int, minutes: float) -> None:
    """One fit as a user types it, and what it gets right of the test."""
    found, record = lines.Lines(place.work / "regret_fits.jsonl"), {"set": name, "seed": seed, "minutes": minutes}
    record = {"name": f"{name}/{seed}/{minutes:g}", **record}
    if not found.wants(record["name"]):
        return
    out, data = place.fresh("fits", name, seed), place.folder(name, seed)
    given = ["--minutes", f"{minutes:g}"]
    command = tools.headstart_command(headstart, data, out / "run", place.threads, seed, *given)
    measured = place.run(command, out / "cache", out / "log.txt", nice=0)
    failure = None if measured.rc == 0 else f"exit code {measured.rc}: {runs.last_line(out / 'log.txt')}"
    result = {} if failure else {**shipped(out / "run"), **race(out / "run")}
    shutil.rmtree(out / "cache", ignore_errors=True)
    cost = {"wall_seconds": round(measured.wall_seconds, 1), "cpu_seconds": round(measured.cpu_seconds, 1)}
    cost |= {"other_cpu_fraction": round(measured.other_cpu_fraction, 3)}
    found.add({**record, "ok": failure is None, "failure": failure, **result, **cost})


def shipped(run: Path) -> dict[str, Any]:
    """What the predictions get right, in the order of the ids of the test examples."""
    import pyarrow.parquet
    from grid_fit import digest

    table = pyarrow.parquet.read_table(run / "predictions" / "test.parquet").to_pydict()
    order = np.argsort([str(name) for name in table["id"]])
    right = np.asarray(table["prediction"]) == np.asarray(table["target"])
    return {"ids": digest([str(name) for name in table["id"]]), "right": right[order].astype(int).tolist()}


def race(run: Path) -> dict[str, Any]:
    """What shipped, and what the race was."""
    evidence = json.loads((run / "evidence.json").read_text())
    document = evidence.get("race", {})
    trials = [(trial["name"], trial["drawn"], trial["val_loss"]) for trial in document.get("trials", [])]
    return {
        "primary": evidence["primary"],
        "network": evidence["backbone"]["name"],
        "chosen": evidence["verdict"]["chosen"],
        "best": document.get("best"),
        "trials": trials,
    }


def report(args: argparse.Namespace, place: Place, out: Path) -> None:
    """Tables, and everything behind them."""
    sets, seeds, minutes, earlier_than = args.sets, args.seeds, args.minutes, args.beside
    grid = [run for run in lines.Lines(place.work / "regret_grid.jsonl").read() if _is_of(run, sets, seeds)]
    fits = [run for run in lines.Lines(place.work / "regret_fits.jsonl").read() if _is_of(run, sets, seeds)]
    fits = [run for run in fits if run["minutes"] == minutes]
    earlier = json.loads(earlier_than.read_text())["runs"] if earlier_than else []
    found = regret_summary.Outcomes(grid, fits, earlier)
    failed = [f"{run['name']}: {run['failure']}" for run in [*grid, *fits] if not run["ok"]]
    text = "\n\n".join([*regret_summary.tables_of(found, minutes), *failed])
    print(f"\n{text}")
    document = {"machine": machine.describe(), "minutes": minutes, **regret_summary.document(found, minutes)}
    lines.write_json(out / "regret.json", document)
    (out / "regret.md").write_text(text + "\n")


def _is_of(run: Record, sets: list[str], seeds: list[int]) -> bool:
    name, seed, _ = run["name"].split("/", 2)
    return name in sets and int(seed) in seeds


def parse() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--data", type=Path, required=True, help="folder that holds the sets")
    mode = parser.add_mutually_exclusive_group(required=True)
    mode.add_argument("--grid", action="store_true", help="untimed, niced: every candidate of the grid")
    mode.add_argument("--fits", action="store_true", help="fits with --minutes; nothing else should run")
    mode.add_argument("--summary", action="store_true", help="run nothing, print what is there")
    parser.add_argument("--sets", type=lambda text: text.split(","), default=list(SETS))
    parser.add_argument("--seeds", type=lambda text: [int(part) for part in text.split(",")], default=list(SEEDS))
    parser.add_argument("--minutes", type=float, default=MINUTES, help="that a fit is given")
    parser.add_argument("--most", type=int, help="candidates of the grid: only to try this program out")
    parser.add_argument("--threads", type=int, default=2)
    parser.add_argument("--headstart", type=Path, help="the executable; default: beside this Python")
    parser.add_argument("--work", type=Path, default=lines.BUILD, help="folder for splits, runs and results")
    parser.add_argument("--beside", type=Path, help="a regret.json whose other sets and seeds the tables hold too")
    parser.add_argument("--out", type=Path, default=lines.RESULTS, help="folder for regret.json and regret.md")
    return parser.parse_args()


def main() -> None:
    args = parse()
    lines.stoppable()
    place = Place(args.data.resolve(), args.work.resolve(), args.threads)
    headstart = (args.headstart or Path(sys.executable).with_name("headstart")).absolute()
    for seed in args.seeds:
        for name in args.sets:
            if args.grid:
                run_grid(place, name, seed, args.most)
            elif args.fits:
                run_fit(place, headstart, name, seed, args.minutes)
    report(args, place, args.out)


if __name__ == "__main__":
    main()
