"""Training examples that travel in a bundle where whoever fitted it asked for that: excerpts, targets and features.

They show people what the model learned from that is like their input. Nobody else gets them: a bundle holds none unless
the fit says ``include_examples``, since features can be turned back into something like the inputs.
"""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Self

import numpy as np
from numpy.typing import NDArray

from headstart.core.pairs import Matrix

MOST = 200  # examples
MOST_NUMBERS = 1 << 20  # of features: 4 MiB
SHOWN, DENSE, SPARSE = "shown", "features", ("data", "indices", "indptr", "shape")


@dataclass(frozen=True)
class KeptExamples:
    """N training examples.

    Attributes:
        features: ``(N, D)`` of the model that ships, finite.
        targets: N, as users wrote them.
        excerpts: N, see ``data.excerpt``: "thumbnail" (a small picture as a data URL), "text", "caption".
    """

    features: Matrix
    targets: Sequence[str]
    excerpts: Sequence[dict[str, Any]]

    def __len__(self) -> int:
        return len(self.targets)

    def write(self, path: Path) -> None:
        """As one safetensors file; excerpts are JSON in it."""
        from safetensors.numpy import save

        shown = [{"target": target, **excerpt} for target, excerpt in zip(self.targets, self.excerpts, strict=True)]
        arrays: dict[str, NDArray[Any]] = {SHOWN: np.frombuffer(json.dumps(shown).encode(), np.uint8)}
        if isinstance(self.features, np.ndarray):
            arrays[DENSE] = finite(self.features)
        else:
            rows = self.features.tocsr()
            parts = (rows.data.astype(np.float32), rows.indices, rows.indptr, np.array(rows.shape))
            arrays |= dict(zip(SPARSE, parts, strict=True))
        path.write_bytes(save(arrays))

    @classmethod
    def read(cls, path: Path) -> Self:
        """What :meth:`write` wrote."""
        from safetensors.numpy import load_file

        arrays = load_file(path)
        shown = json.loads(arrays[SHOWN].tobytes())
        features: Any
        if DENSE in arrays:
            features = arrays[DENSE]
        else:
            from scipy.sparse import csr_array

            data, indices, indptr, shape = (arrays[name] for name in SPARSE)
            features = csr_array((data, indices, indptr), shape=tuple(shape))
        return cls(features, [each.pop("target") for each in shown], shown)


def finite(features: NDArray[Any]) -> NDArray[np.float32]:
    """``(N, D)`` with 0 for what is missing, as trees have it."""
    return np.nan_to_num(np.asarray(features, np.float32))


def most_of_width(width: int) -> int:
    """How many examples with dense features of this width are kept."""
    return max(1, min(MOST, MOST_NUMBERS // max(width, 1)))
