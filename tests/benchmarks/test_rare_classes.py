"""The table of rare classes, and the page that quotes it, say what the runs say."""

from __future__ import annotations

import json

import rare_classes

from docs.helpers_pages import ROOT

RUNS = json.loads((ROOT / "benchmarks" / "results" / "rare_classes.json").read_text())["runs"]


def test_the_table_is_that_of_the_runs_and_stands_on_the_page():
    table = rare_classes.table_of(RUNS)
    assert (ROOT / "benchmarks" / "results" / "rare_classes.md").read_text() == table + "\n"
    assert table in (ROOT / "docs" / "how_it_works.md").read_text()


def test_what_is_said_of_it_holds():
    rows = {(line[0], line[1]): line for name in rare_classes.SETS for line in ways(name)}
    gaps = [float(rows[name, "decision"][2]) - float(rows[name, "loss"][2]) for name in rare_classes.SETS]
    assert max(map(abs, gaps)) <= 0.0105
    said = max(float(rows[name, "loss"][-1]) for name in rare_classes.SETS)
    text = " ".join((ROOT / "docs" / "how_it_works.md").read_text().split())
    assert f"Weights promise up to {100 * (said - 1):.0f} % too much" in text


def ways(name):
    return [rare_classes.row(name, balance, RUNS) for balance in rare_classes.WAYS]
