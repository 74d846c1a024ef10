"""The choice, on runtimes whose time is a counter: every figure below can be worked out by hand."""

from __future__ import annotations

import dataclasses
import logging
import re
from types import SimpleNamespace

import numpy as np
import pytest

from headstart.core.errors import BackendError, ConfigError, MissingExtraError, ShapeError
from headstart.runtimes import choice as module
from headstart.runtimes import search
from headstart.runtimes import settled as settling
from headstart.runtimes.choice import Job, RuntimeChoice, choose, settled
from headstart.runtimes.contract import ALL, Prior, fixed_batch
from runtimes.helpers_runtimes import TextBackbone, pictures, small_backbone, tokens


class Clock:
    """Seconds that pass only when a fake runtime works."""

    def __init__(self):
        self.now = 0.0

    def perf_counter(self):
        return self.now


class Fake:
    """A runtime that takes stated seconds, and what it does wrong."""

    device = "cpu"

    def __init__(self, clock, precision, per_image, setup, prior, wrong=None, modalities=frozenset({"image"})):
        self.modalities = modalities
        self.clock, self.precision, self.prior = clock, precision, prior
        self.per_image, self.setup, self.wrong = per_image, setup, wrong
        self.prepared = self.computed = 0

    def version(self):
        if self.wrong == "not installed":
            raise MissingExtraError("fake", "fake", "This runtime")
        return "fake 1"

    def prepare(self, backbone, start, stop, batch_size, threads, cache_folder):
        self.prepared += 1
        self.clock.now += self.setup
        if self.wrong == "fails":
            raise RuntimeError("no kernel")

        def run(batch):
            self.computed += len(batch)
            self.clock.now += self.per_image * len(batch)
            features = batch.reshape(len(batch), -1)[:, :12].astype(np.float32)
            return features[:, ::-1].copy() if self.wrong == "deviates" else features

        return fixed_batch(run, batch_size, np.uint8)


@pytest.fixture
def room(monkeypatch):
    """Puts fakes in the place of the room's plugins; returns the function that does."""
    clock = Clock()
    monkeypatch.setattr(search, "time", clock)

    def install(**runtimes):
        made = {name: Fake(clock, **settings) for name, settings in runtimes.items()}
        monkeypatch.setattr(module, "names", lambda room: sorted(made))
        monkeypatch.setattr(module, "precisions", lambda name: (made[name].precision,))
        for place in (module, settling):
            monkeypatch.setattr(place, "runtime", lambda name, precision: made[name])
        return SimpleNamespace(**made)

    return install


# Eager takes 10 ms an image. "fast" takes 1 ms after 1 s of set-up, as its prior says.
EAGER = {"precision": "float32", "per_image": 0.010, "setup": 0.0, "prior": Prior(1.0, 0.0)}
FAST = {"precision": "bfloat16", "per_image": 0.001, "setup": 1.0, "prior": Prior(10.0, 1.0)}
SAMPLE = np.random.default_rng(0).integers(0, 256, (8, 2, 2, 3), dtype=np.uint8)


@pytest.fixture
def job(tmp_path):
    network = SimpleNamespace(weights_digest=lambda stop: "00", modality="image", variable_axis=None, stages=("all",))
    return Job(network, 0, 1, 2, tmp_path, batch_size=16)


def test_100_images_are_not_worth_a_second_of_set_up_and_200_are(room, job):
    # Eager: n x 0.010 s. Fast: 1 + n x 0.001 s. Equal at n = 111.
    runtimes = room(eager=EAGER, fast=FAST)
    assert choose(job, SAMPLE, 100).choice.name == "eager"
    assert runtimes.fast.prepared == 0
    chosen = choose(job, SAMPLE, 200)
    assert (chosen.choice.name, chosen.choice.precision) == ("fast", "bfloat16")
    assert chosen.measured == {"eager float32": pytest.approx(100.0), "fast bfloat16": pytest.approx(1000.0)}
    assert "200 inputs" in chosen.choice.reason and "1000/s" in chosen.choice.reason


def test_a_set_up_that_cannot_pay_is_never_started(room, job):
    compiler = {**FAST, "setup": 15.0, "prior": Prior(12.0, 15.0)}
    runtimes = room(eager=EAGER, fast=FAST, compiler=compiler)
    choose(job, SAMPLE, 1000)
    assert runtimes.compiler.prepared == 0


def test_for_many_images_the_slow_set_up_is_tried_and_believed_only_as_measured(room, job):
    # Promised 2,000 a second, it gives 500: the measured 1,000 of "fast" win after all.
    compiler = {**FAST, "per_image": 0.002, "setup": 15.0, "prior": Prior(20.0, 15.0)}
    runtimes = room(eager=EAGER, fast=FAST, compiler=compiler)
    assert choose(job, SAMPLE, 1_000_000).choice.name == "fast"
    assert runtimes.compiler.prepared == 1


@pytest.mark.parametrize(
    ("wrong", "reason"),
    [("deviates", "must have cosine"), ("fails", "RuntimeError: no kernel"), ("not installed", "headstart\\[fake\\]")],
)
def test_a_runtime_that_is_wrong_is_dropped_with_its_reason(room, job, wrong, reason, caplog):
    runtimes = room(eager=EAGER, fast={**FAST, "wrong": wrong})
    with caplog.at_level(logging.WARNING):
        chosen = choose(job, SAMPLE, 10_000)
    assert chosen.choice.name == "eager"
    assert re.search(reason, chosen.dropped["fast bfloat16"])
    assert ("fast bfloat16 is not used" in caplog.text) == (wrong != "not installed")
    tries = runtimes.fast.prepared
    assert choose(job, SAMPLE, 10_000).choice.name == "eager"
    assert runtimes.fast.prepared == tries, "what was dropped once is not tried again"


def test_the_second_choice_measures_nothing(room, job):
    first = room(eager=EAGER, fast=FAST)
    choose(job, SAMPLE, 10_000)
    assert first.fast.computed > 0
    second = room(eager=EAGER, fast=FAST)
    assert choose(job, SAMPLE, 10_000).choice.name == "fast"
    assert (second.eager.prepared, second.fast.prepared, second.fast.computed) == (0, 0, 0)


def test_what_is_kept_under_a_runtimes_address_costs_nothing(room, job):
    runtimes = room(eager=EAGER, fast=FAST)
    chosen = choose(job, SAMPLE, 10_000, missing=lambda c: 0 if c.name == "eager" else 10_000)
    assert chosen.choice.name == "eager" and "kept" in chosen.choice.reason
    assert runtimes.eager.prepared == runtimes.fast.prepared == 0


def test_few_missing_rows_of_one_beat_many_of_another(room, job):
    # Eager lacks 50 (0.5 s), fast lacks 10,000 (11 s).
    room(eager=EAGER, fast=FAST)
    assert choose(job, SAMPLE, 10_000, missing=lambda c: 50 if c.name == "eager" else 10_000).choice.name == "eager"


def test_the_caller_may_refuse_the_winner_and_is_not_asked_about_the_reference(room, job):
    room(eager=EAGER, fast=FAST)
    asked = []

    def accept(choice, compute):
        asked.append(choice.name)
        assert compute(SAMPLE).shape == (8, 12)
        return "the probe loses 3 points"

    chosen = choose(job, SAMPLE, 10_000, accept=accept)
    assert asked == ["fast"] and chosen.choice.name == "eager"
    assert chosen.dropped["fast bfloat16"] == "the probe loses 3 points"
    assert choose(job, SAMPLE, 10_000).choice.name == "fast", "a refusal depends on the data and is not remembered"


def test_an_export_that_is_not_free_counts(room, job):
    graph = {**FAST, "prior": Prior(10.0, 1.0, needs_graph=True)}
    runtimes = room(eager=EAGER, fast=graph)
    assert choose(job, SAMPLE, 200, export_seconds=1.5).choice.name == "eager"  # 2.7 s against 2.0 s
    assert runtimes.fast.prepared == 0
    assert choose(job, SAMPLE, 200, export_seconds=0.5).choice.name == "fast"  # 1.7 s


def test_only_those_named_are_considered_beside_the_reference(room, job):
    runtimes = room(eager=EAGER, fast=FAST, other=FAST)
    assert choose(job, SAMPLE, 10_000, only=[("other", "bfloat16")]).choice.name == "other"
    assert runtimes.fast.prepared == 0


def test_a_damaged_memory_is_measured_again(room, job, caplog):
    room(eager=EAGER, fast=FAST)
    choose(job, SAMPLE, 10_000)
    (file,) = (job.cache_folder / "runtimes").iterdir()
    for text in ["{", '{"schema": 99, "measured": {}}', '{"schema": 1, "measured": {"x": {"images_per_second": 1}}}']:
        file.write_text(text)
        again = room(eager=EAGER, fast=FAST)
        with caplog.at_level(logging.WARNING):
            assert choose(job, SAMPLE, 10_000).choice.name == "fast"
        assert again.fast.prepared == 1
        assert "taken again" in caplog.text


def test_a_folder_that_cannot_be_written_costs_the_memory_alone(room, job, tmp_path, caplog):
    (tmp_path / "file").write_text("not a folder")
    room(eager=EAGER, fast=FAST)
    blocked = Job(job.backbone, 0, 1, 2, tmp_path / "file", 16)
    with caplog.at_level(logging.WARNING):
        assert choose(blocked, SAMPLE, 10_000).choice.name == "fast"
    assert "cannot be remembered" in caplog.text


def test_a_runtime_that_is_not_meant_for_the_inputs_is_no_candidate(room, job):
    runtimes = room(eager=EAGER, fast={**FAST, "modalities": frozenset({"text"})})
    chosen = choose(job, SAMPLE, 10_000)
    assert chosen.choice.name == "eager" and chosen.dropped == {}
    assert runtimes.fast.prepared == 0


def test_the_expected_speed_is_that_of_the_modality(room, job):
    # For texts it promises 1.1 times eager: 200 take 1.8 s and 1 s of set-up, against 2 s.
    prior = Prior(10.0, 1.0, speeds={"text": 1.1})
    runtimes = room(eager={**EAGER, "modalities": ALL}, fast={**FAST, "prior": prior, "modalities": ALL})
    texts = dataclasses.replace(job, backbone=SimpleNamespace(**{**vars(job.backbone), "modality": "text"}))
    assert choose(texts, SAMPLE, 200).choice.name == "eager"
    assert runtimes.fast.prepared == 0
    assert choose(job, SAMPLE, 200).choice.name == "fast"


def test_inputs_of_different_lengths_are_timed_at_the_median_length(room, job):
    network = SimpleNamespace(**{**vars(job.backbone), "variable_axis": 1})
    runtimes = room(eager=EAGER, fast=FAST)
    rng = np.random.default_rng(0)
    sample = [rng.integers(0, 256, (length, 2, 3), dtype=np.uint8) for length in (2, 4, 3, 9)]
    chosen = choose(dataclasses.replace(job, backbone=network), sample, 10_000)
    assert chosen.choice.name == "fast"
    # Four shapes, each filled to the batch of 16, and 50 ms at 1 ms a row: four batches more.
    assert runtimes.fast.computed == (4 + 4) * 16
    similar = [rng.integers(0, 256, (3, 2, 3), dtype=np.uint8)] * 3  # median 3, as 4 rounded up to a power of two
    assert choose(dataclasses.replace(job, backbone=network), similar, 10_000).measured == chosen.measured


def test_an_empty_sample_is_refused(room, job):
    room(eager=EAGER)
    with pytest.raises(ShapeError, match="at least one"):
        choose(job, SAMPLE[:0], 10)


def test_preparing_what_was_measured_is_free(room, job):
    runtimes = room(eager=EAGER, fast=FAST)
    chosen = choose(job, SAMPLE, 10_000)
    chosen.prepare()
    assert runtimes.fast.prepared == 1


def test_a_choice_survives_json_and_a_newer_version_is_said(room, job, caplog):
    room(eager=EAGER)
    choice = settled("eager", "float32", 2, reason="by name")
    assert RuntimeChoice.parse(choice.model_dump(mode="json")) == choice
    assert "reason" not in choice.address()
    older = choice.model_copy(update={"version": "fake 0"})
    with caplog.at_level(logging.WARNING):
        older.prepare(job.backbone, 0, 1, job.cache_folder)
    assert "was chosen with fake 0" in caplog.text
    with pytest.raises(ConfigError, match="batch_size"):
        RuntimeChoice.parse({**choice.model_dump(), "batch_size": 0})


def test_real_runtimes_are_chosen_among_and_agree(tmp_path):
    backbone = small_backbone()
    n = len(backbone.stages)
    chosen = choose(Job(backbone, 0, n, 1, tmp_path), pictures(8), 2000)
    assert chosen.prepare()(pictures(3)).shape == (3, backbone.feature_dim)
    assert chosen.choice.name in {label.split()[0] for label in chosen.measured}
    again = choose(Job(backbone, 0, n, 1, tmp_path), pictures(8), 2000)
    for label, speed in chosen.measured.items():
        assert again.measured[label] == speed, "remembered"


def test_real_runtimes_are_chosen_among_for_texts_of_many_lengths(tmp_path):
    backbone = TextBackbone()
    for stop in (2, 3):  # a packed boundary, and pooled features
        chosen = choose(Job(backbone, 0, stop, 1, tmp_path), tokens(8, (4, 9, 12)), 1_000_000)
        assert len(chosen.measured) > 1 and not any("cosine" in reason for reason in chosen.dropped.values())
        assert not {label for label in chosen.measured | chosen.dropped if label.startswith(("channels", "compiled"))}
        assert chosen.prepare()(np.stack(tokens(3, (9,)))).shape[0] == 3


def test_without_the_reference_there_is_no_choice(room, job):
    room(eager={**EAGER, "wrong": "fails"}, fast=FAST)
    with pytest.raises((RuntimeError, BackendError), match="no kernel"):
        choose(job, SAMPLE, 10_000)
