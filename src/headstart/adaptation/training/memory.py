"""Features and predictions of all target rows, remembered from when each was last seen."""

from __future__ import annotations

from typing import TYPE_CHECKING

from headstart.adaptation.training.source_free import SourceFree

if TYPE_CHECKING:
    from torch import Tensor


class Remembering(SourceFree):
    """Keeps directions of features and probabilities."""

    def kept(self, features: Tensor, probabilities: Tensor) -> dict[str, Tensor]:
        """``bank`` ``(m, D)`` of length 1, ``scores`` ``(m, K)``."""
        from torch.nn.functional import normalize

        return {"bank": normalize(features, dim=1), "scores": probabilities}

    def updated(self, rows: Tensor, features: Tensor, probabilities: Tensor) -> tuple[Tensor, Tensor]:
        """Bank and scores with what a batch says of its ``(B,)`` rows now; both are constants."""
        import torch
        from torch.nn.functional import normalize

        with torch.no_grad():
            bank = self.memory["bank"].index_copy(0, rows, normalize(features, dim=1))
            scores = self.memory["scores"].index_copy(0, rows, probabilities)
        self.memory = {"bank": bank, "scores": scores}
        return bank, scores
