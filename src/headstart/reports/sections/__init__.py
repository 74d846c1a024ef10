"""The parts of the page, in reading order.

Each file builds one part from the files of a run, as data; its template of the same name draws it. A file whose part
of the evidence is absent returns None and the part is left out.

To add: a file here with ``build(run) -> Section | None``, a template of the same name, and its place in ``ORDER``:
what a reader meets first is a decision of this room, so it is written down in one place instead of in each file.
"""

from __future__ import annotations

from importlib import import_module

from headstart.reports.run_files import RunFiles
from headstart.reports.sections.section import Section

ORDER = (
    "comparison",
    "measures",
    "confusion",
    "decision",
    "certainty",
    "residuals",
    "classes",
    "mistakes",
    "learning_curve",
    "slices",
    "mitigation",
    "robustness",
    "networks",
    "race",
    "training",
    "guard",
    "next_steps",
    "audit",
    "data",
    "plan",
    "cost",
    "model",
    "method",
)


def build_sections(run: RunFiles) -> list[Section]:
    """Every section that the run has something for, in reading order."""
    built = (import_module(f"{__name__}.{name}").build(run) for name in ORDER)
    return [section for section in built if section is not None]
