"""What does explaining one picture or text cost, in forward and backward passes of its network?

    python benchmarks/explanation_cost.py [--rounds 9] [--out FILE]

The default network of pictures and that of texts under a linear probe, as a bundle has them. Each round times, one
after the other on one thread: a forward and a backward pass of one input through the network, down to the input; an
explanation by each way (with the answer that is explained, without checks); and the quick check of the report. What is
told is the median over rounds of the ratio to the pass beside it, so that other work on the machine counts on both
sides. Processor seconds are taken.
"""

from __future__ import annotations

import argparse
import json
import statistics
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
from planted_evidence import model_of_inputs, pictures, texts

WAYS = {
    "image": (("hires_cam", {}), ("grad_cam", {}), ("integrated_gradients", {"steps": 16})),
    "text": (("integrated_gradients", {"steps": 8}), ("integrated_gradients", {"steps": 16}), ("occlusion", {})),
}
TRAIN = 8


def seconds(work: Callable[[], Any]) -> float:
    """Of the processor."""
    began = time.process_time()
    work()
    return time.process_time() - began


def work_of(modality: str) -> dict[str, Callable[[], Any]]:
    """What is timed, by name; "pass" is the yardstick."""
    import torch

    from headstart.core import plugins
    from headstart.explanation.checks.taken_away import taken_away
    from headstart.explanation.example import Example
    from headstart.explanation.model import Model, features_of, unchanged
    from headstart.explanation.network import Network
    from headstart.explanation.question import Question
    from headstart.explanation.unit import units_of

    planted = {"image": pictures, "text": texts}[modality](TRAIN + 2, np.random.default_rng(1))
    solved = model_of_inputs(modality, planted, TRAIN)
    content = planted.contents[TRAIN + 1]
    example = Example((solved.predictor.passes[0].preparer.prepare(content),), {0: content})
    network = Network(solved.backbone, solved.fitted.arrays["weight"], 1, "class")
    first = 0 if modality == "image" else 1  # tokens have no gradient, their embeddings have

    def one_pass() -> None:
        entered = network.backbone.enter(torch.from_numpy(np.array(example.prepared[0][None])))
        boundary = network.backbone.run(entered, 0, first)
        boundary.values.requires_grad_(True)
        done = network.backbone.run(boundary, first, len(network.backbone.stages))
        torch.autograd.grad(network.margin(done.values).sum(), boundary.values)

    def explained(name: str, settings: dict[str, Any]) -> Any:
        plugin = plugins.load("explanation.explainers", name)
        solved.predictor.outputs_of(features_of(solved.predictor, unchanged(example)))
        units = units_of(solved.predictor, example)
        question = Question(example, units, Model(solved.predictor, 1), lambda: (network,))
        return question, plugin.build(plugin.config(**settings)).explain(question)

    question, found = explained(*WAYS[modality][0])
    done: dict[str, Callable[[], Any]] = {"pass": one_pass}
    for name, settings in WAYS[modality]:
        title = name + "".join(f", {value} {key}" for key, value in settings.items())
        done[title] = lambda name=name, settings=settings: explained(name, settings)
    done["quick check"] = lambda: taken_away(question.model, question.units, found.values, np.random.default_rng(0))
    return done


def measured(modality: str, rounds: int) -> list[dict[str, Any]]:
    """A line for each way: how many passes it costs."""
    work = work_of(modality)
    for each in work.values():
        each()  # the first call of each shape chooses kernels
    took: dict[str, list[float]] = {name: [] for name in work}
    for _ in range(rounds):
        for name, each in work.items():
            took[name].append(seconds(each))
    return [
        {
            "modality": modality,
            "what": name,
            "passes": statistics.median(ours / one for ours, one in zip(times, took["pass"], strict=True)),
            "seconds": statistics.median(times),
        }
        for name, times in took.items()
    ]


def main() -> None:
    """Print one line for each, and write all."""
    import torch

    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--rounds", type=int, default=9)
    parser.add_argument("--out", type=Path, default=Path(__file__).parent / "results" / "explanation_cost.json")
    asked = parser.parse_args()
    torch.set_num_threads(1)
    found = [line for modality in WAYS for line in measured(modality, asked.rounds)]
    for line in found:
        print(json.dumps(line))
    asked.out.write_text(json.dumps(found, indent=1) + "\n", encoding="utf-8")


if __name__ == "__main__":
    main()
