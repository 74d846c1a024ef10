"""What the source says of its rooms: their layers, their purpose, and which rooms each of them imports.

Nothing is imported but read, so that a site can be built where the package's own dependencies are not installed. Which
layers there are stands in one place, the test that holds them.
"""

from __future__ import annotations

import ast
from dataclasses import dataclass
from pathlib import Path

ROOT = Path(__file__).parents[2]
PACKAGE = ROOT / "src" / "headstart"
LAYERS_STAND_IN = ROOT / "tests" / "test_imports_only_go_down.py"


@dataclass(frozen=True)
class Room:
    """A top-level package of the library."""

    name: str
    layer: int
    purpose: str
    imports: tuple[str, ...]


def rooms() -> list[Room]:
    """All rooms, those of the lowest layer first; ``layer`` counts the layers that have rooms."""
    layers = [[name for name in layer if (PACKAGE / name).is_dir()] for layer in written_layers()]
    return [
        Room(name, number, purpose(PACKAGE / name), tuple(sorted(imported(PACKAGE / name))))
        for number, layer in enumerate(filter(None, layers))
        for name in layer
    ]


def written_layers() -> list[list[str]]:
    """Names by layer, lowest first, as the test of the layering lists them."""
    for node in ast.parse(LAYERS_STAND_IN.read_text(encoding="utf-8")).body:
        if isinstance(node, ast.Assign) and any(isinstance(at, ast.Name) and at.id == "LAYERS" for at in node.targets):
            return [str(layer).split() for layer in ast.literal_eval(node.value)]
    raise ValueError(f"{LAYERS_STAND_IN} no longer assigns LAYERS: say here where the layers stand now")


def purpose(folder: Path) -> str:
    """The first sentence of a room's docstring."""
    docstring = ast.get_docstring(ast.parse((folder / "__init__.py").read_text(encoding="utf-8"))) or ""
    return " ".join(docstring.split("\n\n")[0].split())


def imported(folder: Path) -> set[str]:
    """The other rooms that a room's files import anywhere, inside functions too."""
    found = set()
    for path in folder.rglob("*.py"):
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            found |= {name.split(".")[1] for name in absolute(node, path) if name.startswith("headstart.")}
    return {name for name in found if (PACKAGE / name / "__init__.py").exists()} - {folder.name}


def absolute(node: ast.AST, path: Path) -> set[str]:
    """Dotted names that an import statement names."""
    if isinstance(node, ast.Import):
        return {alias.name for alias in node.names}
    if not isinstance(node, ast.ImportFrom):
        return set()
    package = ("headstart", *path.relative_to(PACKAGE).parent.parts)
    base = ".".join(package[: len(package) - node.level + 1]) if node.level else ""
    module = ".".join(part for part in (base, node.module or "") if part)
    return {module, *(f"{module}.{alias.name}" for alias in node.names)}


def direct(all_rooms: list[Room]) -> dict[str, set[str]]:
    """Of each room's imports those that it does not also reach through another room: what a drawing shows."""
    imports = {room.name: set(room.imports) for room in all_rooms}
    below: dict[str, set[str]] = {}
    for room in all_rooms:  # lower layers come first
        below[room.name] = imports[room.name].union(*(below[name] for name in imports[room.name]))
    return {name: {to for to in named if not any(to in below[by] for by in named)} for name, named in imports.items()}
