"""A server whose answers follow how often each class comes."""

from __future__ import annotations

import numpy as np
import pandas
import pytest

import headstart
from headstart.core.errors import ConfigError
from serving.conftest import client_of


def test_a_server_says_the_shares_that_it_follows_and_answers_for_them(shared, client):
    picture = next((shared.photos / "red").glob("*.png")).read_bytes()
    plain = client.post("/predict", files={"file": ("a.png", picture)}).json()["predictions"][0]
    assert client.get("/model").json()["shares"] is None
    with client_of(shared.run.path, follow_shares=True) as following:
        shares = following.service.slots.current.answers.shares
        told = following.get("/model").json()["shares"]
        assert told["held"] is False and list(told["now"]) == ["blue", "green", "red"]
        assert list(told["now"].values()) == pytest.approx(shares.learned.tolist())
        shares.now = shares.learned * np.array([8.0, 1.0, 1.0]) / (shares.learned @ np.array([8.0, 1.0, 1.0]))
        moved = following.post("/predict", files={"file": ("a.png", picture)}).json()["predictions"][0]
        odds = [row["probability_blue"] / row["probability_green"] for row in (plain, moved)]
        assert odds[1] == pytest.approx(8 * odds[0], rel=1e-6)


def test_a_model_of_numbers_is_refused(tmp_path):
    rng = np.random.default_rng(0)
    pandas.DataFrame({"x": rng.normal(size=60), "target": rng.normal(size=60)}).to_csv(tmp_path / "n.csv", index=False)
    run = headstart.fit(tmp_path / "n.csv", target="target", method="linear_probe", out=tmp_path / "run")
    with pytest.raises(ConfigError, match="of the kind 'real'"), client_of(run.path, follow_shares=True):
        pass
