"""The page that goes through one fit: its commands run, and its figures are theirs."""

from __future__ import annotations

import json
import math
import re

import pytest

from cli.helpers_cli import headstart_command
from docs.helpers_pages import ROOT, SHOWN, blocks, steps, words
from headstart.methods.probe_config import LinearProbeConfig

__all__ = ["headstart_command"]

PAGE = (ROOT / "docs" / "one_fit.md").read_text()
PROSE = " ".join(PAGE.split())


def said_of(evidence, name):
    """The row of the table about one candidate, without its name."""
    figures = evidence["test"] if name == evidence["verdict"]["chosen"] else next(
        other for other in evidence["comparisons"] if other["name"] == name
    )  # fmt: skip
    accuracy, against = figures["accuracy"], figures.get("difference")
    own = f"{round(accuracy['value'] * 60)} | {span(accuracy, '.3f', 1)} |"
    return own + (f" {span(against, '+.1f', 100)} |" if against else " |")


def span(interval, form, times):
    low, high = (format(times * interval[end], form) for end in ("low", "high"))
    return f"{interval['value'] * times:{form}} ({low} to {high})"


@pytest.mark.slow
def test_the_commands_work_and_give_the_figures_of_the_page(tmp_path, monkeypatch, headstart_command):
    monkeypatch.chdir(tmp_path)
    (tmp_path / "examples").symlink_to(ROOT / "examples")
    said = [headstart_command(*words(step.body)[1:]) for step in steps(PAGE) if step.language == "sh"]
    assert [each.code for each in said] == [0, 0, 0], [each.err for each in said]
    run = tmp_path / "runs" / "clothing"
    evidence, plan = (json.loads((run / name).read_text()) for name in ("evidence.json", "plan.json"))

    listed = re.findall(r"\| `(\w+)`.*? \| (\d+ \|.*)", PAGE)
    assert {name: row for name, row in listed} == {name: said_of(evidence, name) for name, _ in listed}
    assert len(listed) == 1 + len(evidence["comparisons"])
    loss = evidence["guard"]["out_of_fold_loss"]
    for sentence in [
        f"200 photographs of clothes in ten classes, {evidence['n']['train']} in `train/` and {evidence['n']['test']}",
        f"{plan['backbone']['D']:,} numbers a photograph",
        f"It has {plan['trainable']['parameters']:,} weights",
        f"of up to {len(LinearProbeConfig().strengths())} strengths",
        f"log 10 = {math.log(10):.3f}",
        f"which labels look wrong: {evidence['audit']['findings'][0]['count']} of 140",
        f"the probe has {loss['linear_probe']:.3f}",
        f"without any network {loss['pixel_histograms']:.3f}, the class shares alone {loss['majority_class']:.3f}",
        *curve_of(evidence["learning_curve"]),
    ]:
        assert sentence in PROSE, sentence
    assert evidence["verdict"]["transfer_helps"] == "yes" and evidence["test_reads"] == 1

    again = tmp_path / "runs" / "again"
    metrics = [json.loads(line) for line in (again / "metrics.jsonl").read_text().splitlines()]
    assert [each["value"] for each in metrics if each["name"] == "activations/decoded"] == [0]
    other = json.loads((again / "evidence.json").read_text())["guard"]["out_of_fold_loss"]["linear_probe"]
    assert f"log-loss of {other:.3f} where the first has {loss['linear_probe']:.3f}" in PROSE
    [shown] = [block.body for block in blocks(PAGE) if block.language in SHOWN]
    assert rows_of(said[-1].out) == rows_of(shown)


def curve_of(curve):
    points, expected = curve["points"], curve["forecast"]
    first, *others = [(point["n"], f"{point['value']:.3f}") for point in points]
    return [
        f"{first[0]} examples give an accuracy of {first[1]}",
        *(f"{n} give {value}" for n, value in others),
        f"expects {span(expected, '.3f', 1)} of {expected['n']}",
    ]


def rows_of(text):
    """What, stage, runtime and number of rows of each line of a listing of the cache, in any order."""
    found = [re.match(r"((?:network|prepared) \S+) +(\S+) +(\S+) +(\S+)", line) for line in text.splitlines()]
    return sorted(line.groups() for line in found if line)


def test_the_python_of_the_page_prints_what_is_said_beside_it(capsys):
    code = [block.body for block in blocks(PAGE) if block.language == "python"]
    for block in code:
        exec(compile(block, "one_fit.md", "exec"), {})  # the page's own text
    said = re.findall(r"print\(.*\)  # ([0-9.]+):", "".join(code))
    assert len(said) == 3 and capsys.readouterr().out.split() == said


COVERAGE = {  # row of the table to what was simulated
    "accuracy, recall or precision of a class": ("intervals", "proportions"),
    "difference of two accuracies": ("intervals", "paired_differences"),
    "recall averaged over classes": ("intervals", "recall_macro"),
    "precision averaged over classes": ("intervals", "precision_macro"),
    "macro-F1 of classes": ("intervals", "macro_f1"),
    "difference of two macro-F1 of classes": ("intervals", "macro_f1_differences"),
    "macro-F1 of label sets": ("target_intervals", "macro_f1"),
    "difference of two macro-F1 of label sets": ("target_intervals", "macro_f1_differences"),
    "mean average precision of labels": ("target_intervals", "map"),
    "kappa": ("target_intervals", "qwk"),
    "difference of two kappas": ("target_intervals", "qwk_differences"),
    "log-loss": ("intervals", "log_loss"),
    "RMSE": ("target_intervals", "rmse"),
    "mean absolute error": ("target_intervals", "mae"),
    "difference of two RMSE": ("target_intervals", "rmse_differences"),
    "R squared": ("target_intervals", "r2"),
    "calibration error": ("intervals", "ece"),
    "area under the ROC curve": ("intervals", "roc_auc"),
    "average precision": ("intervals", "average_precision"),
}


def test_the_coverage_of_intervals_is_what_the_benchmarks_found():
    text = (ROOT / "docs" / "how_it_works.md").read_text()
    table = re.findall(r"^\| ([^|]+) \| [^|]+ \| (0\.\d+) \| (0\.\d+) \|$", text, re.MULTILINE)
    folder = ROOT / "benchmarks" / "results"
    found = {name: json.loads((folder / f"{name}.json").read_text()) for name in ("intervals", "target_intervals")}
    expected = []
    for row, (file, key) in COVERAGE.items():
        part = found[file][key]
        expected.append((row, f"{part['mean_coverage']:.3f}", f"{part['smallest_coverage']:.3f}"))
    assert table == expected
    assert f"{found['intervals']['macro_f1']['tried']['percentile_bootstrap_at_0.97']['mean_coverage']:.3f}" in text
    assert f"{found['intervals']['proportions']['tried']['wilson']['smallest_coverage']:.3f}" in text
