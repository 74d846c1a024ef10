import pytest

from monitoring.helpers_monitoring import make_reference


@pytest.fixture(scope="session")
def reference():
    return make_reference()
