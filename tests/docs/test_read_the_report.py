"""The page for people who train no models names sections as the report does."""

from __future__ import annotations

import re
from pathlib import Path

import headstart
from docs.helpers_pages import ROOT

SECTIONS = Path(headstart.__file__).parent / "reports" / "sections"


def test_every_question_of_the_page_is_a_title_of_the_report():
    page = (ROOT / "docs" / "read_the_report.md").read_text()
    asked = [row.split("|")[1].strip() for row in page.splitlines() if row.startswith("| ")][1:]
    code = "\n".join(path.read_text() for path in SECTIONS.glob("*.py"))
    titles = set(re.findall(r'"([^"\n]+)"', code))
    assert len(asked) > 8 and [title for title in asked if title not in titles] == []


def test_what_it_quotes_is_what_the_report_says():
    page = (ROOT / "docs" / "read_the_report.md").read_text()
    template = (SECTIONS.parent / "templates" / "page.html").read_text()
    assert "Does transfer help?" in page and "Does transfer help?" in template
    assert "Read this first" in page and "Read this first" in template
