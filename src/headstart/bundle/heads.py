"""From a solved model's arrays and spec back to something that turns features into outputs, in NumPy."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from typing import Any

from headstart.core import plugins
from headstart.core.errors import IntegrityError
from headstart.core.learning import Fitted, Floats, SolveMethod

METHODS = "methods"

Head = Callable[[Any], Floats]  # features (n, D), an array or a scipy.sparse.csr_array, to outputs (n, W)


def load_head(fitted: Fitted) -> Head:
    """Features ``(n, D)`` to outputs ``(n, W)`` through the ``predict`` of the method that solved the model.

    Raises:
        IntegrityError: this version has no such method.
    """
    name = str(fitted.spec["method"])
    if name not in plugins.names(METHODS):
        raise IntegrityError(
            f"the bundle's method must be one of {plugins.names(METHODS)}; it is {name!r}. "
            "Use the version of Headstart that wrote it, or install the package that adds the method."
        )
    if fitted.spec.get("trained"):  # the head of a trained network; its method needs torch, predicting does not
        from headstart.methods.linear import linear_outputs

        return partial(linear_outputs, fitted)
    plugin = plugins.load(METHODS, name)
    method: SolveMethod = plugin.build(plugin.config())
    return partial(method.predict, fitted)
