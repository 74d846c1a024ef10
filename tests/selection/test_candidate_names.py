"""Names of candidates, taken apart."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from headstart.core.errors import ConfigError
from headstart.selection.candidate_names import CandidateName, parse

KNOWN = {"lite", "odd:160", "a@b"}


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("lite", CandidateName("lite")),
        (" lite ", CandidateName("lite")),
        ("lite:160", CandidateName("lite", (160, 160))),
        ("lite:160x128", CandidateName("lite", (160, 128))),
        ("lite@blocks.4", CandidateName("lite", None, "blocks.4")),
        ("lite@4", CandidateName("lite", None, 4)),
        ("lite:160@blocks.4", CandidateName("lite", (160, 160), "blocks.4")),
        ("random(lite)", CandidateName("lite", is_random=True)),
        ("Random( lite:96@2 )", CandidateName("lite", (96, 96), 2, True)),
        ("timm/resnet18.a1_in1k", CandidateName("timm/resnet18.a1_in1k")),
        ("hf:google-bert/bert-base-uncased", CandidateName("hf:google-bert/bert-base-uncased")),
        (
            "hf:google-bert/bert-base-uncased@layer.3",
            CandidateName("hf:google-bert/bert-base-uncased", None, "layer.3"),
        ),
        ("odd:160", CandidateName("odd:160")),
        ("odd:160:96", CandidateName("odd:160", (96, 96))),
        ("a@b", CandidateName("a@b")),
        ("a@b@2", CandidateName("a@b", None, 2)),
    ],
)
def test_forms_of_names(text, expected):
    assert parse(text, KNOWN.__contains__) == expected


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("", "the name of the model is missing"),
        ("@4", "the name of the model is missing"),
        (":160", "the name of the model is missing"),
        ("lite@", "the stage after @ is missing"),
        ("lite:big", "'big' is no number of pixels"),
        ("lite:", "is no number of pixels"),
        ("random(lite", "a bracket is not closed"),
        ("random()", "the name of the model is missing"),
    ],
)
def test_a_wrong_name_is_told_why(text, said):
    with pytest.raises(ConfigError, match=said):
        parse(text, KNOWN.__contains__)


@given(
    st.sampled_from(["lite", "timm/x.y_1"]),
    st.none() | st.tuples(st.integers(1, 999), st.integers(1, 999)),
    st.none() | st.integers(0, 20) | st.sampled_from(["blocks.4", "layer3"]),
    st.booleans(),
)
def test_what_is_written_is_read_back(model, size, stage, is_random):
    name = CandidateName(model, size, stage, is_random)
    assert parse(str(name)) == name
