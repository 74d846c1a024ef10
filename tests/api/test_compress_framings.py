"""Pictures whose class lies at an edge: a network that sees the middle learns nothing, and the search finds out."""

from __future__ import annotations

import numpy as np
from PIL import Image

import headstart
from headstart import bundle
from headstart.api import compressing_integers, compressing_memory, compressing_pruning
from headstart.compression import gate, knobs
from helpers import make_model
from tiny_models import GRAPH

COLOURS = {"red": (220, 30, 30), "blue": (30, 30, 220)}


def edged(folder, each=24, seed=0):
    """Wide grey pictures with a coloured right end, in a folder for each colour."""
    rng = np.random.default_rng(seed)
    for name, colour in COLOURS.items():
        (folder / name).mkdir(parents=True)
        for number in range(each):
            pixels = rng.integers(90, 160, (48, 192, 3)).astype(np.uint8)
            pixels[:, 160:] = colour
            Image.fromarray(pixels).save(folder / name / f"{number}.png")
    return folder


def test_what_lies_at_the_edge_is_seen_when_it_pays(tmp_path, monkeypatch):
    monkeypatch.setenv("HEADSTART_CACHE", str(tmp_path / "cache"))
    monkeypatch.setattr(gate, "GAINED", 0.0)
    monkeypatch.setattr(compressing_pruning, "MOST", 0)  # pruned networks have their own tests
    monkeypatch.setattr(knobs, "SHARES", (0.57,))
    monkeypatch.setattr(compressing_integers, "MOST_INT8", 1)
    monkeypatch.setattr(compressing_memory, "memory_of", lambda *given: None)
    photos, model = edged(tmp_path / "photos"), make_model(tmp_path / "model")
    run = headstart.fit(photos, model=str(model), method="linear_probe", settings=GRAPH, out=tmp_path / "run")
    found = headstart.compress(
        run.path, max_drop=0, runtime="onnxruntime", students=0, out=tmp_path / "small", threads=1
    )
    points = {each["name"]: each for each in found.evidence["compression"]["points"]}
    assert points["squashed"]["score"] == 1.0 > points["as it is"]["score"]
    assert "squashed" in found.chosen
    assert any(
        "squashed (a fit takes --set model.resize=squash), answers are" in each for each in found.evidence["warnings"]
    )
    (network,) = bundle.read(found.path).manifest.networks.values()
    assert network.preprocessing.resize == "squash"
    new = edged(tmp_path / "new", each=3, seed=1)
    said = headstart.predict(found.path, [*(new / "red").iterdir(), *(new / "blue").iterdir()]).rows
    assert [each["prediction"] for each in said] == ["red"] * 3 + ["blue"] * 3


def test_where_the_middle_tells_as_much_nothing_changes(shared, warm, tmp_path, monkeypatch):
    monkeypatch.setenv("HEADSTART_CACHE", str(shared.cache))
    monkeypatch.setattr(gate, "GAINED", 0.0)
    monkeypatch.setattr(compressing_pruning, "MOST", 0)  # pruned networks have their own tests
    monkeypatch.setattr(compressing_integers, "MOST_INT8", 0)
    monkeypatch.setattr(compressing_memory, "memory_of", lambda *given: None)
    found = headstart.compress(warm.run.path, max_drop=99, runtime="onnxruntime", students=0, threads=1)
    names = [each["name"] for each in found.evidence["compression"]["points"]]
    assert not any(framing in name for name in names for framing in knobs.FRAMINGS)
