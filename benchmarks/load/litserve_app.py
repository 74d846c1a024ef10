"""The same bundle's graph behind LitServe: a photograph in, the class and its probability out.

python benchmarks/load/litserve_app.py BUNDLE PORT
"""

from __future__ import annotations

import io
import json
import sys
from pathlib import Path

import litserve
import numpy as np
import onnxruntime
from PIL import Image


class Photographs(litserve.LitAPI):
    """Decoded, cropped and classified; the head is part of the graph."""

    def __init__(self, bundle: Path) -> None:
        super().__init__()
        self.bundle = bundle

    def setup(self, device: str) -> None:
        """Once in the worker."""
        manifest = json.loads((self.bundle / "manifest.json").read_text())
        [network] = manifest["networks"].values()
        self.size, self.crop = network["preprocessing"]["image_size"], network["preprocessing"]["crop_fraction"]
        self.names = manifest["class_names"]["names"]
        options = onnxruntime.SessionOptions()
        options.intra_op_num_threads = options.inter_op_num_threads = 1
        self.session = onnxruntime.InferenceSession(
            str(self.bundle / network["graph"]), options, ["CPUExecutionProvider"]
        )

    def decode_request(self, request):  # noqa: ANN001, ANN201 - LitServe's own types are not installed here
        """The file of the form."""
        return request["file"].file.read()

    def predict(self, content: bytes) -> np.ndarray:
        """Probabilities."""
        picture = Image.open(io.BytesIO(content))
        picture.draft("RGB", (2 * self.size[1], 2 * self.size[0]))
        picture = picture.convert("RGB")
        height, width = self.size
        scale = min(picture.height / height, picture.width / width) * self.crop
        left, top = (picture.width - width * scale) / 2, (picture.height - height * scale) / 2
        box = (left, top, picture.width - left, picture.height - top)
        pixels = np.asarray(picture.resize((width, height), Image.Resampling.BICUBIC, box=box))
        [logits] = self.session.run(["logits"], {"pixels": pixels[None]})
        shifted = np.exp(logits[0] - logits[0].max())
        return shifted / shifted.sum()

    def encode_response(self, probabilities: np.ndarray) -> dict[str, object]:
        """As JSON."""
        best = int(probabilities.argmax())
        return {"prediction": self.names[best], "probability": float(probabilities[best])}


if __name__ == "__main__":
    server = litserve.LitServer(Photographs(Path(sys.argv[1])), accelerator="cpu", workers_per_device=1)
    server.run(port=int(sys.argv[2]), num_api_servers=1, log_level="error", generate_client_file=False)
