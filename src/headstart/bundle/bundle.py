"""A bundle in memory: what its files say, and the way to predictions."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from headstart.bundle.assembling import sources_of, stored_fitted
from headstart.bundle.heads import load_head
from headstart.bundle.kept_examples import KeptExamples
from headstart.bundle.manifest import EVIDENCE, EXAMPLES, WEIGHTS, Manifest
from headstart.bundle.predictor import Predictor
from headstart.bundle.weights import HEAD, POSTPROCESSING, read_weights
from headstart.core.files import read_json
from headstart.core.learning import Fitted, Task
from headstart.core.schema import InputSchema
from headstart.postprocessing.answers import Answers
from headstart.postprocessing.postprocessing import Postprocessing
from headstart.runtimes.contract import Compute
from headstart.tasks.choose import task_from_dict


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
        """Names in the order of the outputs; empty for numbers."""
        return self.manifest.class_names.names

    @property
    def schema(self) -> InputSchema:
        """What an example consists of, so that new data are read as the training data were."""
        return self.manifest.input

    def task(self) -> Task:
        """The task, rebuilt: encodes targets, says what outputs mean, computes metrics."""
        return task_from_dict(self.manifest.task)

    def fitted(self) -> Fitted:
        """The head: arrays and spec."""
        return Fitted(read_weights(self.folder / WEIGHTS, HEAD), self.manifest.method)

    def postprocessing(self) -> Postprocessing:
        """What is done behind the head, and said beside its predictions."""
        arrays = read_weights(self.folder / WEIGHTS, POSTPROCESSING)
        return Postprocessing(self.manifest.postprocessing, arrays)

    def answers(self) -> Answers:
        """What is said of an example: the task's columns and those of the postprocessing."""
        return Answers(self.task(), self.postprocessing())

    def known_levels(self) -> dict[str, list[str]]:
        """Levels by category column that the model tells apart; of several that read a column the most."""
        found: dict[str, list[str]] = {}
        for record in self.manifest.fitted.values():
            backbone = stored_fitted(self.folder, record)
            if backbone.takes == "columns":
                for name, levels in backbone.load().known_levels(backbone.arrays).items():
                    found[name] = max(found.get(name, []), levels, key=len)
        return found

    def examples(self) -> KeptExamples | None:
        """Training examples, where the fit included some."""
        return None if self.manifest.examples is None else KeptExamples.read(self.folder / EXAMPLES)

    def evidence(self) -> dict[str, Any]:
        """The evidence of the run that wrote the bundle."""
        document: dict[str, Any] = read_json(self.folder / EVIDENCE)
        return document

    def predictor(
        self,
        runtime: str = "auto",
        *,
        threads: int | None = None,
        sizes: Sequence[int] | None = None,
        computed: Mapping[str, Compute] | None = None,
    ) -> Predictor:
        """What turns examples into outputs.

        Args:
            runtime: "auto": the runtime of the fit where it is installed (features are then bit-equal to those the
                head was solved on), else the first that works; for each network by itself. "onnxruntime" and
                "openvino" run the bundle's graphs and need no torch; any other name of ``runtimes/`` rebuilds the
                torch modules from weights.safetensors.
            threads: Processor threads; None: as during fit, at most what this machine has.
            sizes: Rows that a network computes at once, one of these, by onnxruntime or openvino alone, which need no
                torch; None: as many as during fit, so that features are the same bits.
            computed: By name of each network a function of prepared inputs to features, in place of a runtime.

        Raises:
            ConfigError: no such runtime.
            MissingExtraError, BackendError: the runtime named is not installed or does not work here.
        """
        sources = sources_of(self.folder, self.manifest, runtime, threads, sizes, computed)
        return Predictor(self.schema, sources, load_head(self.fitted()), self.postprocessing(), self.task().kind)
