"""Anonymous memory of a whole ``headstart fit`` over many images.

    python benchmarks/fit_memory.py [--images 50000] [--classes 10]

Synthetic PNG files of 32 x 32 in class folders (seed 0): a colour per class under noise. The fit runs as a user types
it in a process of its own; RssAnon of /proc/PID/status is sampled ten times a second. Mapped files are not in it, since
the system can drop them at any moment. Writes ``results/fit_memory.json``.
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

import numpy as np
from PIL import Image

RESULTS = Path(__file__).resolve().parent / "results" / "fit_memory.json"
LIMIT_MIB = 1536
SIDE = 32


def make_images(folder: Path, count: int, classes: int) -> None:
    """Pictures whose class can be told and whose bytes all differ."""
    rng = np.random.default_rng(0)
    colours = rng.integers(60, 196, (classes, 3))
    for number in range(classes):
        (folder / f"class{number}").mkdir(parents=True)
    for row in range(count):
        number = row % classes
        pixels = np.clip(colours[number] + rng.normal(0, 60, (SIDE, SIDE, 3)), 0, 255).astype(np.uint8)
        Image.fromarray(pixels).save(folder / f"class{number}" / f"{row}.png", compress_level=1)


def anonymous_mib(pid: int) -> float:
    """RssAnon of a process now; 0 when it is gone."""
    try:
        status = Path(f"/proc/{pid}/status").read_text()
    except OSError:
        return 0.0
    lines = [line for line in status.splitlines() if line.startswith("RssAnon")]
    return int(lines[0].split()[1]) / 1024 if lines else 0.0


def fit_and_watch(data: Path, work: Path) -> tuple[float, float]:
    """Largest anonymous memory in MiB, and wall seconds."""
    command = [sys.executable, "-m", "headstart", "fit", str(data), "--out", str(work / "run"), "--no-examples"]
    began, peak = time.perf_counter(), 0.0
    process = subprocess.Popen(command, env={**os.environ, "HEADSTART_CACHE": str(work / "cache")})
    while process.poll() is None:
        peak = max(peak, anonymous_mib(process.pid))
        time.sleep(0.1)
    if process.returncode:
        raise SystemExit(f"headstart fit ended with {process.returncode}")
    return peak, time.perf_counter() - began


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--images", type=int, default=50_000)
    parser.add_argument("--classes", type=int, default=10)
    args = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        work = Path(folder)
        make_images(work / "images", args.images, args.classes)
        peak, seconds = fit_and_watch(work / "images", work)
    result = {"schema": 1, "images": args.images, "peak_anonymous_mib": round(peak), "wall_seconds": round(seconds, 1)}
    print(f"{args.images:,} images: {peak:,.0f} MiB anonymous at the peak (at most {LIMIT_MIB:,}), {seconds:,.0f} s")
    RESULTS.write_text(json.dumps(result, indent=2) + "\n")


if __name__ == "__main__":
    main()
