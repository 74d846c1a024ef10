"""How the numbers were made, for whoever wants to check them."""

from __future__ import annotations

from dataclasses import dataclass

from headstart.reports.measures import level_text, measure
from headstart.reports.numbers import Interval, count, is_number
from headstart.reports.run_files import RunFiles, listing
from headstart.reports.sections.section import Section
from headstart.reports.task_facts import stated_metrics

# Which interval the evaluation gives to which metric.
INTERVALS = (
    (("accuracy", "per_class"), "Accuracy, and recall and precision of a class: exact (Clopper-Pearson)"),
    (
        ("balanced_accuracy", "recall_macro", "precision_macro"),
        "Means over classes: the wider of recovered variances and the exact interval at the effective sample size",
    ),
    (("macro_f1",), "Macro-F1: exact, at the effective sample size"),
    (("log_loss",), "Log-loss: Student's t, corrected for skewness"),
    (("ece",), "Calibration error: an inverted parametric bootstrap"),
    (("roc_auc",), "ROC AUC: Newcombe's score interval"),
    (("average_precision",), "Average precision: exact, with one trial for each positive"),
    (("qwk", "r2"), "Kappa and R squared: from the jackknife"),
    (("rmse", "rmse_of_mean", "mae"), "RMSE and MAE: Student's t, corrected for skewness"),
    (("within_one", "subset_accuracy", "interval_coverage"), "Other shares of examples: exact (Clopper-Pearson)"),
)
OF_CLASSES = ("macro_f1", "accuracy")  # macro-F1 of label sets, whose examples lack "accuracy", is made otherwise


@dataclass(frozen=True)
class Method:
    """Statements as term and text, and the facts that identify the run."""

    statements: tuple[tuple[str, str], ...]
    facts: tuple[tuple[str, str], ...]


def build(run: RunFiles) -> Section:
    """Always there."""
    statements = [_test(run), _choice(run), _intervals(run), _differences(run), _curve(run)]
    facts = [
        ("Task", str(run.evidence.get("task") or "")),
        ("Metric that decides", measure(run.primary).label),
        ("Seed", str(run.config["seed"]) if "seed" in run.config else ""),
        ("Reads of the test split", count(run.evidence.get("test_reads"))),
        ("Headstart", str(run.evidence.get("headstart_version") or "")),
        ("Evidence schema", str(run.evidence.get("schema"))),
        ("Run", run.name),
    ]
    return Section(
        "method",
        "How the numbers were made",
        "Method",
        "Everything on this page is read from the files of the run folder; nothing is computed again.",
        "evidence.json holds the same numbers unrounded.",
        Method(tuple(item for item in statements if item), tuple(fact for fact in facts if fact[1])),
    )


def _test(run: RunFiles) -> tuple[str, str]:
    if run.is_evaluation:
        return ("Data", f"{count(run.n_test)} examples that were given to evaluate, after the model was made.")
    reads = run.evidence.get("test_reads")
    looks = "once" if reads == 1 else f"{count(reads)} times" if is_number(reads) else "an unknown number of times"
    return (
        "Test split",
        f"{count(run.n_test)} examples, sealed while the model was chosen. Their labels were read {looks}, after the "
        "choice was on disk.",
    )


def _choice(run: RunFiles) -> tuple[str, str] | None:
    if not run.section("guard"):
        return None
    return (
        "Choice",
        f"By log-loss on out-of-fold predictions of {count(run.section('guard').get('rows'))} training examples: each "
        "was predicted by a model that had not seen it.",
    )


def _intervals(run: RunFiles) -> tuple[str, str]:
    test = run.section("test")
    level = level_text([Interval.of(test.get(name)) for name in test])
    of_classes = all(name in test for name in OF_CLASSES)
    known = [name for name in test if name != "macro_f1" or of_classes]
    made = [f"{text}." for names, text in INTERVALS if any(name in known for name in names)]
    stated = [metric for name, metric in stated_metrics().items() if name in test and metric.interval]
    made += [f"{metric.label}: {metric.interval}." for metric in stated]
    return (
        "Intervals",
        f"Level {level}, two-sided. {' '.join(made)} They cover chance in drawing the test examples, not a change of "
        "the world: other cameras, other seasons, other people.",
    )


def _differences(run: RunFiles) -> tuple[str, str] | None:
    if not listing(run.evidence.get("comparisons")):
        return None
    return (
        "Differences",
        "Chosen minus other, paired: both models answered the same test examples, so what is easy or hard for both "
        "cancels. That is why a difference can be clear although two bars overlap. The interval is Tango's score "
        "interval; for F1, at the effective sample size.",
    )


def _curve(run: RunFiles) -> tuple[str, str] | None:
    if not listing(run.section("learning_curve").get("points")):
        return None
    return (
        "Learning curve",
        "Measured on held-out folds of the training examples, so its last point may differ from the test. Intervals: "
        "Student's t over folds; folds share training examples, so they are a little short. The forecast averages "
        "power laws with a floor, each weighted by how well it fits the points.",
    )
