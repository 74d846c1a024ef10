"""AutoGluon Tabular as it is: preset ``medium_quality`` (its default), all models that it installs, a limit of time.

python autogluon_tabular.py FOLDER --out result.json      # train.csv and test.csv with the column label
"""

from __future__ import annotations

import argparse
import tempfile
from pathlib import Path

import pandas
import torch
from answers import write_answers
from autogluon.tabular import TabularPredictor


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("folder", type=Path, help="holds train.csv and test.csv")
    parser.add_argument("--out", type=Path, required=True)
    parser.add_argument("--seconds", type=int, default=600)
    parser.add_argument("--threads", type=int, default=2)
    parser.add_argument("--seed", type=int, default=0)
    args = parser.parse_args()

    torch.set_num_threads(args.threads)
    train, test = (pandas.read_csv(args.folder / f"{part}.csv") for part in ("train", "test"))
    with tempfile.TemporaryDirectory() as scratch:
        predictor = TabularPredictor(
            label="label", path=str(Path(scratch) / "model"), learner_kwargs={"random_state": args.seed}
        )
        predictor.fit(
            train,
            presets="medium_quality",
            time_limit=args.seconds,
            num_cpus=args.threads,
            num_gpus=0,
        )
        print(predictor.leaderboard().to_string())
        probabilities = predictor.predict_proba(test.drop(columns="label"))
        predictions = predictor.predict_from_proba(probabilities).astype(str)
    second = probabilities[sorted(probabilities)[1]] if probabilities.shape[1] == 2 else None
    names = [f"test/{row}" for row in range(len(test))]
    write_answers(args.out, names, list(test["label"].astype(str)), list(predictions), second)


if __name__ == "__main__":
    main()
