"""From the choice to the page: the test unsealed once, the evidence, the predictions, the bundle, the report."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

from headstart.api.candidates import Learning
from headstart.api.examples import examples_document
from headstart.api.network_in_pass import Workshop
from headstart.api.networks import PIXELS, Networks
from headstart.api.prediction_table import write_table
from headstart.api.splitting import Split
from headstart.core.files import write_json
from headstart.core.learning import Floats, SolveMethod, Targets, Task
from headstart.core.progress import Progress
from headstart.data.read import Reading
from headstart.data.sealed import SealedTargets
from headstart.evidence.contender import Contender
from headstart.evidence.cost import Stopwatch
from headstart.evidence.curve import curve_section
from headstart.evidence.document import Facts, of_a_fit
from headstart.evidence.guard import Choice
from headstart.evidence.slices import by_slice

if TYPE_CHECKING:
    from headstart.api.job import Job
    from headstart.backbones.card import Card
    from headstart.core.run_folder import RunFolder

PARITY_PICTURES = 32
BACKBONE_FACTS = (
    *("name", "family", "parameters", "flops", "licence", "source", "location", "sha256"),
    *("pretraining", "known_biases", "paper"),
)


@dataclass(frozen=True)
class Outcome:
    """What the steps up to the choice left."""

    task: Task
    learning: Learning
    contenders: list[Contender]
    choice: Choice
    split: Split
    sealed: SealedTargets
    reading: Reading
    networks: Networks
    workshop: Workshop
    method: SolveMethod

    @property
    def chosen(self) -> Contender:
        """The contender that ships."""
        return next(contender for contender in self.contenders if contender.name == self.choice.name)

    @property
    def is_pretrained(self) -> bool:
        """Whether the pretrained network ships."""
        return self.chosen.is_transfer

    def features(self, part: Any) -> Floats:
        """Of the candidate that ships, ``(n, D)``."""
        features = self.learning.features
        return self.learning.read(features.backbone if self.is_pretrained else features.pixels, part)


def finish(job: Job, outcome: Outcome, watch: Stopwatch, progress: Progress) -> None:
    """Write everything that follows from the choice; each file appears whole."""
    folder, request = job.folder, job.request
    progress.step("evidence", 0)
    learning = outcome.learning
    curve = curve_section(
        outcome.task,
        outcome.chosen,
        learning.targets,
        learning.folds,
        outcome.features("train"),
        learning.seed,
        learning.weights,
    )
    targets = outcome.task.encode(outcome.sealed.unseal(folder.config))
    evidence = _evidence(outcome, targets, {"learning_curve": curve})
    evidence["cost"] = watch.read(outcome.learning.features.seconds_per_input)
    _write_predictions(folder, outcome, targets)
    if request.examples:
        write_json(folder.examples, examples_document(outcome, targets))
    folder.write_evidence(evidence)
    progress.step("bundle", 0)
    _write_bundle(folder, outcome, evidence)
    progress.step("report", 0)
    from headstart.reports.page import render

    render(folder.path, examples=request.examples)


def _evidence(outcome: Outcome, targets: Targets, sections: dict[str, Any]) -> dict[str, Any]:
    dataset, split = outcome.reading.dataset, outcome.split
    if outcome.sealed.slices:
        sections["slices"] = by_slice(
            outcome.task, targets, outcome.chosen.test_logits, outcome.sealed.slices, outcome.learning.seed
        )
    facts = Facts(
        counts={"train": len(split.train) - split.val, "val": split.val, "test": len(split.test)},
        backbone=backbone_facts(outcome.networks.backbone.card, outcome.networks.title),
        data={"name": dataset.name, "fingerprint": dataset.fingerprint},
        test_reads=outcome.sealed.reads,
        warnings=[*split.warnings, *_warnings(outcome.reading)],
    )
    return of_a_fit(outcome.task, targets, outcome.contenders, outcome.choice, facts, sections, outcome.learning.seed)


def backbone_facts(card: Card, title: str) -> dict[str, Any]:
    """The part of a card that evidence.json holds; the place of a user's own file stays out."""
    private = {"location"} if card.source == "local" else set()
    facts = {key: value for key, value in card.to_dict().items() if key in BACKBONE_FACTS and key not in private}
    return {**facts, "name": title}


def _warnings(reading: Reading) -> list[str]:
    if not reading.bad:
        return []
    return [f"{len(reading.bad)} inputs could not be used and were left out; plan.json and run.log list them."]


def _write_predictions(folder: RunFolder, outcome: Outcome, targets: Targets) -> None:
    names = outcome.task.class_names
    predicted, probabilities = outcome.task.decode(outcome.chosen.test_logits)
    columns: dict[str, Any] = {
        "id": list(outcome.learning.test.ids),
        "split": ["test"] * len(targets.values),
        "target": [names[value] for value in targets.values],
        "prediction": predicted.tolist(),
    }
    for number, name in enumerate(names):
        columns[f"probability_{name}"] = probabilities[:, number]
    write_table(folder.predictions, columns)


def _write_bundle(folder: RunFolder, outcome: Outcome, evidence: dict[str, Any]) -> None:
    from headstart import bundle
    from headstart.data.preprocess import prepare
    from headstart.runtimes.onnx_graph import export

    train, card = outcome.learning.train, outcome.networks.card
    rows = np.arange(min(PARITY_PICTURES, len(train)))
    pixels = np.stack([prepare(train.inputs.read(int(row)), card.preprocessing) for row in rows])
    if outcome.is_pretrained:
        backbone: Any = outcome.networks.shipped
        graph = export(backbone, 0, len(backbone.stages), outcome.workshop.cache)
        features = outcome.learning.read(outcome.learning.features.backbone, "train", rows)
    else:
        fitted = outcome.networks.pixels
        backbone = bundle.FittedBackbone(PIXELS, {}, fitted.config.model_dump(mode="json"), str(fitted.version))
        graph, features = None, None
    bundle.write(
        folder.bundle,
        backbone=backbone,
        fitted=outcome.chosen.solution.fitted,
        task_dict=outcome.task.to_dict(),
        preprocessing=card.preprocessing,
        runtime=outcome.learning.features.runtime if outcome.is_pretrained else None,
        evidence=evidence,
        pixels_for_parity=pixels,
        graph=graph,
        features_for_parity=features,
    )
