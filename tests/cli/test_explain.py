"""``headstart explain``: what it writes and says, and what it refuses."""

from __future__ import annotations

import json
import shutil

import pytest

import headstart
from cli.helpers_cli import one_paragraph
from shared_run import files_below


@pytest.fixture(scope="module")
def explained(shared, tmp_path_factory):
    """Two pictures, one of which is none."""
    folder = tmp_path_factory.mktemp("explained")
    bad = folder / "bad.png"
    bad.write_bytes(b"no picture")
    out = folder / "out"
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("HEADSTART_CACHE", str(shared.cache))
        result = headstart.explain(shared.run.path, [shared.photos / "red" / "9.png", bad], out=out)
    return result, out


def test_a_folder_gets_lines_a_page_and_a_drawing(explained):
    result, out = explained
    assert files_below(out) == {"explanations.jsonl", "explain.html", "0000-9.png"}
    lines = [json.loads(line) for line in (out / "explanations.jsonl").read_text().splitlines()]
    assert lines == json.loads(json.dumps(result.to_dict()))["explanations"]
    good, bad = lines
    assert good["error"] is None and good["method"] == "hires_cam" and good["files"] == {"overlay": "0000-9.png"}
    assert set(bad) == {"id", "error"} and result.failed == 1
    page = (out / "explain.html").read_text()
    assert page.count("data:image/png;base64,") >= 1 and "could not be used" in page and "Deletion, area" in page


def test_nearest_training_examples_are_named_and_none_of_them_was_a_test_example(explained, shared):
    pyarrow = pytest.importorskip("pyarrow.parquet")
    result, _ = explained
    near = result.documents[0]["neighbours"]
    tested = set(pyarrow.read_table(shared.run.path / "predictions" / "test.parquet")["id"].to_pylist())
    named = [each["id"] for each in near["nearest"]]
    assert len(named) == 3 and not tested & set(named)
    assert near["otherwise"]["prediction"] != result.documents[0]["prediction"]
    closeness = [each["closeness"] for each in near["nearest"]]
    assert closeness == sorted(closeness, reverse=True)


def test_a_bundle_alone_says_why_no_training_examples_are_shown(shared, warm):
    result = headstart.explain(shared.run.bundle, shared.photos / "red" / "9.png", checks=False)
    near = result.documents[0]["neighbours"]
    assert near["nearest"] == [] and "a bundle holds no training examples" in near["why_not"]
    assert result.path is None and result.documents[0]["checks"] is None


def test_it_says_in_short_what_counts_and_whether_that_holds(headstart_command, shared, warm):
    said = headstart_command(
        "explain",
        shared.run.path,
        shared.photos / "red" / "9.png",
        "--class",
        "red",
        "--method",
        "integrated_gradients",
        "--steps",
        "4",
    )
    assert said.code == 0, said
    first, most, curves, random, *near = said.out.splitlines()
    assert (
        "red (" in first and first.endswith("by integrated_gradients") and most.startswith("  for it speak most: row ")
    )
    assert curves.startswith("  deletion 0.") and "random orders 0." in curves
    assert "near 0 is right" in random and near[0].startswith("  nearest training examples: ")


@pytest.mark.parametrize(
    ("options", "says"),
    [
        (["--class", "redd"], "Did you mean 'red'"),
        (["--method", "gradcam"], "Did you mean 'grad_cam'"),
        (["--steps", "0"], "steps must be 1 or more"),
        (["--neighbours", "-1"], "neighbours 0 or more"),
    ],
)
def test_what_cannot_be_asked_for_is_refused_before_anything_is_computed(
    headstart_command, shared, warm, options, says
):
    said = headstart_command("explain", shared.run.path, shared.photos / "red" / "9.png", *options)
    assert said.code == 2 and says in one_paragraph(said)


def test_inputs_that_cannot_be_read_are_told_and_only_such_are_exit_2(headstart_command, shared, warm, tmp_path):
    said = headstart_command("explain", shared.run.path, tmp_path / "none.png", "--no-checks")
    assert said.code == 2 and "No such file" in said.out and "1 of 1 inputs could not be used" in said.err


def test_a_folder_that_is_in_use_is_left_alone(headstart_command, shared, warm, tmp_path):
    (tmp_path / "mine.txt").write_text("kept")
    said = headstart_command("explain", shared.run.path, shared.photos / "red" / "9.png", "--out", tmp_path)
    assert said.code == 2 and files_below(tmp_path) == {"mine.txt"}


def test_all_mistakes_of_a_run_are_explained_with_every_check_and_drawn_into_its_report(
    headstart_command, shared, warm, tmp_path
):
    run = shutil.copytree(shared.run.path, tmp_path / "run")
    mistakes = json.loads((run / "examples.json").read_text())["mistakes"]
    before = json.loads((run / "explanations.json").read_text())["mistakes"]
    assert 0 < len(before) <= 6 and all(set(each["checks"]) == {"taken_away"} for each in before)
    said = headstart_command("explain", run, "--mistakes")
    assert said.code == 0, said
    assert said.out.splitlines()[-1] == f"Report:  {run / 'report.html'}"
    after = json.loads((run / "explanations.json").read_text())["mistakes"]
    assert [each["id"] for each in after] == [each["id"] for each in mistakes]
    assert all(set(each["checks"]) == {"taken_away", "curves", "random_weights"} for each in after)
    assert (run / "report.html").read_text().count("data:image/webp;base64,") == len(mistakes)


@pytest.mark.parametrize(
    ("arguments", "says"),
    [
        (["{run}"], "explain needs inputs, or --mistakes"),
        (["{run}", "a.png", "--mistakes"], "leave out the inputs"),
        (["{run}/bundle", "--mistakes"], "--mistakes needs a finished run folder"),
    ],
)
def test_inputs_or_mistakes_are_asked_for_and_not_both(headstart_command, shared, arguments, says):
    said = headstart_command("explain", *(each.format(run=shared.run.path) for each in arguments))
    assert said.code == 2 and says in one_paragraph(said)


def test_a_run_that_keeps_no_examples_shows_no_mistakes(headstart_command, shared, tmp_path):
    run = shutil.copytree(shared.run.path, tmp_path / "run")
    (run / "examples.json").unlink()
    said = headstart_command("explain", run, "--mistakes")
    assert said.code == 2 and "this run keeps none" in one_paragraph(said)


def test_what_drives_each_class_is_told_over_the_runs_own_training_examples(headstart_command, shared, warm, tmp_path):
    out = tmp_path / "out"
    said = headstart_command("explain", shared.run.path, "--by-class", "--per-class", "3", "--out", out)
    assert said.code == 0, said
    assert files_below(out) == {"by_class.json", "by_class.html"}
    document = json.loads((out / "by_class.json").read_text())
    assert (document["schema"], document["method"], document["failed"]) == (1, "hires_cam", 0)
    for each in document["classes"]:
        assert 1 <= each["examples"] <= 3 and each["shape"] == [14, 14] and 0 <= each["outer"]["share"]["value"] <= 1
    page = (out / "by_class.html").read_text()
    assert page.count("data:image/webp;base64,") == sum(each["examples"] for each in document["classes"])
    assert said.out.splitlines()[-1] == f"Page: {out / 'by_class.html'}" and "in the outer" in said.out


def test_a_bundle_alone_needs_inputs_to_say_what_drives_a_class(headstart_command, shared, warm, tmp_path):
    said = headstart_command("explain", shared.run.bundle, "--by-class")
    assert said.code == 2 and "a bundle holds no training examples" in one_paragraph(said)
    bad = tmp_path / "bad.png"
    bad.write_bytes(b"no picture")
    said = headstart_command("explain", shared.run.bundle, bad, "--by-class")
    assert said.code == 2 and "none of 1 could be" in one_paragraph(said)
