"""What texts of a run use of a vocabulary, kept by fold, and heads judged on texts whose own words are not known."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from headstart.compression.own_vocabulary import Numbers, reading_only
from headstart.core.errors import ConfigError, IntegrityError
from headstart.core.files import sha256_file
from headstart.core.learning import NEVER_HELD_OUT

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from headstart.backbones.pretrained.backbone import Backbone
    from headstart.compression.judging import Bench
    from headstart.core.learning import Solution
    from headstart.data.dataset import Dataset

FILE, KEPT = "vocabulary.safetensors", "kept"


@dataclass(frozen=True)
class OwnVocabulary:
    """What the run's texts, and those without labels, use of a network's vocabulary.

    Attributes:
        kept: ``(V',)`` numbers of its tokens, ascending; characters and special tokens are among them.
        of_others: By fold, those that the texts outside it use: what its texts are judged with.
        tokens: V, of the network as it is.
        n: Texts that are held out.
        lost: How many of them have a token that no text outside their fold has.
    """

    kept: Numbers
    of_others: dict[int, Numbers]
    tokens: int
    n: int
    lost: int

    def told(self) -> dict[str, Any]:
        """JSON."""
        return {"tokens": len(self.kept), "of": self.tokens, "n": self.n, "lost": self.lost}

    def write(self, folder: Path) -> dict[str, str]:
        """Beside the graphs, for a pick; ``file`` within the folder and its ``sha256``."""
        from safetensors.numpy import save

        from headstart.core.files import write_bytes

        folds = {str(fold): numbers for fold, numbers in self.of_others.items()}
        write_bytes(folder / FILE, save({KEPT: self.kept, **folds}))
        return {"file": FILE, "sha256": sha256_file(folder / FILE)}

    @staticmethod
    def read(folder: Path, record: dict[str, Any]) -> OwnVocabulary:
        """As it was written; raises ConfigError where it is gone, IntegrityError where it is another."""
        from safetensors.numpy import load_file

        place = folder / str(record["file"])
        if not place.is_file():
            raise ConfigError(f"the vocabulary of trimmed networks must be in {place}; it is gone. Put it back.")
        if sha256_file(place) != record["sha256"]:
            raise IntegrityError(f"{place} must be as compress wrote it; it was changed. Compress the run again.")
        arrays = load_file(place)
        kept = arrays.pop(KEPT)
        folds = {int(fold): numbers for fold, numbers in arrays.items()}
        return OwnVocabulary(kept, folds, int(record["of"]), int(record["n"]), int(record["lost"]))


def without_own_words(
    own: OwnVocabulary,
    bench: Bench,
    backbone: Backbone,
    dataset: Dataset,
    part: int,
    features_of: Callable[[Backbone, Dataset], NDArray[np.float32]],
    features: NDArray[np.float32],
    solution: Solution,
) -> Solution:
    """What heads say of held-out texts as a vocabulary reads them that knows the texts outside their fold alone.

    Args:
        own: That the network was trimmed to.
        bench: On which it is judged.
        backbone: With the vocabulary of all texts.
        dataset: These n texts.
        part: Place of what the network sees.
        features_of: What its graph gives of texts ``(r, D)``, as a backbone reads them.
        features: ``(n, D)`` of the texts as they are.
        solution: Of these.
    """
    rows, changed = [np.empty(0, np.int64)], [np.empty((0, features.shape[1]), np.float32)]
    for fold in np.unique(bench.folds[bench.folds != NEVER_HELD_OUT]).tolist():
        reader = reading_only(backbone, np.searchsorted(own.kept, own.of_others[fold]))
        held = np.flatnonzero(bench.folds == fold)
        some = dataset.take(held)
        pairs = zip(prepared(backbone, some, part), prepared(reader, some, part), strict=True)
        otherwise = held[np.array([not np.array_equal(*pair) for pair in pairs], bool)]
        if len(otherwise):
            rows.append(otherwise)
            changed.append(features_of(reader, dataset.take(otherwise)))
    told = bench.held_out_again(solution, features, np.concatenate(rows), np.concatenate(changed))
    return replace(solution, out_of_fold=told)


def tokens_of(backbone: Backbone, dataset: Dataset, part: int) -> list[set[int]]:
    """By text, the numbers of its tokens, as far as the network reads."""
    return [set(rows[rows[:, 0] >= 0, 0].tolist()) for rows in prepared(backbone, dataset, part)]


def prepared(backbone: Backbone, dataset: Dataset, part: int) -> list[NDArray[Any]]:
    """Examples as a network takes them."""
    from headstart.features.networks import Network

    preparer, inputs = Network(backbone.card, None).with_backbone(backbone).preparer, dataset.parts[part].inputs
    return [preparer.prepare(inputs.read(row)) for row in range(len(inputs))]
