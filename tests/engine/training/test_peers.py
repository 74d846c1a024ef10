"""Two processes train as one does."""

from __future__ import annotations

import socket
import subprocess
import sys
from pathlib import Path

import numpy as np
import torch
from safetensors.torch import load_file

from engine.training.helpers_training import tensors_of, trainer_of
from headstart.core.training import Batch
from headstart.engine.training.peers import Peers, joined_peers

PROGRAM = """
import os, sys
sys.path.insert(0, sys.argv[1])
import torch
torch.set_num_threads(1)
from safetensors.torch import save_file
from engine.training.helpers_training import tensors_of, trainer_of
from headstart.engine.training.peers import joined_peers
peers = joined_peers()
found = trainer_of(peers=peers, views=2, batch_size=5).run()
tensors = {name: value.contiguous() for name, value in tensors_of(found.backbone).items()}
save_file(tensors, sys.argv[2] + f"/{peers.rank}.safetensors")
torch.distributed.destroy_process_group()
"""


def free_port() -> int:
    with socket.socket() as found:
        found.bind(("127.0.0.1", 0))
        return int(found.getsockname()[1])


def test_two_processes_give_the_weights_of_one(tmp_path):
    tests = str(Path(__file__).parents[2])
    command = [
        *(sys.executable, "-m", "torch.distributed.run", "--nproc-per-node", "2", "--master-port", str(free_port())),
        *(str(tmp_path / "program.py"), tests, str(tmp_path)),
    ]
    (tmp_path / "program.py").write_text(PROGRAM)
    subprocess.run(command, check=True, timeout=240, capture_output=True)
    alone = tensors_of(trainer_of(views=2, batch_size=5).run().backbone)
    ranks = [load_file(tmp_path / f"{rank}.safetensors") for rank in (0, 1)]
    for name, value in alone.items():
        assert torch.equal(ranks[0][name], ranks[1][name])
        torch.testing.assert_close(ranks[0][name], value, rtol=1e-3, atol=1e-5)


def test_rows_are_shared_out_and_none_is_lost():
    batch = Batch(torch.arange(5.0), 1, torch.arange(5), torch.ones(5), np.arange(5))
    parts = [Peers(rank, 2).share(batch) for rank in (0, 1)]
    assert [part.values.tolist() for part, _ in parts] == [[0, 2, 4], [1, 3]]
    assert [share for _, share in parts] == [0.6, 0.4]
    single = Batch(torch.arange(1.0), 1, torch.arange(1), None, np.arange(1))
    part, share = Peers(1, 2).share(single)
    assert share == 0.0 and len(part.rows) == 1


def test_without_other_processes_nothing_is_joined(monkeypatch):
    monkeypatch.delenv("WORLD_SIZE", raising=False)
    assert joined_peers() == Peers(0, 1)
