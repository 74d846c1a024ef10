"""Random weights from a seed, without touching anybody else's randomness."""

from __future__ import annotations

import contextlib
from collections.abc import Iterator

import torch


@contextlib.contextmanager
def seeded(seed: int) -> Iterator[None]:
    """Seed torch's generator on the CPU, which initialisers draw from, and that one alone; then put its state back."""
    state = torch.get_rng_state()
    torch.default_generator.manual_seed(seed)  # torch.manual_seed would also reseed every accelerator
    try:
        yield
    finally:
        torch.set_rng_state(state)
