from dataclasses import replace

import numpy as np
import pytest
from scipy.sparse import csr_array

from adaptation.helpers_adaptation import shifted
from headstart.adaptation.domains import Unlabeled
from headstart.core.errors import DataError, ShapeError
from headstart.core.learning import Targets


@pytest.fixture(scope="module")
def domains():
    return shifted("none", rows=30)[0]


def test_outputs_must_have_a_row_for_each_example(domains):
    with pytest.raises(ShapeError, match=r"got \(29, 3\) for 30 target"):
        replace(domains, start=domains.start[:29])
    with pytest.raises(ShapeError, match="held-out"):
        replace(domains, held_out=domains.held_out[:, :2])


def test_numbers_cannot_be_adapted_without_labels_and_what_to_do_is_said(domains):
    numbers = Targets(np.zeros(len(domains.held_out)), "real", 1)
    with pytest.raises(DataError, match="'real'.*headstart fit --update RUN --add THEM"):
        replace(domains, held_out_targets=numbers)


def test_rows_are_taken_together(domains):
    source = domains.source.take(np.array([4, 2]))
    assert source.groups.tolist() == [4, 2] and len(source) == len(source.targets) == 2
    np.testing.assert_array_equal(source.features, domains.source.features[[4, 2]])
    mask = np.zeros(30, bool)
    mask[7] = True
    assert len(domains.learning_from(mask).source) == 1
    np.testing.assert_array_equal(domains.target.take(mask).features, domains.target.features[[7]])


def test_sparse_rows_and_missing_values_are_not_dense(domains):
    assert domains.is_dense and domains.classes == 3
    assert not replace(domains, target=Unlabeled(csr_array(domains.target.features))).is_dense
    features = domains.source.features.copy()
    features[0, 0] = np.nan
    gaps = replace(domains.source, features=features)
    assert not replace(domains, source=gaps).is_dense
    assert replace(domains, source=None).is_dense
