"""A result as a small table, for notebooks."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from headstart.reports.frame import environment
from headstart.reports.measures import level_text, measure, metrics_of
from headstart.reports.run_files import RunFiles
from headstart.reports.sections.result import build_result
from headstart.reports.showable import showable

MOST_ROWS = 6


def summary_html(evidence: Mapping[str, Any]) -> str:
    """The sentence, the verdict and the first metrics of an evidence document, as an HTML fragment without style."""
    run = RunFiles(name="", evidence=showable(evidence))
    metrics = metrics_of(run.section("test"))
    names = sorted(metrics, key=lambda name: name != run.primary)[:MOST_ROWS]
    rows = [
        (measure(name).label, measure(name).value(metrics[name]), measure(name).range(metrics[name])) for name in names
    ]
    level = level_text(metrics[name] for name in names)
    return environment().get_template("summary.html").render(result=build_result(run), rows=rows, level=level)
