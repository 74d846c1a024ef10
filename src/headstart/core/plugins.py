"""Names from the folder, one module per plugin, imported only when it is used.

A plugin is a Python file in a room that assigns ``PLUGIN`` at its top level; the file name is the plugin's name.
Files without ``PLUGIN`` are the room's own helpers. Packages outside Headstart add plugins through entry points in
the group ``headstart.<room>`` (dots for nested rooms, for example ``headstart.backbones.fitted``).
"""

from __future__ import annotations

import ast
import importlib
import re
from collections.abc import Callable
from dataclasses import dataclass
from functools import lru_cache
from importlib.metadata import entry_points
from importlib.util import find_spec
from pathlib import Path
from typing import Any

from headstart.core.config import Config
from headstart.core.errors import ConfigError, choice_message

ROOT = Path(__file__).resolve().parent.parent
ASSIGNS_PLUGIN = re.compile(r"^PLUGIN\b", re.MULTILINE)


@dataclass(frozen=True)
class Plugin:
    """What a plugin file offers.

    Attributes:
        build: Called with the validated config; returns the method, task, runtime, ...
        config: The config class; ``config()`` holds the defaults.
        kind: The room's own distinction ("solve" or "train" for methods; "" where there is none).
        paper: Where the idea comes from: a DOI, an arXiv id or a book; "" for plain engineering.
        needs: Capabilities as data, never skip-lists elsewhere: "examples" keeps training rows, so it cannot ship;
            "sparse" takes sparse features, "missing" NaN where a value is missing; "maps" trains networks that have
            channel maps between their stages alone.
        targets: Kinds of targets that a method solves for (``core.learning.TargetKind``).
        modality: What a fitted backbone describes: "image", "text", "sound" or "table".
        method: What a fitted backbone is solved with when it is a baseline.
        extra: The extra of Headstart that holds its packages; "" where the core is enough.
        title: What people call it, for the report; "" where its name says it. A literal text, since it is read without
            importing the file.
    """

    build: Callable[[Any], Any]
    config: type[Config] = Config
    kind: str = ""
    paper: str = ""
    needs: frozenset[str] = frozenset()
    targets: frozenset[str] = frozenset({"class"})
    modality: str = ""
    method: str = "linear_probe"
    extra: str = ""
    title: str = ""


@lru_cache
def _files(room: str) -> dict[str, Path]:
    folder = ROOT.joinpath(*room.split("."))
    return {
        path.stem: path
        for path in sorted(folder.glob("*.py"))
        if ASSIGNS_PLUGIN.search(path.read_text(encoding="utf-8"))
    }


@lru_cache
def _outside(room: str) -> dict[str, str]:
    return {point.name: point.value for point in entry_points(group=f"headstart.{room}")}


def names(room: str) -> list[str]:
    """Names of all plugins of a room ("methods", "tasks", "backbones.fitted"), without importing any."""
    return sorted({*_files(room), *_outside(room)})


def load(room: str, name: str) -> Plugin:
    """Import one plugin's module and return its ``PLUGIN``.

    Raises:
        ConfigError: no such plugin; the message suggests the nearest name.
    """
    if name in _files(room):
        module = importlib.import_module(f"headstart.{room}.{name}")
    elif name in _outside(room):
        module = importlib.import_module(_outside(room)[name].split(":")[0])
    else:
        raise ConfigError(choice_message(room.split(".")[-1].rstrip("s"), name, names(room)))
    plugin = module.PLUGIN
    if not isinstance(plugin, Plugin):
        raise ConfigError(f"PLUGIN of {room}/{name} must be a Plugin; got {type(plugin).__name__}.")
    return plugin


def summary(room: str, name: str) -> str:
    """First line of a plugin file's docstring, read without importing it."""
    tree = _tree(room, name)
    text = ast.get_docstring(tree) if tree else None
    return text.splitlines()[0] if text else ""


def stated(room: str, name: str) -> dict[str, str]:
    """The texts that a plugin's ``PLUGIN = Plugin(...)`` states literally, by field, read without importing its file.

    So a list of methods, or a report, need not import torch. What is computed, or left at its default, is not there.
    """
    tree = _tree(room, name)
    assigned = [node.value for node in tree.body if _assigns_plugin(node)] if tree else []  # type: ignore[attr-defined]
    return {
        word.arg: word.value.value
        for call in assigned
        if isinstance(call, ast.Call)
        for word in call.keywords
        if word.arg and isinstance(word.value, ast.Constant) and isinstance(word.value.value, str)
    }


@lru_cache
def _tree(room: str, name: str) -> ast.Module | None:
    path = _files(room).get(name)
    if path is None:
        spec = find_spec(_outside(room)[name].split(":")[0])
        path = Path(spec.origin) if spec and spec.origin else None
    return ast.parse(path.read_text(encoding="utf-8")) if path else None


def _assigns_plugin(node: ast.stmt) -> bool:
    targets = node.targets if isinstance(node, ast.Assign) else [node.target] if isinstance(node, ast.AnnAssign) else []
    return any(isinstance(target, ast.Name) and target.id == "PLUGIN" for target in targets)
