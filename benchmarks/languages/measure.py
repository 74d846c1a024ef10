"""English questions to a bank, and the same questions in four other languages: what carries over.

``python -m languages.measure --data DATA --model FOLDER_OR_NAME ...`` (in ``benchmarks/``; ``packaged_e5.py`` makes the
folder). Eight classes of ``banking77``, up to 60 English questions each; ``sentences.csv`` holds four questions of each
class in German, Spanish, Chinese and Arabic, written for this measurement. Zero-shot: a linear probe on English alone.
Few-shot: one question of each class in the other language beside them, drawn four times, measured on the other three,
as a fit on the joined table does. Writes ``results/languages.json``.
"""

from __future__ import annotations

import argparse
import json
import tempfile
from pathlib import Path
from typing import Any

import numpy as np
import pandas

HERE = Path(__file__).parent
RESULTS = HERE.parent / "results" / "languages.json"
EACH = 60


def main() -> None:
    """One fit of each network, and heads on its features."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--data", type=Path, required=True)
    parser.add_argument("--model", nargs="+", required=True)
    options = parser.parse_args()
    others = pandas.read_csv(HERE / "sentences.csv")
    english = pandas.read_csv(options.data / "banking77" / "train.csv")
    english = english[english.label.isin(others.label.unique())].groupby("label").head(EACH)
    found = {Path(model).name: measured(model, english, others) for model in options.model}
    RESULTS.write_text(json.dumps(found, indent=1) + "\n")
    print(json.dumps(found, indent=1))


def measured(model: str, english: pandas.DataFrame, others: pandas.DataFrame) -> dict[str, Any]:
    """Shares that are right: English test, zero-shot and few-shot of each language, and what the notes say."""
    import headstart

    with tempfile.TemporaryDirectory() as made:
        place = Path(made)
        english.to_csv(place / "english.csv", index=False)
        run = headstart.fit(
            place / "english.csv", target="label", model=model, method="linear_probe", out=place / "run"
        )
        found: dict[str, Any] = {"English test": run.evidence["test"]["accuracy"]["value"]}
        for language, part in others.groupby("language"):
            part.drop(columns="language").to_csv(place / f"{language}.csv", index=False)
            found[str(language)] = of_language(place / "run", place / f"{language}.csv", part)
    return found


def of_language(run: Path, table: Path, part: pandas.DataFrame) -> dict[str, Any]:
    """By the run as it is, by heads that saw a few labels, and the first advice of the audit."""
    import headstart
    from headstart import bundle
    from headstart.api.two_domains import source_rows, target_rows
    from headstart.core.progress import Silent
    from headstart.core.run_folder import RunFolder

    shipped = bundle.read(run)
    predictor = shipped.predictor()
    ours = source_rows(RunFolder(run), shipped, predictor, threads=None, progress=Silent())
    theirs = target_rows(table, None, shipped, predictor, threads=None, progress=Silent())
    truth = np.array([shipped.class_names.index(name) for name in part.label])
    right = predictor.outputs_of(theirs.features).argmax(1) == truth
    few = [few_shot(ours, theirs.features, truth, draw) for draw in range(4)]
    told = headstart.audit(run, against=table).document
    return {
        "zero_shot": float(right.mean()),
        "few_shot": float(np.mean([each[0] for each in few])),
        "zero_shot_on_the_same_rows": float(np.mean([right[each[1]].mean() for each in few])),
        "estimated": told["accuracy"]["confidence"]["value"] if told["accuracy"] else None,
        "advice": told["advice"][0],
    }


def few_shot(ours: Any, features: Any, truth: Any, draw: int) -> tuple[float, Any]:
    """With one row of each class, the ``draw``-th of it; and which rows it is measured on."""
    from headstart.adaptation.solver import PenaltySolver
    from headstart.core.learning import Targets
    from headstart.methods.probe_config import LinearProbeConfig

    place = np.zeros(len(truth), int)
    for name in np.unique(truth):
        place[truth == name] = np.arange((truth == name).sum())
    taught = place == draw
    values = np.concatenate([ours.targets.values, truth[taught]])
    solver = PenaltySolver(LinearProbeConfig().fallback * features.shape[1])
    head = solver.fit(
        np.concatenate([ours.features, features[taught]]),
        Targets(values, ours.targets.kind, ours.targets.width),
    )
    said = solver.outputs(head, features[~taught]).argmax(1)
    return float((said == truth[~taught]).mean()), ~taught


if __name__ == "__main__":
    main()
