"""The parts of the page, in reading order.

Each file builds one part from the files of a run, as data; its template of the same name draws it. A file whose part
of the evidence is absent returns None and the part is left out.

To add: a file here with ``build(run) -> Section | None``, a template of the same name, and its place in ``CHAPTERS``:
what a reader meets first is a decision of this room, so it is written down in one place instead of in each file.
"""

from __future__ import annotations

from dataclasses import dataclass
from importlib import import_module

from headstart.reports.run_files import RunFiles
from headstart.reports.sections.section import Section


@dataclass(frozen=True)
class Chapter:
    """Sections that answer one kind of question.

    Attributes:
        name: Anchor.
        title: Heading, and its word in the list of contents.
        sections: Those that the run has something for.
    """

    name: str
    title: str
    sections: tuple[Section, ...]


CHAPTERS = {
    "Result": ("update", "comparison", "measures", "residuals", "confusion", "classes", "decision"),
    "Mistakes": ("explained", "mistakes", "predictions"),
    "Trust": ("domains", "certainty", "slices", "mitigation", "robustness"),
    "Next steps": ("next_steps", "learning_curve"),
    "Data": ("audit", "data"),
    "How it was made": ("guard", "networks", "race", "training", "plan", "cost", "model", "method"),
}


ORDER = tuple(name for names in CHAPTERS.values() for name in names)


def build_chapters(run: RunFiles) -> list[Chapter]:
    """Every chapter that the run has something for, in reading order."""
    there = {section.name: section for section in build_sections(run)}
    chapters = (
        Chapter(f"chapter-{place}", title, tuple(there[name] for name in names if name in there))
        for place, (title, names) in enumerate(CHAPTERS.items(), 1)
    )
    return [chapter for chapter in chapters if chapter.sections]


def build_sections(run: RunFiles) -> list[Section]:
    """Every section that the run has something for, in reading order."""
    built = (import_module(f"{__name__}.{name}").build(run) for name in ORDER)
    return [section for section in built if section is not None]
