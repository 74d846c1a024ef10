"""What an answer rests on, asked over HTTP."""

from __future__ import annotations

import base64
import io

import pytest
from PIL import Image

import headstart
from serving.conftest import client_of


@pytest.fixture(scope="module")
def picture(shared):
    return (shared.photos / "red" / "9.png").read_bytes()


def test_cells_are_those_that_the_command_finds(client, shared, picture):
    response = client.post("/explain", content=picture, headers={"Content-Type": "image/png"})
    document = response.json()
    told = headstart.explain(shared.run.path, shared.photos / "red" / "9.png", method="class_activation", checks=False)
    (expected,) = told.to_dict()["explanations"]
    assert document["explained"] == expected["explained"] and document["shape"] == expected["shape"]
    flat = [value for row in document["values"] for value in row]
    assert flat == pytest.approx([value for row in expected["values"] for value in row], abs=1e-4)
    drawn = Image.open(io.BytesIO(base64.b64decode(document["overlay"].partition(",")[2])))
    assert drawn.format == "PNG"


def test_one_example_at_a_time_and_one_that_can_be_read(client, picture):
    data = {"data": base64.b64encode(picture).decode()}
    assert client.post("/explain", json={"inputs": [data, data]}).status_code == 422
    bad = client.post("/explain", content=b"no picture", headers={"Content-Type": "image/png"})
    assert bad.status_code == 422 and "readable" in bad.json()["error"]["message"]


def test_explanations_can_be_turned_off(shared, picture):
    with client_of(shared.run.path, explain=False) as client:
        assert client.get("/model").json()["explains"] is False
        response = client.post("/explain", content=picture, headers={"Content-Type": "image/png"})
        assert response.json()["error"]["code"] == "no_explanations"
