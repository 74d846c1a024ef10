"""The page "API reference": everything that ``headstart`` exports and nothing else."""

from __future__ import annotations

import ast

from rooms import PACKAGE


def functions() -> str:
    """A line per public function, where mkdocstrings puts its docstring."""
    return directives([name for name in exported() if name.islower()])


def classes() -> str:
    """The same for results and errors."""
    return directives([name for name in exported() if not name.islower()])


def directives(names: list[str]) -> str:
    """What mkdocstrings looks for."""
    return "\n\n".join(f"::: headstart.{name}" for name in names)


def exported() -> list[str]:
    """``__all__`` of the package without ``__version__``, read without importing it."""
    for node in ast.parse((PACKAGE / "__init__.py").read_text(encoding="utf-8")).body:
        if isinstance(node, ast.Assign) and any(isinstance(at, ast.Name) and at.id == "__all__" for at in node.targets):
            return [str(name) for name in ast.literal_eval(node.value) if not name.startswith("__")]
    raise ValueError("src/headstart/__init__.py no longer assigns __all__: say here what is public")
