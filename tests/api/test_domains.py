"""A model for domains that nobody has seen: each of those that are there is held out in turn."""

from __future__ import annotations

import json

import numpy as np
import pandas
import pytest

import headstart
from headstart.core.errors import ConfigError, DataError
from made_tables import write_csv

FIXED = {"guard": False, "cache": "off"}
ASKED = {"method": "linear_probe", "domains": "site", "input": "real,easy,noise", "settings": FIXED}


def sites(each=24, names="abcdef", seed=0):
    """`easy` follows the class with a strength and a sign of its own at each site; `real` follows it everywhere."""
    rng = np.random.default_rng(seed)
    parts = []
    for number, name in enumerate(names):
        target = np.arange(each) % 2
        lean = (2.0, 1.5, 2.5, 1.0, 2.0, -1.5)[number % 6]
        parts.append(pandas.DataFrame({
            "real": target + 0.5 * rng.normal(size=each), "easy": lean * (target - 0.5) + 0.3 * rng.normal(size=each),
            "noise": rng.normal(size=each), "site": name, "label": np.where(target == 1, "yes", "no"),
        }))  # fmt: skip
    return pandas.concat(parts, ignore_index=True)


@pytest.fixture(scope="module")
def run(tmp_path_factory):
    place = tmp_path_factory.mktemp("domains")
    return headstart.fit(write_csv(place / "s.csv", sites()), out=place / "run", **ASKED)


def test_each_domain_that_is_learned_from_is_held_out_and_the_test_is_another_one(run):
    section = run.evidence["domains"]
    learned, tested = [each["domain"] for each in section["each"]], [each["domain"] for each in section["test"]]
    assert sorted(learned + tested) == list("abcdef") and len(tested) == 1
    held = pandas.read_parquet(run.path / "predictions" / "held_out.parquet")
    assert held.groupby("fold").size().tolist() == [24] * 5


def test_the_figure_is_the_mean_of_the_domains_with_their_spread(run):
    section = run.evidence["domains"]
    values = [each["value"] for each in section["each"]]
    assert section["mean"]["value"] == pytest.approx(np.mean(values))
    assert section["mean"]["low"] <= np.mean(values) <= section["mean"]["high"]
    assert section["worst"]["value"] == min(values) and section["chance_of_worse"] == pytest.approx(1 / 6)
    assert section["sentence"].startswith("In a site that it has not seen, expect accuracy")
    assert {each["name"] for each in section["methods"]} >= {"none", "nuisance_projection", "reweighting"}


def test_the_same_run_again_from_its_config(run, tmp_path):
    again = headstart.fit(config=run.path / "config.yaml", out=tmp_path / "again")
    assert again.evidence["domains"]["each"] == run.evidence["domains"]["each"]
    assert again.evidence["test"] == run.evidence["test"]


def test_a_way_that_is_named_ships_and_the_plain_model_is_compared_with(run, tmp_path):
    asked = {**ASKED, "settings": {**FIXED, "generalise": "group_dro"}}
    found = headstart.fit(write_csv(tmp_path / "s.csv", sites()), out=tmp_path / "run", **asked)
    assert found.evidence["domains"]["ships"] == "group_dro"
    assert "without_generalising" in [each["name"] for each in found.evidence["comparisons"]]
    json.dumps(found.evidence, allow_nan=False)


@pytest.mark.parametrize(
    ("frame", "more", "error", "says"),
    [
        (sites(), {"domains": "place"}, ConfigError, "place"),
        (sites(names="a"), {}, DataError, "must be several; the column 'site' holds one: a"),
        (sites(names="ab"), {}, DataError, "at least two must be left to learn from; got 1"),
        (sites().assign(site=[str(n) for n in range(144)]), {}, DataError, "a domain is where several examples"),
        (sites().assign(site=lambda t: t.site.where(t.index > 3)), {}, DataError, "4 of 144 have nothing"),
        (sites().assign(site=lambda t: t.label + "!"), {}, DataError, "has one class and each class one domain"),
        (sites(), {"groups": "noise"}, ConfigError, "Leave one of them out"),
        (sites(), {"settings": {**FIXED, "generalise": "dfrr"}}, ConfigError, "Did you mean 'dfr'"),
        (sites(), {"domains": None, "settings": {**FIXED, "generalise": "dfr"}}, ConfigError, "no domains were named"),
    ],
)  # fmt: skip
def test_what_cannot_be_held_out_is_told(frame, more, error, says, tmp_path):
    with pytest.raises(error, match=says):
        headstart.fit(write_csv(tmp_path / "s.csv", frame), out=tmp_path / "run", **{**ASKED, **more})
    assert not (tmp_path / "run").exists()
