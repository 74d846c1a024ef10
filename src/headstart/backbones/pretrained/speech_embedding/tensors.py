"""From the names in the package's two ONNX files to those of the network."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING

from headstart.backbones.pretrained.speech_embedding.mel import BINS, EDGE, TAPS
from headstart.backbones.pretrained.speech_embedding.network import BLOCKS

if TYPE_CHECKING:
    from torch import Tensor

HEARD = slice(EDGE, EDGE + TAPS)


def renamed(tensors: Mapping[str, Tensor]) -> dict[str, Tensor]:
    """The network's state dict; a tensor that is missing stays missing, one that is not known keeps its name.

    Of the front end only what is not zero is kept: frequencies up to the highest band's end, and what the window lets
    through; all else keeps its shape. The files call the convolutions ``conv2d``, ``conv2d_1``, ... in order, with the
    normalisation folded in.
    """
    import torch

    rest = dict(tensors)
    state: dict[str, Tensor] = {}
    if "0.stft.conv_real.weight" in rest and "0.stft.conv_imag.weight" in rest:
        real, imaginary = rest.pop("0.stft.conv_real.weight"), rest.pop("0.stft.conv_imag.weight")
        state["mel.waves"] = torch.cat([real[:BINS, :, HEARD], imaginary[:BINS, :, HEARD]])
    if "1.melW" in rest:
        state["mel.bands"] = rest.pop("1.melW")[:BINS]
    places = [(block, place) for block, (convolutions, _) in enumerate(BLOCKS) for place in range(len(convolutions))]
    names = {f"model/conv2d_{len(places)}/Conv2D/ReadVariableOp:0": "embedding.convolution.weight"}
    for number, (block, place) in enumerate(places):
        theirs = f"model/conv2d{f'_{number}' if number else ''}/Conv2D"
        ours = f"blocks.{block}.convolutions.{place}"
        names |= {f"{theirs}_weights_fused_bn": f"{ours}.weight", f"{theirs}_bias_fused_bn": f"{ours}.bias"}
    state |= {ours: rest.pop(theirs) for theirs, ours in names.items() if theirs in rest}
    return state | rest
