"""The address of activations: everything but the input's bytes that decides a row's bits."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Literal

from headstart.core.files import sha256_json

Kept = Literal["float32", "float16", "bfloat16", "uint8"]
LAYOUT_VERSION = 1  # raised when rows of the same parts would hold something else


@dataclass(frozen=True)
class Space:
    """Rows that are comparable: one computation, applied to any input.

    Attributes:
        parts: JSON of what decides the bits, for example weights, stage, preprocessing, backend, view.
        dtype: How values are kept; reading gives float32 for the floats.
    """

    parts: Mapping[str, Any]
    dtype: Kept = "float32"

    @property
    def is_ragged(self) -> bool:
        """Whether rows may have different shapes: packed sequences of different lengths."""
        return bool(self.parts.get("ragged"))

    @property
    def digest(self) -> str:
        """Hex sha256 of the parts and the dtype."""
        return sha256_json({"layout": LAYOUT_VERSION, "dtype": self.dtype, "parts": self.parts})


def network_space(
    *,
    name: str,
    weights_digest: str,
    stage: int,
    preparer_address: Mapping[str, Any],
    runtime: Mapping[str, Any],
    view: int = 0,
    augmentation: Mapping[str, Any] | None = None,
    dtype: Kept = "float32",
    ragged: bool = False,
) -> Space:
    """Where the values of boundary ``stage`` of a network are kept.

    Args:
        name: The backbone's, for whoever reads a listing; ``weights_digest`` is what identifies it.
        weights_digest: ``Backbone.weights_digest(stage)``: tensors, buffers and code of ``stages[:stage]``.
        stage: Boundary number.
        preparer_address: ``Preparer.address()``: from bytes to what the network is given.
        runtime: ``RuntimeChoice.address()``: backend, precision, versions, batch size (the last batch is filled),
            threads, processor.
        view: 0 is the evaluation view; others are augmented, their randomness a function of (bytes, augmentation,
            view).
        augmentation: Its settings; None with view 0.
        dtype: How values are kept.
        ragged: Whether rows are packed sequences of different lengths.
    """
    return Space(
        {
            "kind": "network",
            "name": name,
            "weights": weights_digest,
            "stage": stage,
            "runtime": dict(runtime),
            "preparation": dict(preparer_address),
            "view": view,
            "augmentation": dict(augmentation) if augmentation is not None else None,
            **({"ragged": True} if ragged else {}),
        },
        dtype,
    )


def prepared_space(name: str, version: int, preparer_address: Mapping[str, Any], dtype: Kept = "float32") -> Space:
    """Where something computed from the prepared input alone is kept: a histogram, a fingerprint."""
    return Space({"kind": "prepared", "name": name, "version": version, "preparation": dict(preparer_address)}, dtype)
