"""A pair of texts as two parts: each text is seen alone, and its features are kept once however often it comes."""

from __future__ import annotations

import hashlib
import json
from dataclasses import dataclass, replace

import numpy as np

from headstart.core.schema import PartSchema
from headstart.data.dataset import LabeledDataset
from headstart.data.inputs import Inputs
from headstart.data.modalities import modality
from headstart.data.part import Part


@dataclass(frozen=True)
class OneSide:
    """One text of each pair."""

    pairs: Inputs
    side: int

    def __len__(self) -> int:
        return len(self.pairs)

    def read(self, i: int) -> bytes:
        """UTF-8 bytes of the text."""
        return str(json.loads(self.pairs.read(i))[self.side]).encode("utf-8", "replace")

    def name(self, i: int) -> str:
        """Name of the pair."""
        return self.pairs.name(i)


def separated(dataset: LabeledDataset) -> LabeledDataset:
    """The same examples; every part of two columns becomes two parts, the first of which is paired with the second."""
    parts: list[Part] = []
    for part in dataset.parts:
        parts += [_one(part, 0), _one(part, 1)] if len(part.schema.columns) == 2 else [part]
    return replace(dataset, parts=tuple(parts))


def _one(part: Part, side: int) -> Part:
    schema = PartSchema(modality=part.modality, columns=(part.schema.columns[side],), paired=side == 0)
    inputs = OneSide(part.inputs, side)
    look = modality(part.modality).look
    contents = [inputs.read(row) for row in range(len(part))]
    sizes = np.asarray([look(content) for content in contents], np.int64)
    keys = np.frombuffer(b"".join(hashlib.sha256(content).digest() for content in contents), np.uint8).reshape(-1, 32)
    return Part(schema, inputs, keys, sizes)
