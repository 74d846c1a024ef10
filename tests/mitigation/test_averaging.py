import numpy as np
import pytest

from headstart.core.errors import ConfigError
from headstart.core.learning import Fitted
from headstart.methods.linear import linear_outputs
from headstart.mitigation.averaging import averaged, linear_fitted


def test_the_mean_model_gives_the_mean_output():
    rng = np.random.default_rng(0)
    models = [linear_fitted(rng.normal(size=(3, 5)), rng.normal(size=3)) for _ in range(4)]
    x = rng.normal(size=(7, 5)).astype(np.float32)
    expected = np.mean([linear_outputs(model, x) for model in models], axis=0)
    assert linear_outputs(averaged(models), x) == pytest.approx(expected, abs=1e-5)


def test_models_of_another_form_are_refused():
    with pytest.raises(ConfigError, match="takes linear models; got the form 'trees'"):
        averaged([Fitted({}, {"method": "boosting", "form": "trees"})])
    roots = [Fitted({"weight": np.zeros((1, 1))}, {"form": "roots", "roots": n}) for n in (1, 2)]
    with pytest.raises(ConfigError, match="must be of one form"):
        averaged(roots)
