"""The network as a torch module: what of it is written, and how it is built again. Imports torch in functions only."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

from numpy.typing import NDArray

from headstart.bundle.manifest import WEIGHTS, BackboneRecord, NetworkRecord
from headstart.bundle.quantized_tensors import SCALES, dequantized_tensors
from headstart.bundle.weights import read_weights
from headstart.core.errors import BackendError
from headstart.core.resources import cache_folder
from headstart.runtimes.contract import Compute, Runtime

if TYPE_CHECKING:
    from headstart.backbones.pretrained.backbone import Backbone


def describe_pretrained(backbone: Backbone) -> BackboneRecord:
    """Name, last stage, width, digest and card."""
    return BackboneRecord(
        name=backbone.name,
        stage=backbone.card.cut or backbone.stages[-1],
        feature_dim=backbone.feature_dim,
        weights_digest=backbone.weights_digest(len(backbone.stages)),
        card=backbone.card.to_dict(),
    )


def saved_tensors(backbone: Backbone) -> dict[str, NDArray[Any]]:
    """Parameters and buffers, of any shape, under the library's names, without buffers that are computed anew."""
    return {name: tensor.detach().cpu().numpy() for name, tensor in backbone.network.state_dict().items()}


def read_assets(folder: Path, record: NetworkRecord) -> dict[str, bytes]:
    """The network's files beside its tensors, by name, for example its tokenizer."""
    return {name: (folder / place).read_bytes() for name, place in record.assets.items()}


def rebuild(folder: Path, record: NetworkRecord) -> Backbone:
    """The module from the card's architecture and the bundle's tensors, in eval mode.

    Of an INT8 network in float32, with the weights that 8 bits left.

    Raises:
        BackendError: torch or the architecture's library is not installed.
    """
    try:
        import torch

        from headstart.backbones.card import Card
        from headstart.backbones.pretrained.load import build_from
    except ImportError as error:
        raise BackendError(
            f"rebuilding the network needs torch and timm, which cannot be imported ({error}). "
            "Use the runtime 'onnxruntime' or 'openvino', which run the bundle's graph without them."
        ) from error
    card = Card.parse(record.backbone.card, "the bundle's card")
    arrays = read_weights(folder / WEIGHTS, record.prefix)
    if record.is_quantized:
        arrays = dequantized_tensors(arrays, read_weights(folder / WEIGHTS, SCALES + record.prefix))
    tensors = {name: torch.from_numpy(array) for name, array in arrays.items()}
    return build_from(card, tensors, read_assets(folder, record)).eval()


def run_all_stages(chosen: Runtime, backbone: Backbone, batch_size: int, threads: int) -> Compute:
    """The whole network, prepared inputs to features, in one of the runtimes that take a torch module."""
    return chosen.prepare(backbone, 0, len(backbone.stages), batch_size, threads, cache_folder())
