"""Filling in hidden tokens: the head that says which token it was, and its loss.

Devlin, Chang, Lee & Toutanova, NAACL 2019, arXiv:1810.04805. The last layer is the table of the tokens' embeddings
itself (Press & Wolf, EACL 2017, arXiv:1608.05859), so that little is new in it.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

MOST_LOGITS = 1 << 27  # 512 MiB in float32; with their gradients a few times that

if TYPE_CHECKING:
    from torch import Tensor, nn


def token_head(width: int, embedded: int, tokens: int) -> dict[str, nn.Module]:
    """Networks from hidden states ``(M, C)`` to logits of tokens ``(M, V)``, see :func:`token_logits`.

    Args:
        width: C.
        embedded: E, the width of the network's table of tokens.
        tokens: V.
    """
    import torch
    from torch import nn

    return {
        "fill": nn.Sequential(nn.Linear(width, embedded), nn.GELU(), nn.LayerNorm(embedded)),
        "fill_bias": nn.ParameterList([torch.zeros(tokens)]),
    }


def token_logits(head: Mapping[str, Any], states: Tensor, table: Tensor) -> Tensor:
    """``(M, V)`` of states ``(M, C)``; the table ``(V, E)`` is that of the network, not the head's own."""
    from torch.nn import functional

    logits: Tensor = functional.linear(head["fill"](states), table, head["fill_bias"][0])
    return logits


def thinned(states: Tensor, answers: Tensor, tokens: int) -> tuple[Tensor, Tensor]:
    """Evenly spread ones of M hidden states and answers: as many as have MOST_LOGITS logits of ``tokens`` each.

    A batch of long texts under a vocabulary of 250,000 would need gigabytes for one step.
    """
    step = -(-len(answers) * tokens // MOST_LOGITS) or 1
    return states[::step], answers[::step]


def filling_loss(logits: Tensor, answers: Tensor) -> Tensor:
    """Mean negative log-likelihood of hidden tokens, a scalar in nats.

    Args:
        logits: ``(M, V)``.
        answers: ``(M,)`` int64; none: the loss is 0.
    """
    from torch.nn import functional

    if not len(answers):
        return logits.sum() * 0
    return functional.cross_entropy(logits, answers)
