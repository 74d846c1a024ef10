"""A small real backbone, its graph and a head: enough to write a bundle in a moment."""

from __future__ import annotations

import json
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import Any

import numpy as np

from headstart import bundle
from headstart.backbones import catalogue
from headstart.bundle import FittedBackbone, WrittenFitted, WrittenNetwork
from headstart.core.files import sha256_json
from headstart.core.learning import Fitted
from headstart.core.preprocessing import ImagePreprocessing
from headstart.core.schema import InputSchema, PartSchema

CLASS_NAMES = ("cat", "dog", "emu")
TASK = {"task": "classification", "class_names": list(CLASS_NAMES), "primary": "accuracy"}
EVIDENCE = {"schema": 1, "test_reads": 1, "test": {"accuracy": {"value": 0.5, "low": 0.1, "high": 0.9, "level": 0.95}}}
FILES = {"manifest.json", "weights.safetensors", "model.onnx", "evidence.json"}
PREPROCESSING = ImagePreprocessing(image_size=(32, 32))
IMAGE = PartSchema(modality="image")
COMMON: dict[str, Any] = {"task_dict": TASK, "input_schema": InputSchema(parts=(IMAGE,)), "evidence": EVIDENCE}
SMALL = {"efficientnet": ("test_efficientnet", 256), "resnet": ("test_resnet", 96), "vit": ("test_vit", 64)}


# Run before anything else, so that importing these raises.
BLOCKED = """
import sys

class Blocked:
    names = {"torch", "timm", "torchvision", "onnx", "transformers", "sklearn"}

    def find_spec(self, name, path=None, target=None):
        if name.partition(".")[0] in self.names:
            raise ImportError(f"{name} is not installed here")

sys.meta_path.insert(0, Blocked())
"""


@dataclass(frozen=True)
class Choice:
    """A runtime choice as a fit makes it."""

    name: str = "onnxruntime"
    precision: str = "float32"
    batch_size: int = 8
    threads: int = 1


@lru_cache
def small_backbone(family: str = "efficientnet") -> Any:
    """A narrow network with random weights for pictures of 32 x 32 pixels."""
    from headstart.backbones.pretrained.load import load_card

    architecture, width = SMALL[family]
    changes = {
        "name": f"small-{family}",
        "family": family,
        "architecture": architecture,
        "options": {"img_size": 32} if family == "vit" else {},
        "preprocessing": PREPROCESSING,
        "feature_dim": width,
    }
    return load_card(catalogue.card("efficientnet_lite0").model_copy(update=changes), random_seed=0)


def graph_of(backbone: Any, folder: Path) -> Path:
    from headstart.runtimes.onnx_graph import export

    return export(backbone, 0, len(backbone.stages), folder)


def linear_head(width: int, names: int = len(CLASS_NAMES), seed: int = 0) -> Fitted:
    rng = np.random.default_rng(seed)
    weight = rng.normal(size=(names, width)).astype(np.float32) / np.float32(width**0.5)
    arrays = {"weight": weight, "bias": rng.normal(size=names).astype(np.float32)}
    return Fitted(arrays, {"method": "linear_probe", "form": "linear"})


def pictures(n: int, seed: int = 0) -> Any:
    """Smooth pictures with colour, ``(n, 32, 32, 3)`` uint8: noise alone would average out in the pooling."""
    rng = np.random.default_rng(seed)
    coarse = rng.integers(0, 256, size=(n, 4, 4, 3), dtype=np.uint8)
    return coarse.repeat(8, axis=1).repeat(8, axis=2)


def write_fitted(
    folder: Path, *, backbone: FittedBackbone | None = None, sample: Any = None, **changes: Any
) -> bundle.Bundle:
    """Write a bundle of colour and edge histograms; no torch is needed for it. ``sample``: pictures to compare on."""
    backbone = backbone or FittedBackbone("pixel_histograms", {}, {"side": 16})
    sample = pictures(4) if sample is None else sample
    source = WrittenFitted(
        backbone.name,
        backbone.arrays,
        backbone.describe(sample) if len(sample) else None,
        backbone.settings,
        backbone.version,
        IMAGE,
        PREPROCESSING,
    )
    arguments = {"fitted": linear_head(backbone.load().D), **COMMON, **changes}
    return bundle.write(folder, sources=[source], **arguments)


def write_small(
    folder: Path,
    *,
    backbone: Any = None,
    runtime: Any = None,
    graph: Path | None = None,
    sample: Any = None,
    **changes: Any,
) -> bundle.Bundle:
    """Write a bundle of the small network; ``changes`` replace arguments of ``bundle.write``."""
    backbone = backbone or small_backbone()
    graph = graph or graph_of(backbone, folder.parent / "graphs")
    source = WrittenNetwork(IMAGE, backbone, runtime or Choice(), graph, pictures(4) if sample is None else sample)
    return bundle.write(folder, sources=[source], **{"fitted": linear_head(backbone.feature_dim), **COMMON, **changes})


def features_and_outputs(predictor: bundle.Predictor, prepared: Any) -> tuple[Any, Any]:
    """What a predictor of one pass makes of a batch of prepared inputs."""
    (over,) = predictor.passes
    computed = over.compute(prepared)
    return predictor.features([computed]), predictor.outputs([computed])


def rewrite_manifest(folder, change):
    """Change the manifest and make its own checksum right again."""
    path = folder / "manifest.json"
    document = json.loads(path.read_text())
    document.pop("sha256")
    change(document)
    path.write_text(json.dumps({**document, "sha256": sha256_json(document)}))
