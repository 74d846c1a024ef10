"""Addresses: whatever decides bits makes another one."""

from __future__ import annotations

import hashlib

import pytest

from headstart.engine.activations.address import Space, network_space, prepared_space

BASE = {
    "name": "net",
    "weights_digest": "ab",
    "stage": 3,
    "preparer_address": {"preprocessing": {"size": 8}, "decoder": "one"},
    "runtime": {"name": "eager", "precision": "float32", "batch_size": 32, "version": "1", "machine": "m"},
}


@pytest.mark.parametrize(
    "change",
    [
        {"weights_digest": "ac"},
        {"stage": 4},
        {"preparer_address": {"preprocessing": {"size": 9}, "decoder": "one"}},
        {"preparer_address": {"preprocessing": {"size": 8}, "decoder": "another"}},
        {"runtime": {**BASE["runtime"], "precision": "bfloat16"}},
        {"runtime": {**BASE["runtime"], "batch_size": 16}},
        {"runtime": {**BASE["runtime"], "version": "2"}},
        {"view": 1},
        {"augmentation": {"flip": True}},
        {"dtype": "bfloat16"},
    ],
    ids=str,
)
def test_every_part_that_decides_bits_changes_the_address(change):
    assert network_space(**BASE).digest == network_space(**BASE).digest
    assert network_space(**{**BASE, **change}).digest != network_space(**BASE).digest


def test_what_is_computed_of_the_prepared_input_alone_has_an_address_of_its_own():
    first = prepared_space("histograms", 1, {"size": 8})
    assert first.digest == prepared_space("histograms", 1, {"size": 8}).digest
    others = [prepared_space("histograms", 2, {"size": 8}), prepared_space("histograms", 1, {"size": 9})]
    others += [prepared_space("fingerprint", 1, {"size": 8}), prepared_space("histograms", 1, {"size": 8}, "float16")]
    assert len({space.digest for space in [first, *others]}) == 5


def test_what_older_versions_kept_is_found_again():
    # other names or defaults would be another address: everybody's kept rows would be lost
    assert network_space(**BASE) == Space(
        {
            "kind": "network", "name": "net", "weights": "ab", "stage": 3, "view": 0, "augmentation": None,
            "runtime": BASE["runtime"], "preparation": BASE["preparer_address"],
        },
        "float32",
    )  # fmt: skip
    packed = network_space(**BASE, view=2, augmentation={"flip": True}, dtype="bfloat16", ragged=True)
    assert (packed.parts["view"], packed.parts["augmentation"], packed.parts["ragged"]) == (2, {"flip": True}, True)
    assert packed.is_ragged and not network_space(**BASE).is_ragged and packed.dtype == "bfloat16"
    prepared = {"kind": "prepared", "name": "histograms", "version": 1, "preparation": {"size": 8}}
    assert prepared_space("histograms", 1, {"size": 8}) == Space(prepared, "float32")
    content = b'{"dtype":"float32","layout":1,"parts":{"a":1}}'
    assert Space({"a": 1}).digest == hashlib.sha256(content).hexdigest()


def test_the_order_of_parts_does_not_count():
    assert Space({"a": 1, "b": 2}).digest == Space({"b": 2, "a": 1}).digest
