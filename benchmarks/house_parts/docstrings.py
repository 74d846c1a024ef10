"""Whether public functions that take or give arrays say their shapes."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

ARRAYS = ("NDArray", "Tensor", "Matrix")  # and every name that stands for an NDArray
# A first axis may be computed: (P x N, 32). The two ends of an interval are no shape, nor is the name ShapeError.
SHAPE = re.compile(r"``\((?!low, high\))[^`,]+,[^`]*\)``|\bscalars?\b|\bshape[ds]?\b", re.IGNORECASE)


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

    @property
    def place(self) -> str:
        """Where it is, "file.py:Class.method"."""
        return f"{self.path}:{self.owner}.{self.name}" if self.owner else f"{self.path}:{self.name}"


def share(files: dict[str, str]) -> dict[str, Any]:
    """How many say them, of how many, and the names of those that do not.

    A method says what a method of the same name says in a class that others implement (a protocol, or one whose
    methods raise NotImplementedError).
    """
    trees = {path: ast.parse(text) for path, text in files.items()}
    own = {path: _aliases(tree) for path, tree in trees.items()}
    found = [each for path, tree in trees.items() for each in _functions(path, tree, _arrays(path, tree, own))]
    contracts = {node.name for tree in trees.values() for node in tree.body if _is_contract(node)}
    promised = {each.name for each in found if each.is_said and each.owner in contracts}
    missing = sorted(each.place for each in found if not each.is_said and not (each.owner and each.name in promised))
    return {"of": len(found), "said": len(found) - len(missing), "missing": missing}


def _aliases(tree: ast.Module) -> set[str]:
    """Names that a file makes for arrays: ``Floats = NDArray[np.float64]``."""
    return {
        target.id
        for node in tree.body
        if isinstance(node, ast.Assign) and ast.unparse(node.value).startswith("NDArray[")
        for target in node.targets
        if isinstance(target, ast.Name)
    }


def _arrays(path: str, tree: ast.Module, own: dict[str, set[str]]) -> re.Pattern[str]:
    """What stands for arrays in a file: names of its own and those that it imports from other files."""
    names = {*ARRAYS, *own[path]}
    for node in ast.walk(tree):
        if isinstance(node, ast.ImportFrom) and node.module:
            known = own.get(f"{node.module.replace('.', '/')}.py", set())
            names |= {each.asname or each.name for each in node.names if each.name in known}
    return re.compile(rf"\b({'|'.join(sorted(names))})\b")


def _functions(path: str, tree: ast.Module, arrays: re.Pattern[str]) -> Iterator[Function]:
    for node in tree.body:
        is_class = isinstance(node, ast.ClassDef) and not node.name.startswith("_")
        inner, owner = (node.body, node.name) if is_class else ([node], "")  # type: ignore[attr-defined]
        about = (ast.get_docstring(node) or "") if is_class else ""  # type: ignore[arg-type]
        for each in inner:
            if isinstance(each, ast.FunctionDef) and not each.name.startswith("_") and _has_arrays(each, arrays):
                text = (ast.get_docstring(each) or "") + about
                yield Function(path, each.name, owner, bool(SHAPE.search(text)) or "See " in text)


def _is_contract(node: ast.stmt) -> bool:
    if not isinstance(node, ast.ClassDef):
        return False
    return any("Protocol" in ast.unparse(base) for base in node.bases) or "NotImplementedError" in ast.unparse(node)


def _has_arrays(node: ast.FunctionDef, arrays: re.Pattern[str]) -> bool:
    arguments = [*node.args.posonlyargs, *node.args.args, *node.args.kwonlyargs]
    arguments += [each for each in (node.args.vararg, node.args.kwarg) if each]
    annotations = [ast.unparse(each.annotation) for each in arguments if each.annotation]
    annotations += [ast.unparse(node.returns)] if node.returns else []
    return any(arrays.search(text) for text in annotations)
