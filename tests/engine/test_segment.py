"""Segment files: what is written is read, and any damage is found."""

from __future__ import annotations

import hashlib
import json
import struct
import tempfile
import zlib
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from engine.helpers_engine import SPACE, keys_of, rows_of
from headstart.core.errors import IntegrityError
from headstart.engine.activations import segment
from headstart.engine.activations.address import Space
from headstart.engine.activations.share_lock import lock_for_removal, release


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


def aligned(offset):
    return -(-offset // 64) * 64


def test_the_file_is_as_its_description_says(tmp_path):
    space = Space({"kind": "test", "name": "größe"})
    keys = keys_of(1, 2, 3)
    values = rows_of(keys, 5)
    write(tmp_path / "a.segment", space, keys, values)
    content = (tmp_path / "a.segment").read_bytes()
    magic, digest, length = struct.unpack("<8s32sI", content[:44])
    text = content[44 : 44 + length]
    header = {
        "schema": 1,
        "space": space.digest,
        "parts": dict(space.parts),
        "dtype": "float32",
        "rows": 3,
        "shape": [5],
    }
    assert magic == b"HSACTV01" and json.loads(text) == segment.read_header(tmp_path / "a.segment") == header
    assert "größe".encode() in text
    at_keys = aligned(44 + length)
    at_values = aligned(at_keys + 3 * 32 + 3 * 4)
    order = sorted(range(3), key=lambda row: keys[row].tobytes())
    assert content[at_keys : at_keys + 96] == keys[order].tobytes()
    checks = struct.unpack("<3I", content[at_keys + 96 : at_keys + 108])
    assert checks == tuple(zlib.crc32(values[row].tobytes()) for row in order)
    assert hashlib.sha256(text + content[at_keys:at_values]).digest() == digest
    assert content[at_values : at_values + 60] == values[order].tobytes()
    assert len(content) == aligned(at_values + 60) + 32
    assert content[-32:] == hashlib.sha256(content[:-32]).digest()
    gaps = content[44 + length : at_keys] + content[at_keys + 108 : at_values] + content[at_values + 60 : -32]
    assert set(gaps) == {0}


def changed(path, place, new):
    content = bytearray(path.read_bytes())
    content[place : place + len(new)] = new
    path.write_bytes(content)


@pytest.mark.parametrize(
    ("damage", "said"),
    [
        (lambda content: b"X" + content[1:], "start as a segment of this version does"),
        (lambda content: content[:9] + b"\0\0\0" + content[12:], "hold the header and keys that were written"),
        (lambda content: content[:44] + b"}" + content[45:], "be a whole segment; it cannot be read"),
        (lambda content: content + bytes(64), "have the size that its header says; it has 480 bytes"),
        (lambda content: content[:20], "be a whole segment; it cannot be read"),
    ],
    ids=["magic", "digest", "header", "size", "cut"],
)
def test_what_is_wrong_with_a_file_is_said(tmp_path, damage, said):
    path = tmp_path / "a.segment"
    write(path, SPACE, keys_of(1), rows_of(keys_of(1)))
    path.write_bytes(damage(path.read_bytes()))
    with pytest.raises(IntegrityError, match=rf"^a\.segment must {said}"):
        segment.open_segment(path, SPACE.digest)


def test_a_header_that_is_none_is_said(tmp_path):
    path = tmp_path / "a.segment"
    path.write_bytes(b"short")
    with pytest.raises(IntegrityError, match=r"a\.segment must be a segment; its header cannot be read"):
        segment.read_header(path)


def at_values_of(path):
    (length,) = struct.unpack("<I", path.read_bytes()[40:44])
    rows = segment.read_header(path)["rows"]
    return aligned(aligned(44 + length) + 36 * rows)


def test_a_damaged_row_is_named_and_the_others_are_read(tmp_path):
    path = tmp_path / "a.segment"
    keys = keys_of(1, 2, 3)
    write(path, SPACE, keys, rows_of(keys))
    changed(path, at_values_of(path) + 16, b"\xff")  # the second of rows of 16 bytes
    found = segment.open_segment(path, SPACE.digest)
    found.check(np.array([0, 2]))
    out = np.empty((2, 4), np.float32)
    with pytest.raises(IntegrityError, match=r"a\.segment must hold what was written; row 1 differs from its CRC"):
        found.check(np.array([0, 1, 2]))
    with pytest.raises(IntegrityError, match="row 1 differs"):
        found.read_into(out, np.array([0]), np.array([1]))
    found.read_into(out, np.array([1, 0]), np.array([0, 2]))
    assert np.array_equal(out, rows_of(found.keys)[[2, 0]])
    found.close()


def test_a_row_is_checked_once_and_again_when_it_is_read(tmp_path):
    path = tmp_path / "a.segment"
    write(path, SPACE, keys_of(1), rows_of(keys_of(1)))
    found = segment.open_segment(path, SPACE.digest)
    found.check(np.array([0]))
    with path.open("r+b") as stream:  # the mapped file itself
        stream.seek(at_values_of(path))
        stream.write(b"\xff")
    found.check(np.array([0]))
    with pytest.raises(IntegrityError, match="row 0 differs"):
        found.read_into(np.empty((1, 4), np.float32), np.array([0]), np.array([0]))
    found.close()


def test_a_segment_in_use_is_locked_from_its_first_row_until_it_is_closed(tmp_path):
    path = tmp_path / "a.segment"
    write(path, SPACE, keys_of(1), rows_of(keys_of(1)))
    found = segment.open_segment(path, SPACE.digest)

    def is_free():
        with lock_for_removal(path) as answer:
            return answer

    assert is_free()
    for _ in range(2):  # it may be used again
        found.check(np.array([0]))
        out = np.empty((1, 4), np.float32)
        found.read_into(out, np.array([0]), np.array([0]))
        assert np.array_equal(out, rows_of(keys_of(1))) and not is_free()
        found.close()
        assert is_free()
        found.close()


def test_what_was_written_is_locked_until_it_is_released(tmp_path):
    path = tmp_path / "a.segment"
    handle = segment.write(path, SPACE, keys_of(1), rows_of(keys_of(1)))
    with lock_for_removal(path) as is_free:
        assert not is_free
    release(handle)
    with lock_for_removal(path) as is_free:
        assert is_free


def test_a_file_that_was_cut_off_since_it_was_opened_is_said(tmp_path):
    path = tmp_path / "a.segment"
    write(path, SPACE, keys_of(1), rows_of(keys_of(1)))
    found = segment.open_segment(path, SPACE.digest)
    path.write_bytes(path.read_bytes()[:100])
    with pytest.raises(IntegrityError, match=r"a\.segment must keep its size; it was cut off since"):
        found.check(np.array([0]))
    found.close()


@pytest.mark.parametrize("dtype", ["float32", "float16", "bfloat16", "uint8"])
def test_what_is_stored_lies_in_a_row_whatever_it_was(dtype):
    values = np.arange(12, dtype=np.float64).reshape(3, 4).T
    stored = segment.to_stored(values, dtype)
    assert stored.flags["C_CONTIGUOUS"] and stored.dtype == segment.STORED[dtype]
    read = segment.from_stored(stored, dtype)
    assert read.dtype == segment.result_dtype(dtype) and np.array_equal(read, values)


def test_bfloat16_rounds_to_nearest_with_ties_to_even():
    # bfloat16 has 8 significant bits: the neighbours of 1 are 1 + 2**-7 above and 1 - 2**-8 below.
    values = np.array([1 + 2**-8, 1 + 3 * 2**-8, 1 + 2**-8 + 2**-20, -1.0, np.inf, np.nan], np.float32)
    back = segment.from_stored(segment.to_stored(values, "bfloat16"), "bfloat16")
    assert back[:5].tolist() == [1.0, 1 + 2**-6, 1 + 2**-7, -1.0, np.inf]
    assert np.isnan(back[5])


def test_every_nan_is_kept_as_the_same_nan():
    # Rounded as numbers are, the second would become -0, the third 0 and the last infinity.
    nans = np.array([0x7FC00000, 0x7FFFFFFF, 0xFFFFFFFF, 0x7F800001], np.uint32).view(np.float32)
    assert segment.to_stored(nans, "bfloat16").tolist() == [0x7FC0] * 4


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
