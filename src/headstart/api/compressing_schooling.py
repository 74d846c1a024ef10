"""What students of a compression learn from: most rows of the run, and further examples without labels."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

import numpy as np

if TYPE_CHECKING:
    from headstart.api.two_domains import SourceRows
    from headstart.backbones.pretrained.backbone import Backbone
    from headstart.bundle import Bundle
    from headstart.compression.judging import Bench
    from headstart.data.dataset import Dataset


@dataclass(frozen=True)
class Schooling:
    """How students are taught.

    Attributes:
        count: How many are tried.
        dataset: All n rows of the run.
        bench: Of them; it knows which teach.
        further: Examples without labels that teach, too; None: there are none.
        left_out: How many were the run's own.
        words: Whether counted words are a student, too, of texts.
        teachers: Networks that teach in place of the model as it is, side by side, by name of their run.
    """

    count: int
    dataset: Dataset
    bench: Bench
    further: Dataset | None = None
    left_out: int = 0
    words: bool = True
    teachers: Mapping[str, Backbone] = field(default_factory=dict)

    @property
    def notes(self) -> tuple[str, ...]:
        """What people should know."""
        if not self.left_out:
            return ()
        return (
            f"{self.left_out:,} of the unlabelled examples are the run's own and were left out: some of those judge "
            "what students learned, the others teach without them.",
        )

    def told(self) -> dict[str, int] | None:
        """JSON; None where there are no further examples."""
        return None if self.further is None else {"n": len(self.further), "left_out": self.left_out}


def schooling_of(
    count: int, unlabelled: Any, shipped: Bundle, source: SourceRows, bench: Bench, threads: int, *, words: bool
) -> Schooling:
    """What was asked for, with the further examples read; what equals an example of the run is not among them.

    Args:
        count: Of students.
        unlabelled: Files, folders or tables; of targets that they may have nothing is read. None: there are none.
        shipped: The bundle, whose schema they must have.
        source: Examples of the run.
        bench: On which points are judged.
        threads: That read files.
        words: Whether counted words are a student, too.

    Raises:
        DataError: unlabelled examples are of another kind, or none of them can be used.
    """
    dataset = source.dataset.without_targets()
    if unlabelled is None:
        return Schooling(count, dataset, bench, words=words)
    found = _further(unlabelled, shipped, threads)
    own = {key.tobytes() for each in (source.dataset, source.test) for key in each.keys}
    kept = np.array([row for row, key in enumerate(found.keys) if key.tobytes() not in own], np.int64)
    return Schooling(count, dataset, bench, found.take(kept), len(found) - len(kept), words)


def _further(data: Any, shipped: Bundle, threads: int) -> Dataset:
    from headstart.api.two_domains import sources_in
    from headstart.core.errors import DataError
    from headstart.data.paths import source_name
    from headstart.data.unlabeled import read_unlabeled
    from headstart.data.unlabeled_dataset import gathered

    try:
        chunks = list(read_unlabeled(sources_in(data), schema=shipped.schema, input=None))
        return gathered(chunks, shipped.schema, source_name(data), threads)[0]
    except DataError as error:
        kind = shipped.schema.parts[0].modality
        raise DataError(f"--unlabelled must hold inputs as the run has them, of kind {kind!r}: {error}") from error
