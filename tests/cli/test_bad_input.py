"""Whatever is wrong with the request or the data: one paragraph, the contract's exit code, nothing left behind."""

from __future__ import annotations

import errno
import json
import shutil
import struct
import zlib
from types import SimpleNamespace

import pyarrow.parquet
import pytest

from cli.helpers_cli import one_paragraph
from headstart.engine.activations import segment
from headstart.engine.activations.shelf import SUFFIX
from helpers import make_photos
from shared_run import RUNTIME, evidence_of, files_below, metrics_of, predictions_of

SETTING = "=".join(*RUNTIME.items())


@pytest.fixture(autouse=True)
def work(monkeypatch, tmp_path):
    """The current folder, empty."""
    folder = tmp_path / "work"
    folder.mkdir()
    monkeypatch.chdir(folder)
    return folder


@pytest.fixture
def photos(shared, tmp_path):
    """A copy of the shared photos, to be spoilt; its features are kept."""
    return shutil.copytree(shared.photos, tmp_path / "photos")


@pytest.fixture
def fit(headstart_command, warm):
    """Run fit with the shared model and options of one's own."""

    def run(*arguments):
        return headstart_command("fit", *arguments, "--model", warm.model, "--method", "linear_probe", "--set", SETTING)

    return run


@pytest.fixture
def refused(fit, work):
    """A fit that must be refused; returns what it said."""

    def run(*arguments, code=2):
        said = fit(*arguments)
        assert said.code == code, said
        assert list(work.iterdir()) == []
        return one_paragraph(said)

    return run


def plan_of(said):
    return json.loads(said.out)


def test_a_path_that_does_not_exist_names_the_near_one(refused, photos):
    assert f"Did you mean {photos}?" in refused(photos.with_name("phtos"))


def test_an_empty_folder_and_a_folder_of_loose_pictures_say_what_must_be_there(refused, shared, tmp_path):
    (tmp_path / "empty").mkdir()
    assert "it is empty" in refused(tmp_path / "empty")
    assert "20 pictures directly" in refused(shared.photos / "red")


def test_one_class_is_not_enough(refused, tmp_path):
    assert "at least two classes" in refused(make_photos(tmp_path / "p", {"red": 4}))


def spoil(folder, kind, count):
    """Damaged files named like pictures."""
    whole = sorted((folder / "green").glob("*.png"))[0].read_bytes()
    huge = struct.pack(">II", 60_000, 60_000)
    header = whole[:16] + huge + whole[24:29]
    content = {
        "empty": b"",
        "cut off": whole[: len(whole) // 2],
        "text": b"this is no picture",
        "bomb": header + struct.pack(">I", zlib.crc32(header[12:])) + whole[33:],
    }[kind]
    ending = "jpg" if kind == "text" else "png"
    for number in range(count):
        (folder / "red" / f"bad{number}.{ending}").write_bytes(content)


@pytest.mark.parametrize("kind", ["empty", "cut off", "text", "bomb"])
def test_too_many_bad_files_are_listed_and_allowed_when_asked(refused, fit, photos, work, kind):
    spoil(photos, kind, 4)
    said = refused(photos)
    assert "4 of 64" in said and "red/bad0." in said and "--allow-bad" in said
    plan = plan_of(fit(photos, "--allow-bad", 0.1, "--dry-run", "--json"))
    assert [bad["id"].split(".")[0] for bad in plan["data"]["left_out"]] == [f"red/bad{n}" for n in range(4)]
    assert all(bad["reason"] for bad in plan["data"]["left_out"])
    assert plan["data"]["n"] == 60


def test_a_few_bad_files_are_left_out_with_a_warning(fit, photos, shared, work):
    spoil(photos, "empty", 1)
    spoil(photos, "text", 1)
    said = fit(photos, "--slices", "place", "--out", "run")  # as the other one, which writes the column down
    assert said.code == 0 and "Warning: 2 inputs could not be used" in said.out
    assert len(json.loads((work / "run" / "plan.json").read_text())["data"]["left_out"]) == 2
    assert predictions_of(work / "run") == predictions_of(shared.run.path)


def test_damage_that_shows_when_decoding_is_counted_too(fit, photos, work):
    whole = bytearray((photos / "red" / "9.png").read_bytes())
    middle = len(whole) // 2
    whole[middle : middle + 200] = bytes(200)
    for number in range(3):
        (photos / "red" / f"bad{number}.png").write_bytes(bytes(whole) + bytes([number]))
    said = fit(photos, "--out", "run")
    assert said.code == 0 and "Warning: 3 inputs could not be used" in said.out
    (photos / "red" / "bad3.png").write_bytes(bytes(whole) + b"x")
    said = fit(photos, "--out", "other")
    assert said.code == 2 and "4 of 64" in said.err
    assert not (work / "other").exists()


def test_symlinks_that_lead_in_circles_are_not_followed(fit, photos):
    (photos / "red" / "below").mkdir()
    (photos / "red" / "below" / "loop").symlink_to(photos / "red")
    (photos / "red" / "self.png").symlink_to("self.png")
    plan = plan_of(fit(photos, "--dry-run", "--json"))
    assert plan["data"]["n"] == 60
    assert any("not followed" in note for note in plan["notes"])
    assert [bad["id"] for bad in plan["data"]["left_out"]] == ["red/self.png"]


def test_names_may_be_in_any_script(headstart_command, fit, photos, work):
    names = {"red": "赤 い", "green": "зелёный", "blue": 'أزرق, "x" <b> 🟦'}
    for old, new in names.items():
        (photos / old).rename(photos / new)
        (photos / new / "9.png").rename(photos / new / "ünï 九 #%.png")
    (photos / "metadata.csv").unlink()
    assert fit(photos, "--out", "läuf").code == 0
    evidence = json.loads((work / "läuf" / "evidence.json").read_text())
    assert evidence["confusion"]["class_names"] == sorted(names.values())
    page = (work / "läuf" / "report.html").read_text()
    assert "зелёный" in page and "<b> 🟦" not in page
    said = headstart_command("predict", "läuf", photos / "зелёный", "--out", "p.parquet")
    assert said.code == 0
    rows = pyarrow.parquet.read_table("p.parquet").to_pylist()
    assert any(row["id"].endswith("зелёный/ünï 九 #%.png") for row in rows)


def test_an_output_folder_with_another_run_or_other_files_stays_as_it_is(refused, shared, photos):
    before = files_below(shared.run.path)
    assert "holds another run" in refused(photos, "--out", shared.run.path)
    assert "holds other files" in refused(photos, "--out", photos)
    assert files_below(shared.run.path) == before


def test_a_disk_that_is_too_full_is_told_before_anything_is_computed(refused, photos, monkeypatch):
    monkeypatch.setattr(shutil, "disk_usage", lambda _: SimpleNamespace(free=1 << 20))
    assert "1 MiB are free" in refused(photos)


@pytest.mark.parametrize("place", ["store", "folder"])
def test_a_disk_that_fills_up_keeps_what_was_finished_and_resuming_gives_the_same_result(
    headstart_command, fit, shared, work, tmp_path, monkeypatch, place
):
    full = OSError(errno.ENOSPC, "No space left on device")

    def fail(*args, **options):
        raise full

    with monkeypatch.context() as patch:
        if place == "store":
            patch.setenv("HEADSTART_CACHE", str(tmp_path / "cold"))
            patch.setattr(segment, "write", fail)
        else:
            patch.setattr("headstart.fitting.finish.write_table", fail)
        said = fit(shared.photos, "--slices", "place", "--out", "run")
    assert said.code == 2 and "disk is full" in one_paragraph(said)
    assert (work / "run" / "request.yaml").exists() and not (work / "run" / "report.html").exists()
    assert headstart_command("fit", "--resume", "--out", "run").code == 0
    assert evidence_of(work / "run") == evidence_of(shared.run.path)
    assert predictions_of(work / "run") == predictions_of(shared.run.path)


def test_classes_that_only_the_test_split_has_are_named_with_the_near_one(refused, tmp_path):
    photos = make_photos(tmp_path / "p", {"train/red": 3, "train/green": 3, "test/red": 2, "test/blue": 2})
    (photos / "test" / "blue").rename(photos / "test" / "gren")
    said = refused(photos)
    assert "'gren'" in said and "Did you mean 'green'" in said


def test_a_damaged_segment_of_the_cache_is_computed_anew_with_the_same_result(fit, shared, work, tmp_path, monkeypatch):
    cache = shutil.copytree(shared.cache, tmp_path / "cache")
    monkeypatch.setenv("HEADSTART_CACHE", str(cache))
    damaged = list(cache.rglob(f"*{SUFFIX}"))
    assert len(damaged) >= 4
    for path in damaged:
        content = bytearray(path.read_bytes())
        content[len(content) // 2] ^= 1
        path.write_bytes(content)
    assert fit(shared.photos, "--slices", "place", "--out", "run").code == 0
    assert metrics_of(work / "run")["activations/decoded"] > 0
    assert evidence_of(work / "run") == evidence_of(shared.run.path)
    assert predictions_of(work / "run") == predictions_of(shared.run.path)


def test_weights_that_are_not_those_of_the_config_are_refused(headstart_command, shared, tmp_path, work):
    other = shutil.copytree(shared.model, tmp_path / "other")
    content = bytearray((other / "model.safetensors").read_bytes())
    content[-1] ^= 1
    (other / "model.safetensors").write_bytes(content)
    config = (shared.run.path / "config.yaml").read_text().replace(str(shared.model), str(other))
    (tmp_path / "config.yaml").write_text(config)
    said = headstart_command("fit", "--config", tmp_path / "config.yaml")
    assert said.code == 2 and "sha256" in one_paragraph(said)
    assert list(work.iterdir()) == []


def test_a_class_with_one_picture_is_noted_and_never_on_both_sides(fit, photos, shared, work):
    (photos / "lone").mkdir()
    shutil.copy(photos / "red" / "9.png", photos / "lone" / "1.png")
    (photos / "red" / "9.png").unlink()
    (photos / "metadata.csv").unlink()
    assert fit(photos, "--out", "run").code == 0
    plan = json.loads((work / "run" / "plan.json").read_text())
    assert any("one example" in note and "lone" in note for note in plan["notes"])
    test = pyarrow.parquet.read_table(work / "run" / "predictions" / "test.parquet").to_pydict()
    assert "lone/1.png" not in test["id"] and "probability_lone" in test


def test_a_group_on_both_sides_of_a_given_split_is_exit_3_and_resplit_goes_on(refused, fit, shared, tmp_path, work):
    rows = ["file,label,split,person"]
    for number in range(5, 15):
        for name in ("red", "blue"):
            rows.append(
                f"{shared.photos / name / f'{number}.png'},{name},{'test' if number > 11 else 'train'},{number % 7}"
            )
    (tmp_path / "t.csv").write_text("\n".join(rows) + "\n")
    assert "--resplit" in refused(tmp_path / "t.csv", "--groups", "person", code=3)
    said = fit(tmp_path / "t.csv", "--groups", "person", "--resplit", "--out", "run")
    assert said.code == 0, said
    test = pyarrow.parquet.read_table(work / "run" / "predictions" / "test.parquet").to_pydict()["id"]
    person = {row.split(",")[0]: row.split(",")[3] for row in rows[1:]}
    tested = {number for file, number in person.items() if any(file.endswith(name) for name in test)}
    learned = {number for file, number in person.items() if not any(file.endswith(name) for name in test)}
    assert tested and not tested & learned


@pytest.mark.parametrize(
    "options, part",
    [
        (["--task", "clasification"], "Did you mean 'classification'?"),
        (["--balance", "bad"], "balance"),
        (["--device", "gpu"], "device"),
        (["--seed", "-1"], "seed"),
        (["--allow-bad", "2"], "allow_bad"),
        (["--cache-size", "much"], "10GiB"),
        (["--groups", "persn"], "Did you mean 'person'?"),
        (["--slices", "nothing"], "slices must be one of"),
        (["--target", "nothing"], "nothing"),
        (["--set", "seed=1", "--set", "seed=2"], "set twice"),
        (["--set", "sead=1"], "Did you mean 'seed'?"),
        (["--set", "model.resise=pad"], "Did you mean 'resize'?"),
        (["--set", "method.no=1"], "method"),
        (["--set", "runtime.precision=int1"], "precision"),
        (["--set", "runtime.nme=eager"], "Did you mean 'name'?"),
        (["--set", "model.image_size=[8,8]"], "greater than or equal to 16"),
        (["--set", "schema=2"], "schema"),
        (["--threads", "0"], "threads"),
        (["--out", "/dev/null/run"], "Not a directory: /dev/null/run"),
        (["--out", "x" * 300], "File name too long"),
        (["--config", "missing.yaml"], "missing.yaml"),
        (["--resume"], "needs an unfinished run"),
    ],
)
def test_an_option_that_cannot_be_is_refused(refused, photos, options, part):
    assert part in refused(photos, *options)


@pytest.mark.parametrize(
    "options, part",
    [
        (["--model", "efficientnet_lit0"], "Did you mean 'efficientnet_lite0'?"),
        (["--model", "/no/such/folder"], "/no/such/folder"),
        (["--method", "linear_prob"], "Did you mean 'linear_probe'?"),
        (["--set", "runtime.name=eagr"], "Did you mean 'eager'?"),
        (["--set", "runtime.precision=bfloat16"], "needs runtime.name"),
    ],
)
def test_a_name_that_is_not_there_is_refused_with_the_near_one(headstart_command, photos, work, options, part):
    said = headstart_command("fit", photos, *options)
    assert said.code == 2 and part in one_paragraph(said)
    assert list(work.iterdir()) == []


def test_an_option_that_does_not_exist_is_exit_2(headstart_command, photos, work):
    assert headstart_command("fit", photos, "--no-such-option").code == 2
    assert headstart_command("fit", photos, "--seed", "many").code == 2
    assert list(work.iterdir()) == []


def test_a_fit_of_nothing_asks_for_data(headstart_command, work):
    said = headstart_command("fit")
    assert said.code == 2 and "fit needs data" in one_paragraph(said)


def test_a_device_that_is_not_there_is_refused(headstart_command, photos, work, monkeypatch):
    monkeypatch.setattr("torch.cuda.is_available", lambda: False)
    said = headstart_command("fit", photos, "--device", "cuda")
    assert said.code == 2 and "--device cuda must be there" in one_paragraph(said)
    assert list(work.iterdir()) == []


def test_a_cache_that_cannot_be_is_told(headstart_command, photos, work, tmp_path, monkeypatch):
    (tmp_path / "file").write_text("")
    monkeypatch.setenv("HEADSTART_CACHE", str(tmp_path / "file"))
    said = headstart_command("fit", photos)
    assert said.code == 2 and "Name another place" in one_paragraph(said)
    assert list(work.iterdir()) == []


@pytest.mark.parametrize("threads", ["0", "-2"])
def test_no_threads_are_too_few(headstart_command, shared, threads):
    for verb in ("predict", "evaluate"):
        said = headstart_command(verb, shared.run.path, shared.photos, "--threads", threads)
        assert said.code == 2 and "at least 1" in one_paragraph(said)


def test_pictures_of_which_none_can_be_decoded_cannot_be_evaluated(headstart_command, shared, tmp_path):
    whole = (shared.photos / "red" / "9.png").read_bytes()
    middle = len(whole) // 2
    for name in ("red", "blue"):
        (tmp_path / "d" / name).mkdir(parents=True)
        (tmp_path / "d" / name / "1.png").write_bytes(whole[:middle] + bytes(200) + whole[middle + 200 :])
    said = headstart_command("evaluate", shared.run.path, tmp_path / "d")
    assert said.code == 2 and "damaged" in one_paragraph(said)


def test_a_report_of_a_bundle_is_refused_and_leaves_it_as_it_is(headstart_command, shared):
    before = files_below(shared.run.bundle)
    assert "holds no run" in one_paragraph(headstart_command("report", shared.run.bundle))
    assert files_below(shared.run.bundle) == before


def test_an_error_that_shows_late_leaves_the_folders_as_they_were(fit, shared, work, tmp_path):
    for name in ("red", "blue"):  # one picture of each class: nothing can be set apart
        (tmp_path / "d" / name).mkdir(parents=True)
        shutil.copy(shared.photos / name / "9.png", tmp_path / "d" / name)
    said = fit(tmp_path / "d", "--out", "new/deep/run")
    assert said.code == 2 and "test part must be set apart" in one_paragraph(said)
    assert list(work.iterdir()) == []
    (work / "there").mkdir()
    assert fit(tmp_path / "d", "--out", "there").code == 2
    assert [path.name for path in work.rglob("*")] == ["there"]
