"""The request of an update: what of the run stays, and what may be said beside it."""

from __future__ import annotations

import pytest

from headstart.core.errors import ConfigError
from headstart.request.fit_config import merge
from headstart.request.update_request import require_on_disk, update_request


@pytest.fixture
def run(tmp_path):
    request = merge(
        {
            "data": "d.csv",
            "seed": 3,
            "target": "y",
            "minutes": 2.0,
            "accept": ("small_classes",),
            "compare": ("lp_ft",),
        },
        settings={"method": {"name": "linear_probe", "weakest": 0.01}, "resplit": True},
    )
    folder = tmp_path / "run"
    folder.mkdir()
    (folder / "config.yaml").write_text(request.yaml())
    (folder / "report.html").write_text("")
    return folder


def asked(run, config=None, settings=(), **named):
    return update_request({"update": str(run), **named}, config=config, settings=settings)


def test_the_run_stays_but_for_what_would_be_spent_again(run):
    found = asked(run, add="new.csv", accept=("near_duplicates",), settings={"card.contact": "us"})
    assert (found.data, found.seed, found.target, found.update) == ("d.csv", 3, "y", str(run))
    assert found.method == {"name": "linear_probe", "weakest": 0.01}
    assert (found.minutes, found.compare, found.resplit) == (None, (), False)
    assert found.accept == ("small_classes", "near_duplicates") and found.card.contact == "us"
    assert [each.data for each in found.additions] == ["new.csv"] and found.add.upto is None


def test_what_it_was_updated_with_before_comes_first(run):
    first = asked(run, add={"data": "f.sqlite", "upto": 7})
    (run / "config.yaml").write_text(first.yaml())
    second = asked(run, add="newer.csv")
    assert [(each.data, each.upto) for each in second.additions] == [("f.sqlite", 7), ("newer.csv", None)]


def test_the_data_may_lie_elsewhere_now(run):
    assert asked(run, add="new.csv", data="moved.csv").data == "moved.csv"


@pytest.mark.parametrize(
    ("named", "said"),
    [
        ({}, "--add DATA"),
        ({"add": "n.csv", "config": "c.yaml"}, "--config"),
        ({"add": "n.csv", "seed": 1, "allow_bad": 0.1, "method": "knn"}, "--method, --seed"),
        ({"add": "n.csv", "settings": {"method.k": 3, "card.contact": "us"}}, "--set method.k"),
    ],
)
def test_what_does_not_go_together_is_said(named, said, run):
    with pytest.raises(ConfigError) as caught:
        asked(run, **named)
    assert said in str(caught.value) and "allow-bad" not in str(caught.value)


def test_a_run_that_is_not_finished_is_none(run):
    (run / "report.html").unlink()
    for place in (run, run / "nowhere"):
        with pytest.raises(ConfigError, match="finished run"):
            asked(place, add="n.csv")


def test_what_was_given_in_python_must_be_given_again(run):
    request = merge({"data": "<DataFrame of 3>", "update": str(run), "add": "n.csv"})
    with pytest.raises(ConfigError, match="<DataFrame of 3>"):
        require_on_disk(request, {})
    require_on_disk(request, {"data": "<DataFrame of 3>"})
    request = merge({"data": "d.csv", "added": [{"data": "<tuple of 2>"}], "update": str(run), "add": "n.csv"})
    with pytest.raises(ConfigError, match="<tuple of 2>"):
        require_on_disk(request, {})
