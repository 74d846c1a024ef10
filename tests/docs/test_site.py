"""What the site says of the code is read from the code, and its pages find each other."""

from __future__ import annotations

import ast
import importlib
import re

import pytest

import headstart
from docs.helpers_pages import ROOT
from test_imports_only_go_down import PACKAGE, RANK, imported_rooms


@pytest.fixture
def gen(monkeypatch):
    """Imports a module of docs/gen as mkdocs does, which puts that folder on the path."""
    monkeypatch.syspath_prepend(ROOT / "docs" / "gen")
    return importlib.import_module


def imports_of(name: str) -> set[str]:
    files = (PACKAGE / name).rglob("*.py")
    return set().union(*(imported_rooms(ast.parse(path.read_text()), path) for path in files)) - {name}


def test_rooms_and_their_imports_are_those_that_the_test_of_the_layering_sees(gen):
    found = gen("rooms").rooms()
    assert {room.name for room in found} == {name for name in RANK if (PACKAGE / name).is_dir()}
    for room in found:
        assert set(room.imports) == imports_of(room.name), room.name
        assert room.purpose and room.purpose[-1] in ".:", room


def test_arrows_are_the_imports_that_no_other_way_leads_to(gen):
    rooms = gen("rooms")
    made = [rooms.Room("c", 0, "C.", ()), rooms.Room("b", 1, "B.", ("c",)), rooms.Room("a", 2, "A.", ("b", "c"))]
    assert rooms.direct(made) == {"a": {"b"}, "b": {"c"}, "c": set()}
    assert gen("drawing").svg(made).count("marker-end") == 2


def test_the_drawing_names_every_room_once_and_has_no_empty_line(gen):
    rooms = gen("rooms").rooms()
    drawn = gen("drawing").svg(rooms)
    assert sorted(re.findall(r"<text[^>]*>(\w+)</text>", drawn)) == sorted(room.name for room in rooms)
    assert "\n\n" not in drawn  # Markdown would end the HTML there


def test_the_api_page_has_a_line_for_everything_public(gen):
    text = gen("reference").functions() + "\n" + gen("reference").classes()
    lines = re.findall(r"^::: headstart\.(\w+)$", text, re.MULTILINE)
    assert sorted(lines) == sorted(set(headstart.__all__) - {"__version__"})


@pytest.mark.parametrize(
    ("page", "written", "on_the_site"),
    [
        ("index.md", "[a](docs/contract.md#x)", "[a](contract.md#x)"),
        ("index.md", "[a](benchmarks/results/ranking.md)", "[a](benchmarks/results/ranking.md)"),
        ("jobs/own_network.md", "[a](../../CONTRIBUTING.md)", "[a](../contributing.md)"),
        ("benchmarks/README.md", "[a](../README.md)", "[a](../index.md)"),
        ("contributing.md", "[a](pyproject.toml)", "a"),
        ("index.md", "[a](https://example.org/b.md) [b](#c)", "[a](https://example.org/b.md) [b](#c)"),
        ("index.md", "[a](docs/nothing.md)", "[a](nothing.md)"),
    ],
)
def test_links_are_turned_into_those_of_the_site(gen, page, written, on_the_site):
    assert gen("repository").links_of_the_site(written, page) == on_the_site


def test_every_mark_that_is_filled_in_stands_in_a_page_once():
    marks = re.findall(r'"(<!-- .*? -->)"', (ROOT / "docs" / "gen" / "hooks.py").read_text())
    written = [
        mark for page in ROOT.glob("docs/*.md") for mark in re.findall(r"^<!-- .*? -->$", page.read_text(), re.M)
    ]
    assert marks and sorted(marks) == sorted(written)


def test_every_relative_link_of_a_page_leads_to_a_file():
    pages = [*ROOT.glob("*.md"), *ROOT.glob("docs/**/*.md"), *ROOT.glob("benchmarks/**/*.md")]
    links = [
        (page, target)
        for page in pages
        for target in re.findall(r"\]\(([^)#\s:]+)(?:#[^)\s]*)?\)", page.read_text(encoding="utf-8"))
    ]
    assert len(links) > 50
    assert [(str(page), target) for page, target in links if not (page.parent / target).exists()] == []
