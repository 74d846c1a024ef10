"""From the files of a run or an audit to a page that people read.

For: ``render`` (run folder to report.html), ``render_audit`` (folder of an audit to audit.html) and ``summary_html``
(evidence to a small table for notebooks).

Must not know: models, features, arrays, how a number was computed. It reads JSON, YAML and text, and rounds. Whatever
stands in those files is foreign: names of classes and files may hold markup, so every template escapes everything,
pictures are accepted as base64 inside the page only, and the page's policy lets a browser load and run nothing.

Drawings are our own SVG, not a plotting library's: they take their colours from the page's style sheet, so they follow
light and dark, stay text for search and screen readers, stretch to a phone's width without shrinking their letters, and
cost no half second of import.

To add: a part of the report is one file in ``sections`` and one template of the same name in ``templates/sections``; a
page is a file here and a template that extends ``templates/base.html``.
"""

from __future__ import annotations

from headstart.reports.audit_page import render_audit
from headstart.reports.page import render
from headstart.reports.summary import summary_html

__all__ = ["render", "render_audit", "summary_html"]
