"""What mkdocs calls while it builds the site: pages from elsewhere, pages from the source, links, menu, summaries."""

from __future__ import annotations

import re
from typing import Any

import architecture
import reference
import repository
from mkdocs.structure.files import File

FILLED = {  # what stands in a page, and what takes its place
    "<!-- drawing of the rooms -->": architecture.drawing,
    "<!-- table of the rooms -->": architecture.table,
    "<!-- public functions -->": reference.functions,
    "<!-- public classes -->": reference.classes,
}
SUMMARY = 160  # characters; search engines cut what is longer
FOLDERS = {"Jobs": "jobs", "Examples": "examples"}


def on_config(config: Any) -> Any:
    """Fill the menu's folders: in the order of their index, benchmarks by name."""
    pages = {title: folder_pages(folder) for title, folder in FOLDERS.items()}
    pages["Benchmarks"] = [place for place in repository.outside_pages().values() if place.startswith("benchmarks/")]
    config.nav = [{each: pages[each]} if isinstance(each, str) and each in pages else each for each in config.nav]
    return config


def folder_pages(folder: str) -> list[str]:
    """The index of a folder and the pages that it links to."""
    return [f"{folder}/{name}" for name in ("README.md", *repository.linked_pages(f"docs/{folder}/README.md"))]


def on_files(files: Any, config: Any) -> Any:
    """Add the pages that do not lie in docs/."""
    for path, place in repository.outside_pages().items():
        files.append(File.generated(config, place, content=(repository.ROOT / path).read_text(encoding="utf-8")))
    return files


def on_page_markdown(markdown: str, page: Any, **_: Any) -> str:
    """Fill in what comes from the source, turn links, and give search engines the first sentences of the page."""
    page.meta.setdefault("description", summary(markdown))
    for mark, made in FILLED.items():
        markdown = markdown.replace(mark, made()) if mark in markdown else markdown
    return repository.links_of_the_site(markdown, page.file.src_uri)


def on_page_content(html: str, **_: Any) -> str:
    """Take roles such as ``:func:`` from docstrings, which Sphinx would read and a browser shows as they are."""
    return re.sub(r":(?:func|class|meth|mod|attr):\s*(?=<code>)", "", html)


def summary(markdown: str) -> str:
    """The first paragraph below the title, without marks, cut at a word."""
    paragraphs = [part.strip() for part in re.sub(r"```.*?```", "", markdown, flags=re.DOTALL).split("\n\n")]
    prose = next((part for part in paragraphs if re.match(r"[A-Z0-9*`]", part)), "")
    text = " ".join(re.sub(r"\[([^\]]*)\]\([^)]*\)|[*`]", r"\1", prose).split())
    return text if len(text) <= SUMMARY else text[:SUMMARY].rsplit(" ", 1)[0].rstrip(",;:") + " ..."
