"""Training examples that travel in a bundle."""

from __future__ import annotations

import numpy as np
import pytest
from scipy import sparse

from bundle.helpers_bundle import EVIDENCE, TASK
from bundle.helpers_tables import COLUMNS, fitted, table
from bundle.test_tables import majority
from headstart import bundle
from headstart.bundle import KeptExamples, WrittenFitted
from headstart.bundle.kept_examples import MOST, most_of_width
from headstart.core.errors import IntegrityError
from headstart.core.schema import InputSchema

EXCERPTS = [{"text": "first"}, {"thumbnail": "data:,", "caption": "1 s"}]
DENSE = np.array([[1.0, np.nan], [-2.0, 3.5]])


def written(folder, examples):
    features, arrays = fitted("columns", table())
    schema = InputSchema(columns=COLUMNS)
    return bundle.write(
        folder / "b", sources=[WrittenFitted("columns", arrays, table())], fitted=majority(features.shape[1]),
        task_dict=TASK, input_schema=schema, evidence=EVIDENCE, examples=examples,
    ).folder  # fmt: skip


@pytest.mark.parametrize("features", [DENSE, sparse.csr_array(np.nan_to_num(DENSE))], ids=["dense", "sparse"])
def test_what_was_written_is_read_with_0_for_what_is_missing(tmp_path, features):
    folder = written(tmp_path, KeptExamples(features, ["cat", "dog"], EXCERPTS))
    found = bundle.read(folder).examples()
    dense = found.features if isinstance(found.features, np.ndarray) else found.features.toarray()
    np.testing.assert_array_equal(dense, [[1, 0], [-2, 3.5]])
    assert found.targets == ["cat", "dog"] and found.excerpts == EXCERPTS
    assert {path.name for path in folder.iterdir()} == {
        *("manifest.json", "weights.safetensors", "evidence.json", "examples.safetensors")
    }


def test_a_bundle_has_none_unless_it_was_given_some(tmp_path):
    folder = written(tmp_path, None)
    assert bundle.read(folder).examples() is None and not (folder / "examples.safetensors").exists()


def test_a_changed_file_is_refused(tmp_path):
    folder = written(tmp_path, KeptExamples(DENSE, ["cat", "dog"], EXCERPTS))
    path = folder / "examples.safetensors"
    path.write_bytes(path.read_bytes()[:-1] + b"!")
    with pytest.raises(IntegrityError, match=r"examples\.safetensors has other bytes"):
        bundle.read(folder)
    path.unlink()
    with pytest.raises(IntegrityError, match=r"examples\.safetensors is missing"):
        bundle.read(folder)


def test_features_take_at_most_4_mib():
    assert most_of_width(1280) == MOST and most_of_width(1) == MOST
    assert most_of_width(10_000) == 104  # 104 * 10,000 * 4 bytes = 3.97 MiB
    assert most_of_width(5_000_000) == 1
