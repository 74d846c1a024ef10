"""The address of activations: everything but the input's bytes that decides a row's bits."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Literal

from headstart.core.files import sha256_json
from headstart.core.preprocessing import ImagePreprocessing

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
    def digest(self) -> str:
        """Hex sha256 of the parts and the dtype."""
        return sha256_json({"layout": LAYOUT_VERSION, "dtype": self.dtype, "parts": self.parts})


def network_space(
    *,
    name: str,
    weights_digest: str,
    stage: int,
    preprocessing: ImagePreprocessing,
    runtime: Mapping[str, Any],
    view: int = 0,
    augmentation: Mapping[str, Any] | None = None,
    dtype: Kept = "float32",
) -> Space:
    """Where the values of boundary ``stage`` of a network are kept.

    Args:
        name: The backbone's, for whoever reads a listing; ``weights_digest`` is what identifies it.
        weights_digest: ``Backbone.weights_digest(stage)``: tensors, buffers and code of ``stages[:stage]``.
        stage: Boundary number.
        preprocessing: From bytes to pixels and floats.
        runtime: ``RuntimeChoice.address()``: backend, precision, versions, batch size (the last batch is filled),
            threads, processor.
        view: 0 is the evaluation view; others are augmented, their randomness a function of (bytes, augmentation,
            view).
        augmentation: Its settings; None with view 0.
        dtype: How values are kept.
    """
    return Space(
        {
            "kind": "network",
            "name": name,
            "weights": weights_digest,
            "stage": stage,
            "runtime": dict(runtime),
            **_pixels(preprocessing),
            "view": view,
            "augmentation": dict(augmentation) if augmentation is not None else None,
        },
        dtype,
    )


def pixel_space(name: str, version: int, preprocessing: ImagePreprocessing, dtype: Kept = "float32") -> Space:
    """Where something computed from the prepared pixels alone is kept: a histogram, a fingerprint."""
    return Space({"kind": "pixels", "name": name, "version": version, **_pixels(preprocessing)}, dtype)


def _pixels(preprocessing: ImagePreprocessing) -> dict[str, Any]:
    from headstart.data.decode import decoder_version
    from headstart.data.preprocess import VERSION

    return {
        "preprocessing": preprocessing.model_dump(mode="json"),
        "decoder": decoder_version(),
        "preparation": VERSION,
    }
