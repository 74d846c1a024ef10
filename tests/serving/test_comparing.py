"""Two bundles on the same examples."""

from __future__ import annotations

import time

import pytest

from headstart.serving.comparing import Comparison
from serving.conftest import client_of


def test_shares_and_differences_of_pairs():
    found = Comparison("a 1", "b 2")
    said = [("x", 0.9, "x", 0.8), ("x", 0.6, "y", 0.6), ("y", 0.5, "y", 0.9), ("y", 0.7, "y", 0.7)]
    same = [found.add({"prediction": a, "probability": p}, {"prediction": b, "probability": q}) for a, p, b, q in said]
    assert same == [True, False, True, True]
    document = found.to_dict()
    assert document["examples"] == 4 and document["same"]["value"] == 0.75
    # differences -0.1, 0, 0.4, 0: mean 0.075, variance 0.0425 - 0.005625 = 0.036875, of the mean a fourth
    difference = document["second_less_first"]
    assert difference["value"] == pytest.approx(0.075)
    assert difference["high"] - difference["value"] == pytest.approx(1.96 * (0.036875 / 4) ** 0.5)


def test_numbers_are_compared_themselves():
    found = Comparison("a", "b")
    assert not found.add({"prediction": 1.5}, {"prediction": 2.0})
    assert found.to_dict()["second_less_first"]["value"] == 0.5


def test_nothing_is_said_before_there_is_an_example():
    assert Comparison("a", "b").to_dict() == {"first": "a", "second": "b", "examples": 0}


def test_a_bundle_beside_is_asked_afterwards_and_answers_its_share(shared):
    picture = (shared.photos / "red" / "9.png").read_bytes()
    with client_of(shared.run.path, beside=shared.run.path, share=1.0) as client:
        for _ in range(3):
            client.post("/predict", content=picture, headers={"Content-Type": "image/png"})
        until = time.monotonic() + 10
        while client.get("/comparison").json()["examples"] < 3 and time.monotonic() < until:
            time.sleep(0.01)
        document = client.get("/comparison").json()
        assert document["same"]["value"] == 1.0 and document["second_less_first"]["value"] == 0.0
        assert 'headstart_pairs_total{same="true"} 3.0' in client.get("/metrics").text


def test_without_a_second_bundle_there_is_no_comparison(client):
    assert client.get("/comparison").status_code == 404
