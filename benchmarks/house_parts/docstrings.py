"""Whether public functions that take or give arrays say their shapes."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

ARRAYS = re.compile(r"\b(NDArray|Floats|Ints|Tensor|Matrix|Flags)\b")
SHAPE = re.compile(r"``\([A-Za-z0-9.*]+,[^`]*\)``|\bscalar\b|\bshape", re.IGNORECASE)


@dataclass(frozen=True)
class Function:
    """A public function with arrays.

    Attributes:
        owner: The class of a method, else "".
        is_said: Whether its docstring, or that of its class, holds a shape or refers to another one ("See ...").
    """

    path: str
    name: str
    owner: str
    is_said: bool


def share(files: dict[str, str]) -> dict[str, Any]:
    """How many say them, of how many, and the names of those that do not.

    A method says what a method of the same name says in a class that others implement (a protocol, or one whose
    methods raise NotImplementedError).
    """
    trees = {path: ast.parse(text) for path, text in files.items()}
    found = [each for path, tree in trees.items() for each in _functions(path, tree)]
    contracts = {node.name for tree in trees.values() for node in tree.body if _is_contract(node)}
    promised = {each.name for each in found if each.is_said and each.owner in contracts}
    missing = sorted(
        f"{each.path}:{each.name}" for each in found if not each.is_said and not (each.owner and each.name in promised)
    )
    return {"of": len(found), "said": len(found) - len(missing), "missing": missing}


def _functions(path: str, tree: ast.Module) -> Iterator[Function]:
    for node in tree.body:
        is_class = isinstance(node, ast.ClassDef) and not node.name.startswith("_")
        inner, owner = (node.body, node.name) if is_class else ([node], "")  # type: ignore[attr-defined]
        about = (ast.get_docstring(node) or "") if is_class else ""  # type: ignore[arg-type]
        for each in inner:
            if isinstance(each, ast.FunctionDef) and not each.name.startswith("_") and _has_arrays(each):
                text = (ast.get_docstring(each) or "") + about
                yield Function(path, each.name, owner, bool(SHAPE.search(text)) or "See " in text)


def _is_contract(node: ast.stmt) -> bool:
    if not isinstance(node, ast.ClassDef):
        return False
    return any("Protocol" in ast.unparse(base) for base in node.bases) or "NotImplementedError" in ast.unparse(node)


def _has_arrays(node: ast.FunctionDef) -> bool:
    arguments = [*node.args.args, *node.args.kwonlyargs]
    annotations = [ast.unparse(each.annotation) for each in arguments if each.annotation]
    annotations += [ast.unparse(node.returns)] if node.returns else []
    return any(ARRAYS.search(text) for text in annotations)
