"""``headstart rank`` on the command line: a table, a sentence, the next command; or JSON and nothing else."""

from __future__ import annotations

import json

import pytest

from cli.helpers_cli import one_paragraph
from headstart.runtimes import choice

OFFERED = choice.available


@pytest.fixture
def ranked(headstart_command, shared, monkeypatch):
    """Runs the command on the shared photos; nothing has to be exported or measured."""
    monkeypatch.setattr(
        choice, "available", lambda *asked: {key: one for key, one in OFFERED(*asked).items() if key[0] == "eager"}
    )

    def run(*arguments):
        return headstart_command("rank", shared.photos, *arguments)

    return run


def test_a_table_the_sentence_and_the_command_to_go_on_with(ranked, shared):
    said = ranked("--models", f"{shared.model},pixel_histograms,{shared.model}@2")
    assert said.code == 0, said
    header, *rows = said.out.splitlines()
    assert header.split()[:3] == ["candidate", "accuracy", "%"] and "licence" in header
    assert [row.split()[0].rstrip("=") for row in rows[:3]] == ["1", "2", "3"]
    assert "ms of stages are those of PyTorch" in said.out
    *_, sentence, command = said.out.splitlines()
    assert "cross-validated on 48 training examples" in sentence and sentence.endswith(".")
    first = next(row.split()[1] for row in rows[:3] if "pixel_histograms" not in row)  # a whole network or a stage
    assert command == f"Go on with:  headstart fit {shared.photos} --model {first}"
    assert "score (3)" in said.err


def test_json_alone_and_the_file(ranked, shared, tmp_path):
    said = ranked("--models", "pixel_histograms", "--json", "--out", tmp_path / "out")
    document = json.loads(said.out)
    assert said.err == "" and document == json.loads((tmp_path / "out" / "ranking.json").read_text())
    assert [row["name"] for row in document["candidates"]] == ["pixel_histograms"]


def test_quiet_says_the_sentence_only(ranked):
    said = ranked("--models", "pixel_histograms", "--quiet")
    assert said.err == "" and said.out.count("\n") == 1
    assert said.out.startswith("pixel_histograms, without any network, was measured alone: ")


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (["--where", "parameters < "], "a value must follow"),
        (["--where", "paramters < 10M"], "Did you mean 'parameters'"),
        (["--where", "parameters < 1K"], "no model for image"),
        (["--models", "efficientnet_lite0@block.4"], "Did you mean 'blocks.4'"),
        (["--models", "tfidf"], "tfidf is for text"),
        (["--models", "auto", "--where", "installed"], "got both"),
    ],
)
def test_wrong_requests_end_in_one_paragraph(ranked, arguments, said):
    found = ranked(*arguments)
    assert found.code == 2
    assert said in one_paragraph(found)
