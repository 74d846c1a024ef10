"""Text networks on the hub: the hub is a folder here, everything else is the code that runs."""

from __future__ import annotations

import logging
import shutil

import pytest
import torch

from backbones.pretrained.text.helpers_text import batch, model_folder
from headstart.backbones import catalogue
from headstart.backbones.pretrained import hub
from headstart.backbones.pretrained.find import find_card, load
from headstart.core.errors import ConfigError, UserError


@pytest.fixture
def served(monkeypatch, tmp_path):
    """A hub that serves the folder ``me/mine`` and says what it has not."""
    from huggingface_hub.errors import EntryNotFoundError

    class Missing(EntryNotFoundError, OSError):
        pass

    asked = []

    def download(repository, file):
        asked.append(file)
        path = tmp_path / repository / file
        if not path.exists():
            raise Missing(file)
        return str(path)

    model_folder(tmp_path / "me" / "mine")
    (tmp_path / "me" / "mine" / "README.md").write_text("---\nlicense: apache-2.0\n---\n")
    monkeypatch.setenv("HF_HUB_CACHE", str(tmp_path / "cache"))
    monkeypatch.setattr("huggingface_hub.hf_hub_download", download)
    return asked


def test_a_named_model_is_fetched_with_a_line_that_says_what(served, caplog, tmp_path):
    with caplog.at_level(logging.INFO, "headstart"):
        backbone = load("hf:me/mine")
    assert "fetching configuration and tokenizer of me/mine" in caplog.text
    assert "(me/mine): about 0 MiB, licence apache-2.0" in caplog.text
    assert backbone.card.name == "hf:me/mine" and backbone.card.source == "transformers_hub"
    with torch.inference_mode():
        assert torch.equal(backbone(batch(5)), load(str(tmp_path / "me" / "mine"))(batch(5)))


def test_finding_a_card_fetches_no_weights(served):
    find_card("hf:me/mine")
    assert "config.json" in served and not any(file.startswith(("model.", "pytorch_model")) for file in served)


def test_owners_that_everybody_knows_need_no_prefix(served, tmp_path):
    shutil.copytree(tmp_path / "me" / "mine", tmp_path / "sentence-transformers" / "mine")
    assert find_card("sentence-transformers/mine").location == "sentence-transformers/mine"


def test_a_mistyped_path_asks_nobody(monkeypatch):
    monkeypatch.setattr(hub, "fetch", lambda *_: pytest.fail("asked the hub"))
    for name in ("me/mine", "./hf:me/mine", "bert-base-uncased", "hf:mine", "all_minilm_l6"):
        with pytest.raises(ConfigError, match="model must be one of"):
            find_card(name)


def test_a_folder_of_that_name_is_not_shadowed(monkeypatch, tmp_path):
    monkeypatch.setattr(hub, "fetch", lambda *_: pytest.fail("asked the hub"))
    monkeypatch.chdir(tmp_path)
    model_folder(tmp_path / "google-bert" / "mine")
    assert find_card("google-bert/mine").source == "transformers_local"


def in_cache(tmp_path, monkeypatch):
    repository = tmp_path / "cache" / "models--me--mine"
    model_folder(repository / "snapshots" / "abc")
    (repository / "refs").mkdir()
    (repository / "refs" / "main").write_text("abc")
    monkeypatch.setenv("HF_HUB_CACHE", str(tmp_path / "cache"))
    return repository


def test_what_is_in_the_cache_is_used_and_what_it_knows_to_be_absent_not_asked_for(monkeypatch, tmp_path):
    repository = in_cache(tmp_path, monkeypatch)
    (repository / ".no_exist" / "abc").mkdir(parents=True)
    for file in ("README.md", "modules.json", "tokenizer_config.json"):
        (repository / ".no_exist" / "abc" / file).touch()
    monkeypatch.setattr(hub, "fetch", lambda *_: pytest.fail("asked the hub"))
    backbone = load("hf:me/mine")
    assert catalogue.is_installed(backbone.card)


def test_without_a_network_the_cache_is_taken_as_it_is_and_that_is_said(monkeypatch, tmp_path, caplog):
    in_cache(tmp_path, monkeypatch)
    monkeypatch.setattr("huggingface_hub.hf_hub_download", no_network)
    assert load("hf:me/mine").card.family == "bert_like"
    assert "modules.json of me/mine is not in the cache and could not be asked for: taken as absent" in caplog.text


def test_a_hub_that_cannot_be_reached_is_the_users_error_with_a_way_out(monkeypatch, tmp_path):
    monkeypatch.setenv("HF_HUB_CACHE", str(tmp_path))
    monkeypatch.setattr("huggingface_hub.hf_hub_download", no_network)
    with pytest.raises(UserError, match=r"modules\.json of me/mine must be on the Hugging Face hub.*local folder"):
        load("hf:me/mine")


def no_network(*_):
    raise ConnectionError("no route to host")
