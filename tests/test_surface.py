"""The public surface is what docs/contract.md says, and looking at it costs nothing."""

from __future__ import annotations

import inspect
import json
import re
import subprocess
import sys
import tomllib
from importlib.resources import files
from pathlib import Path

import pytest
import typer

import headstart
import headstart.api
import shared_run
from headstart.cli.main import build_app
from headstart.core import errors
from headstart.request.fit_config import FitConfig
from shared_run import files_below

shared = shared_run.shared
CONTRACT = (Path(__file__).parent.parent / "docs" / "contract.md").read_text()
COMMAND_LINE_ONLY = {"json", "quiet", "debug", "help"}
PYTHON_ONLY = {"progress", "on_plan", "on_start", "log_requests", "to_stdout"}
HEAVY = {"numpy", "torch", "timm", "pyarrow", "scipy", "onnx", "onnxruntime", "openvino", "pandas", "PIL", "sklearn"}


def rows_of(heading: str) -> list[list[str]]:
    """Cells of the table that follows a heading, without its first two lines."""
    lines = CONTRACT.split(f"{heading}\n", 1)[1].splitlines()
    table = []
    for line in lines:
        if line.startswith("|"):
            table.append([cell.strip() for cell in line.replace("\\|", "/").strip("|").split("|")])
        elif table:
            break
    return table[2:]


def commands() -> dict[str, typer.main.Typer]:
    group = typer.main.get_command(build_app())
    return dict(group.commands)


def test_every_public_name_resolves_and_is_documented():
    for name in headstart.__all__:
        value = getattr(headstart, name)
        if name != "__version__":
            assert value.__doc__, name
    with pytest.raises(AttributeError, match="no attribute 'fitt'"):
        headstart.fitt  # noqa: B018  # asking for it is the test


COMPLETED = """
import headstart, sys
assert set(headstart.__all__) <= set(dir(headstart)), set(headstart.__all__) - set(dir(headstart))
import headstart.api
assert set(headstart.api.__all__) <= set(dir(headstart.api))
assert "headstart.api.fitting" not in sys.modules
"""


def sections_of(function) -> dict[str, str]:
    """Text of a docstring by its headings, "Args" and so on."""
    parts = re.split(r"^(Args|Returns|Raises):\n", inspect.getdoc(function) or "", flags=re.MULTILINE)
    return dict(zip(parts[1::2], parts[2::2], strict=True))


@pytest.mark.parametrize(
    "name", [name for name in headstart.api.__all__ if inspect.isfunction(getattr(headstart, name))]
)
def test_every_verb_says_what_it_takes_and_which_errors_it_raises(name):
    function = getattr(headstart, name)
    arguments, said = set(inspect.signature(function).parameters), sections_of(function)
    named = set(re.findall(r"^ {4}(\w+):", said.get("Args", ""), re.MULTILINE))
    assert named <= arguments, "an argument that is not there any more"
    described = set(FitConfig.model_fields) if "fit" in said.get("Args", "") else set()  # by their fields
    undescribed = arguments - named - described
    assert not undescribed, name
    if arguments & {"run", "data"}:
        raised = re.findall(r"\b\w+(?:Error|Interrupted)\b", said["Raises"])
        assert raised and all(hasattr(errors, error) for error in raised)


def test_public_names_are_listed_before_they_are_imported():
    subprocess.run([sys.executable, "-c", COMPLETED], check=True, timeout=60)


def test_every_list_of_public_names_is_the_same():
    api = headstart.api
    assert set(api.PLACES) == set(api.__all__) == set(headstart.__all__) - {"HeadstartError", "__version__"}
    for module in (api, headstart):
        assert len(module.__all__) == len(set(module.__all__))
    assert all(getattr(headstart, name) is getattr(api, name) for name in api.__all__)


def test_the_version_is_that_of_the_package_and_its_types_are_for_others_too():
    project = tomllib.loads((Path(__file__).parent.parent / "pyproject.toml").read_text())["project"]
    assert headstart.__version__ == project["version"]
    assert files("headstart").joinpath("py.typed").is_file()


def test_the_commands_are_those_of_the_contract():
    named = {name for row in rows_of("## Verbs") for name in re.findall(r"`(\w+)", row[0])}
    assert named == set(commands())
    assert set(commands()["cache"].commands) == {"list", "clear"}


def test_every_command_is_a_function_with_the_same_arguments():
    functions = {"models": "list_models", "methods": "list_methods", "tasks": "list_tasks"}
    for name, command in commands().items():
        if name == "cache":
            continue
        function = getattr(headstart, functions.get(name, name))
        options = {parameter.name for parameter in command.params} - COMMAND_LINE_ONLY
        assert options == set(inspect.signature(function).parameters) - PYTHON_ONLY, name


def test_the_options_of_fit_are_those_of_the_contract():
    written = {option for row in rows_of("### fit") for option in re.findall(r"--([a-z-]+)", row[0])}
    offered = {text.lstrip("-") for parameter in commands()["fit"].params for text in parameter.opts if "--" in text}
    negated = {text.lstrip("-") for p in commands()["fit"].params for text in p.secondary_opts}
    assert written <= offered | negated
    assert offered - written == {"examples"}  # the contract names it by its other half, --no-examples


def test_the_defaults_of_fit_are_those_of_the_contract():
    said = {row[0].split("`")[1].split()[0].lstrip("-"): row[1] for row in rows_of("### fit")}
    fields = FitConfig.model_fields
    assert said["allow-bad"] == str(fields["allow_bad"].default)
    assert said["seed"] == str(fields["seed"].default)
    assert said["cache"] == f"{fields['cache'].default}, {fields['cache_size'].default}"
    for name in ("task", "balance", "device"):
        assert said[name] == fields[name].default == "auto"


def test_every_field_of_the_config_is_an_argument_of_fit():
    named = set(inspect.signature(headstart.fit).parameters)
    assert set(FitConfig.model_fields) - named == {
        "schema_version",
        "runtime",
        "guard",
        "added",
        "combine",
        "beside",
        "answered_accuracy",
        "card",
        "mitigation",
        "generalise",
        "decision",
    }  # by --set and --config only


def test_a_run_leaves_the_files_of_the_contract(shared):
    left = files_below(shared.run.path)
    written = [re.findall(r"`([^`]+)`", cell) for cell in (row[0] for row in rows_of("## What a run leaves"))]
    [inside] = [re.findall(r"`([^`]+)`", row[1]) for row in rows_of("## What a run leaves") if "bundle/" in row[0]]
    named = {name for names in written for name in names if not name.endswith("/")}
    assert left == named | {f"bundle/{name}" for name in inside}


def test_the_evidence_has_the_sections_of_the_contract(shared):
    text = CONTRACT.split("## evidence.json, schema 1", 1)[1].split("A value that comes", 1)[0]
    assert set(re.findall(r"`(\w+)`", text)) == set(shared.run.evidence)


LIGHT = """
import json, sys
sys.argv = ["headstart", *sys.argv[1:]]
from headstart.cli.main import main
try:
    main()
except SystemExit as end:
    assert end.code == 0, end.code
print("MODULES " + json.dumps(sorted(name.partition(".")[0] for name in sys.modules)))
"""


@pytest.mark.parametrize("arguments", [["--help"], ["models"], ["methods"], ["fit", "--help"]])
def test_looking_around_imports_nothing_heavy(arguments):
    done = subprocess.run([sys.executable, "-c", LIGHT, *arguments], capture_output=True, text=True, check=True)
    *text, modules = done.stdout.splitlines()
    assert text and modules.startswith("MODULES ")
    assert HEAVY & set(json.loads(modules.removeprefix("MODULES "))) == set()
