"""From tokens to features, by hand."""

from __future__ import annotations

import pytest
import torch

from headstart.backbones.pretrained.text.options import TextOptions
from headstart.backbones.pretrained.text.pooling import Pool, pooled

TOKENS = torch.tensor([[[1.0, 8.0], [3.0, 2.0], [100.0, 100.0]], [[5.0, 6.0], [7.0, 0.0], [9.0, 3.0]]])
THERE = torch.tensor([[True, True, False], [True, True, True]])


@pytest.mark.parametrize(
    ("pooling", "expected"),
    [
        ("mean", [[2.0, 5.0], [7.0, 3.0]]),  # (1 + 3) / 2, (8 + 2) / 2; the third token of the first text is padding
        ("cls", [[1.0, 8.0], [5.0, 6.0]]),
        ("last", [[3.0, 2.0], [9.0, 3.0]]),
        ("max", [[3.0, 8.0], [9.0, 6.0]]),
    ],
)
def test_two_texts_by_hand(pooling, expected):
    assert pooled(TOKENS, THERE, pooling).tolist() == expected


@pytest.mark.parametrize("pooling", ["mean", "cls", "last", "max"])
def test_what_stands_in_padding_changes_nothing_not_even_infinity(pooling):
    changed = TOKENS.clone()
    changed[0, 2] = float("inf")
    assert torch.equal(pooled(changed, THERE, pooling), pooled(TOKENS, THERE, pooling))


@pytest.mark.parametrize("pooling", ["mean", "cls", "last"])
def test_a_text_without_tokens_has_finite_features(pooling):
    assert pooled(TOKENS[:1], torch.zeros(1, 3, dtype=torch.bool), pooling).isfinite().all()


def test_a_linear_layer_its_activation_and_scaling_come_after_the_pooling():
    pool = Pool(TextOptions(config={}, pooling="mean", normalised=True, dense=({"inputs": 2, "outputs": 1},)))
    with torch.no_grad():
        pool.dense[0].weight.copy_(torch.tensor([[0.5, -0.1]]))
        pool.dense[0].bias.zero_()
        assert pool(TOKENS, THERE).tolist() == [[1.0], [1.0]]  # tanh(0.5), tanh(3.2): of length 1 after scaling
        pool.normalised = False
        assert pool(TOKENS, THERE)[:, 0].tolist() == pytest.approx([0.46211716, 0.99668240])
