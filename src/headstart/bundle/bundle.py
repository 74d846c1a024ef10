"""A bundle in memory: what its files say, and the way to predictions."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Any

from headstart.bundle.heads import load_head
from headstart.bundle.manifest import EVIDENCE, WEIGHTS, Manifest
from headstart.bundle.predictor import Predictor
from headstart.bundle.runners import choose_runner
from headstart.bundle.weights import HEAD, read_weights
from headstart.core import plugins
from headstart.core.files import read_json
from headstart.core.learning import Fitted, Task
from headstart.core.preprocessing import ImagePreprocessing
from headstart.core.resources import cpu_count


@dataclass(frozen=True)
class Bundle:
    """A bundle whose files were verified; see :func:`headstart.bundle.read`.

    Attributes:
        folder: Where it lies.
        manifest: Everything about it except its numbers.
    """

    folder: Path
    manifest: Manifest

    @property
    def class_names(self) -> tuple[str, ...]:
        """Names in the order of the logits."""
        return self.manifest.class_names.names

    @property
    def preprocessing(self) -> ImagePreprocessing:
        """What turns a picture into the pixels that :meth:`predictor` takes."""
        return self.manifest.preprocessing

    def task(self) -> Task:
        """The task, rebuilt: encodes targets, decodes logits, computes metrics."""
        settings = dict(self.manifest.task)
        plugin = plugins.load("tasks", str(settings.pop("task")))
        task: Task = plugin.build(plugin.config.parse(settings, "task"))
        return task

    def fitted(self) -> Fitted:
        """The head: arrays and spec."""
        return Fitted(read_weights(self.folder / WEIGHTS, HEAD), self.manifest.method)

    def evidence(self) -> dict[str, Any]:
        """The evidence of the run that wrote the bundle."""
        document: dict[str, Any] = read_json(self.folder / EVIDENCE)
        return document

    def predictor(self, runtime: str = "auto", *, threads: int | None = None) -> Predictor:
        """Something to call with pixels.

        Args:
            runtime: "auto": the runtime of the fit where it is installed (features are then bit-equal to those the
                head was solved on), else the first that works. "onnxruntime" and "openvino" run model.onnx and need
                no torch; any other name of ``runtimes/`` rebuilds the torch module from weights.safetensors.
            threads: Processor threads; None: as during fit, at most what this machine has.

        Raises:
            ConfigError: no such runtime.
            MissingExtraError, BackendError: the runtime named is not installed or does not work here.
        """
        record = self.manifest
        chosen = choose_runner(self.folder, record, runtime, threads or min(record.runtime.threads, cpu_count()))
        return Predictor(
            runtime=chosen.name,
            precision=chosen.precision,
            image_size=record.preprocessing.image_size,
            feature_dim=record.backbone.feature_dim,
            compute=chosen.compute,
            head=load_head(self.fitted()),
        )
