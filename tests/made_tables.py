"""Small tables that tests of whole journeys share."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pandas


def customers(rows: int = 120, seed: int = 0) -> pandas.DataFrame:
    """Numbers, a category, a date, a yes-or-no and gaps; `churn` follows from age and plan, with noise."""
    rng = np.random.default_rng(seed)
    age = rng.integers(18, 80, rows).astype(float)
    plan = rng.choice(["basic", "plus", "pro"], rows)
    chance = 1 / (1 + np.exp(-((age - 50) / 8 + np.where(plan == "pro", 2.0, -0.5))))
    frame = pandas.DataFrame(
        {
            "age": np.where(rng.random(rows) < 0.1, np.nan, age),
            "plan": plan,
            "since": [f"20{year:02d}-{month:02d}-03" for year, month in rng.integers(1, 13, (rows, 2))],
            "mail": rng.choice(["yes", "no"], rows),
            "spent": rng.normal(100, 30, rows).round(2),
            "churn": np.where(rng.random(rows) < chance, "gone", "stayed"),
        }
    )
    frame.loc[rng.choice(rows, 8, replace=False), "plan"] = None
    return frame


def write_csv(path: Path, frame: pandas.DataFrame) -> Path:
    """The table as people have it."""
    path.parent.mkdir(parents=True, exist_ok=True)
    frame.to_csv(path, index=False)
    return path
