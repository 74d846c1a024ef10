"""How long does an audit of 10,000 pictures take once a network has seen them, and in how much memory?

    python benchmarks/audit_size.py --data DATA [--pictures 10000]

The pictures are crops, mirrored or not, of those of ``cifar10_small`` and ``clothing_small`` (class names of both),
enlarged or reduced to 64 pixels. One audit fills the cache, the next one is measured as a whole process, imports
included: wall and processor seconds, peak memory, and how long each check took. Writes ``results/audit_size.json``.
"""

from __future__ import annotations

import argparse
import io
import json
import random
import re
import shutil
import sys
from pathlib import Path
from typing import Any

from comparison import lines, machine, processes, runs, splits
from PIL import Image

SETS = ("cifar10_small", "clothing_small")
MOST_SECONDS, MOST_MIB = 60.0, 2048.0
SIDE = 64
CROPPED = (0.6, 0.9)  # of both sides
LIMIT_SECONDS = 7200.0
TOOK = re.compile(r"audit: (\w+) took ([\d.]+) s")


def make(data: Path, folder: Path, count: int) -> Path:
    """``count`` pictures in class folders, the same on every call."""
    if folder.is_dir():
        return folder
    partial = folder.with_name(f".{folder.name}.partial")
    shutil.rmtree(partial, ignore_errors=True)
    sources = [
        (name, path) for each in SETS for name, files in splits.pooled(data / each).items() for path in files.values()
    ]
    rng = random.Random(0)
    for number in range(count):
        name, path = sources[number % len(sources)]
        (partial / name).mkdir(parents=True, exist_ok=True)
        (partial / name / f"{number:05d}.jpg").write_bytes(changed(path.read_bytes(), rng))
    partial.rename(folder)
    return folder


def changed(content: bytes, rng: random.Random) -> bytes:
    """A crop, mirrored every other time, of ``SIDE`` pixels."""
    picture = Image.open(io.BytesIO(content)).convert("RGB")
    width, height = (max(1, round(side * rng.uniform(*CROPPED))) for side in picture.size)
    left, top = rng.randint(0, picture.width - width), rng.randint(0, picture.height - height)
    crop = picture.crop((left, top, left + width, top + height)).resize((SIDE, SIDE), Image.Resampling.BICUBIC)
    stream = io.BytesIO()
    (crop.transpose(Image.Transpose.FLIP_LEFT_RIGHT) if rng.random() < 0.5 else crop).save(stream, "JPEG", quality=85)
    return stream.getvalue()


def audited(folder: Path, place: Path, threads: int) -> dict[str, Any]:
    """One whole process."""
    shutil.rmtree(place / "audit", ignore_errors=True)
    command = [sys.executable, "-m", "headstart", "audit", folder, "--out", place / "audit", "--threads", threads]
    measured = processes.run(
        [*map(str, command), "--no-examples", "--debug"],
        environment=runs.environment_of(threads) | {"HEADSTART_CACHE": str(place / "cache")},
        log=place / "log.txt",
        limit_seconds=LIMIT_SECONDS,
    )
    if measured.rc:
        raise SystemExit(f"headstart audit ended with {measured.rc}: {runs.last_line(place / 'log.txt')}")
    document = json.loads((place / "audit" / "audit.json").read_text())
    return {
        "wall_seconds": round(measured.wall_seconds, 1),
        "cpu_seconds": round(measured.cpu_seconds, 1),
        "peak_memory_mib": round(measured.peak_memory_mib),
        "other_cpu_fraction": round(measured.other_cpu_fraction, 2),
        "seconds_of_checks": {name: float(took) for name, took in TOOK.findall((place / "log.txt").read_text())},
        "findings": [each["id"] for each in document["findings"]],
    }


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--data", type=Path, required=True, help="folder that holds the sets")
    parser.add_argument("--pictures", type=int, default=10_000)
    parser.add_argument("--threads", type=int, default=2)
    parser.add_argument("--work", type=Path, default=lines.BUILD, help="folder for pictures and the cache")
    parser.add_argument("--out", type=Path, default=lines.RESULTS)
    args = parser.parse_args()
    lines.stoppable()
    place = args.work.resolve() / "audit_size"
    place.mkdir(parents=True, exist_ok=True)
    folder = make(args.data.resolve(), place / f"pictures_{args.pictures}", args.pictures)
    found = {"cold": audited(folder, place, args.threads), "kept": audited(folder, place, args.threads)}
    kept = found["kept"]
    document = {
        "machine": machine.describe(),
        "pictures": args.pictures,
        "targets": {"wall_seconds": MOST_SECONDS, "peak_memory_mib": MOST_MIB},
        "met": kept["wall_seconds"] <= MOST_SECONDS and kept["peak_memory_mib"] <= MOST_MIB,
        **found,
    }
    lines.write_json(args.out / "audit_size.json", document)
    print(json.dumps(document, indent=1))


if __name__ == "__main__":
    main()
