"""Losses of texts: hidden tokens, contrast; answers in-band."""

from __future__ import annotations

import math

import numpy as np
import pytest
import torch

from headstart.adaptation.training.contrast import contrast_loss
from headstart.adaptation.training.filling import MOST_LOGITS, filling_loss, thinned, token_head, token_logits
from headstart.adaptation.training.masked_feed import AnsweredFeed, parted_answers
from headstart.core.preprocessing.text import PAD


def test_filling_by_hand():
    # logits 0 and log 3: the second token has 3 of 4
    logits = torch.tensor([[0.0, math.log(3)], [0.0, math.log(3)]])
    assert filling_loss(logits, torch.tensor([1, 0])).item() == pytest.approx((math.log(4 / 3) + math.log(4)) / 2)
    nothing = torch.zeros((0, 2), requires_grad=True)
    assert filling_loss(nothing, torch.zeros(0, dtype=torch.int64)).item() == 0


def test_the_head_reads_the_table_that_it_is_given():
    head = token_head(4, 6, 10)
    states, table = torch.randn(3, 4), torch.randn(10, 6)
    dense, _, norm = head["fill"]
    head["fill_bias"][0].data = torch.randn(10)
    inner = norm(torch.nn.functional.gelu(states @ dense.weight.T + dense.bias))
    expected = inner @ table.T + head["fill_bias"][0]
    assert torch.allclose(token_logits(head, states, table), expected, atol=1e-6)
    assert sum(value.numel() for part in head.values() for value in part.parameters()) == 4 * 6 + 6 + 6 + 6 + 10


def test_of_too_many_hidden_tokens_an_even_part_is_asked_for():
    states, answers = torch.arange(10.0)[:, None], torch.arange(10)
    assert thinned(states, answers, 100)[1].tolist() == [*range(10)]
    # 10 times half of what fits: five times too many
    some, asked = thinned(states, answers, MOST_LOGITS // 2)
    assert asked.tolist() == [0, 5] and some[:, 0].tolist() == [0, 5]
    assert len(thinned(states[:0], answers[:0], 100)[1]) == 0


def test_contrast_by_hand_and_at_its_edges():
    # cosines 1 with the own look and 0 with the other one, at a temperature of 1: log(1 + e^-1)
    looks = torch.tensor([[2.0, 0.0], [0.0, 5.0]])
    assert contrast_loss(looks, looks * 3, 1.0).item() == pytest.approx(math.log(1 + math.exp(-1)))
    assert contrast_loss(torch.ones(4, 3), torch.ones(4, 3)).item() == pytest.approx(math.log(4))
    assert contrast_loss(torch.ones(1, 3), torch.ones(1, 3)).item() == pytest.approx(0)
    assert contrast_loss(looks, looks.flip(0)).item() > contrast_loss(looks, looks).item()


class Feed:
    """Values ``(B, 3, 2)``; answers of two positions, as of a view that is padded less."""

    def __init__(self):
        self.asked = []

    def ensure(self, stage, view, rows):
        self.asked.append((stage, view))

    def read(self, stage, view, rows):
        if stage:
            return torch.full((len(rows), 3, 2), float(view))
        answers = torch.full((len(rows), 2, 2), PAD, dtype=torch.int32)
        answers[:, 1, 0] = torch.as_tensor(rows) + 250_000 * (view < 0)
        return answers


def test_answers_stand_behind_the_channels_and_come_apart_again():
    feed = AnsweredFeed.__new__(AnsweredFeed)
    feed.feed, feed.answers = Feed(), Feed()
    values, answers = parted_answers(feed.read(2, 4, np.array([5, 6])))
    assert torch.equal(values, torch.full((2, 3, 2), 4.0))
    assert answers.tolist() == [[PAD, 250_005, PAD], [PAD, 250_006, PAD]]  # exact in float32
    assert torch.equal(feed.read(2, 0, np.array([5])), torch.zeros((1, 3, 2)))  # the text as it is has none
    feed.ensure(2, 4, np.array([5]))
    assert feed.feed.asked == [(2, 4)]
