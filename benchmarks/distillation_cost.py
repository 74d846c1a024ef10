"""What teaching a student costs with its teacher's outputs kept, beside the same training with the teacher in the loop.

    python benchmarks/distillation_cost.py --data DATA [--pictures 256] [--repeats 2]

The default network for pictures teaches itself at smaller inputs and less depth, on training pictures of
``clothing_small``, with the settings of ``headstart compress``, on one thread. Three ways, in turn, each from an empty
cache, and each the whole training with all that it computes: *kept* computes frozen stages and the teacher once for
each view; *teacher in the loop* keeps the student's frozen stages and runs the teacher at every step; *all in the loop*
decodes pictures and runs frozen stages at every step, too. A teacher in the loop runs in PyTorch as a training script
runs it; *fast teacher* runs it in the runtime that is fastest here. Processor seconds, so that what else the machine
does counts little. Writes ``results/distillation_cost.json``. See README.md.
"""

from __future__ import annotations

import argparse
import tempfile
import time
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
from comparison import lines, machine

from headstart.runtimes.process_settings import settle_process

SEED, AT_MOST = 0, 0.5
PENALTY = 10.0  # of the teacher's head: any will do, since only time is measured
STUDENTS = {"160 px": (160, None), "128 px": (128, None), "128 px, up to blocks.4": (128, "blocks.4")}
EAGER, FASTEST = ("eager", "float32"), ("openvino", "bfloat16")
WAYS = {
    "kept": (FASTEST, True, True),
    "teacher in the loop": (EAGER, False, True),
    "fast teacher in the loop": (FASTEST, False, True),
    "all in the loop": (EAGER, False, False),
}  # what computes the teacher, whether its outputs are kept, whether the student's frozen stages are


def pictures(folder: Path, count: int) -> tuple[Any, Any, Any]:
    """A data set without targets, its targets by folder, and their task."""
    from headstart.core.schema import InputSchema, PartSchema
    from headstart.data.unlabeled import read_unlabeled
    from headstart.data.unlabeled_dataset import gathered
    from headstart.tasks.choose import configured

    schema = InputSchema(parts=(PartSchema(modality="image"),))
    found, _ = gathered(read_unlabeled([folder], schema=schema), schema, "pictures", 1)
    some = found.take(np.sort(np.random.default_rng(SEED).permutation(len(found))[:count]))
    words = np.array([Path(each).parent.name for each in some.ids], dtype=object)
    task = configured("classification", words)
    return some, task.encode(words), task


def lesson(way: str, student: Any, teacher: Any, given: tuple[Any, Any, Any], store: Any) -> Any:
    """As ``headstart compress`` has it, but for what is kept."""
    from headstart.compression.teaching import Lesson
    from headstart.engine.activations.store import DEFAULT_LIMIT_BYTES
    from headstart.engine.training.feed import RawFeed

    runtime, is_kept, _ = WAYS[way]
    dataset, targets, task = given
    told = network(teacher, runtime).feed([dataset], store, "auto")
    rows = np.arange(len(dataset))
    return Lesson(
        feed=network(student, FASTEST).feed([dataset], store, "auto"),
        teacher=told if is_kept else RawFeed(told.origin), rows=rows, labelled=rows, targets=targets, task=task,
        penalty=PENALTY, lengths=None, cache_bytes=DEFAULT_LIMIT_BYTES, seed=SEED,
    )  # fmt: skip


def network(backbone: Any, runtime: tuple[str, str]) -> Any:
    from headstart.api.network_of_run import RunNetwork
    from headstart.features.networks import Network
    from headstart.runtimes.settled import settled

    choice = settled(*runtime, 1, 32, "of the benchmark")
    return RunNetwork(Network(backbone.card, None).with_backbone(backbone), 0, choice, 1)


def measured(way: str, student: Any, teacher: Any, given: tuple[Any, Any, Any]) -> dict[str, Any]:
    """Seconds of one whole training, from an empty cache."""
    from headstart.compression.teaching import taught
    from headstart.engine.activations.store import Store
    from headstart.methods.threads import torch_threads

    options = {"precision": "float32", "lr": 3e-4, "keep": WAYS[way][2]}
    with tempfile.TemporaryDirectory() as folder, Store.open(Path(folder)) as store, torch_threads(1):
        began, cpu = time.perf_counter(), time.process_time()
        found = taught(lesson(way, student, teacher, given, store), len(teacher.stages), options)
        cpu, wall = time.process_time() - cpu, time.perf_counter() - began
    assert found is not None  # noqa: S101 - there is no deadline
    losses = [each["train_loss"] for each in found[0].report["history"]]
    return {"way": way, "cpu_seconds": round(cpu, 2), "wall_seconds": round(wall, 2), "last_loss": losses[-1],
            "epochs": len(losses), "views": found[1].settings["views"], "frozen": found[1].boundary}  # fmt: skip


def ratios(runs: list[dict[str, Any]]) -> dict[str, float]:
    """Processor seconds with kept outputs as a share of each other way, by the means over repeats."""
    mean = {way: float(np.mean([each["cpu_seconds"] for each in runs if each["way"] == way])) for way in WAYS}
    return {way: round(mean["kept"] / mean[way], 3) for way in WAYS if way != "kept"}


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--data", type=Path, required=True, help="folder that holds the sets")
    parser.add_argument("--pictures", type=int, default=256)
    parser.add_argument("--repeats", type=int, default=2)
    parser.add_argument("--out", type=Path, default=lines.RESULTS)
    args = parser.parse_args()
    settle_process()
    from headstart.backbones.catalogue import default_card
    from headstart.backbones.pretrained.load import load_card
    from headstart.compression.knobs import Knobs
    from headstart.compression.smaller import smaller

    given = pictures(args.data / "clothing_small" / "train", args.pictures)
    teacher = load_card(default_card("image")).eval()
    document: dict[str, Any] = {"machine": machine.describe(), "teacher": teacher.name, "pictures": len(given[0]),
                                "threads": 1, "at_most": AT_MOST, "students": {}}  # fmt: skip
    for name, (side, stage) in STUDENTS.items():
        student = smaller(teacher, replace(Knobs(), size=float(side), stage=stage))
        runs = [measured(way, student, teacher, given) for _ in range(args.repeats) for way in WAYS]
        document["students"][name] = {"ratios": ratios(runs), "runs": runs}
        print(f"{name}: {document['students'][name]['ratios']}", flush=True)
    lines.write_json(args.out / "distillation_cost.json", document)


if __name__ == "__main__":
    main()
