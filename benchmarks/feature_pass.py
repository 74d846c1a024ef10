"""How close one pass comes to what decoding and the network alone would give on the same cores.

    python benchmarks/feature_pass.py --data DIR [--runtime openvino] [--precision bfloat16] [--repeats 5]

Two stages that share the cores and waste nothing take 1/decode + 1/network per picture. Each repeat measures decoding
alone, the network alone and the pass in turn, so that a busy machine slows all three; the table has medians.
"""

from __future__ import annotations

import argparse
import hashlib
import os
import statistics
import tempfile
import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

from headstart.runtimes.process_settings import settle_process

settle_process()

import numpy as np  # noqa: E402  # after settle_process

from headstart.backbones.pretrained.find import load  # noqa: E402
from headstart.core.resources import cpu_count  # noqa: E402
from headstart.data.inputs import Files  # noqa: E402
from headstart.data.modalities import modality  # noqa: E402
from headstart.engine.activations.address import network_space  # noqa: E402
from headstart.engine.activations.store import Store  # noqa: E402
from headstart.engine.feature_pass import Extraction, PassResult, run_pass  # noqa: E402
from headstart.runtimes.choice import settled  # noqa: E402


def timed(work: Callable[[], object]) -> tuple[float, float]:
    """Wall and processor seconds."""
    wall, cpu = time.perf_counter(), os.times()
    work()
    after = os.times()
    return time.perf_counter() - wall, after.user + after.system - cpu.user - cpu.system


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--data", type=Path, required=True, help="folder with .jpg files at any depth")
    parser.add_argument("--runtime", default="openvino")
    parser.add_argument("--precision", default="bfloat16")
    parser.add_argument("--model", default="efficientnet_lite0")
    parser.add_argument("--batch", type=int, default=32)
    parser.add_argument("--workers", type=int, default=cpu_count())
    parser.add_argument("--threads", type=int, default=cpu_count())
    parser.add_argument("--repeats", type=int, default=5)
    parser.add_argument("--limit", type=int, default=2000, help="pictures at most")
    arguments = parser.parse_args()

    files = [str(path) for path in sorted(arguments.data.rglob("*.jpg"))[: arguments.limit]]
    inputs, n = Files(files), len(files)
    contents = [inputs.read(i) for i in range(n)]
    keys = np.stack([np.frombuffer(hashlib.sha256(content).digest(), np.uint8) for content in contents])
    backbone = load(arguments.model)
    stop = len(backbone.stages)
    preparer = modality(backbone.modality).preparer(backbone.preprocessing, backbone.assets)
    cache = Path(tempfile.mkdtemp())
    choice = settled(arguments.runtime, arguments.precision, arguments.threads, arguments.batch)
    compute = choice.prepare(backbone, 0, stop, cache)
    batch = np.stack([preparer.prepare(content) for content in contents[: arguments.batch]])
    compute(batch)
    space = network_space(
        name=backbone.name,
        weights_digest=backbone.weights_digest(stop),
        stage=stop,
        preparer_address=preparer.address(),
        runtime=choice.address(),
    )

    def decode() -> None:
        with ThreadPoolExecutor(arguments.workers) as pool:
            for _ in pool.map(lambda i: preparer.prepare(inputs.read(i)), range(n)):
                pass

    def network() -> None:
        for _ in range(-(-n // arguments.batch)):
            compute(batch)

    def one_pass() -> PassResult:
        with Store.open(None) as store:
            wanted = store.missing(space, keys)
            extraction = Extraction("features", space, backbone.feature_dim, compute, wanted)
            return run_pass(
                inputs,
                keys,
                preparer,
                [extraction],
                store,
                workers=arguments.workers,
                batch_size=arguments.batch,
            )

    rows, results = [], []
    for _ in range(arguments.repeats):
        rows.append([timed(decode), timed(network), timed(lambda: results.append(one_pass()))])
    wall = [[n / row[i][0] for row in rows] for i in range(3)]
    cpu = [[1e3 * row[i][1] / n for row in rows] for i in range(3)]
    ideal = [1 / (1 / d + 1 / m) for d, m in zip(wall[0], wall[1], strict=True)]
    ratios = [w / i for w, i in zip(wall[2], ideal, strict=True)]
    print(
        f"{n} pictures, {choice.name} {choice.precision}, batch {choice.batch_size}, "
        f"{arguments.workers} decoding + {choice.threads} computing threads on {cpu_count()} processors"
    )
    for name, speeds, costs in zip(["decode alone", "network alone", "pass"], wall, cpu, strict=True):
        print(f"{name:<16}{statistics.median(speeds):>8.0f} images/s{statistics.median(costs):>8.2f} ms CPU an image")
    print(f"{'ideal':<16}{statistics.median(ideal):>8.0f} images/s")
    print(f"{'pass / ideal':<16}{statistics.median(ratios):>8.2f}   of {', '.join(f'{r:.2f}' for r in ratios)}")
    overhead = statistics.median(cpu[2]) - statistics.median(cpu[0]) - statistics.median(cpu[1])
    print(
        f"{'beyond both':<16}{overhead:>8.2f} ms CPU an image (hashing, queues, segments, threads in each other's way)"
    )
    clock = results[-1].clock
    print(
        f"last pass {results[-1].seconds:.2f} s: computing {clock.compute:.2f}, waiting for pictures {clock.wait:.2f}, "
        f"handing to the store {clock.keep:.2f}; decoding threads {clock.decode:.2f}"
    )


if __name__ == "__main__":
    main()
