"""A run whose own data come from several domains, adapted: what names them, what is said of them, what is refused."""

import numpy as np
import pytest
from PIL import ImageEnhance

import headstart
from cli.helpers_cli import headstart_command
from headstart.core.errors import ConfigError, DataError
from helpers import COLOURS, photo

__all__ = ["headstart_command"]


@pytest.fixture(scope="module")
def flat(tmp_path_factory):
    """Twelve darker pictures of each colour."""
    folder, rng = tmp_path_factory.mktemp("flat"), np.random.default_rng(7)
    for name, colour in COLOURS.items():
        for number in range(12):
            ImageEnhance.Brightness(photo(colour, rng)).enhance(0.6).save(folder / f"{name}{number}.png")
    return folder


def test_source_domains_are_named_by_a_column_and_each_gets_a_distance_and_a_weight(flat, warm, tmp_path):
    given = {"method": "standardisation_by_domain", "out": tmp_path / "out"}
    found = headstart.adapt(warm.run.path, flat, sources="place", **given)
    section = found.evidence["adaptation"]
    rows = section["sources"]
    assert [each["name"] for each in rows] == ["a", "b"] and section["method"] == "standardisation_by_domain"
    assert sum(each["n"] for each in rows) == 60 - warm.run.evidence["n"]["test"]
    assert sum(each["mixture"] for each in rows) == pytest.approx(1, abs=1e-3)
    assert sum(each["weight"] * each["n"] for each in rows) == pytest.approx(sum(each["n"] for each in rows), rel=1e-2)
    assert all(each["distance"] > 0 and each["alone"] and each["classes"] == 3 for each in rows)
    assert section["methods"][1]["report"] == {"domains_moved_alone": 2}
    assert section["gain"] is not None and headstart.predict(found.path, flat).rows


def test_numbers_name_domains_as_they_are_written(flat, warm):
    found = headstart.adapt(warm.run.path, flat, sources="person", method="nearest_domains")
    rows = found.evidence["adaptation"]["sources"]
    assert len(rows) > 12 and all(each["name"].isdigit() for each in rows)  # not ranges
    assert not any(each["alone"] for each in rows if each["n"] < 10)


def test_without_sources_their_adapters_are_not_tried(flat, warm):
    with pytest.raises(DataError, match="several source domains, named by a column with --sources"):
        headstart.adapt(warm.run.path, flat, method="coral_by_domain")


def test_a_column_that_names_no_domains_is_refused(flat, warm, tmp_path):
    with pytest.raises(ConfigError, match=r"sources must be one of \['person', 'place'\]; got 'plce'"):
        headstart.adapt(warm.run.path, flat, sources="plce", method="coral_by_domain")
    with pytest.raises(ConfigError, match="--sources names a column of the data that the run learned from"):
        headstart.adapt(warm.run.bundle, flat, sources="place", method="class_means")


def test_the_command_says_how_near_each_source_is(flat, warm, headstart_command):
    done = headstart_command("adapt", warm.run.path, "--to", flat, "--sources", "place", "--method", "nearest_domains")
    assert done.code == 0 and "Source a: " in done.out and ", distance 0." in done.out and ", weight " in done.out
