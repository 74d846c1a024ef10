"""The package that the page on plugins shows is one: its method trains, its network is read from its folder and cut."""

from __future__ import annotations

import sys
import tomllib

import pytest

import headstart
import shared_run
from cli.helpers_cli import headstart_command
from docs.helpers_pages import ROOT, blocks, words
from docs.made_page_data import make_what_is_named
from headstart.core import plugins

__all__ = ["headstart_command"]
shared, warm = shared_run.shared, shared_run.warm
PAGE = ROOT / "docs" / "own_plugins.md"
EAGER = {"runtime.name": "eager"}


def bodies(language):
    return [block.body for block in blocks(PAGE.read_text()) if block.language == language]


@pytest.fixture(scope="module")
def package(tmp_path_factory):
    """Installed as pip would: the modules, and what pyproject.toml says of it in the package's metadata."""
    [project] = [tomllib.loads(body) for body in bodies("toml")]
    name = project["project"]["name"]
    folder = tmp_path_factory.mktemp("site") / name
    facts = folder.parent / f"{name}-{project['project']['version']}.dist-info"
    folder.mkdir(parents=True)
    facts.mkdir()
    (folder / "__init__.py").write_text("")
    for module, code in zip(("shrink", "tiny_net"), bodies("python"), strict=False):
        (folder / f"{module}.py").write_text(code)
    groups = project["project"]["entry-points"]
    (facts / "METADATA").write_text(f"Metadata-Version: 2.1\nName: {name}\nVersion: 0.1\n")
    (facts / "entry_points.txt").write_text(
        "\n".join(
            f"[{group}]\n" + "\n".join(f"{k} = {v}" for k, v in points.items()) for group, points in groups.items()
        )
    )
    with pytest.MonkeyPatch.context() as patch:
        patch.syspath_prepend(folder.parent)
        plugins._outside.cache_clear()
        yield name
    plugins._outside.cache_clear()
    for module in [each for each in sys.modules if each.partition(".")[0] == name]:
        del sys.modules[module]


def test_the_method_is_listed_trains_and_ships(package, warm, tmp_path):
    listed = {row["name"]: row for row in headstart.list_methods().rows}
    assert listed["shrink"]["kind"] == "train" and listed["shrink"]["summary"].startswith("Shrink: LP-FT with")
    named = {"method.epochs": 1, "method.lr": 1e-4, "method.freeze": "layer3", "method.precision": "float32"}
    settings = {**EAGER, **named, "method.strength": 0.1, "method.augmentation": "none", "guard": False}
    run = warm.fit(tmp_path / "run", method="shrink", settings=settings)
    assert run.evidence["verdict"]["chosen"] == "shrink"
    assert run.evidence["training"]["shrink"]["settings"]["strength"] == 0.1
    assert len(headstart.predict(run.bundle, warm.photos / "red").rows) > 0


def test_a_setting_that_the_method_does_not_take_is_told(package, warm, tmp_path):
    with pytest.raises(headstart.HeadstartError, match="strength"):
        warm.fit(tmp_path / "run", method="shrink", settings={**EAGER, "method.strength": -1}, dry_run=True)


def test_the_network_is_read_from_its_folder_and_cut(package, warm, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    exec(compile(bodies("python")[2], PAGE.name, "exec"), {})  # the page's own text: saves the folder
    run = warm.fit(tmp_path / "run", model="tiny_net_of_mine@edges", settings=EAGER)
    assert run.evidence["backbone"]["family"] == "tiny_net" and run.evidence["backbone"]["licence"] == "mine"
    assert run.evidence["verdict"]["chosen"] == "linear_probe"
    assert len(headstart.predict(run.bundle, warm.photos / "red").rows) > 0


@pytest.mark.parametrize("command", [line for body in bodies("sh") for line in body.splitlines()])
def test_every_command_of_the_page_is_taken(command, package, headstart_command, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    make_what_is_named(command, tmp_path)
    exec(compile(bodies("python")[2], PAGE.name, "exec"), {})
    said = headstart_command(*words(command)[1:], "--dry-run")
    assert said.code == 0, said.err
