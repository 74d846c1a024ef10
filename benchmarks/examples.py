"""Run the jobs of ``jobs/catalogue.py`` as a user would, and write a page for each.

``python benchmarks/examples.py --data DATA [--only NAME ...] [--untimed] [--work FOLDER] [--pages docs/examples]``

Every job runs in a process of its own with a fresh cache. Results go to ``results/examples.json``.
"""

from __future__ import annotations

import argparse
import json
import os
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from typing import Any

sys.path.insert(0, str(Path(__file__).parent))

from jobs.catalogue import JOBS, Job
from jobs.pages import index, page

HERE = Path(__file__).parent
ROOT = HERE.parent


def main() -> None:
    """Run what was asked for, then write pages for all that has a result."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--data", type=Path, required=True, help="Folder with the data sets.")
    parser.add_argument("--only", nargs="*", default=None, help="Names of jobs; default: all.")
    parser.add_argument("--work", type=Path, default=ROOT / "build" / "examples", help="Where runs are written.")
    parser.add_argument("--pages", type=Path, default=ROOT / "docs" / "examples")
    parser.add_argument("--untimed", action="store_true", help="Other work runs beside: seconds would say nothing.")
    options = parser.parse_args()
    place = HERE / "results" / "examples.json"
    results = json.loads(place.read_text()) if place.exists() else {}
    for job in JOBS:
        if options.only is None or job.name in options.only:
            results[job.name] = run(job, options.data.resolve(), options.work.resolve())
            if options.untimed:
                results[job.name]["seconds"] = None
            place.write_text(json.dumps(results, indent=1, ensure_ascii=False) + "\n")
            print(job.name, results[job.name].get("sentence", results[job.name].get("error")), flush=True)
    write_pages(results, options.pages)


def run(job: Job, data: Path, work: Path) -> dict[str, Any]:
    """One fit; what is kept of it for the page."""
    source = data / job.data if job.make is None else job.make(data, work / "made" / job.name)
    out = work / "runs" / job.name
    subprocess.run(["rm", "-rf", str(out)], check=True)
    command = [str(Path(sys.executable).with_name("headstart")), "fit", str(source), *job.options, "--out", str(out)]
    environment = {key: value for key, value in os.environ.items() if key != "OPENBLAS_CORETYPE"}
    with tempfile.TemporaryDirectory(prefix="headstart-cache-") as cache:
        began = time.perf_counter()
        done = subprocess.run(
            [*command, "--json"], env={**environment, "HEADSTART_CACHE": cache}, capture_output=True, text=True,
            check=False,
        )  # fmt: skip
        seconds = time.perf_counter() - began
    if done.returncode:
        return {"error": done.stderr.strip()[-600:], "exit_code": done.returncode}
    document = json.loads(done.stdout)
    evidence, plan = document["evidence"], json.loads((out / "plan.json").read_text())
    return {
        "sentence": document["sentence"],
        "seconds": round(seconds, 1),
        "task": evidence["task"],
        "primary": evidence["primary"],
        "n": evidence["n"],
        "test": {name: value for name, value in evidence["test"].items() if name != "per_class"},
        "comparisons": evidence["comparisons"],
        "verdict": evidence["verdict"],
        "note": evidence.get("decision", {}).get("note"),
        "slices": evidence.get("slices"),
        "warnings": evidence["warnings"],
        "notes": [note.replace(str(data), "DATA").replace(str(work), "WORK") for note in plan["notes"]],
    }


def write_pages(results: dict[str, Any], pages: Path) -> None:
    """One page for each job with a result, and an index."""
    pages.mkdir(parents=True, exist_ok=True)
    done = [job for job in JOBS if "sentence" in results.get(job.name, {})]
    for job in done:
        (pages / f"{job.name}.md").write_text(page(job, results[job.name]), encoding="utf-8")
    (pages / "README.md").write_text(index(done, results), encoding="utf-8")


if __name__ == "__main__":
    main()
