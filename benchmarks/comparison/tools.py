"""The tools compared: how each is called on a split folder, and where its result is read from."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from .environments import BENCHMARKS, PEERS

NAMES = {
    "headstart": "Headstart, cold",
    "headstart_pooled": "Headstart, cold, own split",
    "headstart_again": "Headstart, second fit",
    "tuned": "PyTorch script, tuned",
    "plain": "PyTorch script",
    "fastai": "fastai fine_tune(4)",
    "autogluon": "AutoGluon MultiModal",
    "linear_probe": "the linear probe alone",
    "lp_ft": "Headstart, --method lp_ft",
    "lp_ft_alone": "lp_ft, chosen or not",
    "minutes": "Headstart, --minutes",
    "setfit": "SetFit, 300 steps",
    "trainer": "Hugging Face Trainer",
}


@dataclass(frozen=True)
class Peer:
    """A script in ``peers/``: it is given a split folder and writes ``{"accuracy", "n_test"}``.

    Attributes:
        environment: Name of its virtual environment and requirements file.
        script: File name in ``peers/``.
        weights: What it reads of the weights folder.
        options: Further arguments.
        limit_seconds: After which it counts as failed; several times what a quiet machine with two cores needs.
        untimed_options: Added where only the accuracy counts and the machine is shared.
    """

    environment: str
    script: str
    weights: str
    options: tuple[str, ...] = ()
    limit_seconds: float = 3600.0
    untimed_options: tuple[str, ...] = ()

    def command(self, python: Path, folder: Path, weights: Path, out: Path, threads: int, seed: int) -> list[str]:
        """The arguments of one run on one split folder."""
        arguments = [folder, "--weights", weights / self.weights, "--out", out, "--threads", threads, "--seed", seed]
        return [str(part) for part in (python, PEERS / self.script, *arguments, *self.options)]


PEERS_BY_NAME = {
    "tuned": Peer("script", "script.py", "lite0.safetensors", ("--tuned",)),
    "plain": Peer("script", "script.py", "lite0.safetensors"),
    "fastai": Peer("fastai_fine_tune", "fastai_fine_tune.py", "lite0.safetensors"),
    "autogluon": Peer(
        "autogluon_multimodal", "autogluon_multimodal.py", "lite0", untimed_options=("--seconds", "1800")
    ),
}
HEADSTART_LIMIT_SECONDS = 900.0
TUNING_LIMIT_SECONDS = 3600.0


@dataclass(frozen=True)
class TextPeer:
    """A script in ``texts/``: given a folder with train.csv and test.csv, it prints its result as a line of JSON."""

    script: str
    options: tuple[str, ...]
    few_shot_options: tuple[str, ...] = ()
    environment: str = "texts"
    limit_seconds: float = 3600.0

    def command(self, python: Path, folder: Path, model: Path, seed: int, *, few_shot: bool) -> list[str]:
        """The arguments of one run."""
        options = self.few_shot_options if few_shot else self.options
        return [str(part) for part in (python, TEXTS / self.script, folder, model, "--seed", seed, *options)]


TEXTS = BENCHMARKS / "texts"
TEXT_PEERS_BY_NAME = {
    "setfit": TextPeer("peer_setfit.py", ("--steps", "300"), ("--steps", "300")),
    # three epochs of a few hundred texts are some dozen steps: a kinder number there
    "trainer": TextPeer("peer_trainer.py", ("--epochs", "3"), ("--epochs", "20")),
}


def headstart_command(executable: Path, folder: Path, out: Path, threads: int, seed: int, *more: str) -> list[str]:
    """The main job as a user types it, with the threads every tool is given.

    Splits are those that all tools get: where they leak, as those of magnetic_tile do, they leak for all.
    """
    fixed = ["--threads", threads, "--seed", seed, "--accept", "duplicates_across_splits", "--quiet"]
    arguments = ["fit", folder, "--out", out, *fixed, *more]
    return [str(part) for part in (executable, *arguments)]


def peer_result(out: Path) -> dict[str, Any]:
    """What a peer wrote; raises OSError or ValueError where it did not get that far."""
    result = json.loads(out.read_text())
    return {"accuracy": float(result["accuracy"]), "n_test": int(result["n_test"])}


def text_peer_result(log: Path) -> dict[str, Any]:
    """What a text peer printed; raises ValueError where it did not get that far."""
    for line in reversed(log.read_text(errors="replace").splitlines()):
        if line.startswith('{"tool"'):
            result = json.loads(line)
            return {"accuracy": float(result["accuracy"]), "n_test": int(result["n_test"])}
    raise ValueError("no line with a result")


def tuning_result(run: Path, watched: Path | None = None) -> dict[str, Any]:
    """Of a fit that trained: as :func:`headstart_result`, and what each candidate reached.

    Args:
        run: The run folder.
        watched: What ``watched_fit.py`` wrote, which has the accuracy of every candidate whatever the primary metric.
    """
    evidence = json.loads((run / "evidence.json").read_text())
    more = json.loads(watched.read_text()) if watched else {}
    training = evidence.get("training", {})
    return {
        **headstart_result(run),
        "primary": evidence["primary"],
        "scores": scores(evidence, evidence["primary"]),
        "candidates": more.get("accuracies") or scores(evidence, "accuracy"),
        "guard": evidence["guard"]["why"],
        "training": {name: _training_facts(report) for name, report in training.items()},
        "seconds_of_training": evidence["cost"].get("training", {}),
    }


def scores(evidence: dict[str, Any], metric: str) -> dict[str, float]:
    """Test value of a metric by candidate, for those that ``evidence.json`` has it of.

    >>> scores({"test": {"f": {"value": 1}}, "verdict": {"chosen": "a"}, "comparisons": [{"name": "b"}]}, "f")
    {'a': 1.0}
    """
    found = {row["name"]: float(row[metric]["value"]) for row in evidence["comparisons"] if metric in row}
    return {evidence["verdict"]["chosen"]: float(evidence["test"][metric]["value"]), **found}


def _training_facts(report: dict[str, Any]) -> dict[str, Any]:
    settings = report["settings"]
    kept = {name: settings[name] for name in ("freeze", "epochs", "keep", "views")}
    best = {"best_epoch": report["best"]["epoch"], "n_val": report["n_val"], "stopped": report["stopped"]}
    return {**kept, "lr": report["lr"], "precision": report["precision"], **best}


def headstart_result(run: Path) -> dict[str, Any]:
    """Accuracy with its interval and n from ``evidence.json``, work counters from ``metrics.jsonl``."""
    evidence = json.loads((run / "evidence.json").read_text())
    accuracy = evidence["test"]["accuracy"]
    return {
        "accuracy": float(accuracy["value"]),
        "interval": [accuracy["low"], accuracy["high"]],
        "n_test": int(evidence["n"]["test"]),
        "chosen": evidence["verdict"]["chosen"],
        "complete": all((run / name).exists() for name in ("report.html", "bundle", "predictions/test.parquet")),
        "counters": counters((run / "metrics.jsonl").read_text().splitlines()),
    }


def counters(lines: Sequence[str]) -> dict[str, float]:
    """How many images were decoded and sent through a backbone, summed over the run's scalars of these names.

    >>> counters(['{"name": "pass/decoded", "value": 5, "step": 0}'])
    {'decoded': 5.0, 'forwarded': 0.0}
    """
    totals = {"decoded": 0.0, "forwarded": 0.0}
    for line in lines:
        record = json.loads(line)
        for kind in totals:
            if kind in str(record["name"]).split("/"):
                totals[kind] += float(record["value"])
    return totals
