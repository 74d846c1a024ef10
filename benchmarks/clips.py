"""Anonymous memory and speed of everything that happens to many recordings before a model is solved.

    python benchmarks/clips.py [--clips 100000] [--runtime openvino] [--longest 1.5] [--quick]

Every clip is another one, made when it is read: a stretch of noise and gliding tones at 8 kHz, 0.1 s to --longest
seconds, as a 16-bit WAV file; nothing of them is kept. They take the way that `headstart fit` takes: headers are looked
at and bytes hashed; all are decoded, resampled and padded; the embedded speech network runs over them and features and
fingerprints are kept; near-duplicates are grouped (stretches that overlap are some). RssAnon of /proc/self/status is
sampled by a thread. Results go to
``results/clips.json``.
"""

from __future__ import annotations

import argparse
import hashlib
import json
import struct
import tempfile
import threading
import time
from pathlib import Path

from headstart.runtimes.process_settings import settle_process

settle_process()

import numpy as np  # noqa: E402  # after settle_process

from headstart.backbones.pretrained.find import load  # noqa: E402
from headstart.core.resources import cpu_count  # noqa: E402
from headstart.data.modalities import modality  # noqa: E402
from headstart.engine.activations.address import Space  # noqa: E402
from headstart.engine.activations.store import Store  # noqa: E402
from headstart.engine.feature_pass import Extraction, run_pass  # noqa: E402
from headstart.runtimes.contract import DEFAULT_BATCH_SIZE, runtime  # noqa: E402

MIB = 1 << 20
RATE = 8000
POOL_SECONDS = 600
RESULTS = Path(__file__).parent / "results" / "clips.json"


class Synthetic:
    """Clips made when they are read, a different one for each row, the same each time."""

    def __init__(self, count: int, longest_seconds: float) -> None:
        self.count, self.longest = count, int(longest_seconds * RATE)
        rng = np.random.default_rng(0)
        length = POOL_SECONDS * RATE
        self.pool = rng.normal(0, 300, length)
        for _ in range(8):
            steps = rng.uniform([100, 0.0], [3000, 1.0], (POOL_SECONDS * 4, 2))  # a pitch and a loudness every 250 ms
            hertz, loud = (np.interp(np.arange(length), np.arange(len(steps)) * RATE / 4, each) for each in steps.T)
            self.pool += 1500 * loud * np.sin(2 * np.pi * np.cumsum(hertz) / RATE)

    def __len__(self) -> int:
        return self.count

    def read(self, i: int) -> bytes:
        """A WAV file's bytes: a stretch of the pool that no other row has, at a loudness of its own."""
        rng = np.random.default_rng(i)
        length = int(rng.integers(RATE // 10, self.longest + 1))
        start = int(rng.integers(len(self.pool) - length))
        wave = (self.pool[start : start + length] * rng.uniform(0.2, 1.0)).astype("<i2")
        wave[0], wave[1] = i & 0x7FFF, i >> 15  # no two files are equal
        data = wave.tobytes()
        form = struct.pack("<4sIHHIIHH", b"fmt ", 16, 1, 1, RATE, 2 * RATE, 2, 16)
        return (
            struct.pack("<4sI4s", b"RIFF", 36 + len(data), b"WAVE")
            + form
            + struct.pack("<4sI", b"data", len(data))
            + data
        )

    def name(self, i: int) -> str:
        """The row's number."""
        return str(i)


def anonymous_mib() -> float:
    for line in Path("/proc/self/status").read_text().splitlines():
        if line.startswith("RssAnon:"):
            return int(line.split()[1]) / 1024  # kB
    raise SystemExit("this system does not tell RssAnon")


class Peak:
    """Largest anonymous memory while it runs."""

    def __enter__(self) -> Peak:
        self.mib, self._done = anonymous_mib(), threading.Event()
        self._thread = threading.Thread(target=self._sample, daemon=True)
        self._thread.start()
        return self

    def _sample(self) -> None:
        while not self._done.wait(0.02):
            self.mib = max(self.mib, anonymous_mib())

    def __exit__(self, *_: object) -> None:
        self._done.set()
        self._thread.join()
        self.mib = max(self.mib, anonymous_mib())


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--clips", type=int, default=100_000)
    parser.add_argument("--longest", type=float, default=1.5, help="seconds")
    parser.add_argument("--runtime", default="openvino")
    parser.add_argument("--quick", action="store_true", help="3,000 clips, nothing written")
    arguments = parser.parse_args()
    n = 3_000 if arguments.quick else arguments.clips
    backbone, sound, inputs = load("speech_embedding"), modality("sound"), Synthetic(n, arguments.longest)
    preparer = sound.preparer(backbone.preprocessing, backbone.assets)
    found: dict[str, object] = {"clips": n, "longest_seconds": arguments.longest, "runtime": arguments.runtime}
    with tempfile.TemporaryDirectory() as folder:
        compute = runtime(arguments.runtime, "float32").prepare(
            backbone, 0, len(backbone.stages), DEFAULT_BATCH_SIZE, cpu_count(), Path(folder)
        )
        compute(backbone.example(2))
        found["mib_before"] = round(anonymous_mib())
        with Peak() as peak:
            began = time.perf_counter()
            keys, sizes = np.empty((n, 32), np.uint8), np.empty((n, 2), np.int64)
            for row in range(n):
                content = inputs.read(row)
                keys[row] = np.frombuffer(hashlib.sha256(content).digest(), np.uint8)
                sizes[row] = sound.look(content)
            looked = time.perf_counter()
            features, marks = Space({"kind": "features"}), Space({"kind": "marks"})
            with Store.open(Path(folder) / "store") as store:
                wanted = np.ones(n, bool)
                extractions = [
                    Extraction("features", features, backbone.feature_dim, compute, wanted),
                    Extraction("marks", marks, sound.fingerprint_dim, sound.fingerprint, wanted),
                ]
                result = run_pass(inputs, keys, preparer, extractions, store)
                passed = time.perf_counter()
                groups = sound.near_duplicates(keys, store.read(marks, keys))
                array = store.read(features, keys)
            done = time.perf_counter()
        assert not result.failures and np.isfinite(array).all()
    found |= {
        "mib_peak": round(peak.mib),
        "mib_of_features_and_fingerprints": round(n * (backbone.feature_dim + sound.fingerprint_dim) * 4 / MIB),
        "seconds": {
            "reading": round(looked - began, 1),
            "pass": round(passed - looked, 1),
            "near_duplicates": round(done - passed, 1),
        },
        "clips_per_second_of_pass": round(n / (passed - looked), 1),
        "near_duplicate_groups": len(np.unique(groups)),
        "processors": cpu_count(),
    }
    print(json.dumps(found, indent=2))
    if not arguments.quick:
        RESULTS.write_text(json.dumps({"schema": 1, **found}, indent=2) + "\n", encoding="utf-8")


if __name__ == "__main__":
    main()
