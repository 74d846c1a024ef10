"""What an epoch costs at each freezing depth, with kept views and without, beside what its parts cost alone.

    python benchmarks/epoch_cost.py --data DATA [--pictures 256] [--repeats 3]

The default network for pictures, on training pictures of ``clothing_small``, batches of 32, two threads. For each depth
one process measures, in turn and ``repeats`` times: decoding and preparing a view of every picture, the frozen part in
the runtime that is fastest here, forward and backward through what is trained, an epoch over kept views, and an epoch
that keeps nothing. The medians, and the ratio of the two epochs beside the bound

    1.15 x (forward above + backward above) / (decode + forward of everything + backward above)

go to ``results/epoch_cost.json`` and ``.md``. Repeats are appended to WORK/epoch_cost.jsonl and not measured again.
"""

from __future__ import annotations

import argparse
import os
import tempfile
import time
from collections.abc import Iterable, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import asdict, dataclass, replace
from pathlib import Path
from typing import Any

import numpy as np
from comparison import lines, machine, tables
from comparison.records import Record
from comparison.summary import Target, middle
from comparison.tuning_sets import SUBJECTS

MARGIN = 1.15
PARTS = ("decode", "prefix", "forward", "backward", "kept", "uncached")
VIEW = 1
BATCH = 32


@dataclass(frozen=True)
class Cost:
    """Seconds for all pictures at one depth, medians of the repeats.

    Attributes:
        decode: Decoding and preparing.
        prefix: Forward through the frozen stages, in the fastest runtime.
        forward, backward: Through the trained stages and the head.
        kept, uncached: An epoch.
        ratio: Of these two.
        bound: What the ratio may be.
    """

    stages: int
    decode: float
    prefix: float
    forward: float
    backward: float
    kept: float
    uncached: float
    ratio: float
    bound: float


def cost(stages: int, runs: Sequence[Record]) -> Cost:
    """Of one depth, from its repeats."""
    values = {part: float(middle(run[part] for run in runs) or 0) for part in PARTS}
    above = values["forward"] + values["backward"]
    bound = MARGIN * above / (values["decode"] + values["prefix"] + above)
    return Cost(stages=stages, **values, ratio=values["kept"] / values["uncached"], bound=bound)


def targets(costs: Iterable[Cost]) -> list[Target]:
    """One for each depth."""
    return [
        Target(
            f"{each.stages} stages frozen: epoch with kept views over one without",
            f"at most {each.bound:.3f}",
            f"{each.ratio:.3f}",
            each.ratio <= each.bound,
        )
        for each in costs
    ]


def table(costs: Iterable[Cost]) -> str:
    """Seconds by depth."""
    header = (
        "frozen",
        "decode",
        "prefix",
        "forward above",
        "backward above",
        "kept epoch",
        "uncached",
        "ratio",
        "bound",
    )
    return tables.markdown(
        header,
        ([str(each.stages), *(f"{value:.3f}" for value in list(asdict(each).values())[1:])] for each in costs),
    )


class Depth:
    """One depth of a training that a fit has prepared.

    Args:
        training: ``api.training.Training``.
        boundary: Frozen stages.
        pictures: Training rows that are used.
    """

    def __init__(self, training: Any, boundary: int, pictures: int) -> None:
        from headstart.engine.training.feed import RawFeed

        self.boundary = boundary
        options = {"freeze": boundary, "batch_size": BATCH, "epochs": 1, "lr": 1e-5, "interpolate": False}
        fixed = {"views": 1, "precision": "float32", "loader_workers": 1, "augmentation": "light"}
        self.kept = training.kept
        self.kept_settings, self.raw_settings = (
            training.asked.config({**options, **fixed, "keep": keep}) for keep in (True, False)
        )
        method = training.asked.method(self.kept_settings)
        job = training._job(method, self.kept, boundary, 1)
        few = slice(0, pictures)
        self.rows = job.train_rows[few]
        self.job = replace(
            job,
            train_rows=self.rows,
            train_targets=job.train_targets.take(np.arange(len(self.rows))),
            val_rows=job.val_rows[:BATCH],
            val_targets=job.val_targets.take(np.arange(min(BATCH, len(job.val_rows)))),
            weights=None,
        )
        self.raw_job = replace(
            self.job, feed=RawFeed(self.kept.origin), method=training.asked.method(self.raw_settings)
        )

    def ready(self) -> None:
        """Keep the view, so that no repeat pays for it."""
        self.kept.ensure(self.boundary, VIEW, self.job.train_rows)
        self.kept.ensure(self.boundary, 0, self.job.val_rows)

    def measure(self) -> dict[str, float]:
        """Seconds of every part, once."""
        decode, prefix = self.decode_and_prefix()
        forward, backward = self.above()
        return {
            "decode": decode,
            "prefix": prefix,
            "forward": forward,
            "backward": backward,
            "kept": self.epoch(self.job, self.kept_settings),
            "uncached": self.epoch(self.raw_job, self.raw_settings),
        }

    def batches(self) -> list[Any]:
        """Rows of each batch."""
        return [self.rows[low : low + BATCH] for low in range(0, len(self.rows), BATCH)]

    def decode_and_prefix(self) -> tuple[float, float]:
        """Each alone, one batch after the other, so that memory stays small."""
        origin, seconds = self.kept.origin, [0.0, 0.0]
        preparer = origin.preparer_of(VIEW)
        forward = origin.prefix(self.boundary)
        with ThreadPoolExecutor(origin.threads) as pool:
            for rows in self.batches():
                began = time.perf_counter()
                batch = np.stack([*pool.map(lambda row: preparer.prepare(origin.inputs.read(int(row))), rows)])
                between = time.perf_counter()
                forward(batch)
                seconds[0] += between - began
                seconds[1] += time.perf_counter() - between
        return seconds[0], seconds[1]

    def above(self) -> tuple[float, float]:
        """Forward with the loss, and backward; the optimizer is in neither."""
        from headstart.engine.training.loop import Trainer

        trainer = Trainer(self.job, self.kept_settings, lr=0.0)
        trainer.prepare()
        trainer.model.train_mode()
        seconds = [0.0, 0.0]
        for number, rows in enumerate(self.batches()):
            places = np.arange(number * BATCH, number * BATCH + len(rows))
            batch = trainer.batch(self.kept.read(self.boundary, VIEW, rows), places)
            trainer.stepper.optimizer.zero_grad(set_to_none=True)
            began = time.perf_counter()
            loss = trainer.method.step(trainer.model, batch, trainer.objective, 0).total
            between = time.perf_counter()
            loss.backward()
            seconds[0] += between - began
            seconds[1] += time.perf_counter() - between
        return seconds[0], seconds[1]

    def epoch(self, job: Any, settings: Any) -> float:
        """The steps of one epoch of the train loop, reading included, validation not."""
        from headstart.engine.training.loop import Trainer

        found = Trainer(job, settings, lr=1e-5).run()
        return float(found.report["timings"][0]["seconds"])


def measure_all(training: Any, args: argparse.Namespace, found: lines.Lines) -> None:
    """Every depth in turn, as often as was asked."""
    from headstart.engine.training.freezing import deepest

    depths = [number for number in range(1, deepest(training.backbone) + 1) if not args.depths or number in args.depths]
    known = {run["name"] for run in found.read() if run["ok"]}
    for boundary in depths:
        for repeat in range(args.repeats):
            if _name(args, boundary, repeat) not in known:
                break
        else:
            continue
        each = Depth(training, boundary, args.pictures)
        each.ready()
        each.measure()  # the first time costs more
    for repeat in range(args.repeats):
        for boundary in depths if repeat % 2 == 0 else depths[::-1]:
            name = _name(args, boundary, repeat)
            if not found.wants(name):
                continue
            began = time.perf_counter()
            parts = Depth(training, boundary, args.pictures).measure()
            runtime = training.learning.features.lanes["image"].runtime
            record = {"name": name, "ok": True, "failure": None, "stages": boundary}
            record |= {"set": args.set, "pictures": args.pictures}
            record |= {
                "stage": training.backbone.stages[boundary - 1],
                "runtime": f"{runtime.name} {runtime.precision}",
            }
            found.add({**record, **parts, "wall_seconds": time.perf_counter() - began})


def _name(args: argparse.Namespace, boundary: int, repeat: int) -> str:
    return f"{args.set}: {args.pictures} pictures, {boundary} stages, repeat {repeat}"


def inside_a_fit(data: Path, args: argparse.Namespace, found: lines.Lines) -> None:
    """Let a fit prepare everything, measure where it would train, and let it ship the probe."""
    from headstart.api.fitting import fit
    from headstart.training import training

    def run(self: Any) -> None:
        measure_all(self, args, found)

    training.Training.run = run  # type: ignore[method-assign]
    with tempfile.TemporaryDirectory() as folder:
        os.environ["HEADSTART_CACHE"] = str(Path(folder) / "cache")
        fit(str(data), method="lp_ft", out=str(Path(folder) / "run"), threads=args.threads, seed=0)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--data", type=Path, required=True, help="folder that holds the sets")
    parser.add_argument("--set", default="clothing_small", help="of pictures")
    parser.add_argument("--pictures", type=int, default=256)
    parser.add_argument("--repeats", type=int, default=3)
    parser.add_argument("--depths", type=lambda text: [int(part) for part in text.split(",")], help="only these")
    parser.add_argument("--threads", type=int, default=2)
    parser.add_argument("--work", type=Path, default=lines.BUILD, help="folder for splits and results")
    parser.add_argument("--out", type=Path, default=lines.RESULTS)
    args = parser.parse_args()
    lines.stoppable()
    work = args.work.resolve()
    found = lines.Lines(work / "epoch_cost.jsonl")
    inside_a_fit(SUBJECTS[args.set].folder(args.data.resolve(), work, 0), args, found)
    runs = [run for run in found.read() if (run["set"], run["pictures"]) == (args.set, args.pictures)]
    costs = [
        cost(stages, [run for run in runs if run["stages"] == stages])
        for stages in sorted({run["stages"] for run in runs})
    ]
    promises = targets(costs)
    document = {
        "machine": machine.describe(),
        "set": args.set,
        "pictures": args.pictures,
        "runtime": runs[-1]["runtime"],
    }
    document |= {"depths": [asdict(each) for each in costs], "targets": [asdict(each) for each in promises]}
    lines.write_json(args.out / "epoch_cost.json", {**document, "runs": runs})
    text = f"{table(costs)}\n\n{tables.targets_table(promises)}"
    (args.out / "epoch_cost.md").write_text(text + "\n")
    print(f"\n{text}")


if __name__ == "__main__":
    main()
