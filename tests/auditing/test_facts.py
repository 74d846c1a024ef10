from __future__ import annotations

from types import SimpleNamespace

import numpy as np
import pytest

from headstart.auditing.facts import facts_of
from headstart.data.modalities import modality
from headstart.engine.activations.address import prepared_space
from headstart.engine.activations.store import Store
from headstart.features.compute import Features
from headstart.features.descriptors import DescribedLane
from inspection.made_examined import make_examined

CONTENTS = [b"x" * 5, b"y" * 9]


def given(name, contents, facts):
    """A dataset of one part, its networks and features, with nothing but what facts need."""
    dataset = make_examined(["a", "b"], contents=contents, modality=name).inputs
    described = DescribedLane(prepared_space("fingerprint", 1, {}), facts, {})
    features = Features({name: SimpleNamespace(described=described)})
    return dataset, {name: SimpleNamespace(modality=modality(name))}, features


def test_facts_are_those_of_sizes_those_kept_and_the_length(tmp_path):
    space = prepared_space("facts", 1, {})
    dataset, networks, features = given("image", CONTENTS, space)
    kept = np.arange(2 * len(modality("image").fact_names), dtype=np.float32).reshape(2, -1)
    with Store.open(tmp_path) as store:
        store.write(space, dataset.parts[0].keys[::-1], kept[::-1])  # order is the dataset's, not the store's
        found = facts_of(dataset, networks, features, store)["image"]
    assert found.names == ("height", "width", "aspect", *modality("image").fact_names, "bytes")
    assert found["mean_red"].tolist() == kept[:, 0].tolist()
    assert found["bytes"].tolist() == [5, 9]
    assert "seconds" not in found


@pytest.mark.parametrize("name", ["text"])
def test_without_kept_facts_there_are_those_of_sizes(name, tmp_path):
    dataset, networks, features = given(name, ["a", "b"], None)
    with Store.open(tmp_path) as store:
        found = facts_of(dataset, networks, features, store)[name]
    assert found.names == ("characters",) and found.values.dtype == np.float32


def test_where_no_network_sees_the_data_there_are_no_facts(tmp_path):
    dataset, networks, _ = given("image", CONTENTS, None)
    with Store.open(tmp_path) as store:
        assert facts_of(dataset, networks, Features(), store) == {}


def test_counters_name_facts_only_where_there_are_some():
    space = prepared_space("facts", 1, {})
    assert DescribedLane(space, space, {"histogram": space}).names == ("fingerprint", "facts", "histogram")
    assert DescribedLane(space, None, {}).names == ("fingerprint",)
