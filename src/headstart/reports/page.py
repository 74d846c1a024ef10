"""report.html: one file that needs nothing else, drawn from the files of a run folder."""

from __future__ import annotations

from pathlib import Path

from headstart.core.files import write_text
from headstart.core.run_folder import RunFolder
from headstart.reports.frame import SCRIPTS, draw
from headstart.reports.names import shorten
from headstart.reports.run_files import RunFiles, mapping, read_run
from headstart.reports.sections import build_chapters
from headstart.reports.sections.result import build_result


def render(run_folder: Path, examples: bool = True) -> Path:
    """Write ``report.html`` into a run folder and return its path.

    Args:
        run_folder: Holds evidence.json; plan.json, audit.json, decisions.jsonl, config.yaml and examples.json where
            there are any.
        examples: Whether pictures and names of examples may be in the page.

    Raises:
        ConfigError: there is no evidence.json.
        IntegrityError: a file does not parse, or was written by a newer version.
    """
    folder = Path(run_folder)
    path = RunFolder(folder).report
    write_text(path, page_html(read_run(folder, examples=examples)))
    return path


def page_html(run: RunFiles) -> str:
    """The page as text."""
    data = run.section("data").get("name") or mapping(run.plan.get("data")).get("name") or run.name
    chapters = build_chapters(run)
    sections = [section for chapter in chapters for section in chapter.sections]
    scripts = (*SCRIPTS, "predictions") if any(each.name == "predictions" for each in sections) else SCRIPTS
    return draw(
        "page.html",
        scripts,
        data_name=shorten(data, 60),
        run=run,
        result=build_result(run),
        chapters=chapters,
        glances=[section for section in sections if section.glance],
    )
