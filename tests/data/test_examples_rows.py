"""Some rows of examples, by their positions."""

from __future__ import annotations

import numpy as np
import pytest

from headstart.core.errors import ShapeError
from headstart.data.examples import Examples


def test_a_mask_is_refused_since_it_would_be_read_as_positions():
    with pytest.raises(ShapeError, match="mask of booleans"):
        Examples.take(object(), np.array([True, False]))
