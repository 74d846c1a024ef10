"""A network of texts reads the new domain: bank to hotel and back, on the intents that both have.

``python benchmarks/reading_texts.py --data DATA [--seeds 0 1 2] [--work build/reading_texts]``

DATA holds ``nlupp_banking_hotels``. For each seed a linear probe on MiniLM is fitted on one domain (``--seed`` draws
its split), and ``headstart adapt`` moves it to the other one by each way; all of that domain's texts are seen without
labels and then measured on. ``task`` learns the labelled texts alone (SimCSE at a weight of 0): what a gain is held
against.
Writes ``results/reading_texts.jsonl``, a line each as it comes.
"""

from __future__ import annotations

import argparse
import json
from pathlib import Path
from typing import Any

import numpy as np
import pandas
import pyarrow.parquet
from shifts.sets import nlupp

HERE = Path(__file__).parent
RESULTS = HERE / "results" / "reading_texts.jsonl"
WAYS: dict[str, tuple[str, dict[str, Any]]] = {
    "task": ("simcse", {"method.trade_off": 0}),
    "dapt": ("dapt", {}),
    "simcse": ("simcse", {}),
    "dapt without the task": ("dapt", {"method.with_task": "false"}),
    "simcse without the task": ("simcse", {"method.with_task": "false"}),
}


def main() -> None:
    """Every seed, both ways."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--data", type=Path, required=True)
    parser.add_argument("--work", type=Path, default=HERE.parent / "build" / "reading_texts")
    parser.add_argument("--seeds", type=int, nargs="+", default=[0, 1, 2])
    parser.add_argument("--ways", nargs="+", choices=[*WAYS], default=[*WAYS])
    options = parser.parse_args()
    options.work.mkdir(parents=True, exist_ok=True)
    found = nlupp(options.data).rename(columns={"input": "text"})
    for name, part in found.groupby("domain"):
        part[["text", "label"]].drop_duplicates("text").to_csv(options.work / f"{name}.csv", index=False)
    with RESULTS.open("a") as lines:
        for seed in options.seeds:
            for here, there in (("banking", "hotels"), ("hotels", "banking")):
                for line in measured(options.work, here, there, seed, options.ways):
                    lines.write(json.dumps(line) + "\n")
                    lines.flush()
                    print(line, flush=True)


def measured(work: Path, here: str, there: str, seed: int, ways: list[str]) -> Any:
    """Share of the other domain's texts that each way answers right."""
    import headstart

    run = work / f"run-{here}-{seed}"
    if not run.exists():
        headstart.fit(
            work / f"{here}.csv", target="label", model="all_minilm_l6_v2", method="linear_probe", seed=seed, out=run
        )
    truth = pandas.read_csv(work / f"{there}.csv")
    said = [row["prediction"] for row in headstart.predict(run, truth[["text"]]).rows]
    line = {"seed": seed, "to": there, "n": len(truth)}
    yield {**line, "way": "model as it is", "right": right(said, truth)}
    for way in ways:
        method, settings = WAYS[way]
        found = headstart.adapt(
            run, truth[["text"]], method=method, settings=settings, out=work / f"{way}-{here}-{seed}".replace(" ", "-")
        )
        table = pyarrow.parquet.read_table(Path(str(found.path)) / "predictions" / "target.parquet").to_pydict()
        seconds = found.evidence["training"][method]["seconds"]
        yield {**line, "way": way, "right": right(table["prediction"], truth), "seconds": round(seconds)}


def right(said: list[Any], truth: pandas.DataFrame) -> float:
    """Share, 0 to 1."""
    return round(float((np.array(said) == truth.label.to_numpy()).mean()), 4)


if __name__ == "__main__":
    main()
