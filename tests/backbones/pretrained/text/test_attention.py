"""Who attends to whom, written out."""

from __future__ import annotations

import torch

from headstart.backbones.pretrained.text.attention import causal_terms, key_terms
from headstart.core.boundary import Boundary

LOWEST = torch.finfo(torch.float32).min


def test_every_position_attends_to_every_token():
    there = torch.tensor([[True, True, False]])
    assert key_terms(Boundary(torch.zeros(1, 3, 4), there)).tolist() == [[[[0.0, 0.0, LOWEST]]]]
    assert key_terms(Boundary(torch.zeros(1, 3, 4))).tolist() == [[[[0.0, 0.0, 0.0]]]]


def allowed(there, window=None):
    length = len(there)
    terms = causal_terms(Boundary(torch.zeros(1, length, 2), torch.tensor([there])), window)[0, 0]
    return [[key for key in range(length) if terms[query, key] == 0] for query in range(length)]


def test_a_position_attends_to_tokens_up_to_itself():
    assert allowed([True, True, True, True]) == [[0], [0, 1], [0, 1, 2], [0, 1, 2, 3]]


def test_padding_is_attended_to_by_itself_alone():
    assert allowed([True, True, False, False]) == [[0], [0, 1], [0, 1, 2], [0, 1, 3]]


def test_a_window_of_two_is_a_token_and_the_one_before():
    assert allowed([True, True, True, True], window=2) == [[0], [0, 1], [1, 2], [2, 3]]


def test_no_row_is_without_anything_to_attend_to():
    assert all(allowed([True, False, False, False], window=2))
