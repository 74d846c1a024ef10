"""Labelled examples of the new domain that teach a head."""

import numpy as np
import pytest
from PIL import ImageEnhance

import headstart
from headstart import bundle
from headstart.core.errors import DataError
from helpers import COLOURS, photo


@pytest.fixture(scope="module")
def dark(tmp_path_factory):
    """Twelve darker pictures of each colour, and the labels of eight of each."""
    folder, rng = tmp_path_factory.mktemp("dark"), np.random.default_rng(7)
    (folder / "new").mkdir()
    rows = ["file,label"]
    for name, colour in COLOURS.items():
        for number in range(12):
            ImageEnhance.Brightness(photo(colour, rng)).enhance(0.6).save(folder / "new" / f"{name}{number}.png")
            rows += [f"new/{name}{number}.png,{name}"] if number < 8 else []
    (folder / "few.csv").write_text("\n".join(rows) + "\n")
    return folder


@pytest.mark.parametrize("method", ["biased_regularisation", "joint_training"])
def test_labels_teach_a_head_that_ships_where_it_is_named(method, dark, warm, tmp_path):
    found = headstart.adapt(warm.run.path, dark / "new", method=method, labels=dark / "few.csv", out=tmp_path / "out")
    section = found.evidence["adaptation"]
    row = section["methods"][-1]
    assert section["method"] == method == row["name"] and row["title"] != "The model as it is"
    assert (
        row["report"]["labels"] == 24 and section["gain"]["low"] <= section["gain"]["value"] <= section["gain"]["high"]
    )
    assert "by labels" in section["why"]
    said = {row["id"]: row["prediction"] for row in headstart.predict(found.path, dark / "new").rows}
    right = np.mean([answer in name.rsplit("/", 1)[-1] for name, answer in said.items()])
    assert len(said) == 36 and right > 0.9 and bundle.read(found.path).manifest.method["form"] == "linear"


def test_without_labels_nothing_is_taught(dark, warm):
    with pytest.raises(DataError, match="it needs labelled examples of the new domain, named with --labels"):
        headstart.adapt(warm.run.path, dark / "new", method="biased_regularisation")
