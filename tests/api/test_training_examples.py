"""A run's training examples: the same from kept activations as computed again, never a test example, or why not."""

from __future__ import annotations

import shutil
from pathlib import Path

import numpy as np
import pytest

from headstart import bundle
from headstart.api import training_examples
from headstart.api.training_examples import training_examples_of
from headstart.core.progress import Silent


def found(run: Path):
    shipped = bundle.read(run)
    return training_examples_of(run, shipped, shipped.predictor(), 3, threads=1, progress=Silent())


def test_kept_activations_give_what_computing_again_gives(shared, warm, monkeypatch):
    kept = found(shared.run.path)
    monkeypatch.setattr(training_examples, "_kept", lambda *given: None)
    computed = found(shared.run.path)
    assert kept.neighbours.ids == computed.neighbours.ids
    np.testing.assert_allclose(kept.neighbours.features, computed.neighbours.features, atol=1e-5)
    assert kept.neighbours.predictions == computed.neighbours.predictions


def test_kept_activations_are_found_where_the_cache_is_warm_and_only_there(shared, warm, monkeypatch, tmp_path):
    monkeypatch.setattr(training_examples, "MOST_COMPUTED", 0)
    assert not isinstance(found(shared.run.path), str)
    monkeypatch.setenv("HEADSTART_CACHE", str(tmp_path / "empty"))
    assert "not kept (any more); fit again with --cache on" in found(shared.run.path)


def test_test_examples_are_no_training_examples(shared, warm):
    counts = shared.run.evidence["n"]
    assert len(found(shared.run.path).neighbours.ids) == counts["train"] + counts["val"]


@pytest.mark.parametrize(("gone", "says"), [("config.yaml", "a bundle holds no training examples")])
def test_without_the_files_of_a_run_it_says_so(shared, warm, tmp_path, gone, says):
    run = Path(shutil.copytree(shared.run.path, tmp_path / "run"))
    (run / gone).unlink()
    assert says in found(run)


def test_data_that_are_gone_are_told(shared, warm, tmp_path):
    run = Path(shutil.copytree(shared.run.path, tmp_path / "run"))
    text = (run / "config.yaml").read_text().replace(str(shared.photos), str(tmp_path / "nowhere"))
    (run / "config.yaml").write_text(text)
    assert "cannot be read again" in found(run)
