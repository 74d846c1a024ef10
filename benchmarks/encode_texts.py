"""How close one pass over texts comes to the bare encoder.

    python benchmarks/encode_texts.py DATA [--runtime openvino] [--precision bfloat16] [--pairs 5]

DATA is a folder with CSV files that have a column of texts, for example banking77 with 13,083. The pass reads,
tokenizes, encodes and keeps every text, with an empty store. The bare encoder is the same runtime on texts that were
tokenized and sorted by length before the clock starts; each batch is padded to its longest text, nothing is kept. The
two are measured in alternating pairs, so that a busy machine slows both; the ratio is the median of the pairs' ratios.
"""

from __future__ import annotations

import argparse
import csv
import hashlib
import statistics
import tempfile
import time
from dataclasses import dataclass
from pathlib import Path

from headstart.runtimes.process_settings import settle_process

settle_process()

import numpy as np  # noqa: E402  # after settle_process

from headstart.backbones.catalogue import default_card  # noqa: E402
from headstart.backbones.pretrained.find import load  # noqa: E402
from headstart.core.preprocessing.text import PAD  # noqa: E402
from headstart.core.resources import cpu_count  # noqa: E402
from headstart.data.modalities import modality  # noqa: E402
from headstart.engine.activations.address import network_space  # noqa: E402
from headstart.engine.activations.store import Store  # noqa: E402
from headstart.engine.feature_pass import Extraction, PassResult, run_pass  # noqa: E402
from headstart.runtimes.choice import settled  # noqa: E402

TARGET = 0.90


@dataclass(frozen=True)
class Texts:
    """Texts in memory, as a table that was read holds them."""

    values: list[bytes]

    def __len__(self) -> int:
        return len(self.values)

    def read(self, i: int) -> bytes:
        """UTF-8."""
        return self.values[i]

    def name(self, i: int) -> str:
        """The position."""
        return str(i)


def read_texts(folder: Path, column: str) -> list[bytes]:
    """The distinct texts of all CSV files: equal ones would be computed once."""
    texts: dict[bytes, None] = {}
    for path in sorted(folder.glob("*.csv")):
        with path.open(encoding="utf-8", newline="") as stream:
            texts.update({row[column].encode(): None for row in csv.DictReader(stream)})
    return list(texts)


def sorted_batches(arrays: list[np.ndarray], batch_size: int) -> list[np.ndarray]:
    """Tokens by length, each batch padded to its longest text."""
    batches = []
    by_length = sorted(arrays, key=len)
    for low in range(0, len(by_length), batch_size):
        rows = by_length[low : low + batch_size]
        batch = np.full((len(rows), len(rows[-1]), 2), PAD, np.int32)
        for row, tokens in zip(batch, rows, strict=True):
            row[: len(tokens)] = tokens
        batches.append(batch)
    return batches


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("data", type=Path)
    parser.add_argument("--column", default="text")
    parser.add_argument("--model", default=default_card("text").name)
    parser.add_argument("--runtime", default="openvino")
    parser.add_argument("--precision", default="bfloat16")
    parser.add_argument("--threads", type=int, default=cpu_count())
    parser.add_argument("--pairs", type=int, default=5)
    arguments = parser.parse_args()

    texts = read_texts(arguments.data, arguments.column)
    n, inputs = len(texts), Texts(texts)
    keys = np.stack([np.frombuffer(hashlib.sha256(text).digest(), np.uint8) for text in texts])
    backbone = load(arguments.model)
    preparer = modality("text").preparer(backbone.preprocessing, backbone.assets)
    choice = settled(arguments.runtime, arguments.precision, arguments.threads)
    stop = len(backbone.stages)
    compute = choice.prepare(backbone, 0, stop, Path(tempfile.mkdtemp()))
    space = network_space(
        name=backbone.name,
        weights_digest=backbone.weights_digest(stop),
        stage=stop,
        preparer_address=preparer.address(),
        runtime=choice.address(),
    )
    batches = sorted_batches([preparer.prepare(text) for text in texts], choice.batch_size)

    def bare() -> float:
        began = time.perf_counter()
        for batch in batches:
            compute(batch)
        return time.perf_counter() - began

    def one_pass() -> tuple[float, PassResult]:
        with tempfile.TemporaryDirectory() as folder, Store.open(Path(folder)) as store:
            began = time.perf_counter()
            extraction = Extraction("features", space, backbone.feature_dim, compute, store.missing(space, keys))
            result = run_pass(inputs, keys, preparer, [extraction], store, batch_size=choice.batch_size)
            return time.perf_counter() - began, result

    bare()  # warms up every length
    print(f"{n} texts, {backbone.name}, {choice.name} {choice.precision}, {choice.threads} threads")
    ratios = []
    for number in range(arguments.pairs):
        if number % 2:
            alone, (whole, result) = bare(), one_pass()
        else:
            (whole, result), alone = one_pass(), bare()
        ratios.append(alone / whole)
        print(
            f"bare {n / alone:6.0f}/s   pass {n / whole:6.0f}/s   ratio {ratios[-1]:.3f}   of the pass: computing "
            f"{result.clock.compute:.2f} s, waiting for texts {result.clock.wait:.2f} s, handing to the store "
            f"{result.clock.keep:.2f} s; preparing {1e6 * result.clock.decode / n:.0f} us a text"
        )
    print(f"ratio {statistics.median(ratios):.3f} (median), at least {TARGET:.2f} wanted")


if __name__ == "__main__":
    main()
