"""Examples of a dataset as an exported model takes them."""

from __future__ import annotations

import json
from types import SimpleNamespace

import pytest

from headstart.api.raw_examples import raw_example
from headstart.core.schema import InputSchema, PartSchema
from headstart.core.table import Table
from headstart.data.text_inputs import Pairs

BOTH = PartSchema(modality="text", columns=("answer", "key"))
EACH = tuple(PartSchema(modality="text", columns=(name,), paired=name == "answer") for name in BOTH.columns)


@pytest.mark.parametrize(
    ("parts", "expected"), [((BOTH,), ["a card", "a loan"]), (EACH, {"answer": "a card", "key": "a loan"})]
)
def test_a_pair_is_one_input_or_a_row_of_two_as_the_model_takes_it(parts, expected):
    part = SimpleNamespace(schema=BOTH, inputs=Pairs(["a card"], ["a loan"]))
    dataset = SimpleNamespace(parts=[part], table=Table({}))
    content, files = raw_example(dataset, 0, InputSchema(parts=parts))
    assert json.loads(content) == expected and files == {}
