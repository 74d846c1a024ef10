import sys

import pytest

from headstart.core import plugins
from headstart.core.config import Config
from headstart.core.errors import ConfigError

ROOMS = [
    "adaptation.adapters",
    "adaptation.stream",
    "adaptation.trainers",
    "adaptation.validators",
    "methods",
    "tasks",
    "runtimes",
    "backbones.fitted",
    "backbones.pretrained.families",
    "backbones.pretrained.sources",
    "evaluation.transferability",
    "inspection.checks",
    "data.table_formats",
]
EACH = [(room, name) for room in ROOMS for name in plugins.names(room)]


@pytest.mark.parametrize(("room", "name"), EACH)
def test_every_plugin_loads_by_its_file_name_and_says_what_it_is_without_being_imported(room, name):
    assert len(plugins.summary(room, name)) > 10
    plugin = plugins.load(room, name)
    assert callable(plugin.build) and issubclass(plugin.config, Config)


@pytest.mark.parametrize("room", ROOMS)
def test_every_room_of_plugins_has_some(room):
    assert plugins.names(room)


def test_an_unknown_name_lists_the_options_and_suggests_the_near_one():
    with pytest.raises(ConfigError, match="Did you mean 'linear_probe'"):
        plugins.load("methods", "linearprobe")


def test_helpers_of_a_room_are_no_plugins():
    assert "solve" not in plugins.names("methods") and "__init__" not in plugins.names("methods")


@pytest.mark.parametrize(("room", "name"), EACH)
def test_what_is_read_without_importing_is_what_the_plugin_says(room, name):
    plugin = plugins.load(room, name)
    stated = plugins.stated(room, name)
    assert {key: getattr(plugin, key) for key in stated} == stated


@pytest.mark.parametrize("name", plugins.names("methods"))
def test_kind_paper_and_title_of_a_method_are_there_without_importing_it(name):
    plugin = plugins.load("methods", name)
    stated = plugins.stated("methods", name)
    for key in ("kind", "paper", "title"):
        assert stated.get(key, "") == getattr(plugin, key)


@pytest.fixture
def installed(tmp_path, monkeypatch):
    """A package of somebody's own, as pip leaves it."""
    (tmp_path / "my_package").mkdir()
    (tmp_path / "my_package" / "__init__.py").write_text("")
    lines = ('"""Shrink: of their own."""', "from headstart.core.plugins import Plugin",
             'PLUGIN = Plugin(build=dict, title="Mine")')  # fmt: skip
    (tmp_path / "my_package" / "shrink.py").write_text("\n".join(lines))
    (tmp_path / "my_package-0.1.dist-info").mkdir()
    (tmp_path / "my_package-0.1.dist-info" / "METADATA").write_text("Name: my_package\nVersion: 0.1\n")
    points = "[headstart.methods]\nshrink = my_package.shrink\n"
    (tmp_path / "my_package-0.1.dist-info" / "entry_points.txt").write_text(points)
    monkeypatch.syspath_prepend(tmp_path)
    known = (plugins._outside, plugins._tree)
    for each in known:
        each.cache_clear()
    yield
    for each in known:
        each.cache_clear()
    sys.modules.pop("my_package.shrink", None)
    sys.modules.pop("my_package", None)


def test_a_package_of_somebodys_own_adds_a_plugin_by_an_entry_point(installed):
    assert "shrink" in plugins.names("methods") and "shrink" not in plugins.names("tasks")
    assert plugins.summary("methods", "shrink") == "Shrink: of their own."
    assert "my_package.shrink" not in sys.modules  # not imported so far
    assert plugins.stated("methods", "shrink") == {"title": "Mine"}
    assert plugins.load("methods", "shrink").build is dict
