import numpy as np
import pytest

from headstart.core import plugins
from headstart.core.learning import Fitted, Targets
from headstart.evaluation.calibrators.choose import ROOM
from headstart.methods.linear import linear_outputs
from headstart.postprocessing.folding import AFFINE, folded
from headstart.postprocessing.postprocessing import Postprocessing

KINDS = ("class", "ordinal", "multilabel")


def learned(name, kind, width=3, rows=200, seed=0):
    rng = np.random.default_rng(seed)
    outputs = rng.normal(size=(rows, width)) * 2
    classes = rng.integers(width, size=rows)
    values = (rng.random((rows, width)) < 0.4).astype(float) if kind == "multilabel" else classes
    plugin = plugins.load(ROOM, name)
    arrays = plugin.build(plugin.config()).fit(Targets(values, kind, width), outputs)
    return Postprocessing.of_calibrator(name, arrays)


def head(width=3, features=5, form="linear", seed=1):
    rng = np.random.default_rng(seed)
    arrays = {
        "weight": rng.normal(size=(width, features)).astype(np.float32),
        "bias": rng.normal(size=width).astype(np.float32),
    }
    return Fitted(arrays, {"method": "linear_probe", "form": form})


AFFINES = [name for name in plugins.names(ROOM) if plugins.load(ROOM, name).kind == AFFINE]


def test_there_are_calibrators_of_both_sorts():
    assert "temperature" in AFFINES and "isotonic" not in AFFINES


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("name", AFFINES)
def test_the_head_with_the_calibrator_in_it_gives_what_both_give_one_after_the_other(name, kind):
    post, fitted = learned(name, kind), head()
    features = np.random.default_rng(2).normal(size=(40, 5)).astype(np.float32)
    after = post.outputs(linear_outputs(fitted, features), kind)
    inside = folded(fitted, post, kind)
    assert inside.spec["calibrator"] == name and inside.arrays["weight"].dtype == np.float32
    assert np.allclose(linear_outputs(inside, features), after, atol=1e-4)
    assert fitted.spec == {"method": "linear_probe", "form": "linear"}  # the one given is not changed


def test_what_is_not_linear_is_left_to_be_applied_afterwards():
    assert folded(head(), learned("isotonic", "class"), "class") is None
    assert folded(head(form="trees"), learned("temperature", "class"), "class") is None
