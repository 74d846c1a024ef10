"""A served run, as a client sees it."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from starlette.testclient import TestClient

from headstart.serving.app import application
from headstart.serving.service import Service
from headstart.serving.settings import ServeConfig


def client_of(run, **settings) -> TestClient:
    """Use it as a context: that starts the service."""
    service = Service(run, ServeConfig(threads=1, reload_seconds=0, **settings))
    client = TestClient(application(service), raise_server_exceptions=False)
    client.service = service
    return client


@pytest.fixture(scope="module")
def client(shared) -> Iterator[TestClient]:
    """Of the photos' run."""
    with client_of(shared.run.path) as found:
        yield found
