"""Methods that adapt while they predict: what moves, what does not, and the way back."""

from __future__ import annotations

import numpy as np
import pytest
import torch
from PIL import Image

import headstart
from headstart import bundle
from headstart.adaptation.stream.contract import STREAM
from headstart.adaptation.stream.following import MOST_RESETS, Following
from headstart.adaptation.stream.network import PRIOR_ROWS, StreamNetwork, entropies, mixing
from headstart.bundle.torch_backbone import rebuild
from headstart.core import plugins
from headstart.core.errors import ConfigError
from made_tables import customers, write_csv

NAMES = plugins.names(STREAM)
LEARN = ["tent", "sar"]


@pytest.fixture(scope="module")
def shipped(shared):
    return bundle.read(shared.run.path)


@pytest.fixture
def network(shipped):
    (record,) = shipped.manifest.networks.values()
    return StreamNetwork(rebuild(shipped.folder, record), shipped.fitted())


def pixels(n, seed=0):
    return np.random.default_rng(seed).integers(0, 256, (n, 64, 64, 3), np.uint8)


def test_entropy_by_hand():
    assert entropies(torch.tensor([[0.0, 0.0], [np.log(3.0), 0.0]])).tolist() == pytest.approx(
        [np.log(2), -(0.75 * np.log(0.75) + 0.25 * np.log(0.25))]
    )


def batch_norm(seed=0):
    layer = torch.nn.BatchNorm2d(2).eval()
    layer.running_mean.copy_(torch.tensor([1.0, -1.0]))
    layer.running_var.copy_(torch.tensor([4.0, 0.5]))
    return layer, torch.randn(4, 2, 3, 3, generator=torch.Generator().manual_seed(seed))


def test_a_moved_batch_is_normalised_as_it_would_be_without_the_move():
    layer, plain = batch_norm()
    rows = plain.permute(1, 0, 2, 3).reshape(2, -1)
    known = rows.mean(1), rows.var(1, unbiased=False)
    expected = layer(plain)
    moved = plain * 3.0 + 7.0
    handle = layer.register_forward_pre_hook(mixing(known, layer.running_mean, layer.running_var, 0.0))
    assert torch.allclose(layer(moved), expected, atol=1e-3)
    handle.remove()


def test_statistics_of_the_batch_weigh_as_many_rows_as_it_has():
    layer, values = batch_norm()
    mean, variance, known = layer.running_mean, layer.running_var, (torch.zeros(2), torch.ones(2))
    handle = layer.register_forward_pre_hook(mixing(known, mean, variance, PRIOR_ROWS))
    found = layer(values)
    handle.remove()
    share = PRIOR_ROWS / (PRIOR_ROWS + 4)
    here = values.permute(1, 0, 2, 3).reshape(2, -1)
    middle, spread = (1 - share) * here.mean(1), share + (1 - share) * here.var(1, unbiased=False)
    carried = (values - middle[None, :, None, None]) / torch.sqrt(spread)[None, :, None, None]
    by_hand = (carried - mean[None, :, None, None]) / torch.sqrt(variance + layer.eps)[None, :, None, None]
    assert torch.allclose(found, by_hand, atol=1e-3)


def test_without_a_shift_features_stay_where_they_are(network):
    batches = [torch.from_numpy(pixels(32, seed)) for seed in range(4)]
    network.learn_statistics(batches)
    same, moved = torch.from_numpy(pixels(32, 9)), torch.from_numpy(pixels(32, 9) // 3)
    with torch.no_grad():
        before, shifted = network.features(same), network.features(moved)
        with network.mixed_statistics():
            after, mended = network.features(same), network.features(moved)
    assert (after - before).abs().mean() < 0.1 * (shifted - before).abs().mean()
    assert (mended - before).abs().mean() < 0.6 * (shifted - before).abs().mean()
    assert torch.equal(network.features(same).detach(), before)


def test_statistics_of_a_domain_stay_and_bring_its_features_back(network):
    network.learn_statistics([torch.from_numpy(pixels(32, seed)) for seed in range(4)])
    plain = [torch.from_numpy(pixels(32, 20 + seed)) for seed in range(4)]
    dark = [values // 3 for values in plain]
    with torch.no_grad():
        before, shifted = network.features(plain[0]), network.features(dark[0])
        network.settle_statistics(dark)
        after = network.features(dark[0])
        alone = network.features(dark[0][:1])
    assert (after - before).abs().mean() < 0.5 * (shifted - before).abs().mean()
    assert torch.allclose(alone, after[:1], atol=1e-4)  # no row depends on those beside it any more


def test_after_a_reset_the_network_is_as_it_was(network):
    values = torch.from_numpy(pixels(8))
    before = network.logits(network.features(values)).detach()
    with torch.no_grad():
        for value in network.moving:
            value.add_(0.1)
    assert torch.equal(network.first(values), before)
    assert not torch.allclose(network.logits(network.features(values)).detach(), before)
    network.reset()
    assert torch.equal(network.logits(network.features(values)).detach(), before)


@pytest.mark.parametrize("name", NAMES)
def test_only_scales_and_shifts_of_normalisations_ever_move(shipped, name):
    following = Following(shipped, name, [pixels(32, 5)])
    network = following._network
    state = {key: value.clone() for key, value in network.backbone.network.state_dict().items()}
    movable = {id(value) for value in network.moving}
    for batch in range(3):
        features = following.compute(pixels(16, batch))
        assert features.shape == (16, network.backbone.feature_dim) and np.isfinite(features).all()
    for key, value in network.backbone.network.state_dict().items():
        parameter = dict(network.backbone.network.named_parameters()).get(key)
        if parameter is None or id(parameter) not in movable:
            assert torch.equal(value, state[key]), key
    assert following.rows == 48 and f"of {following.rows} examples" in following.notes[0]


@pytest.mark.parametrize("name", LEARN)
def test_learning_makes_answers_of_a_repeated_batch_surer(shipped, name):
    plugin = plugins.load(STREAM, name)
    further = {"sure": 0.999} if name == "sar" else {}
    method = plugin.build(plugin.config(lr=0.01, **further))
    (record,) = shipped.manifest.networks.values()
    network = StreamNetwork(rebuild(shipped.folder, record), shipped.fitted())
    method.begin(network)
    values = torch.from_numpy(pixels(32))
    steps = [method.step(network, values) for _ in range(12)]
    assert steps[0].used > 0
    assert entropies(steps[-1].logits).mean() < entropies(steps[0].logits).mean()


def test_a_collapse_sends_it_back_and_the_third_one_ends_it(shipped, monkeypatch):
    following = Following(shipped, "tent")
    monkeypatch.setattr(following._collapse, "saw", lambda first, now: True)
    plain = shipped.predictor("eager", threads=1)
    (over,) = plain.passes
    for batch in range(MOST_RESETS + 2):
        values = pixels(8, batch)
        assert np.allclose(following.compute(values), over.compute(values), atol=1e-4)
    assert following.resets == MOST_RESETS + 1 and "for good" in following.notes[1]


def test_predict_says_that_it_adapted_and_refuses_what_cannot(shared, tmp_path):
    folder = tmp_path / "new"
    folder.mkdir()
    for number, values in enumerate(pixels(20)):
        Image.fromarray(values).save(folder / f"{number}.png")
    found = headstart.predict(shared.run.path, folder, stream="tent")
    assert found.count == 20 and "adapted to 20 of 20" in found.notes[0]
    with pytest.raises(ConfigError, match="runs in PyTorch alone"):
        headstart.predict(shared.run.path, folder, stream="tent", runtime="onnxruntime")
    with pytest.raises(ConfigError, match="'tent'"):
        headstart.predict(shared.run.path, folder, stream="tnet")
    with pytest.raises(ConfigError, match=r"needs a run whose data are there.*a bundle holds no examples"):
        headstart.predict(shared.run.bundle, folder, stream="tent")
    write_csv(tmp_path / "rows.csv", customers(60))
    run = headstart.fit(tmp_path / "rows.csv", target="churn", method="linear_probe", threads=1, out=tmp_path / "run")
    with pytest.raises(ConfigError, match="one network with a linear head"):
        headstart.predict(run.path, tmp_path / "rows.csv", stream="tent")
