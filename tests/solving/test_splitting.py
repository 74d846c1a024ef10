"""Which pictures learn and which test: given splits, groups, near-duplicates, rare classes."""

from __future__ import annotations

import csv
import json
import shutil
from dataclasses import replace

import numpy as np
import pyarrow.parquet
import pytest
import yaml
from PIL import Image

from headstart.core.errors import ConfigError, DataError
from headstart.core.learning import Targets
from headstart.data.read import read
from headstart.features.workshop import parse_size
from headstart.solving.parting import class_weights
from headstart.solving.splitting import make_split


def in_test(run):
    return set(pyarrow.parquet.read_table(run.path / "predictions" / "test.parquet").to_pydict()["id"])


def copied(shared, folder, places):
    """Some of the shared pictures under other names: ``{place: names of class and picture}``."""
    for place, sources in places.items():
        (folder / place).mkdir(parents=True)
        for number, source in enumerate(sources):
            shutil.copy(shared.photos / source, folder / place / f"{number}.png")
    return replace(shared, photos=folder)


def names(kind, low, high):
    return [f"{kind}/{number}.png" for number in range(low, high)]


@pytest.mark.parametrize(
    ("groups", "duplicates", "words"),
    [
        (
            [f"p{row % 4}" for row in range(8)],
            [0, 0, 0, 0, 1, 2, 3, 4],
            "they make 1 of 4 groups. What ties groups are examples that are alike: 0 (p0) and 1 (p1). Take",
        ),
        (None, [0] * 8, "they make 1 of 8 examples."),
        (["p"] * 8, list(range(8)), ""),  # the groups alone are too few
    ],
)
def test_near_duplicates_that_tie_all_groups_together_are_named(groups, duplicates, words):
    pairs = [f"a text of some words, number {row}" for row in range(8)]
    dataset = read((pairs, list("aabbabab"))).dataset
    dataset = replace(dataset, groups=None if groups is None else np.array(groups, dtype=object))
    strata = np.array([0, 0, 1, 1, 0, 1, 0, 1])
    with pytest.raises(DataError, match="without splitting a group") as caught:
        make_split(dataset, np.array(duplicates), strata, resplit=False, seed=0)
    assert words in str(caught.value)
    assert bool(words) == ("Near-duplicates" in str(caught.value)) == (not str(caught.value).endswith("with --test."))


def test_a_given_val_split_is_counted_and_learned_from(warm, tmp_path):
    places = {
        f"{split}/{kind}": names(kind, low, high)
        for kind in ("red", "blue")
        for split, low, high in (("train", 4, 11), ("val", 11, 14), ("test", 14, 18))
    }
    run = copied(warm, tmp_path / "d", places).fit(tmp_path / "run", slices=None)
    assert run.evidence["n"] == {"train": 14, "val": 6, "test": 8}
    assert {each["n_train"] for each in run.evidence["comparisons"]} == {20}
    assert all(name.startswith("test/") for name in in_test(run))


def test_equal_groups_stay_on_one_side(warm, tmp_path):
    run = warm.fit(tmp_path / "run", groups="person")
    with (warm.photos / "metadata.csv").open() as stream:
        person = {row["file"]: row["person"] for row in csv.DictReader(stream)}
    test = {person[name] for name in in_test(run)}
    train = {number for name, number in person.items() if name not in in_test(run)}
    assert test and train and not test & train


def test_a_picture_saved_again_stays_with_its_original(warm, tmp_path):
    folder = shutil.copytree(warm.photos, tmp_path / "d")
    originals = sorted(folder.glob("*/1?.png"))
    for path in originals:
        Image.open(path).save(path.with_suffix(".jpg"), quality=90)
    run = replace(warm, photos=folder).fit(tmp_path / "run")
    test = in_test(run)
    sides = {(f"{p.parent.name}/{p.name}" in test, f"{p.parent.name}/{p.stem}.jpg" in test) for p in originals}
    assert sides == {(True, True), (False, False)}


def test_near_duplicates_across_a_given_split_are_a_warning(warm, tmp_path):
    places = {f"{split}/{kind}": names(kind, low, high)
              for kind in ("red", "blue") for split, low, high in (("train", 4, 12), ("test", 12, 16))}  # fmt: skip
    data = copied(warm, tmp_path / "d", places)
    Image.open(data.photos / "train/red/0.png").save(data.photos / "test/red/again.jpg", quality=90)
    run = data.fit(tmp_path / "run", slices=None)
    assert "1 of 9 test examples (11 %) is nearly the same" in run.evidence["warnings"][0]
    found = {each["id"]: each for each in json.loads((run.path / "audit.json").read_text())["findings"]}
    assert [each["id"] for each in found["duplicates_across_splits"]["suspects"]] == ["test/red/again.jpg"]
    assert "again.jpg" not in json.dumps(run.evidence)  # the bundle's copy names no example


@pytest.fixture
def rare(warm, tmp_path):
    places = {"red": names("red", 4, 20), "blue": names("blue", 4, 20), "green": names("green", 4, 7)}
    return copied(warm, tmp_path / "d", places)


def test_a_rare_class_makes_macro_f1_decide_and_weights_are_a_wish(rare, tmp_path):
    run = rare.fit(tmp_path / "run", slices=None)
    weighted = rare.fit(tmp_path / "weighted", slices=None, balance="loss")
    assert run.evidence["primary"] == weighted.evidence["primary"] == "macro_f1"
    assert "macro-F1 counts" in run.sentence
    configs = [yaml.safe_load((each.path / "config.yaml").read_text())["balance"] for each in (run, weighted)]
    assert configs == ["decision", "loss"]
    assert run.evidence["guard"]["out_of_fold_loss"] != weighted.evidence["guard"]["out_of_fold_loss"]
    effect = weighted.evidence["balance"]
    assert (effect["mode"], effect["candidate"], "balance" in run.evidence) == ("loss", "linear_probe", False)
    assert set(effect["with"]) == set(effect["without"]) == {"balanced_accuracy", "macro_f1", "accuracy"}
    assert in_test(run) == in_test(weighted)


def test_without_a_rare_class_nothing_is_balanced(shared):
    assert yaml.safe_load((shared.run.path / "config.yaml").read_text())["balance"] == "none"
    assert shared.run.evidence["primary"] == "accuracy"


def test_weights_give_every_class_the_same_total_and_have_mean_1():
    weights = class_weights(Targets(np.array([0, 0, 0, 2]), "class", 3))  # class 1 does not occur
    assert weights.tolist() == pytest.approx([2 / 3, 2 / 3, 2 / 3, 2])


@pytest.mark.parametrize(
    "text, size",
    [("10GiB", 10 << 30), ("500 MB", 500 << 20), ("1048576", 1 << 20), ("1.5k", 1536), ("2T", 2 << 40)],
)
def test_sizes_are_read_with_units(text, size):
    assert parse_size(text) == size


@pytest.mark.parametrize("text", ["", "-1", "ten", "1 PiB", "1GiBs"])
def test_other_sizes_are_refused(text):
    with pytest.raises(ConfigError, match="10GiB"):
        parse_size(text)
