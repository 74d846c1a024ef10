"""report.html: one file that needs nothing else, drawn from the files of a run folder."""

from __future__ import annotations

import base64
import hashlib
from functools import lru_cache
from pathlib import Path
from typing import TYPE_CHECKING, Any

from headstart.core.files import write_text
from headstart.core.run_folder import RunFolder
from headstart.reports.names import shorten
from headstart.reports.run_files import RunFiles, mapping, read_run
from headstart.reports.sections import build_sections
from headstart.reports.sections.result import build_result

if TYPE_CHECKING:
    from jinja2 import Environment

TEMPLATES = Path(__file__).parent / "templates"


def render(run_folder: Path, examples: bool = True) -> Path:
    """Write ``report.html`` into a run folder and return its path.

    Args:
        run_folder: Holds evidence.json; plan.json, decisions.jsonl, config.yaml and examples.json where there are any.
        examples: Whether pictures of the data may be in the page.

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
    style = (TEMPLATES / "style.css").read_text(encoding="utf-8")
    data = run.section("data").get("name") or mapping(run.plan.get("data")).get("name") or run.name
    html = (
        environment()
        .get_template("page.html")
        .render(
            policy=content_security_policy(style),
            style=_own_text(style),
            data_name=shorten(data, 60),
            run=run,
            result=build_result(run),
            sections=build_sections(run),
        )
    )
    return html


def content_security_policy(style: str) -> str:
    """Nothing is loaded, run, framed or sent; pictures are inside the page, and only this very style sheet applies."""
    digest = base64.b64encode(hashlib.sha256(style.encode()).digest()).decode()
    return f"default-src 'none'; img-src data:; style-src 'sha256-{digest}'; base-uri 'none'; form-action 'none'"


@lru_cache
def environment() -> Environment:
    """Templates of this room. Everything is escaped, in every file, since names of classes and files are foreign."""
    from jinja2 import Environment, FileSystemLoader, StrictUndefined

    return Environment(
        loader=FileSystemLoader(TEMPLATES),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
        auto_reload=False,
    )


def _own_text(text: str) -> Any:
    """Our own style sheet, the one text that is not escaped."""
    from markupsafe import Markup

    return Markup(text)  # noqa: S704  # read from this package, never from a run
