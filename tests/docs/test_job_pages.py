"""Every command of every job page works as it stands there, one after the other, on small made-up data."""

from __future__ import annotations

import os
import re
import subprocess
import sys
import tomllib
from itertools import chain
from pathlib import Path

import pytest
import typer

from cli.helpers_cli import headstart_command
from docs.helpers_pages import INLINE, JOBS, PAGES, ROOT, SHELLS, SHOWN, blocks, inline, needs_a_shell, steps, words
from docs.made_page_data import make_what_is_named
from headstart.cli.main import build_app

__all__ = ["headstart_command"]

# What a reader gives minutes to is given seconds, and one epoch where none are named; the rest of a command stays.
MINUTES = ("--minutes 5", "--minutes 0.5")
TRAINING, ONE_EPOCH = "--method lp_ft", "--method lp_ft --set method.epochs=1"
each_page = pytest.mark.parametrize("page", PAGES, ids=lambda page: page.stem)


def options_of(command: typer.main.Typer) -> set[str]:
    inner = chain.from_iterable(options_of(each) for each in getattr(command, "commands", {}).values())
    return {text for each in command.params for text in (*each.opts, *each.secondary_opts)} | set(inner)


def extras() -> set[str]:
    return set(tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]["optional-dependencies"])


def make_targets() -> set[str]:
    return set(re.findall(r"^([a-z-]+):", (ROOT / "Makefile").read_text(), re.MULTILINE))


def check_installation(read: list[str]) -> None:
    """An installation is not carried out: what it names must be this package with extras that there are."""
    assert read[:2] == ["pip", "install"], read
    for requirement in read[2:]:
        named = re.fullmatch(r"headstart\[([a-z,]+)\]", requirement)
        assert named and set(named[1].split(",")) <= extras(), requirement


def shortened(command: str) -> str:
    """The command with less time to spend."""
    if "method.epochs=" not in command:
        command = command.replace(TRAINING, ONE_EPOCH)
    return command.replace(*MINUTES)


def run_in_shell(command: str, folder: Path) -> None:
    path = os.pathsep.join([str(Path(sys.executable).parent), os.environ["PATH"]])
    done = subprocess.run(
        ["bash", "-euo", "pipefail", "-c", command],
        cwd=folder, env={**os.environ, "PATH": path}, capture_output=True, text=True, check=False,
    )  # fmt: skip
    assert done.returncode == 0, f"{command}\n{done.stdout}\n{done.stderr}"


@pytest.fixture(scope="module")
def one_cache(tmp_path_factory):
    """Pages share their data, so features and measurements of one page serve the next."""
    return tmp_path_factory.mktemp("cache-of-pages")


@pytest.mark.slow
@each_page
def test_every_step_of_a_page_works(page, tmp_path, monkeypatch, one_cache, headstart_command):
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("HEADSTART_CACHE", str(one_cache))
    todo = steps(page.read_text())
    make_what_is_named("\n".join(step.body for step in todo), tmp_path)
    for step in todo:
        command = shortened(step.body)
        if step.language == "python":
            exec(compile(command, page.name, "exec"), {})  # the page's own text
        elif command.startswith("pip "):
            check_installation(words(command))
        elif needs_a_shell(command):
            run_in_shell(command, tmp_path)
        else:
            said = headstart_command(*words(command)[1:])
            assert said.code == 0, f"{command}\n{said.out}\n{said.err}"


@each_page
def test_no_command_of_a_page_escapes_the_test_that_runs_them(page):
    text = page.read_text()
    assert {block.language for block in blocks(text)} <= SHELLS | SHOWN | {"python"}
    starts = r"^\s*(?:\$ )?(?:\w+=\S+ )?(headstart|torchrun|pip|python|make) "
    by_lines = len(re.findall(starts, text, re.MULTILINE)) + len(re.findall(r"\| headstart ", text))
    in_steps = [step.body for step in steps(text) if re.search(starts, step.body) or "| headstart " in step.body]
    assert by_lines == len(in_steps)


@each_page
def test_code_within_sentences_names_what_there_is(page):
    offered = options_of(typer.main.get_command(build_app()))
    for code in inline(page.read_text()):
        read = code.split()
        assert set(re.findall(r"(?<!\S)--[a-z-]+", code)) <= offered, code
        if read[0] == "headstart":
            assert len(read) <= 2, f"{code}: a command with arguments belongs into a block, where a test runs it"
        if read[0] == "pip":
            check_installation(words(code))
        if read[0] == "make":
            assert set(read[1:]) <= make_targets(), code


@pytest.mark.slow
@each_page
def test_settings_within_sentences_are_taken(page, tmp_path, monkeypatch, headstart_command):
    monkeypatch.chdir(tmp_path)
    settings = [code for code in inline(page.read_text()) if re.fullmatch(r"method\.\w+=\S+", code)]
    if settings:
        make_what_is_named("photos", tmp_path)
    for setting in settings:
        said = headstart_command("fit", "photos", "--dry-run", "--method", "lp_ft", "--set", setting)
        assert said.code == 0, f"{setting}\n{said.err}"


def test_the_index_names_every_page():
    linked = set(re.findall(r"\]\((\w+\.md)\)", (JOBS / "README.md").read_text()))
    assert linked == {page.name for page in PAGES} - {"README.md"}


def test_the_reader_of_pages_sees_what_it_should():
    text = "Say `a --b`.\n\n```sh\n# no\nheadstart fit x \\\n    --seed 1\nls *.png | headstart predict r -\n```\n"
    assert [step.body.split() for step in steps(text)] == [
        ["headstart", "fit", "x", "--seed", "1"],
        ["ls", "*.png", "|", "headstart", "predict", "r", "-"],
    ]
    assert inline(text) == ["a --b"] and INLINE.findall("`a`") == ["a"]
    assert needs_a_shell("headstart fit a > b") and needs_a_shell("A=1 headstart fit a")
    assert not needs_a_shell('headstart rank a --where "parameters < 4M"')
