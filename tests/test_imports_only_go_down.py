"""The listing of rooms is the architecture: a room knows only rooms of lower layers."""

from __future__ import annotations

import ast
from pathlib import Path

import pytest

import headstart

PACKAGE = Path(headstart.__file__).parent
LAYERS = [
    "core",
    "data backbones evaluation",
    "tasks methods",
    "postprocessing",
    "runtimes mitigation",
    "engine bundle",
    "inspection selection explanation monitoring",
    "evidence request",
    "features",
    "solving",
    "auditing training updating",
    "racing ranking",
    "adaptation compression",
    "serving reports exporting",
    "fitting",
    "api",
    "cli",
]
RANK = {room: rank for rank, layer in enumerate(LAYERS) for room in layer.split()}
NO_TORCH_AT_IMPORT = {
    "core",
    "data",
    "evaluation",
    "tasks",
    "mitigation",
    "postprocessing",
    "bundle",
    "monitoring",
    "serving",
    "exporting",
    "reports",
    "request",
    "features",
    "solving",
    "auditing",
    "training",
    "updating",
    "racing",
    "ranking",
    "adaptation",
    "fitting",
    "api",
    "cli",
}


def imported_modules(tree: ast.AST, path: Path) -> set[str]:
    """Absolute dotted names of all imports in a file, late and relative ones included."""
    package = ("headstart", *path.relative_to(PACKAGE).parent.parts)
    found = set()
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            found |= {alias.name for alias in node.names}
        elif isinstance(node, ast.ImportFrom):
            base = ".".join(package[: len(package) - node.level + 1]) if node.level else ""
            module = ".".join(part for part in (base, node.module or "") if part)
            found |= {module, *(f"{module}.{alias.name}" for alias in node.names)}
    return found


def imported_rooms(tree: ast.AST, path: Path) -> set[str]:
    parts = (name.split(".") for name in imported_modules(tree, path))
    return {part[1] for part in parts if part[0] == "headstart" and len(part) > 1 and part[1] in RANK}


def room_of(path: Path) -> str:
    return path.relative_to(PACKAGE).parts[0].removesuffix(".py")


FILES = [path for path in sorted(PACKAGE.rglob("*.py")) if room_of(path) in RANK]


@pytest.mark.parametrize("path", FILES, ids=lambda path: str(path.relative_to(PACKAGE)))
def test_imports_only_go_down(path):
    here = room_of(path)
    for there in imported_rooms(ast.parse(path.read_text()), path):
        assert there == here or RANK[there] < RANK[here], f"{path}: {here} imports {there}"


@pytest.mark.parametrize(
    "folder", [p.name for p in sorted(PACKAGE.iterdir()) if p.is_dir() and p.name != "__pycache__"]
)
def test_every_room_has_a_place_and_says_what_it_is_for(folder):
    assert folder in RANK
    docstring = ast.get_docstring(ast.parse((PACKAGE / folder / "__init__.py").read_text())) or ""
    assert "must not know" in docstring.lower() and "to add" in docstring.lower()


@pytest.mark.parametrize(
    "source", ["from headstart.cli import main", "from ..cli import main", "from headstart import cli"]
)
def test_the_reader_of_imports_sees_absolute_relative_and_package_forms(source):
    assert imported_rooms(ast.parse(source), PACKAGE / "core" / "sub.py") == {"cli"}


# They are PyTorch modules, and imported inside the functions that write a .pt2 file or follow a stream.
ARE_TORCH = {
    PACKAGE / "exporting" / "torch_nodes.py",
    PACKAGE / "exporting" / "torch_program.py",
    PACKAGE / "adaptation" / "stream" / "network.py",
}


@pytest.mark.parametrize(
    "path",
    [p for p in FILES if room_of(p) in NO_TORCH_AT_IMPORT and p not in ARE_TORCH],
    ids=lambda p: str(p.relative_to(PACKAGE)),
)
def test_rooms_that_serve_import_torch_inside_functions_only(path):
    top = ast.Module([n for n in ast.parse(path.read_text()).body if isinstance(n, ast.Import | ast.ImportFrom)], [])
    assert not any(name.split(".")[0] == "torch" for name in imported_modules(top, path))


def module_of(path: Path) -> str:
    return ".".join(("headstart", *path.relative_to(PACKAGE).with_suffix("").parts)).removesuffix(".__init__")


def circles(edges: dict[str, set[str]]) -> list[list[str]]:
    """What is left when files that import nothing, or that nothing imports, are taken away again and again."""
    left = {name: set(there) for name, there in edges.items()}
    while True:
        imported = set().union(*left.values()) if left else set()
        outside = {name for name, there in left.items() if not there or name not in imported}
        if not outside:
            return [sorted(left)] if left else []
        left = {name: there - outside for name, there in left.items() if name not in outside}


def test_no_file_imports_itself_by_way_of_others():
    """Late imports and those of types count: what goes in a circle can only be understood together.

    ``__init__`` files are left out: a package imports what it shows, and its files may ask a sibling by its full name.
    """
    files = {module_of(path): path for path in sorted(PACKAGE.rglob("*.py")) if path.name != "__init__.py"}
    edges = {
        name: (imported_modules(ast.parse(path.read_text()), path) & files.keys()) - {name}
        for name, path in files.items()
    }
    assert circles(edges) == []


def test_circles_are_seen_where_there_are_some():
    assert circles({"a": {"b"}, "b": {"c"}, "c": set()}) == []
    assert circles({"a": {"b"}, "b": {"c"}, "c": {"b"}, "d": {"a"}}) == [["b", "c"]]
