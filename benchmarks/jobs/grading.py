"""A made grading set: answers of known worth to a text, from the SciTLDR summaries (Apache-2.0).

The rule: an answer begins as the one-sentence summary of a paper, cut into five runs of words. For the grade g (0 to 5)
5 - g of the runs, drawn at random, are replaced by as many words from the summary of another paper. The text to be
graded against is the paper's abstract. So the grade says how many fifths of the answer are about the text. Nobody
graded anything: the set shows how an ordinal target is learned from pairs, not how teachers grade.
"""

from __future__ import annotations

import csv
from pathlib import Path

import numpy as np

RUNS = 5
SEED = 0


def make(source: Path, place: Path) -> Path:
    """Write train.csv and test.csv with the columns text, answer and grade."""
    place.mkdir(parents=True, exist_ok=True)
    for number, split in enumerate(("train", "test")):
        with (source / f"{split}.csv").open(encoding="utf-8", newline="") as stream:
            papers = [(row["text"], row["summary"]) for row in csv.DictReader(stream)]
        rng = np.random.default_rng([SEED, number])
        with (place / f"{split}.csv").open("w", encoding="utf-8", newline="") as stream:
            writer = csv.writer(stream)
            writer.writerow(["text", "answer", "grade"])
            for row, (text, summary) in enumerate(papers):
                grade = int(rng.integers(0, RUNS + 1))
                other = papers[int((row + rng.integers(1, len(papers))) % len(papers))][1]
                writer.writerow([text, spoiled(summary, other, RUNS - grade, rng), grade])
    return place


def spoiled(summary: str, other: str, count: int, rng: np.random.Generator) -> str:
    """``summary`` with ``count`` of its five runs of words replaced by words of ``other``."""
    words, foreign = summary.split(), other.split()
    edges = np.linspace(0, len(words), RUNS + 1).astype(int)
    replaced = set(rng.choice(RUNS, count, replace=False).tolist())
    result: list[str] = []
    for run in range(RUNS):
        own = words[edges[run] : edges[run + 1]]
        start = int(rng.integers(0, max(1, len(foreign) - len(own) + 1)))
        result += foreign[start : start + len(own)] if run in replaced else own
    return " ".join(result)
