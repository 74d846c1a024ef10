"""Anonymous memory of a pass over many images, and of reading everything it kept.

    python benchmarks/store_memory.py [--images 50000] [--features 1280] [--quick]

Synthetic PNG files of 32 x 32, a stand-in for the network (a random projection), the real decoding, pass and store. The
allocator is set as a run sets it. RssAnon of /proc/self/status is sampled by a thread: mapped segment files are not in
it, since the system can drop them at any moment.
"""

from __future__ import annotations

import argparse
import hashlib
import io
import tempfile
import threading
import time
from pathlib import Path

from headstart.runtimes.process_settings import settle_process

settle_process()

import numpy as np  # noqa: E402  # after settle_process
from PIL import Image  # noqa: E402

from headstart.core.preprocessing import ImagePreprocessing  # noqa: E402
from headstart.data.modalities import modality  # noqa: E402
from headstart.engine.activations.address import Space  # noqa: E402
from headstart.engine.activations.store import Store  # noqa: E402
from headstart.engine.feature_pass import Extraction, run_pass  # noqa: E402

MIB = 1 << 20
LIMIT_MIB = 1536.0  # 1.5 GiB at 50,000 images
GROWTH = 2.5  # of N x D x 4 bytes, at most


class Synthetic:
    """Pictures made when they are read, a different one for each row."""

    def __init__(self, count: int) -> None:
        self.count = count
        self.noise = np.random.default_rng(0).integers(0, 256, (64, 32, 32, 3), dtype=np.uint8)

    def __len__(self) -> int:
        return self.count

    def read(self, i: int) -> bytes:
        """A PNG file's bytes."""
        picture = self.noise[i % 64].copy()
        picture[0, 0], picture[0, 1, 0] = (i & 255, i >> 8 & 255, i >> 16), i % 251
        stream = io.BytesIO()
        Image.fromarray(picture).save(stream, "PNG", compress_level=0)
        return stream.getvalue()

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
    parser.add_argument("--images", type=int, default=50_000)
    parser.add_argument("--features", type=int, default=1280)
    parser.add_argument("--quick", action="store_true", help="5,000 images")
    arguments = parser.parse_args()
    n, width = (5_000 if arguments.quick else arguments.images), arguments.features

    inputs = Synthetic(n)
    digests = (hashlib.sha256(inputs.read(i)).digest() for i in range(n))
    keys = np.frombuffer(b"".join(digests), np.uint8).reshape(n, 32)
    projection = np.random.default_rng(1).normal(size=(32 * 32 * 3, width)).astype(np.float32)

    def compute(pixels: np.ndarray) -> np.ndarray:
        return pixels.reshape(len(pixels), -1).astype(np.float32) @ projection

    space = Space({"kind": "benchmark"})
    preparer = modality("image").preparer(ImagePreprocessing(image_size=(32, 32), resize="squash"), {})
    unit = n * width * 4 / MIB
    print(f"{n:,} images, D = {width}: N x D x 4 bytes = {unit:.0f} MiB")
    with tempfile.TemporaryDirectory() as folder:
        start = anonymous_mib()
        with Store.open(Path(folder) / "store") as store, Peak() as peak:
            item = Extraction("features", space, width, compute, store.missing(space, keys))
            result = run_pass(inputs, keys, preparer, [item], store)
        print(f"pass     {result.seconds:7.1f} s, {result.decoded:,} decoded, {len(result.failures)} failures")
        print(f"  anonymous memory {start:.0f} MiB before, {peak.mib:.0f} MiB at its peak")
        with Store.open(Path(folder) / "store") as store, Peak() as reading:
            began = time.perf_counter()
            assert not store.missing(space, keys).any()
            found = time.perf_counter()
            features = store.read(space, keys)
            done = time.perf_counter()
            thousand = keys[np.random.default_rng(2).permutation(n)[:1000]]
            assert not store.missing(space, thousand).any()
            store.read(space, thousand)
            warm = time.perf_counter()
            segments = len(list(Path(folder).glob("store/*/*.segment")))
        print(f"look-up  {found - began:7.2f} s in {segments} segments, reading {done - found:.2f} s")
        print(f"  1,000 rows, looked up and read warm: {1000 * (warm - done):.0f} ms")
        array, most = features.nbytes / MIB, max(peak.mib, reading.mib)
        print(f"  anonymous memory {reading.mib:.0f} MiB at its peak, the array of {array:.0f} MiB included")
        print(f"growth {(most - start) / unit:.2f} x N x D x 4 bytes (at most {GROWTH})")
        print(f"peak {most:.0f} MiB (at most {LIMIT_MIB:.0f} at 50,000 images)")


if __name__ == "__main__":
    main()
