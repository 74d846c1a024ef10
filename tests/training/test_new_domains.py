"""Trainings for domains that nobody has seen: the method is told which rows are of which, and what it needs."""

from __future__ import annotations

import shutil

import numpy as np
import pytest

import headstart
from api.helpers_training import made
from headstart.core.errors import ConfigError
from headstart.methods.mixstyle import MixStyle


def test_domains_that_are_named_reach_the_method_row_by_row(shared, text_model, sound_model, tmp_path, monkeypatch):
    data = made("image", tmp_path, shared, text_model, sound_model)
    folder = shutil.copytree(data.data, tmp_path / "photos")
    files = sorted(path.relative_to(folder).as_posix() for path in folder.rglob("*.png"))
    lines = [f"{file},site{number % 5}" for number, file in enumerate(files)]
    (folder / "metadata.csv").write_text("\n".join(["file,site", *lines]), encoding="utf-8")
    told, usual = [], MixStyle.prepare

    def prepare(method, model, ctx):
        usual(method, model, ctx)
        told.append((method.domains, len(ctx.targets("train"))))

    monkeypatch.setattr(MixStyle, "prepare", prepare)
    asked = {"model": str(data.model), "threads": 1, "settings": data.settings(), "method": "mixstyle"}
    run = headstart.fit(folder, out=tmp_path / "run", domains="site", **asked)
    assert run.evidence["training"]["mixstyle"]["settings"]["alpha"] == 0.1
    domains, count = told[-1]
    # of five sites one is the test, and one the validation rows
    assert domains.shape == (count,) and len(np.unique(domains)) == 3


def test_a_network_without_maps_is_refused_before_the_work(shared, text_model, sound_model, tmp_path):
    data = made("text", tmp_path, shared, text_model, sound_model)
    with pytest.raises(ConfigError, match="mixstyle takes a network with channel maps"):
        data.fit(tmp_path / "run", method="mixstyle", settings={"method.freeze": 0})
    assert not (tmp_path / "run" / "evidence.json").exists()
