"""Files of fixed sizes: which sizes, and that what a reader prepares for them is what the run sees."""

from __future__ import annotations

import importlib.util
import sys
import types

import numpy as np
import pytest
import torch

from bundle.helpers_bundle import small_backbone, write_small
from bundle.helpers_text import write_words
from exporting.helpers_models import TEXTS, write_columns, write_several, write_terms
from exporting.test_picture_graph import SIZES, encoded, picture
from headstart.core import plugins
from headstart.core.errors import BackendError, MissingExtraError
from headstart.core.preprocessing import ImagePreprocessing
from headstart.core.schema import PartSchema
from headstart.data.preprocess import prepare
from headstart.exporting import converters
from headstart.exporting.exportable import exportable
from headstart.exporting.facts import facts_of
from headstart.exporting.fixed_sizes import entries_of
from headstart.exporting.handover import write_readers
from headstart.exporting.parts.counts import counts
from headstart.exporting.parts.fitting import fitting
from headstart.exporting.parts.resized import resized
from headstart.exporting.parts.terms import terms
from headstart.exporting.reader import reader_source
from headstart.exporting.torch_program import fixed_module, whole_program

TEXT = PartSchema(modality="text")


@pytest.fixture(scope="module")
def counted(tmp_path_factory):
    """A model of counted words, and what its reader is told."""
    folder = tmp_path_factory.mktemp("terms")
    model = exportable(write_terms(folder / "bundle", TEXT))
    plugin = plugins.load("exporting.formats", "executorch")
    write_readers(folder, model, plugin.build(plugin.config()))
    [asked] = facts_of(model, "executorch", "model.pte", fixed=True)["inputs"]
    return model, {**asked, "folder": f"{folder}/"}


def test_lengths_of_texts_grow_by_four_up_to_the_longest(tmp_path):
    model = exportable(write_words(tmp_path / "bundle"))  # 16 tokens at most, fewer than the first length
    assert entries_of(model) == {"tokens_16": {"tokens": [1, 16, 2]}}
    settings = model.networks[0].preprocessing
    object.__setattr__(settings, "max_tokens", 256)
    assert list(entries_of(model)) == ["tokens_32", "tokens_128", "tokens_256"]


def test_pictures_rows_and_words_have_one_size(tmp_path, counted):
    assert entries_of(exportable(write_small(tmp_path / "pictures"))) == {"forward": {"pixels": [1, 32, 32, 3]}}
    several = exportable(write_several(tmp_path / "several", tmp_path / "graphs"))
    [(entry, shapes)] = entries_of(several).items()
    assert entry == "forward" and list(shapes) == ["pixels", "pixels_2", "terms", "values"]
    assert entries_of(counted[0])["forward"]["terms"] == [1, len(counts(TEXTS[0], counted[1]))]


@pytest.mark.parametrize("interpolation", ["bicubic", "bilinear"])
@pytest.mark.parametrize("resize", ["crop", "squash", "pad"])
def test_a_reader_resizes_pictures_as_the_run_does(resize, interpolation):
    preprocessing = ImagePreprocessing(image_size=(40, 48), resize=resize, interpolation=interpolation)
    asked = {"preprocessing": preprocessing.model_dump(mode="json"), "decode_at_least": [1, 1]}
    for seed, (height, width) in enumerate(SIZES):
        content = encoded(picture(height, width, seed))
        np.testing.assert_array_equal(resized(content, asked), prepare(content, preprocessing))


def test_all_terms_are_counted_where_they_stand_in_the_vocabulary(counted):
    found, asked = counts(TEXTS[0], counted[1]), terms(TEXTS[0], counted[1])
    assert found.sum() == asked[asked[:, 0] >= 0, 1].sum() > 0
    for number, count in asked[asked[:, 0] >= 0]:
        assert found[number] == count


def test_counts_and_lists_of_terms_get_the_same_answers(counted):
    model, asked = counted
    fixed, _ = fixed_module(model)
    free = whole_program(model).module()
    for text in TEXTS:
        given = torch.from_numpy(terms(text, asked))[None].repeat(2, 1, 1)
        torch.testing.assert_close(fixed(torch.from_numpy(counts(text, asked))[None])[0], free(given)[0][:1])
    assert fixed(torch.zeros(1, len(counts(TEXTS[0], asked))))[0].isfinite().all()  # no term is known


def test_rows_in_float32_get_the_answers_of_float64(tmp_path):
    shipped = write_columns(
        tmp_path / "bundle", ["columns", "raw_columns"], "blend", trees={"rounds": 4, "leaves": (4,)}
    )
    model = exportable(shipped)
    fixed, examples = fixed_module(model)
    assert examples["forward"][0].dtype == torch.float32
    rows = np.random.default_rng(0).normal(size=(5, 11))
    rows[:, 3:] = np.abs(rows[:, 3:]).round().clip(0, 2)
    rows[0, 0] = np.nan
    expected = whole_program(model).module()(torch.from_numpy(rows))[0]
    for row in range(5):
        found = fixed(torch.from_numpy(rows[row : row + 1]).float())[0]
        torch.testing.assert_close(found, expected[row : row + 1], atol=1e-5, rtol=0)


def test_an_input_goes_into_the_smallest_entry_that_holds_it():
    facts = {
        "inputs": [{"name": "tokens", "dtype": "int32"}, {"name": "values", "dtype": "float32"}],
        "entries": {f"tokens_{n}": {"tokens": [1, n, 2], "values": [1, 2]} for n in (4, 8)},
    }
    values = np.array([1e300, np.nan])
    for length, entry, padded in ((3, "tokens_4", 1), (4, "tokens_4", 0), (5, "tokens_8", 3)):
        found, (tokens, numbers) = fitting({"tokens": np.ones((length, 2), np.int32), "values": values}, facts)
        assert found == entry and tokens.dtype == np.int32 and tokens.shape[0] == 1
        assert (tokens[0, :length] == 1).all() and (tokens[0, length:] == -1).sum() == 2 * padded
        assert numbers[0, 0] == np.finfo(np.float32).max and np.isnan(numbers[0, 1])
    with pytest.raises(ValueError, match="negative"):
        fitting({"tokens": np.ones((9, 2), np.int32), "values": values}, facts)


@pytest.mark.parametrize("name", ["executorch", "litert"])
def test_what_is_not_installed_is_named_with_its_extra(tmp_path, monkeypatch, name):
    plugin = plugins.load("exporting.formats", name)
    model = exportable(write_small(tmp_path / "bundle", backbone=small_backbone()))
    monkeypatch.setattr(importlib.util, "find_spec", lambda module: None)
    with pytest.raises(MissingExtraError, match=rf"pip install 'headstart\[{name}\]'"):
        plugin.build(plugin.config()).check(model)


def test_what_a_converter_cannot_follow_is_said_with_the_way_out(tmp_path, monkeypatch):
    class Converter:
        def signature(self, entry, module, example):
            raise NotImplementedError("aten.nothing\nand much more")

    model = exportable(write_columns(tmp_path / "bundle", ["columns"], "linear_probe"))
    plugin = plugins.load("exporting.formats", "litert")
    monkeypatch.setitem(sys.modules, "litert_torch", types.SimpleNamespace(Converter=Converter))
    monkeypatch.setattr(converters, "version", lambda package: "0.10.0")
    with pytest.raises(
        BackendError, match=r"^litert-torch 0.10.0 must .* it says: aten.nothing Nothing .* --format onnx"
    ):
        plugin.build(plugin.config()).write(model, {}, tmp_path)
    assert not (tmp_path / "model.tflite").exists()


@pytest.mark.parametrize("running", ["run_executorch", "run_litert"])
def test_readers_of_fixed_sizes_are_whole(running):
    source = reader_source(["image", "terms", "sound", "text", "columns"], running, fixed=True)
    names = set()
    exec(compile(source.replace('if __name__ == "__main__":', "if False:"), "reader.py", "exec"), found := {})
    names |= found.keys()
    assert {"resized", "counts", "waveform", "tokens", "values", "fitting", "Model", "main"} <= names
    assert found["KINDS"]["image"] is found["resized"] and found["KINDS"]["terms"] is found["counts"]
