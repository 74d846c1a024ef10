"""The backbone as a torch module: what of it is written, and how it is built again. Imports torch in functions only."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

from numpy.typing import NDArray

from headstart.bundle.manifest import WEIGHTS, BackboneRecord, Manifest
from headstart.bundle.weights import BACKBONE, read_weights
from headstart.core.errors import BackendError
from headstart.core.files import sha256_file
from headstart.core.resources import cache_folder
from headstart.runtimes.contract import Compute, Runtime

if TYPE_CHECKING:
    from headstart.backbones.pretrained.backbone import Backbone


def describe_pretrained(backbone: Backbone) -> BackboneRecord:
    """Name, last stage, width, digest and card."""
    return BackboneRecord(
        kind="pretrained",
        name=backbone.name,
        stage=backbone.stages[-1],
        feature_dim=backbone.feature_dim,
        weights_digest=backbone.weights_digest(len(backbone.stages)),
        card=backbone.card.to_dict(),
    )


def saved_tensors(backbone: Backbone) -> dict[str, NDArray[Any]]:
    """Parameters and buffers under timm's names. Buffers that the architecture computes anew are left out."""
    return {name: tensor.detach().cpu().numpy() for name, tensor in backbone.network.state_dict().items()}


def rebuild(folder: Path, manifest: Manifest) -> Backbone:
    """The module from the card's architecture and the bundle's tensors, in eval mode.

    Raises:
        BackendError: torch or timm is not installed.
    """
    try:
        import torch

        from headstart.backbones.card import Card
        from headstart.backbones.pretrained.backbone import Backbone
        from headstart.backbones.pretrained.network import build_with
        from headstart.backbones.pretrained.source import Weights
    except ImportError as error:
        raise BackendError(
            f"rebuilding the network needs torch and timm, which cannot be imported ({error}). "
            "Use the runtime 'onnxruntime' or 'openvino', which run model.onnx without them."
        ) from error
    card = Card.parse(manifest.backbone.card, "the bundle's card")
    tensors = {name: torch.from_numpy(array) for name, array in read_weights(folder / WEIGHTS, BACKBONE).items()}
    weights = Weights(tensors, sha256=sha256_file(folder / WEIGHTS))
    return Backbone(card, build_with(card.architecture, card.options, weights)).eval()


def run_all_stages(chosen: Runtime, backbone: Backbone, batch_size: int, threads: int) -> Compute:
    """The whole backbone, pixels to features, in one of the runtimes that take a torch module."""
    return chosen.prepare(backbone, 0, len(backbone.stages), batch_size, threads, cache_folder())
