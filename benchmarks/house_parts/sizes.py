"""How long files and functions are."""

from __future__ import annotations

import ast
from pathlib import Path

Sizes = list[tuple[str, int]]


def files_of(folder: Path) -> dict[str, str]:
    """Python files below a folder, by path."""
    return {str(path.relative_to(folder)): path.read_text() for path in sorted(folder.rglob("*.py"))}


def lines(files: dict[str, str]) -> int:
    """Lines with something on them."""
    return sum(bool(line.strip()) for text in files.values() for line in text.splitlines())


def occurrences(files: dict[str, str], text: str) -> int:
    """Lines that hold a text."""
    return sum(text in line for content in files.values() for line in content.splitlines())


def longest(files: dict[str, str], count: int) -> Sizes:
    """The longest files, in lines."""
    sizes = [(name, len(text.splitlines())) for name, text in files.items()]
    return sorted(sizes, key=lambda size: -size[1])[:count]


def functions(files: dict[str, str]) -> Sizes:
    r"""Every function with the lines of its body, the longest first; its signature and docstring are not counted.

    >>> functions({"a.py": 'def f(x):\\n    "Says."\\n    y = x\\n    return y\\n'})
    [('a.py:f', 2)]
    """
    found = []
    for name, text in files.items():
        for node in ast.walk(ast.parse(text)):
            if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
                body = node.body[1:] if ast.get_docstring(node) else node.body
                length = 0 if not body else (body[-1].end_lineno or 0) - body[0].lineno + 1
                found.append((f"{name}:{node.name}", length))
    return sorted(found, key=lambda size: -size[1])
