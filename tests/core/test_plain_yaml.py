"""Words stay words."""

from __future__ import annotations

import pytest
import yaml
from hypothesis import given
from hypothesis import strategies as st

from headstart.core.plain_yaml import load

TEXT = st.text(st.characters(exclude_categories=("Cc", "Cs", "Zl", "Zp")))  # PyYAML folds line breaks of Unicode
PLAIN = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False) | TEXT,
    lambda inner: st.lists(inner) | st.dictionaries(TEXT, inner),
    max_leaves=6,
)


@pytest.mark.parametrize("word", ["yes", "Yes", "NO", "no", "on", "Off", "y", "N"])
def test_words_that_yaml_1_1_takes_for_booleans_are_words(word):
    assert load(word) == word
    assert load(f"{{{word}: {{{word}: 1}}}}") == {word: {word: 1}}


@pytest.mark.parametrize(("text", "value"), [("true", True), ("False", False), ("3", 3), ("1e-3", "1e-3"), ("~", None)])
def test_other_values_are_read_as_before(text, value):
    assert load(text) == value == yaml.safe_load(text)


@given(PLAIN)
def test_what_was_written_is_read(value):
    assert load(yaml.safe_dump(value, allow_unicode=True)) == value


def test_objects_are_refused():
    with pytest.raises(yaml.YAMLError):
        load("!!python/object/apply:os.getcwd []")
