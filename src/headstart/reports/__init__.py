"""From the files of a run or an audit to a page that people read.

For: ``render`` (run folder to report.html), ``render_audit`` (folder of an audit to audit.html) and ``summary_html``
(evidence to a small table for notebooks).

Must not know: models, features, arrays, how a number was computed. It reads JSON, YAML, text and the table of
predictions, and rounds. Whatever stands in those files is foreign: names of classes and files may hold markup, so
every template escapes everything, scripts make text nodes of them, pictures are accepted as base64 inside the page
only, and the page's policy lets a browser load and send nothing and run nothing but our own scripts, known by their
hash.

Scripts (``templates/scripts``) add and never replace: a page says all it has to say without them. They know no section,
but find tables and drawings, and give each a row of buttons to save it.

Drawings are our own SVG, not a plotting library's: they take their colours from the page's style sheet, so they follow
light and dark, stay text for search and screen readers, stretch to a phone's width without shrinking their letters, and
cost no half second of import.

To add: a part of the report is one file in ``sections``, one template of the same name in ``templates/sections``, and
its place in ``sections.CHAPTERS``; a page is a file here and a template that extends ``templates/base.html``.
"""

from __future__ import annotations

from headstart.reports.audit_page import render_audit
from headstart.reports.page import render
from headstart.reports.summary import summary_html

__all__ = ["render", "render_audit", "summary_html"]
