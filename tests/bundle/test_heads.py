"""Every method's solved model survives the files of a bundle: the same outputs from what was read."""

from __future__ import annotations

import json

import numpy as np
import pytest
from scipy import sparse

from headstart.bundle.heads import load_head
from headstart.bundle.weights import HEAD, read_weights, write_weights
from headstart.core import plugins
from headstart.core.errors import IntegrityError
from headstart.core.files import dump_json
from headstart.core.learning import Fitted, Targets

SHIPPED = [
    name
    for name in plugins.names("methods")
    if plugins.load("methods", name).kind == "solve" and "examples" not in plugins.load("methods", name).needs
]
# Of many outputs and of one: what the arrays hold differs between these; every kind is tested with the methods.
CASES = [
    (name, kind) for name in SHIPPED for kind in ("multilabel", "real") if kind in plugins.load("methods", name).targets
]


def targets_of(kind, rng, n=60):
    if kind == "real":
        return Targets(rng.normal(size=n), "real", 1)
    if kind == "multilabel":
        return Targets((rng.random((n, 3)) < 0.4).astype(np.float64), "multilabel", 3)
    return Targets(np.arange(n) % 3, kind, 3)


@pytest.mark.parametrize(("name", "kind"), CASES)
def test_a_solved_model_predicts_from_its_file_as_before(tmp_path, name, kind):
    rng = np.random.default_rng(0)
    plugin = plugins.load("methods", name)
    method = plugin.build(plugin.config())
    features = rng.normal(size=(60, 6)).astype(np.float32)
    features = sparse.csr_array(features * (features > 0)) if "sparse" in plugin.needs else features
    fitted = method.fit(features, targets_of(kind, rng), np.arange(60) // 3 % 5, rng).fitted
    write_weights(tmp_path / "w.safetensors", {HEAD: fitted.arrays}, "")
    spec = json.loads(dump_json(dict(fitted.spec)))
    read = Fitted(read_weights(tmp_path / "w.safetensors", HEAD), spec)
    np.testing.assert_array_equal(load_head(read)(features), method.predict(fitted, features))


def test_a_method_that_this_version_does_not_have_is_told():
    with pytest.raises(IntegrityError, match="it is 'later'"):
        load_head(Fitted({}, {"method": "later", "form": "linear"}))
