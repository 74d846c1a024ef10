"""Models recorded by ``torch.export``: they run with PyTorch alone, for any number and size of inputs."""

from __future__ import annotations

import numpy as np
import pytest
import torch

from bundle.helpers_bundle import write_small
from exporting.helpers_models import write_columns, write_terms
from headstart.core.schema import PartSchema
from headstart.exporting import writing
from headstart.exporting.exportable import exportable
from headstart.exporting.torch_program import whole_program
from shared_run import files_below


@pytest.mark.slow
def test_pictures_of_any_size_get_the_answers_of_the_run(tmp_path):
    written = writing.write(write_small(tmp_path / "bundle"), "torch_export", tmp_path / "export")
    assert files_below(written.path) == {"model.pt2", "model.json", "reader.py", "README.md", "gate.json"}
    for which in ("alone", "batch"):
        assert written.gate[which]["largest_difference"] <= 0.02 and written.gate[which]["changed_decisions"] == 0


def test_rows_and_words_are_recorded_for_any_number_of_them(tmp_path):
    shipped = write_columns(
        tmp_path / "bundle", ["columns", "raw_columns"], "blend", trees={"rounds": 4, "leaves": (4,)}
    )
    module = whole_program(exportable(shipped)).module()
    rows = torch.from_numpy(np.random.default_rng(0).normal(size=(5, 11)))
    rows[:, 3:] = rows[:, 3:].abs().round().clamp(0, 2)
    together = module(rows)[0]
    assert together.shape == (5, 3)
    torch.testing.assert_close(together.sum(1), torch.ones(5))
    for row in range(5):
        torch.testing.assert_close(module(rows[row : row + 1])[0], together[row : row + 1])

    module = whole_program(exportable(write_terms(tmp_path / "terms", PartSchema(modality="text")))).module()
    for number, length in ((1, 64), (3, 128)):
        assert module(torch.full((number, length, 2), -1, dtype=torch.int32))[0].shape == (number, 3)
