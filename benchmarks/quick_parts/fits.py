"""Whole fits of the photographs in the repository, cold and again, and epochs with a kept boundary."""

from __future__ import annotations

import json
import os
import statistics
import subprocess
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from comparison import environments, lines, processes, runs

from quick_parts.ratio import Ratio

PHOTOS = environments.BENCHMARKS.parent / "examples" / "clothing"
THREADS = 2
TRAINED = ["--method", "lp_ft", "--set", "method.epochs=2", "--set", "method.views=1", "--set", "guard=false"]
SHALLOW, WHOLE = ["--set", "method.freeze=5"], ["--set", "method.freeze=0"]
ONE_PASS = """
import sys, time
from pathlib import Path
import numpy as np, torch
from headstart.backbones.pretrained.find import load
from headstart.data.modalities import modality

torch.set_num_threads(int(sys.argv[2]))
backbone = load("efficientnet_lite0")
preparer = modality("image").preparer(backbone.preprocessing, backbone.assets)
files = [path for path in sorted(Path(sys.argv[1]).rglob("*")) if path.suffix in (".jpg", ".png")]
began = time.perf_counter()
with torch.inference_mode():
    for low in range(0, len(files), 32):
        pixels = np.stack([preparer.prepare(path.read_bytes()) for path in files[low : low + 32]])
        backbone(torch.from_numpy(pixels))
print(time.perf_counter() - began)
"""


def _fit(out: Path, cache: Path, arguments: Sequence[str] = ()) -> tuple[processes.Measured, dict[str, Any]]:
    measured, failure = lines.fit(out, PHOTOS, cache, arguments, THREADS)
    if failure:
        raise RuntimeError(f"a fit of {PHOTOS.name} must end well; {failure}.")
    return measured, json.loads((out / "run" / "evidence.json").read_text())


def _cold(work: Path) -> float:
    """The whole command over one pass of plain PyTorch through the same network: what nobody can do without."""
    whole, _ = _fit(work / "fit", work / "cache")
    environment = runs.environment_of(THREADS)
    command = [sys.executable, "-c", ONE_PASS, str(PHOTOS), str(THREADS)]
    done = subprocess.run(command, env={**os.environ, **environment}, capture_output=True, text=True, check=True)
    return whole.wall_seconds / float(done.stdout)


def _again(work: Path) -> float:
    cold, _ = _fit(work / "fit", work / "cache")
    again, _ = _fit(work / "again", work / "cache")
    return again.wall_seconds / cold.wall_seconds


def _kept_epoch(work: Path) -> float:
    """Epochs above a kept boundary over epochs through the whole network."""
    seconds = []
    for number, depth in enumerate((SHALLOW, WHOLE)):
        _, evidence = _fit(work / f"fit{number}", work / "cache", [*TRAINED, *depth])
        (training,) = evidence["cost"]["training"].values()
        seconds.append(statistics.fmean(epoch["cpu_seconds"] for epoch in training["epochs"]))
    return seconds[0] / seconds[1]


COLD = Ratio("cold", "`headstart fit` from nothing over one plain PyTorch pass of the same pictures", _cold)
AGAIN = Ratio("again", "`headstart fit` a second time over the first", _again)
KEPT_EPOCH = Ratio("kept_epoch", "an epoch above a kept boundary over one through the whole network", _kept_epoch)
