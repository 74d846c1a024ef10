"""What every page has in common: templates, style, scripts, and a policy that lets a browser load and send nothing."""

from __future__ import annotations

import base64
import hashlib
from collections.abc import Sequence
from functools import lru_cache
from pathlib import Path
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from jinja2 import Environment

TEMPLATES = Path(__file__).parent / "templates"
SCRIPTS = ("save", "tables", "pictures", "contents")  # of every page; later ones use names of earlier ones


def draw(template: str, scripts: Sequence[str] = SCRIPTS, **values: Any) -> str:
    """A whole page from a template that extends ``base.html``.

    Args:
        template: Its file name.
        scripts: Files of ``templates/scripts`` without ending. A page says all it has to say without them.
        values: What it calls by name, besides ``style``, ``script`` and ``policy``.
    """
    style, script = style_sheet(), script_of(scripts)
    policy = content_security_policy(style, script)
    page = environment().get_template(template)
    return page.render(style=_own_text(style), script=_own_text(script), policy=policy, **values)


def style_sheet() -> str:
    """The style sheet of all pages."""
    return (TEMPLATES / "style.css").read_text(encoding="utf-8")


def script_of(names: Sequence[str]) -> str:
    """Scripts as one, whose names stay its own; empty without any."""
    texts = [(TEMPLATES / "scripts" / f"{name}.js").read_text(encoding="utf-8") for name in names]
    return f"(() => {{\n{''.join(texts)}}})();\n" if texts else ""


def content_security_policy(style: str, script: str) -> str:
    """Nothing is loaded, framed or sent; pictures are inside the page, and only this very style and script apply."""
    runs = f"script-src 'sha256-{_digest(script)}'; " if script else ""
    return (
        f"default-src 'none'; img-src data:; {runs}style-src 'sha256-{_digest(style)}'; base-uri 'none'; "
        "form-action 'none'"
    )


def _digest(text: str) -> str:
    return base64.b64encode(hashlib.sha256(text.encode()).digest()).decode()


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
    """Our own style sheet and scripts, the one text that is not escaped."""
    from markupsafe import Markup

    return Markup(text)  # noqa: S704  # read from this package, never from a run
