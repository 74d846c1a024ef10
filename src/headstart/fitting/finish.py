"""From the choice to the page: the test unsealed once, the evidence, the predictions, the bundle, the report."""

from __future__ import annotations

import shutil
from typing import TYPE_CHECKING, Any

import numpy as np

from headstart.bundle.prediction_table import write_table
from headstart.core.files import sha256_file, write_json
from headstart.core.learning import Floats, Targets
from headstart.core.progress import Progress
from headstart.data.read import Reading
from headstart.evidence.calibration import calibration_section, domain_section
from headstart.evidence.cost import Stopwatch
from headstart.evidence.curve import curve_section
from headstart.evidence.document import Facts, of_a_fit
from headstart.evidence.fairness import fairness_section
from headstart.evidence.hashes import code_facts, hash_of_ids, hash_of_split
from headstart.evidence.prediction_columns import prediction_columns
from headstart.evidence.run_answers import FOLD
from headstart.evidence.slices import by_slice
from headstart.features.sources import PretrainedSource
from headstart.fitting.bundling import write_bundle
from headstart.fitting.examples import MISTAKES, examples_document
from headstart.fitting.explained import explain_some
from headstart.fitting.generalised import with_test
from headstart.fitting.held_out import held_out_outputs
from headstart.fitting.kept_examples import kept_rows
from headstart.fitting.outcome import Outcome
from headstart.fitting.updated import section_of_update
from headstart.postprocessing.answers import Answers
from headstart.postprocessing.postprocessing import Postprocessing
from headstart.solving.balance import balance_effect

if TYPE_CHECKING:
    from headstart.backbones.card import Card
    from headstart.core.run_folder import RunFolder

BACKBONE_FACTS = (
    *("name", "family", "parameters", "flops", "licence", "source", "location", "sha256"),
    *("pretraining", "known_biases", "paper"),
)
NO_NETWORK = {"name": "columns", "parameters": 0, "licence": None, "source": "none", "sha256": None}


def finish(outcome: Outcome, watch: Stopwatch, progress: Progress) -> None:
    """Write everything that follows from the choice; each file appears whole."""
    job, solved, learning = outcome.work.job, outcome.solved, outcome.learning
    folder, request = job.folder, job.request
    progress.step("evidence", 0)
    curve = curve_section(
        outcome.uncalibrated,
        learning.targets,
        learning.folds,
        outcome.features(learning.train) if outcome.chosen.report.get("penalty") else None,
        learning.seed,
        learning.weights,
    )
    training = {trial.contender.name: trial.report for trial in solved.trials}
    targets = learning.task.encode(solved.parts.sealed.unseal(folder.config))
    calibration = calibration_section(
        outcome.chosen.task, targets, outcome.chosen.test_outputs, outcome.answers.postprocessing, outcome.answers.facts
    )
    sections: dict[str, Any] = {"calibration": calibration, "audit": outcome.audited.section(), "learning_curve": curve}
    post = outcome.answers.postprocessing
    strange = post.domain_p(outcome.features(learning.test)) if post.judges_domain else None
    if strange is not None:
        sections["out_of_domain"] = domain_section(post.record, strange)
    if training:
        sections["training"] = training
    if outcome.compared:
        sections["networks"] = dict(outcome.compared)
    if outcome.mitigation:
        sections["mitigation"] = dict(outcome.mitigation)
    if outcome.domains:
        sections["domains"] = with_test(outcome.domains, solved, outcome.chosen, targets)
    if solved.race:
        sections["race"] = dict(solved.race)
    if effect := balance_effect(learning, solved.candidates, solved.contenders, request.balance):
        sections["balance"] = effect
    evidence = _evidence(outcome, targets, sections)
    evidence["cost"] = watch.read(learning.features.seconds_per_input)
    if solved.trials:
        evidence["cost"]["training"] = {trial.contender.name: trial.seconds for trial in solved.trials}
    if outcome.updated:
        evidence["update"] = section_of_update(outcome.updated, solved, outcome.chosen, targets)
    _write_predictions(folder, outcome, targets, strange)
    evidence["hashes"] = _hashes(outcome)
    wrong = outcome.chosen.task.worst(targets, outcome.chosen.test_outputs, MISTAKES) if request.examples else []
    if request.examples:
        write_json(folder.examples, examples_document(outcome, wrong))
    progress.step("bundle", 0)
    bundle = write_bundle(folder.bundle, outcome, evidence)
    folder.write_evidence(bundle.evidence())  # with the hash of the weights
    progress.step("report", 0)
    if wrong:
        explain_some(folder, learning.test, [(each.row, learning.test.ids[each.row]) for each in wrong])
    from headstart.reports.model_card import write_model_card
    from headstart.reports.page import render

    write_model_card(folder.path)
    render(folder.path, examples=request.examples)
    shutil.rmtree(folder.checkpoints, ignore_errors=True)  # what they held is in the bundle


def _evidence(outcome: Outcome, targets: Targets, sections: dict[str, Any]) -> dict[str, Any]:
    reading, parts = outcome.solved.reading, outcome.solved.parts
    dataset, split, learning, chosen = reading.dataset, parts.split, outcome.learning, outcome.chosen
    if parts.sealed.slices:
        judged = (chosen.task, targets, chosen.test_outputs, parts.sealed.slices, learning.seed)
        sections |= {"slices": by_slice(*judged), "fairness": fairness_section(*judged, dataset.table.columns)}
    facts = Facts(
        counts={"train": len(split.train) - split.val, "val": split.val, "test": len(split.test)},
        backbone=_backbone(outcome),
        data={
            "name": dataset.name,
            "fingerprint": dataset.fingerprint,
            "modality": dataset.modality,
            "test_examples": hash_of_ids(learning.test.ids),
        },
        test_reads=parts.sealed.reads + (outcome.updated.test_reads if outcome.updated else 0),
        warnings=[*outcome.audited.warnings, *_warnings(reading), *_included(outcome)],
    )
    return of_a_fit(targets, outcome.solved.contenders, outcome.choice, facts, sections, learning.seed)


def _hashes(outcome: Outcome) -> dict[str, Any]:
    """Of all that the evidence follows from but the weights, which are not written yet."""
    solved = outcome.solved
    dataset, split = solved.reading.dataset, solved.parts.split
    part = np.full(len(dataset), "train", dtype=object)
    part[split.test] = "test"
    if split.val:
        part[(dataset.split == "val") & (part == "train")] = "val"
    return {
        "data": dataset.fingerprint,
        "split": hash_of_split(dataset.ids, part),
        "predictions": sha256_file(outcome.work.job.folder.predictions),
        "code": code_facts(),
    }


def _backbone(outcome: Outcome) -> dict[str, Any]:
    """The network that ships, else the first one that was tried; NO_NETWORK where none sees the data."""
    shipped = [source.network for source in outcome.candidate.sources if isinstance(source, PretrainedSource)]
    networks = shipped or list(outcome.work.networks.values())
    return backbone_facts(networks[0].backbone.card, networks[0].title) if networks else dict(NO_NETWORK)


def backbone_facts(card: Card, title: str) -> dict[str, Any]:
    """The part of a card that evidence.json holds; the place of a user's own file stays out."""
    private = {"location"} if card.is_users_own else set()
    facts = {key: value for key, value in card.to_dict().items() if key in BACKBONE_FACTS and key not in private}
    return {**facts, "name": title}


def _warnings(reading: Reading) -> list[str]:
    if not reading.bad:
        return []
    return [f"{len(reading.bad)} inputs could not be used and were left out; plan.json and decisions.jsonl list them."]


def _included(outcome: Outcome) -> list[str]:
    """Whoever passes a bundle on must know what else is in it."""
    if not outcome.work.job.request.include_examples:
        return []
    return [
        f"The bundle holds excerpts, targets and features of {len(kept_rows(outcome))} training examples "
        "(include_examples): whoever gets the bundle gets them."
    ]


def _write_predictions(folder: RunFolder, outcome: Outcome, targets: Targets, strange: Floats | None) -> None:
    learning, slices = outcome.learning, outcome.solved.parts.sealed.slices
    answers = Answers(outcome.chosen.task, outcome.answers.postprocessing)
    columns = prediction_columns(learning.test.ids, targets, outcome.chosen.test_outputs, answers, strange, slices)
    write_table(folder.predictions, columns)
    rows, outputs = held_out_outputs(outcome.solved, outcome.choice, outcome.answers)
    ids = [learning.train.ids[row] for row in rows]
    bare = Answers(outcome.chosen.task, Postprocessing())
    held = prediction_columns(ids, learning.targets.take(rows), outputs, bare, None, {}, split="held_out")
    write_table(folder.held_out, {**held, FOLD: learning.folds[rows]})
