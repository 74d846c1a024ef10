"""What every page has in common: templates, style sheet, and a policy that lets a browser load and run nothing."""

from __future__ import annotations

import base64
import hashlib
from functools import lru_cache
from pathlib import Path
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from jinja2 import Environment

TEMPLATES = Path(__file__).parent / "templates"


def draw(template: str, **values: Any) -> str:
    """A whole page from a template that extends ``base.html``.

    Args:
        template: Its file name.
        values: What it calls by name, besides ``style`` and ``policy``.
    """
    style = (TEMPLATES / "style.css").read_text(encoding="utf-8")
    policy = content_security_policy(style)
    return environment().get_template(template).render(style=_own_text(style), policy=policy, **values)


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
