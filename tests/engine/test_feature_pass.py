"""The pass: everything wanted is computed once and kept, whatever happens on the way."""

from __future__ import annotations

import threading
import time

import numpy as np
import pytest

from engine.helpers_engine import PICTURES, SPACE, Letters, Memory, coloured, mean_colour, mean_letter, png, texts
from headstart.core.errors import ShapeError, SpaceError
from headstart.engine import feature_pass
from headstart.engine.activations.address import Space
from headstart.engine.activations.store import Store
from headstart.engine.feature_pass import AHEAD_BATCHES, Extraction, run_pass

OTHER = Space({"kind": "test", "name": "b"})


@pytest.fixture
def store(tmp_path):
    with Store.open(tmp_path / "store") as opened:
        yield opened


def extraction(store, inputs, compute=mean_colour, *, space=SPACE, width=3, name="mean", wanted=None):
    wanted = store.missing(space, inputs.keys) if wanted is None else wanted
    return Extraction(name, space, width, compute, wanted)


def run(store, inputs, *extractions, batch_size=4, **options):
    chosen = extractions or (extraction(store, inputs),)
    return run_pass(inputs, inputs.keys, PICTURES, chosen, store, workers=2, batch_size=batch_size, **options)


def expected(inputs, compute=mean_colour):
    return compute(np.stack([PICTURES.prepare(content) for content in inputs.contents]))


@pytest.mark.parametrize("count", [0, 1, 4, 11])
def test_every_row_is_computed_kept_and_found_by_the_next_pass(store, count):
    inputs = coloured(count)
    result = run(store, inputs)
    assert (result.decoded, result.forwarded, result.failures) == (count, {"mean": count}, {})
    if count:
        assert np.array_equal(store.read(SPACE, inputs.keys), expected(inputs))
    again = run(store, inputs)
    assert (again.decoded, again.forwarded) == (0, {"mean": 0})
    assert inputs.reads == count


def test_each_extraction_gets_the_rows_it_wants_and_each_picture_is_decoded_once(store):
    inputs = coloured(10)
    first, second = np.arange(10) < 6, np.arange(10) >= 4
    batches = {"first": [], "second": []}

    def counting(name):
        def compute(pixels):
            batches[name].append(len(pixels))
            return mean_colour(pixels)

        return compute

    result = run(
        store,
        inputs,
        extraction(store, inputs, counting("first"), name="first", wanted=first),
        extraction(store, inputs, counting("second"), name="second", space=OTHER, wanted=second),
    )
    assert (result.decoded, result.forwarded) == (10, {"first": 6, "second": 6})
    assert batches == {"first": [4, 2], "second": [4, 2]}, "full batches but for the last"
    assert np.array_equal(store.missing(SPACE, inputs.keys), ~first)
    assert np.array_equal(store.missing(OTHER, inputs.keys), ~second)
    assert np.array_equal(store.read(OTHER, inputs.keys[second]), expected(inputs)[second])


def test_equal_bytes_are_computed_once(store):
    inputs = Memory([png((1, 2, 3)), png((9, 9, 9)), png((1, 2, 3)), png((1, 2, 3))])
    result = run(store, inputs)
    assert (result.decoded, result.forwarded["mean"]) == (2, 2)
    assert store.read(SPACE, inputs.keys)[:, 0].tolist() == [1, 9, 1, 1]


def test_failures_are_rows_with_reasons_and_the_others_are_kept(store):
    good = coloured(6).contents
    inputs = Memory([*good[:2], b"not a picture", *good[2:4], OSError("the disk is gone"), b"not a picture", *good[4:]])
    result = run(store, inputs)
    assert sorted(result.failures) == [2, 5, 6]
    assert result.failures[5] == "the disk is gone" and result.failures[2] == result.failures[6]
    assert store.missing(SPACE, inputs.keys).nonzero()[0].tolist() == [2, 5, 6]
    assert result.decoded == 6


def test_bytes_that_changed_since_they_were_hashed_are_not_kept_under_the_old_key(store):
    inputs = coloured(3)
    keys = inputs.keys
    inputs.contents[1] = png((200, 0, 0))
    result = run_pass(inputs, keys, PICTURES, [extraction(store, inputs, wanted=np.ones(3, bool))], store, workers=1)
    assert "changed since" in result.failures[1] and len(result.failures) == 1
    assert store.missing(SPACE, keys).tolist() == [False, True, False]


def test_values_that_are_not_finite_are_a_failure_of_their_row(store):
    inputs = coloured(5)

    def compute(pixels):
        values = mean_colour(pixels)
        values[2 % len(values), 0] = np.nan
        return values

    result = run(store, inputs, extraction(store, inputs, compute), batch_size=8)
    assert result.failures == {2: "mean gave values that are not finite"}
    assert store.missing(SPACE, inputs.keys).tolist() == [False, False, True, False, False]


def test_maps_and_features_can_be_computed_together(store):
    inputs = coloured(5)
    maps = Space({"kind": "map"}, "bfloat16")
    result = run(
        store,
        inputs,
        extraction(store, inputs),
        extraction(
            store, inputs, lambda p: p[:, :2, :2].transpose(0, 3, 1, 2) / 4.0, space=maps, width=(3, 2, 2), name="map"
        ),
    )
    assert result.forwarded == {"mean": 5, "map": 5}
    assert store.read(maps, inputs.keys).shape == (5, 3, 2, 2)


@pytest.mark.parametrize("stop_after", [1, 2, 3])
@pytest.mark.parametrize("error", [KeyboardInterrupt, RuntimeError])
def test_an_interrupted_pass_keeps_what_it_computed_and_the_next_computes_the_rest(store, stop_after, error):
    inputs = coloured(13)
    calls = []

    def compute(pixels):
        if len(calls) == stop_after:
            raise error
        calls.append(len(pixels))
        return mean_colour(pixels)

    with pytest.raises(error):
        run(store, inputs, extraction(store, inputs, compute))
    assert (~store.missing(SPACE, inputs.keys)).sum() == 4 * stop_after
    rest = run(store, inputs)
    assert rest.forwarded["mean"] == 13 - 4 * stop_after
    assert np.array_equal(store.read(SPACE, inputs.keys), expected(inputs))


def test_a_full_disk_ends_the_pass_and_leaves_a_readable_store(store, monkeypatch):
    inputs = coloured(9)
    monkeypatch.setattr("headstart.engine.activations.appender.FIRST_ROWS", 4)

    def full(*arguments):
        raise SpaceError("the disk is full")

    writes = []
    write = store.write
    monkeypatch.setattr(store, "write", lambda *a: (writes.append(1), full() if len(writes) > 1 else write(*a)))
    with pytest.raises(SpaceError, match="disk is full"):
        run(store, inputs)
    monkeypatch.undo()
    assert (~store.missing(SPACE, inputs.keys)).sum() == 4


def test_many_rows_go_to_few_segments(store, monkeypatch):
    monkeypatch.setattr("headstart.engine.activations.appender.FIRST_ROWS", 8)
    inputs = coloured(300)
    run(store, inputs)
    # 8 rows each until 64 are written, then an eighth of what is there: 8 + log(300 / 64) / log(9 / 8), about 21
    count = len(list(store.root.glob("*/*.segment")))
    assert 15 <= count <= 25
    assert np.array_equal(store.read(SPACE, inputs.keys), expected(inputs))


def test_pictures_never_pile_up(store):
    inputs = coloured(60)
    most, under_way, lock = 0, 0, threading.Lock()
    read = inputs.read

    def counted(i):
        nonlocal most, under_way
        with lock:
            under_way += 1
            most = max(most, under_way)
        return read(i)

    inputs.read = counted

    def slow(pixels):
        nonlocal under_way
        time.sleep(0.002)
        with lock:
            under_way -= len(pixels)
        return mean_colour(pixels)

    run(store, inputs, extraction(store, inputs, slow))
    assert most <= (AHEAD_BATCHES + 1) * 4 + 1, "so many batches ahead, one being computed"


def test_progress_counts_distinct_pictures(store):
    events = []

    class Listener:
        def step(self, name, total):
            events.append((name, total))

        def advance(self, count=1):
            events.append(count)

    inputs = Memory([png((1, 2, 3)), png((1, 2, 3)), b"bad"])
    run(store, inputs, progress=Listener())
    assert events == [("features", 2), 1, 1]


def test_an_extraction_that_gives_another_shape_than_it_says_is_refused(store):
    inputs = coloured(3)
    with pytest.raises(ShapeError, match=r"mean must give \(3, 5\) for 3 inputs; got \(3, 3\)"):
        run(store, inputs, extraction(store, inputs, width=5))


def wide(values):
    """Something of every length, (B, 2), that a mixed-up row or a neighbour's padding would change."""
    return np.concatenate([mean_letter(values), np.full((len(values), 1), values.shape[1])], axis=1, dtype=np.float32)


def test_inputs_of_many_lengths_are_batched_by_length_and_every_row_is_its_own(store):
    inputs, shapes = texts(300), []

    def compute(values):
        shapes.append(values.shape)
        return wide(values)

    item = extraction(store, inputs, compute, width=2)
    result = run_pass(inputs, inputs.keys, Letters(), [item], store, workers=2, batch_size=8)
    assert (result.decoded, result.forwarded, result.failures) == (300, {"mean": 300}, {})
    by_hand = np.concatenate([wide(Letters().prepare(content)[None]) for content in inputs.contents])
    assert np.array_equal(store.read(SPACE, inputs.keys), by_hand)
    last = [shape for shape in shapes if shape[0] % 8]
    assert len(last) == len({length for _, length in last}) <= 10, (
        "full batches, but for the last of each of 10 lengths"
    )
    assert shapes[-len(last) :] == sorted(last, key=lambda shape: -shape[1]), "at the end, the longest first"


SEQUENCES = Space({"kind": "test", "name": "sequences", "ragged": True})


def padded_sequences(values):
    """A packed boundary (B, T, 1) whose last position is padding."""
    packed = np.asarray(values, np.float32).reshape(len(values), -1, 1)
    packed[:, -1] = np.nan
    return packed


def test_packed_sequences_are_kept_with_their_padding(store):
    inputs = texts(40)
    item = Extraction("boundary 1", SEQUENCES, None, padded_sequences, np.ones(40, bool))
    result = run_pass(inputs, inputs.keys, Letters(), [item], store, workers=2, batch_size=8)
    assert result.failures == {}
    for content, found in zip(inputs.contents, store.read_each(SEQUENCES, inputs.keys), strict=True):
        np.testing.assert_array_equal(found, padded_sequences(Letters().prepare(content)[None])[0])


@pytest.mark.parametrize("bad", [np.inf, np.nan], ids=["infinity", "nothing but padding"])
def test_a_sequence_without_a_number_is_a_failure_of_its_row(store, bad):
    inputs = texts(3)
    item = Extraction("boundary 1", SEQUENCES, None, lambda v: np.full((len(v), 3, 1), bad), np.ones(3, bool))
    result = run_pass(inputs, inputs.keys, Letters(), [item], store, workers=1, batch_size=1)
    assert set(result.failures) == {0, 1, 2} and "not finite" in result.failures[0]


def test_what_waits_for_others_of_its_length_is_bounded_by_bytes(store, monkeypatch):
    monkeypatch.setattr(feature_pass, "WAITING_BYTES", 400)
    inputs, taken, computed, most = texts(200), 0, 0, 0

    class Counting(Letters):
        def prepare(self, content):
            nonlocal taken
            values = super().prepare(content)
            taken += values.nbytes
            return values

    def compute(values):
        nonlocal computed, most
        most = max(most, taken - computed)
        computed += values.nbytes
        return wide(values)

    item = extraction(store, inputs, compute, width=2)
    result = run_pass(inputs, inputs.keys, Counting(), [item], store, workers=1, batch_size=4)
    assert result.forwarded == {"mean": 200}
    # 400 bytes wait, and less than a batch; so many inputs are ahead and one is handed over, of 160 bytes at most.
    assert most <= 400 + (4 + AHEAD_BATCHES * 4 + 1) * 160


def test_bad_inputs_among_many_lengths_are_failures_of_their_rows(store):
    good = texts(20).contents
    inputs = Memory([b"", *good[:10], OSError("gone"), *good[10:]])
    item = extraction(store, inputs, wide, width=2)
    result = run_pass(inputs, inputs.keys, Letters(), [item], store, workers=2, batch_size=4)
    assert result.failures == {0: "it is empty", 11: "gone"}
    assert store.missing(SPACE, inputs.keys).nonzero()[0].tolist() == [0, 11]


def test_an_interrupted_pass_over_many_lengths_continues(store):
    inputs, calls = texts(100), []

    def stops(values):
        calls.append(1)
        if len(calls) == 5:
            raise KeyboardInterrupt
        return wide(values)

    def again(compute):
        item = extraction(store, inputs, compute, width=2)
        return run_pass(inputs, inputs.keys, Letters(), [item], store, workers=2, batch_size=4)

    with pytest.raises(KeyboardInterrupt):
        again(stops)
    kept = int((~store.missing(SPACE, inputs.keys)).sum())
    assert kept >= 4 * 4
    assert again(wide).forwarded == {"mean": 100 - kept}
    assert again(wide).forwarded == {"mean": 0}


def test_a_network_of_texts_gives_the_same_bits_whatever_the_pass_and_wherever_it_was_interrupted(tmp_path):
    from headstart.runtimes.choice import settled
    from runtimes.helpers_runtimes import TextBackbone

    class Tokens(Letters):
        def prepare(self, content):
            letters = super().prepare(content)
            return np.stack([np.where(letters < 0, -1, letters % 50), np.minimum(letters, 0)], axis=1, dtype=np.int32)

    backbone, inputs = TextBackbone(), texts(60)
    compute = settled("eager", "float32", 1, 8).prepare(backbone, 0, 3, tmp_path)

    def kept(folder, *parts):
        with Store.open(folder) as store:
            for rows in parts:
                item = Extraction("f", SPACE, 16, compute, store.missing(SPACE, inputs.keys) & rows)
                run_pass(inputs, inputs.keys, Tokens(), [item], store, workers=2, batch_size=8)
            return store.read(SPACE, inputs.keys)

    order = np.arange(60)
    whole = kept(tmp_path / "whole", order >= 0)
    for cut in (1, 7, 33):
        assert np.array_equal(kept(tmp_path / f"cut{cut}", order >= cut, order < cut), whole)
    assert np.array_equal(kept(tmp_path / "odd", order % 2 == 1, order >= 0), whole)


def test_a_real_network_gives_the_same_bits_whatever_the_pass_and_wherever_it_was_interrupted(tmp_path):
    from headstart.core.preprocessing import ImagePreprocessing
    from headstart.data.modalities import modality
    from headstart.runtimes.choice import settled
    from runtimes.helpers_runtimes import small_backbone

    backbone = small_backbone()
    n = len(backbone.stages)
    preparer = modality("image").preparer(ImagePreprocessing(image_size=(32, 32), resize="squash"), {})
    inputs = coloured(21)
    compute = settled("eager", "float32", 1, 8).prepare(backbone, 0, n, tmp_path)
    with Store.open(tmp_path / "whole") as whole:
        options = {"workers": 1, "batch_size": 8}
        item = Extraction("f", SPACE, backbone.feature_dim, compute, whole.missing(SPACE, inputs.keys))
        run_pass(inputs, inputs.keys, preparer, [item], whole, **options)
        features = whole.read(SPACE, inputs.keys)
    for cut in (1, 5, 8, 13):
        with Store.open(tmp_path / f"cut{cut}") as parts:
            for rows in (np.arange(21) < cut, np.arange(21) >= cut):
                wanted = parts.missing(SPACE, inputs.keys) & rows
                item = Extraction("f", SPACE, backbone.feature_dim, compute, wanted)
                run_pass(inputs, inputs.keys, preparer, [item], parts, **options)
            assert np.array_equal(parts.read(SPACE, inputs.keys), features)
