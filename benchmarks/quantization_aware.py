"""Does training with rounded layers win back what 8-bit integers lose, where two layers left in float do?

    python benchmarks/quantization_aware.py --data DATA [--inputs 256] [--epochs 4]

Two networks that static INT8 breaks. *Outlier*: the default network for pictures at 96 px, one channel of its first
block made 3,000 times as large and what reads it a 3,000th (the same function in float). *Speech*: the embedding of
speech, whose spectrum has a range that 256 steps do not hold. Each as ``headstart compress`` quantizes it, with the
layers in float that it would leave, and after quantization-aware training: weights per channel and inputs of layers per
tensor are rounded in every forward pass and gradients go straight through (Jacob et al., CVPR 2018, arXiv:1712.05877),
with ranges that follow what was seen, or that are learned (LSQ, arXiv:1902.08153). It is taught its own float features
on training inputs; *as trained* are the features with the rounding and the ranges of the training, *int8* those of the
integers that its weights then give. The figure is the squared change of the features on other inputs, as a share of
their variance: 0 is the float network, 1 says nothing of it. Writes ``results/quantization_aware.json``. See README.md.
"""

from __future__ import annotations

import argparse
import copy
import tempfile
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

import numpy as np
import torch
from comparison import lines, machine
from compression_parts.rounding import Following, Learned, with_rounding
from torch import Tensor, nn

from headstart.runtimes.process_settings import settle_process

SEED, BATCH, OUTLIER, SIDE = 0, 32, 3000.0, 96
RATES = {"weights": 3e-4, "ranges": 2e-2}
CLIPPED = 1.0  # norm of a gradient


def trained(
    backbone: Any, inputs: Tensor, told: Tensor, judged: Tensor, kind: Callable[[], Any], epochs: int
) -> tuple[Any, np.ndarray[Any, Any]]:
    """The backbone with weights that were trained with rounding, in float; and features of ``judged`` with it."""
    from headstart.backbones.pretrained.load import build_from

    student = copy.deepcopy(backbone).eval()
    rounding = with_rounding(student.network, kind)
    weights = [each.requires_grad_() for each in student.network.parameters()]
    spread = told.std(0).clamp_min(1e-6)
    with torch.no_grad():
        student(inputs[:BATCH])  # ranges begin there
    steps = [each.step for each in rounding if isinstance(each, Learned)]
    groups = [{"params": weights, "lr": RATES["weights"]}, {"params": steps, "lr": RATES["ranges"]}]
    optimizer = torch.optim.Adam([each for each in groups if each["params"]])
    order = np.random.default_rng(SEED)
    batches = [
        rows for _ in range(epochs) for rows in np.array_split(order.permutation(len(inputs)), len(inputs) // BATCH)
    ]
    schedule = torch.optim.lr_scheduler.CosineAnnealingLR(optimizer, len(batches))
    for rows in batches:
        loss = ((student(inputs[rows]) - told[rows]) / spread).square().mean()
        optimizer.zero_grad()
        loss.backward()
        nn.utils.clip_grad_norm_(weights, CLIPPED)
        optimizer.step()
        schedule.step()
    with torch.no_grad():
        said = torch.cat([student(rows) for rows in judged.split(BATCH)]).numpy()
    own = ".parametrizations.weight.original"
    values = {name.replace(own, ".weight"): value.detach() for name, value in student.network.state_dict().items()}
    return build_from(backbone.card, values, backbone.assets).eval(), said


def features(content: bytes, folder: Path, inputs: Tensor) -> np.ndarray[Any, Any]:
    """``(n, D)`` by ONNX Runtime."""
    from headstart.runtimes.onnxruntime import open_session

    path = folder / "graph.onnx"
    path.write_bytes(content)
    session = open_session(path, 1)
    name = session.get_inputs()[0].name
    parts = [session.run(["features"], {name: rows.numpy()})[0] for rows in inputs.split(BATCH)]
    return np.concatenate(parts)


def case(backbone: Any, inputs: Tensor, epochs: int) -> dict[str, float]:
    """Errors of every way; the first half of the inputs teaches and sets ranges, the second is judged."""
    from headstart.compression.mixed_precision import kept_in_float, sensitivities
    from headstart.compression.quantizing import quantized
    from headstart.runtimes.onnx_graph import export

    learned, judged = inputs.split(len(inputs) // 2)[:2]
    batches = [rows.numpy() for rows in learned[: 4 * BATCH].split(BATCH)]
    with tempfile.TemporaryDirectory() as place:
        folder = Path(place)

        def graph(network: Any) -> Path:
            found: Path = export(network, 0, len(network.stages), folder)
            return found

        base = graph(backbone)
        exact = features(base.read_bytes(), folder, judged)
        told = torch.from_numpy(features(base.read_bytes(), folder, learned))

        def error(said: np.ndarray[Any, Any]) -> float:
            return round(float(((said - exact) ** 2).sum() / ((exact - exact.mean(0)) ** 2).sum()), 4)

        def in_integers(path: Path, kept: Sequence[str] = ()) -> float:
            return error(features(quantized(path, batches, keep=kept), folder, judged))

        found = {"int8": in_integers(base)}
        for kept in kept_in_float(sensitivities(base, batches, [batches[0][:16]])):
            found[f"int8 but {len(kept)}"] = in_integers(base, kept)
        for kind in (Following, Learned):
            student, said = trained(backbone, learned, told, judged, kind, epochs)
            name = f"{kind.__name__.lower()} ranges"
            found |= {f"{name}, as trained": error(said), f"{name}, int8": in_integers(graph(student))}
    return found


def outlier(folder: Path, count: int) -> tuple[Any, Tensor]:
    """A network for pictures with a planted channel, and inputs."""
    from headstart.compression.knobs import Knobs
    from headstart.compression.smaller import smaller

    backbone = smaller(loaded("image"), Knobs(float(SIDE)))
    modules = dict(backbone.network.named_modules())
    before, after = modules["blocks.0.0.bn2"], modules["blocks.1.0.conv_pw"]
    with torch.no_grad():
        before.weight[0] *= OUTLIER
        before.bias[0] *= OUTLIER
        after.weight[:, 0] /= OUTLIER
    return backbone, prepared(backbone, sorted((folder / "clothing_small" / "train").rglob("*.jpg")), count)


def speech(folder: Path, count: int) -> tuple[Any, Tensor]:
    """The network for recordings, and inputs."""
    backbone = loaded("sound")
    return backbone, prepared(backbone, sorted((folder / "spoken_digits" / "train").rglob("*.wav")), count)


def loaded(modality: Any) -> Any:
    """The default network."""
    from headstart.backbones.catalogue import default_card
    from headstart.backbones.pretrained.load import load_card

    return load_card(default_card(modality)).eval()


def prepared(backbone: Any, files: Sequence[Path], count: int) -> Tensor:
    """Inputs of one length, drawn at random."""
    from headstart.api.compressing_bench import preparer_of

    preparer = preparer_of(backbone)
    rows = np.random.default_rng(SEED).permutation(len(files))[:count]
    found = [preparer.prepare(files[row].read_bytes()) for row in rows]
    return torch.from_numpy(np.stack([each for each in found if each.shape == found[0].shape]))


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--data", type=Path, required=True, help="folder that holds the sets")
    parser.add_argument("--inputs", type=int, default=384)
    parser.add_argument("--epochs", type=int, default=4)
    parser.add_argument("--out", type=Path, default=lines.RESULTS)
    args = parser.parse_args()
    settle_process()
    torch.set_num_threads(1)
    document: dict[str, Any] = {
        "machine": machine.describe(),
        "inputs": args.inputs,
        "epochs": args.epochs,
        "cases": {},
    }
    for name, make in {"outlier": outlier, "speech": speech}.items():
        torch.manual_seed(SEED)
        document["cases"][name] = case(*make(args.data, args.inputs), args.epochs)
        print(f"{name}: {document['cases'][name]}", flush=True)
        lines.write_json(args.out / "quantization_aware.json", document)


if __name__ == "__main__":
    main()
