"""The example pages, and what other pages quote of them and of the table of plain columns, say what the results say."""

from __future__ import annotations

import json
import re
from statistics import mean

import plain_columns
import pytest
from comparison import tables
from jobs.catalogue import JOBS
from jobs.pages import index, page

from docs.helpers_pages import ROOT

EXAMPLES = ROOT / "docs" / "examples"
RESULTS = json.loads((ROOT / "benchmarks" / "results" / "examples.json").read_text())
COLUMNS = json.loads((ROOT / "benchmarks" / "results" / "plain_columns.json").read_text())["runs"]
COUNTS = ("none", "one", "two", "three", "four", "five")


def prose(*names):
    return " ".join(ROOT.joinpath(*names).read_text().split())


@pytest.mark.parametrize("job", JOBS, ids=lambda job: job.name)
def test_a_page_is_what_its_result_makes_of_it(job):
    assert (EXAMPLES / f"{job.name}.md").read_text() == page(job, RESULTS[job.name])


def test_the_index_is_what_the_results_make_of_it():
    assert (EXAMPLES / "README.md").read_text() == index(JOBS, RESULTS)


def test_the_readme_counts_the_jobs_that_ship_counted_words():
    number = COUNTS[[result["verdict"]["chosen"] for result in RESULTS.values()].count("tfidf")]
    assert f"On {number} of them the guard ships counted words instead of the network" in prose("README.md")


def test_pairs_of_texts_are_worth_what_the_grading_page_says():
    grading = RESULTS["grading"]
    counted = next(each for each in grading["comparisons"] if each["name"] == "tfidf")
    pairs, words = (f"{each['qwk']['value']:.2f}" for each in (grading["test"], counted))
    assert f"a kappa of {pairs} where counted words give {words}" in prose("docs", "how_it_works.md")


def test_the_table_of_plain_columns_is_that_of_its_runs():
    rows = [plain_columns.row(name, runs_of(name)) for name in plain_columns.SETS]
    shown = (ROOT / "benchmarks" / "results" / "plain_columns.md").read_text()
    assert shown == tables.markdown(plain_columns.HEADER, rows) + "\n"


def test_the_limits_say_of_blends_what_their_runs_say():
    runs, text = runs_of("german_credit"), prose("docs", "limits.md")
    ships = COUNTS[sum(run["chosen"]["now"] == "blend" for run in runs)]
    losses = [mean(run["loss"][run["chosen"][when]] for run in runs) for when in plain_columns.WHEN]
    assert f"the blend ships in {ships} and held-out log-loss falls from {losses[0]:.3f} to {losses[1]:.3f}" in text
    assert f"ROC AUC goes from {over_splits(runs, 'roc_auc')} and accuracy from {over_splits(runs, 'accuracy')}" in text
    molecules = over_splits(runs_of("esol_solubility"), "rmse")
    assert f"on esol_solubility's columns the error falls from {molecules}" in text


def test_the_limits_say_of_rare_classes_what_their_page_says():
    said = r"gives (\S+) points of macro-F1 less \(95 % interval -(\S+) to \+(\S+)\)"
    less, low, high = re.search(said, RESULTS["machine_failure"]["note"]).groups()
    text = f"{less} points less than with the most probable class (between {low} less and {high} more)"
    assert text in prose("docs", "limits.md")


def runs_of(name):
    return [run for run in COLUMNS if run["set"] == name]


def over_splits(runs, metric):
    """Means over the splits without blends and with them, as a sentence puts them."""
    return " to ".join(f"{mean(run['test'][when][metric] for run in runs):.3f}" for when in plain_columns.WHEN)
