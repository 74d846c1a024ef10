"""A bundle of the speech embedding: clips of several lengths, without torch."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys

import numpy as np
import pytest

from bundle.helpers_bundle import BLOCKED, EVIDENCE, TASK, Choice, graph_of, linear_head
from data.helpers_sound import encoded, sweep
from headstart import bundle
from headstart.bundle import WrittenFitted, WrittenNetwork
from headstart.core import plugins
from headstart.core.schema import InputSchema, PartSchema
from headstart.data.modalities import modality

CLIP = PartSchema(modality="sound")
CLIPS = [encoded(sweep(seconds, seed=seed), 16000) for seed, seconds in enumerate((0.4, 2.6, 1.0, 2.8))]


@pytest.fixture(scope="module")
def sounds(tmp_path_factory):
    """The network with random weights and the statistics of the cepstrum, joined."""
    from headstart.backbones import catalogue
    from headstart.backbones.pretrained.load import load_card

    folder = tmp_path_factory.mktemp("sounds")
    backbone = load_card(catalogue.default_card("sound"), random_seed=0)
    preparer = modality("sound").preparer(backbone.preprocessing, backbone.assets)
    prepared = [preparer.prepare(clip) for clip in CLIPS]
    plugin = plugins.load("backbones.fitted", "logmel_stats")
    code = plugin.build(plugin.config())
    raw = np.concatenate([code.describe(clip[None]) for clip in prepared])
    network = WrittenNetwork(CLIP, backbone, Choice(), graph_of(backbone, folder / "graphs"), prepared)
    statistics = WrittenFitted("logmel_stats", code.fit(raw), raw, part=CLIP, preprocessing=backbone.preprocessing)
    width = backbone.feature_dim + raw.shape[1]
    return bundle.write(
        folder / "b",
        sources=[network, statistics],
        fitted=linear_head(width),
        task_dict=TASK,
        input_schema=InputSchema(parts=(CLIP,)),
        evidence=EVIDENCE,
    )


def test_clips_of_several_lengths_were_compared_in_all_runtimes(sounds):
    parity = sounds.manifest.parity
    assert (parity["status"], parity["n"]) == ("checked", 4)
    assert [each["runtime"] for each in parity["sides"]] == ["onnxruntime", "onnxruntime", "eager"]


ALONE = """
import json
import numpy as np
import headstart

result = headstart.predict("copy", [f"{number}.wav" for number in range(4)])
heavy = {"torch", "timm", "onnx", "transformers", "sklearn", "livekit"} & set(sys.modules)
print(json.dumps([[row["probability_dog"] for row in result.rows], sorted(heavy)]))
"""


def test_clips_are_predicted_where_importing_torch_raises(sounds, tmp_path):
    shutil.copytree(sounds.folder, tmp_path / "copy")
    for number, clip in enumerate(CLIPS):
        (tmp_path / f"{number}.wav").write_bytes(clip)
    environment = {**os.environ, "HEADSTART_CACHE": str(tmp_path / "no-store")}
    command = [sys.executable, "-c", BLOCKED + ALONE]
    done = subprocess.run(command, cwd=tmp_path, env=environment, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    found, heavy = json.loads(done.stdout)
    predictor = sounds.predictor()
    network, statistics = predictor.passes
    computed = [
        np.concatenate([over.compute(over.preparer.prepare(clip)[None]) for clip in CLIPS])
        for over in (network, statistics)
    ]
    outputs = predictor.outputs(computed)
    expected = np.exp(outputs) / np.exp(outputs).sum(axis=1, keepdims=True)
    assert found == pytest.approx(expected[:, 1])
    assert heavy == []
