"""Labels that are probably wrong, by what a probe says of rows it had not seen.

Northcutt, Jiang & Chuang, "Confident learning", JAIR 2021, arXiv:1911.00068. Every probe contradicts some labels that
are right, so a list alone is a hint; a warning needs evidence that labels were moved (see ``label_noise``), and a
pretrained network that saw the inputs: of plain columns an outcome, such as who leaves next month, may depend on
chance, and then a surprising label is no mistake.
"""

from __future__ import annotations

from importlib.util import find_spec

import numpy as np
from pydantic import Field

from headstart.core.config import Config
from headstart.core.plugins import Plugin
from headstart.inspection.checks.large_residuals import large_residuals
from headstart.inspection.checks.suspected_labels import LabelSuspects, among_classes, among_labels
from headstart.inspection.checks.wording import part_of, verb
from headstart.inspection.examined import Examined, percent
from headstart.inspection.finding import Finding

FEWEST = 20  # rows below which the probe has learned too little to judge labels
FEWEST_SUSPECTS = 3  # of a warning


class LabelErrorsConfig(Config):
    """When a label is suspected, and when the list is more than the probe's own mistakes."""

    unlikely: float = Field(
        0.1,
        ge=0,
        le=1,
        description="Probability of the label below which it is suspected whatever the confident joint says. Default: "
        "ours, on made data with 1 to 15 % of labels flipped (0.05 loses a tenth of them with two classes).",
    )
    warn_share: float = Field(
        0.005,
        ge=0,
        le=1,
        description="Estimated share of wrong labels that is a warning; below, the "
        "list is short and worth a look without alarm. Default: ours.",
    )
    chance: float = Field(
        0.001, gt=0, lt=1, description="How often wrong labels may be told where there are none. Default: ours."
    )
    warn_agreement: float = Field(
        0.5, ge=0, le=1, description="Share of rows where the probe must agree with the label, or it is no judge."
    )
    know_label: float = Field(
        0.8, ge=0, le=1, description="The same for each label of a set of labels, or that label is not judged."
    )
    number_bound: float = Field(
        6.0,
        gt=0,
        description="Robust standard deviations (from the median absolute deviation) from which on an error of a "
        "predicted number is large: none of a normal distribution, 0.2 % of one with long (Laplace) tails.",
    )
    most_numbers: float = Field(
        0.02, ge=0, le=1, description="Share above which large errors are how the target is, and not mistakes."
    )


class LabelErrors:
    """Classes, grades and labels by confident learning; numbers by the size of their errors."""

    def __init__(self, config: LabelErrorsConfig) -> None:
        self.config = config

    def check(self, examined: Examined) -> list[Finding]:
        """Suspects, those that the probe contradicts most first."""
        if examined.out_of_fold is None:
            return []
        rows = np.flatnonzero(np.isfinite(examined.out_of_fold).all(axis=1))
        if len(rows) < FEWEST:
            return []
        if examined.targets.kind == "real":
            return large_residuals(examined, rows, self.config.number_bound, self.config.most_numbers)
        if find_spec("cleanlab") is None:
            return [_not_checked()]
        if examined.targets.kind == "multilabel":
            found = among_labels(examined, rows, self.config.unlikely, self.config.chance, self.config.know_label)
        else:
            found = among_classes(examined, rows, self.config.unlikely, self.config.chance)
        return [self._finding(found, len(rows), examined)] if found.suspects else []

    def _finding(self, found: LabelSuspects, n: int, examined: Examined) -> Finding:
        listed, agreement = len(found.suspects), 1 - found.disagreements / found.cells
        doubt = self._doubt(found, agreement, examined)
        is_warning = not doubt and listed >= FEWEST_SUSPECTS and found.noise >= self.config.warn_share
        about = f", and about {percent(found.noise)} of all labels are estimated to be" if is_warning else ""
        return Finding(
            id="label_errors",
            severity="warning" if is_warning else "hint",
            what=f"{part_of(listed, n, 'label')} {verb(listed, 'looks', 'look')} wrong to a "
            f"probe that had not seen {verb(listed, 'it', 'them')}{about}{doubt}.",
            action="Look at the first of the list and correct what is wrong; where most of them are right, leave the "
            "rest.",
            evidence={
                "suspects": listed,
                "labels": n,
                "share": listed / n,
                "estimated_wrong": found.noise,
                "noise_evidence": found.evidence,
                "agreement": agreement,
            },
            suspects=found.suspects,
        )

    def _doubt(self, found: LabelSuspects, agreement: float, examined: Examined) -> str:
        """Why the list may be of labels that are right; "" where nothing says so."""
        if examined.features is None:
            return ", but where an outcome depends on chance, a surprising one is no mistake"
        if agreement < self.config.warn_agreement:
            return f", but the probe agrees with only {percent(agreement)} of all labels and may be wrong itself"
        if not found.is_noisy:
            return ", as many as its own mistakes may explain"
        return ""


def _not_checked() -> Finding:
    return Finding(
        id="label_errors/not_checked",
        severity="hint",
        what="Labels were not searched for mistakes, since the package 'cleanlab' is not installed.",
        action="Install it with: pip install 'headstart[audit]'.",
    )


PLUGIN = Plugin(build=LabelErrors, config=LabelErrorsConfig, paper="arXiv:1911.00068", extra="audit")
