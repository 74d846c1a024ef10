import pytest
from pydantic import Field

from headstart.core.config import Config
from headstart.core.errors import ConfigError


class Small(Config):
    alpha: float = Field(0.1, ge=0)
    depth: int = 3


def test_all_problems_are_reported_at_once_with_the_nearest_key():
    with pytest.raises(ConfigError) as caught:
        Small.parse({"alpha": -1, "dept": 2}, "method")
    assert "method.alpha" in str(caught.value) and "got -1" in str(caught.value)
    assert "Did you mean 'depth'?" in str(caught.value)


def test_a_config_is_frozen():
    with pytest.raises(ValueError, match="frozen"):
        Small().alpha = 2.0  # type: ignore[misc]
