import pytest

from headstart.core.errors import ConfigError, DataError, IntegrityError
from headstart.request.fit_config import FitConfig, merge, parse_settings


def test_defaults_are_below_config_below_named_options_below_set(tmp_path):
    file = tmp_path / "c.yaml"
    file.write_text("data: photos\nseed: 1\nthreads: 1\nbalance: none\n")
    merged = merge({"seed": 2, "threads": 2, "test": None}, config=file, settings=["threads=3"])
    assert (merged.data, merged.balance, merged.seed, merged.threads, merged.device) == ("photos", "none", 2, 3, "auto")


def test_a_name_alone_is_short_for_a_mapping_with_a_name(tmp_path):
    file = tmp_path / "c.yaml"
    file.write_text("data: photos\nmodel: small\n")
    merged = merge({"method": "linear_probe"}, config=file, settings=["model.resize=pad", "method.folds=3"])
    assert merged.model == {"name": "small", "resize": "pad"}
    assert merged.method == {"name": "linear_probe", "folds": 3}


def test_the_same_key_twice_is_refused():
    with pytest.raises(ConfigError, match="'seed' was set twice"):
        parse_settings(["seed=1", "seed=2"])


@pytest.mark.parametrize("text", ["seed", "=3", "seed 3"])
def test_a_setting_without_key_and_value_is_refused(text):
    with pytest.raises(ConfigError, match="--set takes key=value"):
        parse_settings([text])


@pytest.mark.parametrize("key", ["data.name=1", "model.a.b=1"])
def test_only_named_parts_have_dotted_keys(key):
    with pytest.raises(ConfigError, match="a dotted key must begin with"):
        merge({"data": "photos"}, settings=[key])


def test_all_problems_are_told_at_once_with_the_near_key():
    with pytest.raises(ConfigError) as caught:
        merge({"data": "photos", "allow_bad": 2}, settings=["sead=3"])
    assert "allow_bad" in str(caught.value) and "Did you mean 'seed'?" in str(caught.value)


def test_what_is_written_is_read_back_the_same(tmp_path):
    config = merge({"data": "Fotos/ü", "slices": ("age",), "seed": 7}, settings=["model.resize=pad"])
    (tmp_path / "c.yaml").write_text(config.yaml(), encoding="utf-8")
    assert merge({}, config=tmp_path / "c.yaml") == config


def test_a_newer_config_and_an_unreadable_one_are_refused(tmp_path):
    file = tmp_path / "c.yaml"
    file.write_text("schema: 99\ndata: x\n")
    with pytest.raises(IntegrityError, match="schema 1 or older"):
        merge({}, config=file)
    file.write_text("a: [")
    with pytest.raises(ConfigError, match="readable YAML"):
        merge({}, config=file)
    file.write_text("- 1")
    with pytest.raises(ConfigError, match="YAML mapping"):
        merge({}, config=file)


def test_a_fit_without_data_says_what_to_give():
    with pytest.raises(DataError, match="fit needs data"):
        merge({})


def test_every_field_is_described():
    assert all(field.description for field in FitConfig.model_fields.values())
