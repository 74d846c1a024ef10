"""Filters: what they say, what they mean, and what a wrong one is told."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from headstart.core.errors import ConfigError
from headstart.selection.where import FIELDS, UNITS, parse

LITE = {
    "name": "efficientnet_lite0", "family": "efficientnet", "parameters": 3_371_008, "flops": 767_815_104,
    "size_mib": 13.0, "licence": "Apache-2.0", "modality": "image", "feature_dim": 1280, "installed": True,
}  # fmt: skip
UNKNOWN = {**LITE, "flops": None, "licence": None, "installed": False}


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("parameters < 10M and licence = apache-2.0", True),
        ("parameters<10m AND licence==APACHE-2.0", True),
        ("parameters < 3.371008M", False),
        ("parameters <= 3371008", True),
        ("flops > 0.5G", True),
        ("flops < 0.5B", False),
        ("size_mib >= 1.3e1", True),
        ("feature_dim != 1280", False),
        ("name ~ lite and not name ~ lite1", True),
        ("name = 'efficientnet_lite0'", True),
        ('licence = "apache-2.0"', True),
        ("family = resnet or family = efficientnet", True),
        ("installed", True),
        ("not installed", False),
        ("installed = no or installed != yes", False),
        ("not (installed and modality = image)", False),
        ("((parameters < 1K or (flops > 1)))", True),
    ],
)
def test_what_filters_mean(text, expected):
    assert parse(text).matches(LITE) is expected


def test_and_binds_closer_than_or_and_not_closer_than_and():
    assert parse("installed or installed and parameters < 1").matches(LITE)
    assert not parse("(installed or installed) and parameters < 1").matches(LITE)
    assert not parse("not installed and parameters < 1").matches(LITE)


def test_what_is_not_known_is_neither_equal_nor_below_nor_above():
    for text in ("flops < 1G", "flops >= 0", "flops = 1", "licence = mit", "licence ~ a"):
        assert not parse(text).matches(UNKNOWN), text
    assert parse("licence != mit").matches(UNKNOWN)


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("", "its end"),
        ("paramters < 10M", "Did you mean 'parameters'"),
        ("license = mit", "Did you mean 'licence'"),
        ("parameters", "parameters needs one of"),
        ("parameters <", "a value must follow parameters <"),
        ("parameters < big", "'big' .character 14."),
        ("parameters < 10X", "'10X'"),
        ("parameters ~ 10", "parameters is a number"),
        ("name < b", "name is a text"),
        ("installed = perhaps", "installed is yes or no"),
        ("(installed", r"the bracket '\(' .character 1. is not closed"),
        ("installed)", r"before '\)'"),
        ("installed installed", '"and" or "or" must come before'),
        ("installed and", "a field must come where there is its end"),
        ("and installed", "a field must come where there is 'and'"),
        ("10M > parameters", "a field of a model"),
        ('name = "open', "cannot be read"),
        ("< 3", "a field must come"),
        ("not " * 5000 + "installed", "inside each other"),
        ("(" * 5000 + "installed" + ")" * 5000, "inside each other"),
    ],
)
def test_a_wrong_filter_is_told_where(text, said):
    with pytest.raises(ConfigError, match=said):
        parse(text)


NUMBERS = [name for name, kind in FIELDS.items() if kind == "number"]
TEXTS = [name for name, kind in FIELDS.items() if kind == "text"]
WORDS = st.text("abcxyz019-_./", min_size=1, max_size=5)
FACTS = st.fixed_dictionaries(
    {
        **{name: st.none() | st.integers(0, 10**6) for name in NUMBERS},
        **{name: st.none() | WORDS for name in TEXTS},
        "installed": st.booleans(),
    }
)


def _number(field, operator, count, unit):
    value = count * UNITS[unit.lower()]
    meaning = {
        "<": lambda fact: fact is not None and fact < value,
        "<=": lambda fact: fact is not None and fact <= value,
        ">": lambda fact: fact is not None and fact > value,
        ">=": lambda fact: fact is not None and fact >= value,
        "=": lambda fact: fact is not None and fact == value,
        "!=": lambda fact: fact is None or fact != value,
    }[operator]
    return f"{field} {operator} {count}{unit}", lambda facts: meaning(facts[field])


def _text(field, operator, word):
    meaning = {
        "=": lambda fact: fact is not None and fact == word,
        "!=": lambda fact: fact is None or fact != word,
        "~": lambda fact: fact is not None and word in fact,
    }[operator]
    return f"{field}{operator}'{word}'", lambda facts: meaning(facts[field])


LEAVES = st.one_of(
    st.builds(
        _number,
        st.sampled_from(NUMBERS),
        st.sampled_from(["<", "<=", ">", ">=", "=", "!="]),
        st.integers(0, 999),
        st.sampled_from(["", "k", "K"]),
    ),
    st.builds(_text, st.sampled_from(TEXTS), st.sampled_from(["=", "!=", "~"]), WORDS),
    st.just(("installed", lambda facts: facts["installed"])),
)


def _joined(inner):
    def both(a, b):
        return f"({a[0]}) and ({b[0]})", lambda facts: a[1](facts) and b[1](facts)

    def either(a, b):
        return f"(({a[0]}) or {b[0]})", lambda facts: a[1](facts) or b[1](facts)

    def none(a):
        return f"NOT ({a[0]})", lambda facts: not a[1](facts)

    return st.one_of(st.builds(both, inner, inner), st.builds(either, inner, inner), st.builds(none, inner))


@given(st.recursive(LEAVES, _joined, max_leaves=8), FACTS)
def test_a_filter_means_what_its_parts_mean(filter_and_meaning, facts):
    text, meaning = filter_and_meaning
    assert parse(text).matches(facts) == meaning(facts)


@given(st.text("parmetsinldo<>=!~()'\" 019KMand", max_size=40))
def test_any_text_is_a_filter_or_one_sentence(text):
    try:
        condition = parse(text)
    except ConfigError as error:
        assert "--where" in str(error) and "\n" not in str(error)
    else:
        assert condition.matches(LITE) in (True, False)
