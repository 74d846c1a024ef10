"""A vocabulary trimmed to the texts of the task: shipped, exported, picked again, and judged without own words."""

from __future__ import annotations

from types import SimpleNamespace
from typing import Any

import numpy as np
import onnx
import pandas
import pyarrow.parquet
import pytest
import torch

import headstart
from headstart import bundle
from headstart.api import (
    compressing_counted,
    compressing_floats,
    compressing_integers,
    compressing_memory,
    compressing_pruning,
    compressing_vocabulary,
    compression_evidence,
    own_vocabulary,
)
from headstart.api.compressing_bench import preparer_of
from headstart.bundle.torch_backbone import rebuild
from headstart.compression import gate, knobs
from headstart.compression.own_vocabulary import with_vocabulary
from headstart.core.errors import ConfigError
from made_texts import FILLER, questions
from tiny_models import GRAPH, text_model

__all__ = ["text_model"]
NAME = "8 tokens, own vocabulary, int8"
UNUSED = "borrow"  # a word of the tokenizer that no text of the run has


@pytest.fixture(scope="module")
def texts(text_model, tmp_path_factory):
    """A run compressed with one way of each kind, of which the last ships; which is faster is chance."""
    place = tmp_path_factory.mktemp("trimmed")
    table = pandas.DataFrame(questions(16), columns=["text", "label"])
    table["text"] = table["text"].str.replace(UNUSED, "loan")
    table.loc[0, "text"] = table.loc[0, "text"].replace(FILLER[0], "") + " atm coins"
    table.to_csv(place / "texts.csv", index=False)
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("HEADSTART_CACHE", str(place / "cache"))
        patch.setattr(knobs, "TOKENS", (8,))
        patch.setattr(compressing_floats, "stages_of", lambda card: [])
        patch.setattr(compressing_pruning, "MOST", 0)
        patch.setattr(compressing_memory, "memory_of", lambda *given: None)
        patch.setattr(compressing_counted, "counted", lambda *given: [])
        patch.setattr(gate, "decided", lambda points, *given: gate.Verdict(named(points, NAME), "It is the smallest."))
        for module, name in (
            (compressing_integers, "front"), (compressing_vocabulary, "front"), (compression_evidence, "worth_keeping")
        ):  # fmt: skip
            patch.setattr(module, name, lambda points, base: list(points))
        run = headstart.fit(
            place / "texts.csv", target="label", model=str(text_model), method="linear_probe", settings=GRAPH,
            out=place / "run",
        )  # fmt: skip
        made: list[Any] = []
        trim = compressing_vocabulary.in_own_vocabulary
        patch.setattr(
            compressing_vocabulary,
            "in_own_vocabulary",
            lambda *given: made.append((given, trim(*given))) or made[-1][1],
        )
        found = headstart.compress(
            run.path, max_drop=99, runtime="onnxruntime", threads=1, students=0, out=place / "small"
        )
        section = found.evidence["compression"]
        yield SimpleNamespace(run=run, found=found, table=table, place=place, section=section, made=made)


def named(points, name):
    return next(each for each in points if each.name == name)


def point(texts, name):
    return next(each for each in texts.section["points"] if each["name"] == name)


def test_a_trimmed_network_is_smaller_reads_new_words_letter_by_letter_and_answers_as_its_evidence_says(texts):
    told, manifest = texts.section["vocabulary"], bundle.read(texts.found.path).manifest
    (record,) = manifest.networks.values()
    assert texts.found.chosen == NAME and point(texts, NAME)["knobs"]["trimmed"]
    assert (
        told["tokens"] < told["of"] == 160 and record.backbone.card["options"]["config"]["vocab_size"] == told["tokens"]
    )
    assert point(texts, NAME)["bytes"] < point(texts, NAME.replace(", own vocabulary", ""))["bytes"]
    small = rebuild(texts.found.path / "bundle", record)
    whole = rebuild(texts.run.path / "bundle", *bundle.read(texts.run.path).manifest.networks.values())
    assert UNUSED in str(whole.assets["tokenizer.json"]) and f'"{UNUSED}"' not in str(small.assets["tokenizer.json"])
    said = headstart.predict(texts.found.path, [f"please {UNUSED} zebra", "card stolen", "card stolen"]).rows
    assert said[1]["prediction"] == said[2]["prediction"] and all(row["prediction"] for row in said)
    table = pyarrow.parquet.read_table(texts.found.path / "predictions" / "test.parquet").to_pydict()
    tested = [texts.table["text"][int(str(name).rsplit(":", 1)[-1])] for name in table["id"]]
    assert [row["prediction"] for row in headstart.predict(texts.found.path, tested).rows] == table["prediction"]


def test_held_out_texts_are_judged_by_a_network_that_never_saw_their_words(texts):
    """The slow way: a network for each fold, trimmed to the texts of the others, and a head that learned from those."""
    (bench, _, whole), made = next(each for each in texts.made if each[1].knobs == knobs.Knobs(is_trimmed=True))
    own, folds, inputs = bench.vocabulary, bench.bench.folds, bench.dataset.parts[bench.part].inputs
    said, lost = np.full_like(made.solution.out_of_fold, np.nan), 0
    for place, fold in enumerate(np.unique(folds)):
        reader = with_vocabulary(bench.backbone, own.of_others[int(fold)])
        assert len(own.of_others[int(fold)]) <= len(own.kept)
        for row in np.flatnonzero(folds == fold):
            tokens = preparer_of(reader).prepare(inputs.read(int(row)))
            lost += len(tokens) != len(preparer_of(bench.backbone).prepare(inputs.read(int(row))))
            with torch.inference_mode():
                features = reader(torch.from_numpy(tokens)[None]).numpy()
            head = whole.solution.of_folds
            said[row] = (features @ head["weight"][place].T + head["bias"][place])[0]
    np.testing.assert_allclose(made.solution.out_of_fold, said, atol=1e-3)
    assert 0 < lost <= own.lost < own.n
    assert not np.allclose(made.solution.out_of_fold, whole.solution.out_of_fold, atol=1e-2)


def test_it_is_exported_with_its_own_tokenizer_and_gated(texts):
    made = headstart.export(texts.found.path, out=texts.place / "exported")
    assert made.gate["alone"]["changed_decisions"] == 0
    table = onnx.load(str(texts.place / "exported" / "model.onnx")).graph.initializer
    assert any(list(each.dims) == [texts.section["vocabulary"]["tokens"], 32] for each in table)


def test_a_pick_gives_the_same_network_and_the_same_judgement(texts):
    again = headstart.compress(texts.found.path, pick=NAME, out=texts.place / "again")
    assert again.evidence["test"] == texts.found.evidence["test"]
    assert again.evidence["compression"]["picked"]["score"] == pytest.approx(point(texts, NAME)["score"], abs=1e-9)
    assert again.evidence["compression"]["vocabulary"]["test"] == texts.section["vocabulary"]["test"]
    floats = headstart.compress(texts.found.path, pick="own vocabulary", out=texts.place / "floats")
    kept = texts.found.path / "points" / own_vocabulary.FILE
    content = kept.read_bytes()
    kept.unlink()
    with pytest.raises(ConfigError, match="vocabulary of trimmed networks must be in"):
        headstart.compress(texts.found.path, pick=NAME, out=texts.place / "gone")
    kept.write_bytes(content)
    assert floats.chosen == "own vocabulary"
