"""What a process must settle before PyTorch is imported, since its libraries read it once."""

from __future__ import annotations

import os
import sys

from headstart.runtimes.allocator import set_allocator

# Turns of a waiting loop before an OpenMP thread sleeps: some 50 microseconds, what libgomp itself takes when it knows
# of more threads than processors. Its default otherwise, some 15 ms, makes threads that share their processor with
# anything (our decoders, another program) burn it while the one they wait for cannot run: on two busy processors a
# forward pass of 8 pictures took 2.1 s instead of 0.2 s.
SPIN_COUNT = 1000
DECIDED_BY_USER = ("GOMP_SPINCOUNT", "OMP_WAIT_POLICY")


def settle_process() -> None:
    """Set the allocator, and let waiting threads sleep; what the user set in the environment stays."""
    set_allocator()
    limit_spinning()


def limit_spinning() -> bool:
    """Let OpenMP threads sleep soon when they wait; child processes inherit it.

    Returns:
        Whether it was set: False when PyTorch is imported already, and where the user decided.
    """
    if "torch" in sys.modules or any(name in os.environ for name in DECIDED_BY_USER):
        return False
    os.environ["GOMP_SPINCOUNT"] = str(SPIN_COUNT)
    return True
