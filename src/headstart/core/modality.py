"""What an input may be: a picture, a text, a recording. What rooms ask of a kind of input, without knowing which."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Protocol

import numpy as np
from numpy.typing import NDArray

from headstart.core.preprocessing import Preprocessing

Array = NDArray[Any]


class Preparer(Protocol):
    """From an input's bytes to the array that networks and descriptors take. Safe from several threads at once."""

    @property
    def preprocessing(self) -> Preprocessing:
        """What is executed."""

    def prepare(self, content: bytes) -> Array:
        """One input; inputs of equal shape can be stacked. Padding is part of it, and in-band.

        Raises:
            DataError: the message is the reason, a few words about this input alone.
        """

    def address(self) -> dict[str, Any]:
        """JSON of all that decides the bits of :meth:`prepare`: settings, decoder and its version, assets."""


class Modality(Protocol):
    """One kind of input; a file of ``data/modalities`` builds it, and its name is the file's.

    Attributes:
        name: "image", "text", "sound".
        noun: Of one input, for sentences: "picture"; ``plural``: "pictures".
        measures: Names of what :meth:`look` returns, for example ("height", "width").
        fingerprint_dim: Width F of fingerprints.
        fingerprint_version: Raised when the same array would give another fingerprint.
        fact_names: Names of what :meth:`facts` returns; empty where nothing is measured.
        facts_version: Raised when the same array would give other facts.
        size_fact_names: Names of what :meth:`size_facts` returns.
    """

    name: str
    noun: str
    plural: str
    measures: tuple[str, ...]
    fingerprint_dim: int
    fingerprint_version: int
    fact_names: tuple[str, ...]
    facts_version: int
    size_fact_names: tuple[str, ...]

    def look(self, content: bytes) -> tuple[int, ...]:
        """Cheap facts of one input, one per measure, decoding as little as possible.

        Raises:
            DataError: it cannot be used; the message is the reason, a few words about this input alone.
        """

    def preparer(self, preprocessing: Preprocessing, assets: Mapping[str, bytes]) -> Preparer:
        """How a network with these settings and assets (by file name, for example a tokenizer) sees inputs."""

    def fingerprint(self, prepared: Array) -> NDArray[np.float32]:
        """``(B, F)`` float32 of a batch of prepared inputs: near-duplicates have near fingerprints."""

    def facts(self, prepared: Array, preparer: Preparer) -> NDArray[np.float32]:
        """``(B, F)`` float32, finite, one column per name of ``fact_names``, of a batch that ``preparer`` prepared.

        What a person would say of an input without knowing what it shows: bright, blurred, silent, long.
        """

    def size_facts(self, sizes: NDArray[np.int64]) -> NDArray[np.float32]:
        """``(N, S)`` float32, one column per name of ``size_fact_names``, of what :meth:`look` measured ``(N, M)``."""

    def near_duplicates(self, keys: NDArray[np.uint8], fingerprints: NDArray[np.float32]) -> NDArray[np.int64]:
        """``(N,)`` group numbers from 0: equal bytes (``keys`` ``(N, 32)`` sha256) or the same by fingerprint."""

    def augmentation(self, strength: str) -> dict[str, Any] | None:
        """Settings of augmented views, JSON; ``strength`` is "light" or "strong". None: there are no views."""

    def view(self, preparer: Preparer, augmentation: Mapping[str, Any], number: int) -> Preparer:
        """The preparer of augmentation view ``number``, a function of (bytes, augmentation, number); 0 is itself."""

    def notes(self, sizes: NDArray[np.int64], preparer: Preparer, sample: list[bytes]) -> list[str]:
        """Sentences for the plan: what preprocessing cuts off, what stands out.

        Args:
            sizes: ``(N, len(measures))`` of all inputs.
            preparer: Of the network that will see them.
            sample: Contents of up to a few hundred inputs, evenly spread.
        """

    def unseen_fraction(self, sizes: NDArray[np.int64], preparer: Preparer, sample: list[bytes]) -> float:
        """Mean share (0-1) of an input that the network never sees: area of a picture, tokens of a text, seconds.

        ``sizes`` is ``(N, len(measures))``; all three are those of :meth:`notes`.
        """

    def excerpt(self, content: bytes) -> dict[str, Any]:
        """What a report may show of one input: ``{"thumbnail": data URL}`` of a picture, or ``{"text": ...}``.

        A key "caption" may add a few words (the length of a recording). Raises DataError when it cannot be read.
        """
