from __future__ import annotations

import json
import pickle

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from bundle.helpers_bundle import FILES, rewrite_manifest
from headstart import bundle
from headstart.bundle.manifest import class_names_digest
from headstart.bundle.weights import read_weights, write_weights
from headstart.core.errors import HeadstartError, IntegrityError
from headstart.core.files import sha256_file


def flip_a_bit(path, at):
    content = bytearray(path.read_bytes())
    content[at % len(content)] ^= 1
    path.write_bytes(bytes(content))


@pytest.mark.parametrize("name", sorted(FILES))
@pytest.mark.parametrize("share", [0.0, 0.5, 0.999])
def test_one_flipped_bit_in_any_file_is_refused(copied, name, share):
    flip_a_bit(copied / name, int((copied / name).stat().st_size * share))
    with pytest.raises(IntegrityError, match=name):
        bundle.read(copied)


@pytest.mark.parametrize("name", sorted(FILES))
def test_a_truncated_file_is_refused(copied, name):
    (copied / name).write_bytes((copied / name).read_bytes()[:-1])
    if name == "manifest.json":  # its last byte is the line end, which JSON does not need
        (copied / name).write_bytes((copied / name).read_bytes()[:-1])
    with pytest.raises(IntegrityError, match=name):
        bundle.read(copied)


@pytest.mark.parametrize("name", sorted(FILES))
def test_a_missing_file_is_refused(copied, name):
    (copied / name).unlink()
    with pytest.raises(IntegrityError, match=name):
        bundle.read(copied)


@settings(max_examples=60, suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None)
@given(at=st.integers(0, 10**6), byte=st.integers(0, 255))
def test_no_changed_byte_of_the_manifest_passes_and_none_crashes_the_reader(copied, written, at, byte):
    content = bytearray((written / "manifest.json").read_bytes())
    at %= len(content) - 1  # the last byte is a line end
    same = content[at] == byte
    content[at] = byte
    (copied / "manifest.json").write_bytes(bytes(content))
    try:
        read = bundle.read(copied)
    except HeadstartError:
        assert not same
    else:  # white space may become other white space: the values are what is protected
        assert read.manifest == bundle.read(written).manifest


def test_reordered_class_names_are_refused(copied):
    def reorder(document):
        document["class_names"]["names"].reverse()

    rewrite_manifest(copied, reorder)
    with pytest.raises(IntegrityError, match="class names or their order"):
        bundle.read(copied)


def test_class_names_reordered_with_their_hash_differ_from_the_task(copied):
    def reorder(document):
        names = document["class_names"]["names"][::-1]
        document["class_names"] = {"names": names, "sha256": class_names_digest(names)}

    rewrite_manifest(copied, reorder)
    with pytest.raises(IntegrityError, match="class names or their order"):
        bundle.read(copied)


def test_class_names_reordered_everywhere_in_the_manifest_differ_from_the_weights(copied):
    def reorder(document):
        names = document["class_names"]["names"][::-1]
        document["class_names"] = {"names": names, "sha256": class_names_digest(names)}
        document["task"]["class_names"] = names

    rewrite_manifest(copied, reorder)
    with pytest.raises(IntegrityError, match="different class names"):
        bundle.read(copied)


def test_a_newer_schema_is_refused_even_when_its_checksum_is_made_in_another_way(copied):
    path = copied / "manifest.json"
    path.write_text(json.dumps({**json.loads(path.read_text()), "schema": 5, "sha512": "new"}))
    with pytest.raises(IntegrityError, match="schema 4 or older; it has 5"):
        bundle.read(copied)


def test_a_key_that_a_later_version_added_is_passed_over(copied):
    rewrite_manifest(copied, lambda document: document.update(added_later=[1, 2]))
    assert bundle.read(copied).class_names == ("cat", "dog", "emu")


@pytest.mark.parametrize("name", ["../outside.bin", "extra.pkl"])
def test_files_that_a_bundle_does_not_have_are_refused_by_name(copied, name):
    record = {"sha256": "0" * 64, "bytes": 1}
    rewrite_manifest(copied, lambda document: document["files"].update({name: record}))
    with pytest.raises(IntegrityError, match="must list exactly"):
        bundle.read(copied)


class Explosive:
    def __reduce__(self):
        return (pytest.fail, ("a pickle was read",))


def test_a_pickle_in_the_folder_is_never_opened(copied):
    (copied / "model.pkl").write_bytes(pickle.dumps(Explosive()))
    bundle.read(copied)
    path = copied / "weights.safetensors"
    path.write_bytes(pickle.dumps(Explosive()))
    record = {"sha256": sha256_file(path), "bytes": path.stat().st_size}
    rewrite_manifest(copied, lambda document: document["files"].update({"weights.safetensors": record}))
    with pytest.raises(IntegrityError, match="safetensors"):
        bundle.read(copied)


names = st.text(st.characters(codec="utf-8", exclude_characters="\x00"), min_size=1, max_size=12)


@settings(max_examples=30, suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None)
@given(
    shapes=st.dictionaries(names, st.lists(st.integers(0, 3), max_size=3), max_size=4),
    kind=st.sampled_from(["float32", "float64", "int64", "uint8"]),
)
def test_arrays_of_any_name_shape_and_type_survive_the_file(tmp_path, shapes, kind):
    arrays = {name: np.arange(np.prod(shape), dtype=kind).reshape(shape) for name, shape in shapes.items()}
    groups = {"network.a.": arrays, "head.": {"weight": np.ones(2, np.float32)}}
    write_weights(tmp_path / "w.safetensors", groups, "0" * 64)
    read = read_weights(tmp_path / "w.safetensors", "network.a.")
    assert set(read) == set(arrays)
    for name, array in arrays.items():
        assert (read[name].dtype, read[name].shape) == (array.dtype, array.shape)
        np.testing.assert_array_equal(read[name], array)
