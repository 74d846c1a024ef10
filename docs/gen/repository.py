"""Pages that lie outside docs/ because people look for them there, and links between all of them.

A link is written for someone who reads the file in the repository. On the site the same file may lie elsewhere, so
relative links are turned into those between pages; what is a file and no page stays as its words.
"""

from __future__ import annotations

import posixpath
import re

from rooms import ROOT

AT_ROOT = {"README.md": "index.md", "CONTRIBUTING.md": "contributing.md", "CHANGELOG.md": "changelog.md"}
LINK = re.compile(r"(?P<shown>!?\[[^\]]*\])\((?P<target>[^)#\s:]+)(?P<anchor>#[^)\s]*)?\)")


def outside_pages() -> dict[str, str]:
    """Path in the repository to place in the site, for pages that are not in docs/."""
    results = sorted(path.relative_to(ROOT).as_posix() for path in ROOT.glob("benchmarks/results/*.md"))
    return {**AT_ROOT, "benchmarks/README.md": "benchmarks/README.md", **{path: path for path in results}}


def place(path: str) -> str | None:
    """Where a file of the repository lies in the site; None where it is not there."""
    if path.startswith("docs/") and not path.startswith("docs/gen/"):
        return path.removeprefix("docs/")
    return outside_pages().get(path)


def origin(src_uri: str) -> str:
    """The path in the repository of a page of the site."""
    back = {there: here for here, there in outside_pages().items()}
    return back.get(src_uri, f"docs/{src_uri}")


def links_of_the_site(markdown: str, src_uri: str) -> str:
    """The page with its relative links as the site needs them."""
    here = origin(src_uri)

    def turned(found: re.Match[str]) -> str:
        path = posixpath.normpath(posixpath.join(posixpath.dirname(here), found["target"]))
        there = place(path)
        if there is not None:
            target = posixpath.relpath(there, posixpath.dirname(src_uri) or ".")
            return f"{found['shown']}({target}{found['anchor'] or ''})"
        return found["shown"].strip("[]") if (ROOT / path).exists() else found[0]

    return LINK.sub(turned, markdown)


def linked_pages(path: str) -> list[str]:
    """Names of the pages beside an index that it links to, in its order: an index is also the order of the menu."""
    text = (ROOT / path).read_text(encoding="utf-8")
    beside = [found["target"] for found in LINK.finditer(text) if "/" not in found["target"]]
    return list(dict.fromkeys(name for name in beside if name.endswith(".md")))
