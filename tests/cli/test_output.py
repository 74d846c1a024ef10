"""Results on stdout, everything else on stderr; JSON alone with --json; nothing written by --dry-run."""

from __future__ import annotations

import csv
import io
import json

import pytest

import headstart
from cli.helpers_cli import one_paragraph
from headstart.cli.fit import result_text
from headstart.cli.output import report_error
from headstart.core.errors import DataError
from shared_run import RUNTIME, files_below


@pytest.fixture
def fit_options(shared):
    setting = "=".join(*RUNTIME.items())
    return ("fit", shared.photos, "--model", shared.model, "--method", "linear_probe", "--set", setting)


@pytest.fixture(autouse=True)
def in_an_empty_folder(monkeypatch, tmp_path):
    monkeypatch.chdir(tmp_path)


def test_a_fit_says_its_plan_its_steps_its_result_and_the_paths(headstart_command, warm, fit_options, tmp_path):
    said = headstart_command(*fit_options, "--out", "run")
    assert said.code == 0
    run = tmp_path / "run"
    sentence = json.loads((run / "evidence.json").read_text())["sentence"]
    *lines, more = said.out.strip().splitlines()
    assert [line for line in lines if not line.startswith("Warning: ")] == [
        sentence, "Report:  run/report.html", "Bundle:  run/bundle",
    ]  # fmt: skip
    assert more.startswith("More:    --minutes 1 would also fine-tune the network")
    for word in ("Plan", "cut off", "] features", "] solve", "] report"):
        assert word in said.err


def test_a_quiet_fit_says_the_result_alone(headstart_command, warm, fit_options):
    said = headstart_command(*fit_options, "--out", "run", "--quiet")
    assert (said.code, said.err) == (0, "")
    assert "The model is right on" in said.out and "Plan" not in said.out


def test_a_fit_prints_one_json_document_and_nothing_else(headstart_command, warm, fit_options):
    said = headstart_command(*fit_options, "--out", "run", "--json")
    assert (said.code, said.err) == (0, "")
    document = json.loads(said.out)
    assert set(document) == {"run", "sentence", "report", "bundle", "evidence"}
    assert document["evidence"]["schema"] == 1


def test_without_out_a_run_goes_to_runs(headstart_command, warm, fit_options, tmp_path):
    assert headstart_command(*fit_options, "--json").code == 0
    [run] = (tmp_path / "runs").iterdir()
    assert run.name.startswith("photos-") and (run / "report.html").exists()


@pytest.mark.parametrize("cache", ["kept", "absent"])
def test_a_dry_run_says_the_plan_and_writes_nothing(
    headstart_command, shared, fit_options, tmp_path, monkeypatch, cache
):
    place = shared.cache if cache == "kept" else tmp_path / "cache"
    monkeypatch.setenv("HEADSTART_CACHE", str(place))
    before = files_below(shared.cache)
    said = headstart_command(*fit_options, "--dry-run")
    assert said.code == 0 and "dry run" in said.out
    for step in ("runtime", "features", "solve", "audit", "evidence", "bundle", "report"):
        assert f"  {step} " in said.err
    assert list(tmp_path.iterdir()) == []
    assert files_below(shared.cache) == before


def test_a_dry_run_prints_the_plan_as_json(headstart_command, warm, fit_options, tmp_path):
    said = headstart_command(*fit_options, "--dry-run", "--json")
    assert (said.code, said.err) == (0, "")
    plan = json.loads(said.out)
    written = json.loads((warm.run.path / "plan.json").read_text())
    assert set(plan) == set(written)
    assert plan["data"] == written["data"]
    assert plan["kept"]["examples"] == 60
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize("command", [("models",), ("methods",), ("tasks",), ("doctor",), ("cache", "list")])
def test_lists_are_one_json_document(headstart_command, warm, command):
    said = headstart_command(*command, "--json")
    assert (said.code, said.err) == (0, "")
    [(kind, rows)] = json.loads(said.out).items()
    assert rows and all(isinstance(row, dict) for row in rows), kind
    text = headstart_command(*command)
    assert text.code == 0 and len(text.out.splitlines()) == len(rows) + 1


def test_models_are_narrowed_by_text_family_licence_and_size(headstart_command):
    def names(*options):
        return {row["name"] for row in json.loads(headstart_command("models", *options, "--json").out)["models"]}

    every = names()
    assert "efficientnet_lite0" in names("lite0", "--max-parameters", "5e6") < every
    assert names("--installed") < every
    assert names("--family", "resnet") and names("--licence", "apache-2.0") <= every
    assert names("--max-parameters", "1") == set()
    assert headstart_command("models", "no such model").out == "No models match.\n"


def test_clearing_the_cache_says_what_was_freed(headstart_command, shared, fit_options, tmp_path):
    assert headstart_command(*fit_options, "--quiet").code == 0  # into this test's own cache
    said = headstart_command("cache", "clear", "--json")
    assert json.loads(said.out)["cleared"][0]["freed_mib"] > 0
    assert headstart_command("cache", "list").out == "No cache match.\n"


def test_predictions_go_to_stdout_as_csv(headstart_command, shared):
    said = headstart_command("predict", shared.run.path, shared.photos / "red")
    assert (said.code, said.err) == (0, "")
    rows = list(csv.DictReader(io.StringIO(said.out)))
    expected = headstart.predict(shared.run.path, shared.photos / "red").rows
    assert [(row["id"], float(row["probability"])) for row in rows] == [(r["id"], r["probability"]) for r in expected]


def test_predictions_as_json_hold_every_row(headstart_command, shared):
    said = headstart_command("predict", shared.run.path, shared.photos / "red", "--json")
    document = json.loads(said.out)
    assert (said.code, said.err) == (0, "")
    assert document["count"] == len(document["rows"]) == 20


def test_paths_come_from_stdin(headstart_command, shared):
    paths = [str(shared.photos / "red" / f"{number}.png") for number in (7, 5)]
    said = headstart_command("predict", shared.run.path, "-", stdin="\n".join(paths) + "\n")
    assert said.code == 0
    assert [row["id"] for row in csv.DictReader(io.StringIO(said.out))] == paths


def test_some_bad_inputs_are_rows_and_only_bad_ones_are_an_error(headstart_command, shared, tmp_path):
    (tmp_path / "bad.png").write_bytes(b"")
    good = shared.photos / "red" / "7.png"
    some = headstart_command("predict", shared.run.path, good, "bad.png", "--out", "some.csv")
    assert (some.code, some.out) == (0, "2 inputs predicted: some.csv\n")
    assert "1 of 2 inputs could not be used" in some.err
    none = headstart_command("predict", shared.run.path, "bad.png", "missing.png", "--out", "none.jsonl")
    assert none.code == 2 and "2 of 2 inputs could not be used" in none.err
    assert all(json.loads(line)["error"] for line in (tmp_path / "none.jsonl").read_text().splitlines())


def test_a_damaged_bundle_is_exit_2(headstart_command, shared, tmp_path):
    (tmp_path / "manifest.json").write_text("{}")
    said = headstart_command("predict", tmp_path, shared.photos)
    assert said.code == 2
    one_paragraph(said)


def test_an_evaluation_says_every_metric_with_its_interval(headstart_command, shared):
    said = headstart_command("evaluate", shared.run.path, shared.photos, "--slices", "place", "--out", "new")
    assert said.code == 0
    first, *lines = said.out.splitlines()
    assert first.startswith("The model is right on") and lines[-1] == "Evidence: new/evidence.json"
    assert any(line.startswith("  macro_f1 ") and " to " in line for line in lines)


def test_an_evaluation_is_one_json_document(headstart_command, shared):
    said = headstart_command("evaluate", shared.run.path, shared.photos, "--json")
    assert (said.code, said.err) == (0, "")
    document = json.loads(said.out)
    assert document["path"] is None and document["evidence"]["n"]["test"] == 60


def test_a_report_is_written_again_and_its_path_said(headstart_command, shared, tmp_path):
    said = headstart_command("report", shared.run.path)
    assert (said.code, said.out) == (0, f"{shared.run.report}\n")
    refused = headstart_command("report", tmp_path)
    assert refused.code == 2 and "holds no run" in one_paragraph(refused)


def test_the_version_and_the_help(headstart_command):
    assert headstart_command("--version").out == f"headstart {headstart.__version__}\n"
    for command in ("fit", "predict", "evaluate", "report", "models", "methods", "tasks", "doctor", "cache"):
        assert command in headstart_command("--help").out
        assert headstart_command(command, "--help").code == 0


def test_an_error_of_ours_asks_for_a_report_and_shows_its_trace_with_debug(headstart_command, shared, monkeypatch):
    def fail(*args, **options):
        raise RuntimeError("broken")

    monkeypatch.setattr("headstart.api.predict", fail, raising=False)
    said = headstart_command("predict", shared.run.path, shared.photos)
    assert said.code == 1
    assert "our fault, not yours: RuntimeError: broken" in one_paragraph(said)
    assert "Traceback" in headstart_command("predict", shared.run.path, shared.photos, "--debug").err


@pytest.mark.parametrize(
    ("race", "line"),
    [
        (
            {"best": "lp_ft#2", "trials": [{}] * 5, "stopped": "nobody could win any more", "seconds": 156.0},
            "Race:    5 trainings in 2.6 minutes; lp_ft#2 was the best; it ended since nobody could win any more.",
        ),
        (
            {"best": None, "trials": [{}], "stopped": "the training failed: no memory.", "seconds": 4.0},
            "Race:    1 training in 4 seconds; the training failed: no memory.",
        ),
        (
            {"best": None, "trials": [], "stopped": "the time was too short", "seconds": 0.0},
            "Race:    nothing was trained: the time was too short; about 0.4 minutes would have been enough.",
        ),
    ],
)
def test_a_race_is_told_in_one_line(tmp_path, race, line):
    (tmp_path / "plan.json").write_text(json.dumps({"minimum": 0.4, "more_minutes": 1}))
    run = headstart.Run(tmp_path, {"sentence": "It is right.", "warnings": [], "race": race})
    *_, last = result_text(run).splitlines()
    assert last == line


@pytest.mark.parametrize(
    ("combined", "line"),
    [
        ({"how": "soup", "why": "the weights of a, b are averaged"}, "Average: the weights of a, b are averaged."),
        ({"how": None, "why": "no time was left"}, "Average: nothing was combined, since no time was left."),
    ],
)
def test_what_trainings_came_to_together_is_told_after_the_race(tmp_path, combined, line):
    (tmp_path / "plan.json").write_text("{}")
    race = {"best": "a", "trials": [{}] * 2, "stopped": "time", "seconds": 4.0, "combined": combined}
    *_, last = result_text(headstart.Run(tmp_path, {"sentence": "", "warnings": [], "race": race})).splitlines()
    assert last == line


def test_an_error_that_quotes_a_huge_cell_is_cut_in_its_middle_and_says_what_to_do(capsys):
    assert report_error(DataError(f"a cell must be short; got {'x' * 5_000_000}. Shorten it."), debug=False) == 2
    said = capsys.readouterr().err
    assert len(said) < 4_000
    assert said.startswith("headstart: a cell must be short; got xxx")
    assert said.endswith("x. Shorten it.\n")


def test_a_link_to_itself_is_the_requests_fault(tmp_path, capsys):
    (tmp_path / "loop").symlink_to("loop")
    with pytest.raises(OSError) as raised:  # noqa: PT011 - which one depends on the system
        (tmp_path / "loop").read_bytes()
    assert report_error(raised.value, debug=False) == 2
    assert "cannot be used" in capsys.readouterr().err
