"""``headstart audit`` on the command line: findings in words, exit code 3, or JSON and nothing else."""

from __future__ import annotations

import json
import shutil

import pytest


@pytest.fixture
def audited(headstart_command, warm, monkeypatch, tmp_path):
    """Runs the command on some photos, in an empty folder."""
    monkeypatch.chdir(tmp_path)

    def run(data, *arguments):
        return headstart_command("audit", data, "--model", warm.model, "--set", "runtime.name=onnxruntime", *arguments)

    return run


def test_findings_in_words_and_where_the_files_are(audited, warm, tmp_path):
    said = audited(warm.photos, "--out", "audit")
    assert said.code == 0, said
    first, *rest = said.out.splitlines()
    assert "finding" in first
    assert any(line.split()[-1] == "label_errors" for line in rest if line)
    assert "Page:    audit/audit.html" in rest and "Lists:   audit/suspects.csv" in rest
    assert "... and" in said.out  # long lists are cut on the terminal


def test_json_and_nothing_else(audited, warm):
    said = audited(warm.photos, "--json")
    document = json.loads(said.out)
    assert said.code == 0 and document["schema"] == 1 and document["path"] is None


def test_what_a_fit_would_refuse_is_exit_3_with_the_option_to_type(audited, warm, tmp_path):
    for part, numbers in (("train", range(4, 20)), ("test", range(4, 12))):
        for name in ("red", "blue"):
            (tmp_path / "data" / part / name).mkdir(parents=True)
            for number in numbers:
                shutil.copyfile(warm.photos / name / f"{number}.png", tmp_path / "data" / part / name / f"{number}.png")
    said = audited(tmp_path / "data")
    assert said.code == 3
    assert "fit refuses to go on, unless with --accept duplicates_across_splits" in said.out
    assert audited(tmp_path / "data", "--accept", "duplicates_across_splits", "--quiet").code == 0
