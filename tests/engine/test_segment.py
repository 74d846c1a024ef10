"""Segment files: what is written is read, and any damage is found."""

from __future__ import annotations

import tempfile
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from engine.helpers_engine import SPACE, keys_of, rows_of
from headstart.core.errors import IntegrityError
from headstart.engine.activations import segment
from headstart.engine.activations.address import Space
from headstart.engine.activations.share_lock import release


def write(path, space, keys, values):
    release(segment.write(path, space, keys, values))


def read_all(path, space=SPACE):
    found = segment.open_segment(path, space.digest)
    out = np.empty((len(found.keys), *found.row_shape), segment.result_dtype(space.dtype))
    everything = np.arange(len(found.keys))
    found.check(everything)
    found.read_into(out, everything, everything)
    found.close()
    return found.keys, out


@pytest.mark.parametrize("dtype", ["float32", "float16", "bfloat16", "uint8"])
@pytest.mark.parametrize("shape", [(5,), (2, 3, 4), (1,)])
@pytest.mark.parametrize("rows", [1, 2, 33])
def test_rows_of_any_shape_and_dtype_come_back_under_their_keys(tmp_path, dtype, shape, rows):
    space = Space({"kind": "test"}, dtype)
    keys = keys_of(*range(rows))
    values = np.random.default_rng(0).integers(0, 200, (rows, *shape)).astype(np.float32)  # exact in 8 bits
    path = tmp_path / "a.segment"
    write(path, space, keys, values)
    kept, read = read_all(path, space)
    order = np.argsort(segment.as_strings(keys))
    assert np.array_equal(kept, keys[order]) and np.array_equal(read, values[order])
    assert segment.verify(path)
    assert segment.read_header(path)["rows"] == rows


def test_bfloat16_rounds_to_nearest_with_ties_to_even():
    # bfloat16 has 8 significant bits: the neighbours of 1 are 1 + 2**-7 above and 1 - 2**-8 below.
    values = np.array([1 + 2**-8, 1 + 3 * 2**-8, 1 + 2**-8 + 2**-20, -1.0, np.inf, np.nan], np.float32)
    back = segment.from_stored(segment.to_stored(values, "bfloat16"), "bfloat16")
    assert back[:5].tolist() == [1.0, 1 + 2**-6, 1 + 2**-7, -1.0, np.inf]
    assert np.isnan(back[5])


def test_bfloat16_equals_torch_on_any_float():
    import torch

    bits = np.random.default_rng(0).integers(0, 2**32, 10_000, dtype=np.uint32)
    values = bits.view(np.float32)
    values = values[np.isfinite(values)]
    ours = segment.from_stored(segment.to_stored(values, "bfloat16"), "bfloat16")
    assert np.array_equal(ours, torch.from_numpy(values).bfloat16().float().numpy())


@given(st.data())
def test_any_flipped_byte_and_any_cut_is_found(data):
    keys = keys_of(*range(5))
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "a.segment"
        write(path, SPACE, keys, rows_of(keys))
        good = path.read_bytes()
        place = data.draw(st.integers(0, len(good) - 1))
        if data.draw(st.booleans()):
            bad = good[:place]
        else:
            bad = good[:place] + bytes([good[place] ^ data.draw(st.integers(1, 255))]) + good[place + 1 :]
        path.write_bytes(bad)
        assert not segment.verify(path)
        # Reading need not notice damage in bytes that it does not use (filling, the last checksum); it must never
        # give other rows.
        try:
            kept, read = read_all(path)
        except IntegrityError:
            return
        order = np.argsort(segment.as_strings(keys))
        assert np.array_equal(kept, keys[order]) and np.array_equal(read, rows_of(keys)[order])


@given(st.binary(max_size=300))
def test_any_bytes_at_all_are_refused_in_one_way(content):
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "a.segment"
        path.write_bytes(content)
        with pytest.raises(IntegrityError, match=r"a\.segment"):
            segment.open_segment(path, SPACE.digest)
        assert not segment.verify(path)


def test_a_segment_of_another_space_is_refused(tmp_path):
    keys = keys_of(1)
    write(tmp_path / "a.segment", SPACE, keys, rows_of(keys))
    with pytest.raises(IntegrityError, match="belongs to another"):
        segment.open_segment(tmp_path / "a.segment", Space({"kind": "other"}).digest)


def test_keys_that_end_in_zeros_are_told_apart():
    keys = np.zeros((3, 32), np.uint8)
    keys[1, 30], keys[2, 31] = 1, 1
    strings = segment.as_strings(keys)
    assert len(np.unique(strings)) == 3
    assert np.searchsorted(np.sort(strings), strings).tolist() == [0, 2, 1]
