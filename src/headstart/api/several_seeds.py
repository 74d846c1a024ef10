"""``fit --seeds N``: the same fit with N seeds, and what its metric is over them."""

from __future__ import annotations

import re
import time
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from headstart.api.results import Run, Seeds
from headstart.core.errors import ConfigError
from headstart.core.files import require_new_folder, write_json
from headstart.core.metric import metric_in_words

if TYPE_CHECKING:
    from headstart.evidence.run_answers import RunAnswers

DOCUMENT, SCHEMA = "seeds.json", 1
RUNS = Path("runs")


def several(fit: Callable[..., Any], asked: Mapping[str, Any], seeds: int) -> Seeds:
    """Fit with the seeds ``seed``, ``seed + 1``, ...; each run is a folder of its own below ``out``.

    A seed decides the split (unless one is given), the folds and the trainings. Kept activations are shared, so a
    further seed costs little more than what is trained.

    Args:
        fit: The verb.
        asked: Its arguments.
        seeds: How many, 2 or more.

    Raises:
        ConfigError: fewer than two, or a dry run.
        HeadstartError: what ``fit`` raises; finished seeds stay, and ``resume`` goes on behind them.
    """
    if seeds < 2:
        raise ConfigError(f"--seeds must be 2 or more, so that they can differ; got {seeds}. Leave it out for one.")
    if asked["dry_run"]:
        raise ConfigError("--seeds has no dry run: the plan is that of each seed. Leave out one of the two.")
    out = Path(asked["out"]) if asked["out"] is not None else _default_folder(str(asked["data"]))
    if not asked["resume"]:
        require_new_folder(out)
    first = asked["seed"] or 0
    runs = [_one(fit, asked, out / f"seed-{seed}", seed) for seed in range(first, first + seeds)]
    document = summary(runs)
    write_json(out / DOCUMENT, document)
    return Seeds(out, tuple(runs), document)


def _one(fit: Callable[..., Any], asked: Mapping[str, Any], out: Path, seed: int) -> Run:
    is_begun = bool(asked["resume"]) and (out / "request.yaml").exists()
    run: Run = fit(**{**asked, "out": out, "seed": seed, "resume": is_begun, "seeds": None})
    return run


def summary(runs: Sequence[Run]) -> dict[str, Any]:
    """seeds.json of finished runs, 2 or more.

    ``primary``, ``values`` (by run), ``mean``, ``spread`` (standard deviation of single runs), ``low`` and ``high`` at
    ``level`` 0.95 over seeds and data, ``same_test`` (whether all were tested on the same examples), ``chosen`` (what
    shipped, by run), ``sentence``.
    """
    from headstart.evaluation.intervals import LEVEL
    from headstart.evidence.run_answers import read_run_answers

    answers = [read_run_answers(run.path) for run in runs]
    task = answers[0].task
    values = [float(run.evidence["test"][task.primary]["value"]) for run in runs]
    tests = {run.evidence["data"]["test_examples"] for run in runs}
    found = _over(runs, answers, values, is_same=len(tests) == 1)
    document = {
        "schema": SCHEMA,
        "primary": task.primary,
        "values": dict(zip((run.path.name for run in runs), values, strict=True)),
        **found,
        "level": LEVEL,
        "same_test": len(tests) == 1,
        "chosen": {run.path.name: run.evidence["verdict"]["chosen"] for run in runs},
    }
    return {**document, "sentence": _sentence(document)}


def _over(
    runs: Sequence[Run], answers: Sequence[RunAnswers], values: Sequence[float], *, is_same: bool
) -> dict[str, Any]:
    from headstart.evaluation.over_seeds import own_tests, same_test

    if not is_same:
        n = runs[0].evidence["n"]
        over = own_tests(np.array(values), n["test"] / max(1, n["train"] + n["val"]))
        return {"mean": over.mean, "spread": over.spread, "low": over.low, "high": over.high}
    order = np.sort(answers[0].ids.astype(str))
    scores = [each.take(_places(each, order)) for each in answers]
    over = same_test(np.stack([each.task.scores(each.targets, each.outputs) for each in scores]))
    bounds = (over.low, over.high)
    if answers[0].task.kind == "real":  # scores are squares; the metric is the root of their mean
        bounds = tuple(None if each is None else float(np.sqrt(max(0.0, each))) for each in bounds)  # type: ignore[assignment]
    spread = float(np.std(values, ddof=1))
    return {"mean": float(np.mean(values)), "spread": spread, "low": bounds[0], "high": bounds[1]}


def _places(answers: RunAnswers, order: Any) -> Any:
    place = {str(name): row for row, name in enumerate(answers.ids)}
    return np.array([place[name] for name in order], dtype=np.int64)


def _sentence(document: Mapping[str, Any]) -> str:
    count, metric = len(document["values"]), metric_in_words(document["primary"])
    span = "no interval can be given, since they all agree"
    if document["low"] is not None:
        span = f"95 % interval over seeds and data {document['low']:.3f} to {document['high']:.3f}"
    tests = "the same test examples" if document["same_test"] else "a test of its own each"
    return (
        f"Over {count} seeds, with {tests}, {metric} is {document['mean']:.3f} in the mean ({span}). "
        f"Single runs spread by {document['spread']:.3f} (standard deviation)."
    )


def _default_folder(data: str) -> Path:
    name = re.sub(r"[^\w.-]+", "-", Path(data).stem).strip("-.") or "data"
    return RUNS / f"{name}-{time.strftime('%Y%m%d-%H%M%S')}-seeds"
