"""Who competes, in what order, and who is left out for want of time or memory; nothing is computed here."""

from __future__ import annotations

import math
from types import SimpleNamespace

import numpy as np
import pytest

from backbones.helpers_backbones import small_card
from headstart.core.errors import DataError
from headstart.core.progress import Silent
from headstart.features.networks import ModelOptions, Network
from headstart.ranking import network_contest
from headstart.ranking.entrant_features import EntrantFeatures
from headstart.ranking.entrant_scores import Probed
from headstart.ranking.entrants import Entrant
from headstart.ranking.network_contest import Contest
from headstart.ranking.network_field import Field, Rival, field_of
from headstart.ranking.network_plan import with_comparison
from headstart.request.fit_config import FitConfig

ROWS = 3000
SPREAD = np.linspace(-0.05, 0.05, 50)  # of the losses of 50 rows around their mean: the same rows are hard for all


def rival(name, flops=0.8e9, size_mib=1.0):
    card = small_card().model_copy(update={"name": name, "flops": int(flops), "size_mib": size_mib})
    return Rival(ModelOptions(name=name), Network(card, None), Entrant(name, "pretrained", card))


@pytest.fixture
def held(monkeypatch):
    """A contest of networks with given losses; a loss of None is a failure, "memory" a lack of it."""
    clock = [0.0]
    monkeypatch.setattr(network_contest, "time", SimpleNamespace(monotonic=lambda: clock[0]))
    monkeypatch.setattr(network_contest, "pass_seconds", lambda card, inputs: card.flops / 0.8e9 * inputs / 300)
    monkeypatch.setattr(Contest, "_missing", lambda contest, one: ROWS)

    def hold(losses, *, limit=math.inf, slowness=1.0, **flops):
        def features(entrants, *_):
            for one in entrants:
                if losses[one.name] == "memory":
                    raise RuntimeError("out of memory")
            clock[0] += network_contest.SETTING_UP + slowness * 10 * entrants[0].card.flops / 0.8e9
            return [_features(one, losses[one.name]) for one in entrants]

        monkeypatch.setattr(network_contest, "network_features", features)
        monkeypatch.setattr(
            network_contest, "probed", lambda found, features, part: Probed(None, None, None, 0.5, features + SPREAD)
        )
        rivals = tuple(rival(name, flops.get(name, 0.8e9)) for name in losses)
        rows = np.arange(len(SPREAD))
        part = SimpleNamespace(
            is_error=False, task=SimpleNamespace(loss_name="log-loss"), train=range(ROWS),
            held=rows, groups=rows, seed=0,
        )  # fmt: skip
        contest = Contest(Field(rivals, True, limit), part, None, Silent(), 0.0)
        return contest, contest.run().rival.name

    return hold


def _features(one, loss):
    failure = "it does not run here" if loss is None else ""
    return EntrantFeatures(one, lambda: loss, failure=failure, computed=ROWS)


def why(contest):
    return {one.rival.name: one.why for one in contest.tried}


def test_the_smallest_loss_wins_and_of_equal_ones_the_first(held):
    assert held({"a": 0.5, "b": 0.3, "c": 0.4})[1] == "b"
    assert held({"a": 0.3, "b": 0.3})[1] == "a"
    assert held({"a": math.nan, "b": 0.3})[1] == "b"


def test_what_fails_or_lacks_memory_is_left_out_with_its_reason(held):
    contest, best = held({"a": None, "b": "memory", "c": 0.4})
    assert best == "c" and why(contest)["c"] == "it is the only one that was tried"
    assert why(contest)["a"] == "it failed: it does not run here"
    assert why(contest)["b"] == "it failed: it does not fit memory"
    with pytest.raises(DataError, match="at least one network must give features; a does not"):
        held({"a": None, "b": None})


def test_what_would_take_longer_than_is_left_is_not_tried_and_smaller_ones_are(held):
    """Each takes 2 s and 10 s for 0.8 GFLOPs; of 30 s the first leaves 18, which 40 s are too much for."""
    contest, best = held({"a": 0.5, "b": 0.1, "c": 0.4}, limit=30, b=4 * 0.8e9)
    assert best == "c"
    assert (
        "too slow for the minutes: it would take about 42 s" in why(contest)["b"]
        and "18 s were left" in why(contest)["b"]
    )


def test_the_first_is_tried_however_short_the_time_and_what_it_took_is_learned_from(held):
    contest, best = held({"a": 0.5, "b": 0.1}, limit=1)
    assert best == "a" and "too slow" in why(contest)["b"]
    contest, best = held({"a": 0.5, "b": 0.1}, limit=50, slowness=3.0)  # 32 s each: b was guessed at 12 s
    assert best == "a" and "about 32 s" in why(contest)["b"]


def test_weights_that_do_not_fit_memory_are_not_loaded(held, monkeypatch):
    monkeypatch.setattr(network_contest, "free_memory_mib", lambda: 3.0)
    with pytest.raises(DataError, match="it does not fit memory: it needs about 4 MiB, and 3 MiB are free"):
        held({"a": 0.5})


def test_another_error_is_not_hidden(held, monkeypatch):
    with pytest.raises(RuntimeError, match="a bug"):
        contest, _ = held({"a": 0.5})
        monkeypatch.setattr(network_contest, "network_features", _raise)
        contest.run()


def _raise(*_):
    raise RuntimeError("a bug")


@pytest.fixture
def installed(monkeypatch):
    """Three networks for pictures are here, one is not."""
    from headstart.backbones import catalogue

    wanted = ("efficientnet_lite2", "efficientnet_lite1", "efficientnet_lite0", "timm/resnet18.a1_in1k")
    cards = [card for card in catalogue.cards() if card.name in wanted]
    monkeypatch.setattr(catalogue, "cards", lambda: cards)
    monkeypatch.setattr(catalogue, "is_installed", lambda card: not card.name.startswith("timm/"))


def pictures():
    schema = SimpleNamespace(parts=[SimpleNamespace(modality="image")])
    return SimpleNamespace(
        parts=[SimpleNamespace(modality="image")], table=SimpleNamespace(columns=()), schema=schema,
        split=np.array([""] * 100),
    )  # fmt: skip


@pytest.mark.usefixtures("installed")
def test_with_minutes_what_is_installed_competes_the_default_first_then_by_cost():
    found = field_of([ModelOptions()], pictures(), FitConfig(data="d", minutes=2))
    assert [each.name for each in found.rivals] == ["efficientnet_lite0", "efficientnet_lite1", "efficientnet_lite2"]
    assert found.limit == 30 and not found.is_named  # a quarter of 120 s


@pytest.mark.usefixtures("installed")
def test_without_minutes_or_with_a_name_nothing_competes():
    assert field_of([ModelOptions()], pictures(), FitConfig(data="d")) is None
    named = ModelOptions(name="efficientnet_lite1")
    assert field_of([named], pictures(), FitConfig(data="d", minutes=2)) is None
    assert field_of([ModelOptions(stage=3)], pictures(), FitConfig(data="d", minutes=2)) is None


def test_one_installed_network_competes_with_nobody(monkeypatch):
    from headstart.backbones import catalogue

    monkeypatch.setattr(catalogue, "is_installed", lambda card: card.name == "efficientnet_lite0")
    assert field_of([ModelOptions()], pictures(), FitConfig(data="d", minutes=2)) is None


def test_the_plan_says_who_will_hardly_be_tried():
    class Data(SimpleNamespace):
        def __len__(self):
            return 1000

    data = Data(split=np.array(["train"] * 800 + ["test"] * 200))
    document = {"notes": ["n"], "steps": [{"name": "features", "what": "", "count": 1000, "seconds": 10.0},
                                          {"name": "train", "what": "", "count": 1000, "seconds": 100.0}]}  # fmt: skip
    field = Field((rival("small"), rival("huge", 1e12)), False, 40.0)
    found = with_comparison(document, field, data)
    networks, features, train = found["steps"]
    assert networks["name"] == "networks" and networks["count"] == 800 and "huge" not in networks["what"]
    assert features["count"] == 200 and features["seconds"] == 2.0
    assert train["seconds"] == round(100 - networks["seconds"], 2)
    assert found["networks"]["compared"] == ["small", "huge"] and found["networks"]["limit_seconds"] == 40.0
    assert any("huge (about" in said and "will hardly be tried" in said for said in found["notes"])
