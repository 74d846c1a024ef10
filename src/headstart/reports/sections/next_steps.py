"""What to do next, each with the number that suggests it."""

from __future__ import annotations

import math
from dataclasses import dataclass

from headstart.reports.measures import measure
from headstart.reports.names import quoted
from headstart.reports.numbers import Interval, count, is_number, percent
from headstart.reports.run_files import RunFiles, listing, mapping
from headstart.reports.sections.section import Section

WORTH_LABELLING = 0.01  # forecast gain of the metric from which more labels are suggested
MUCH_CUT_OFF = 0.05  # share of an input that the network never sees
KEPT_BY = {  # by kind of preprocessing: what is cut off, and what keeps it
    "image": ("a picture's area", "If what matters is near the edge, padding keeps it.", "model.resize=pad"),
    "text": ("a text", "If what matters comes late, a model that reads more may find it.", "model.max_tokens=512"),
    "sound": ("a recording", "If what matters is far from its middle, cut recordings into pieces.", ""),
}
MANY_TIMES = 20  # beyond this factor, "that many more test examples" is no advice


@dataclass(frozen=True)
class Step:
    """Advice: what, and why."""

    what: str
    why: str
    command: str = ""


@dataclass(frozen=True)
class NextSteps:
    """Steps, most useful first."""

    steps: tuple[Step, ...]


def build(run: RunFiles) -> Section:
    """Always there: at least how to use the model."""
    found = [_fresh_test(run), _clearer(run), _label_more(run), _weak_class(run), _cut_off(run), _train(run)]
    steps = [step for step in found if step is not None]
    use = Step(
        "Use the model",
        _use(run),
        "headstart predict RUN FOLDER --out predictions.csv",
    )
    steps.append(use)
    says = "Suggestions that follow from the numbers above, the most useful first."
    glance = f"{steps[0].what}: {steps[0].why[:1].lower()}{steps[0].why[1:]}"
    return Section("next_steps", "What to do next", "Next steps", says, "", NextSteps(tuple(steps)), glance=glance)


def _use(run: RunFiles) -> str:
    if "residuals" in run.evidence:
        return "Predictions for a table or a file come with an interval; it holds the truth about nine times in ten."
    return "Predictions for a file, a folder or a table come with a probability; look first at those with a low one."


def _fresh_test(run: RunFiles) -> Step | None:
    reads = run.evidence.get("test_reads")
    if not is_number(reads) or reads <= 1:
        return None
    return Step(
        "Test on new data",
        f"These test examples were read {count(reads)} times; labelled examples that no run has seen "
        "give a clean number.",
        "headstart evaluate RUN NEW_DATA",
    )


def _clearer(run: RunFiles) -> Step | None:
    """How many test examples would settle an unclear verdict: interval width falls with the square root of n."""
    if run.section("verdict").get("transfer_helps") != "unclear":
        return None
    what = "Collect more test examples"
    gap = Interval.of(run.section("verdict").get("difference"))
    if gap is None or gap.bounds is None or run.n_test is None:
        return Step(what, "Whether transfer helps is unclear: these test examples give no interval for the difference.")
    edge = gap.bounds[0] if gap.value > 0 else gap.bounds[1]
    factor = ((gap.value - edge) / gap.value) ** 2 if gap.value else math.inf
    if factor > MANY_TIMES:
        return Step(
            what,
            "Whether transfer helps is unclear, and the difference is so small that only a far larger test split "
            "could tell. If it is that small, cost and speed may decide instead.",
        )
    needed = _two_digits(max(factor * run.n_test, run.n_test + 1))
    return Step(
        what,
        f"Whether transfer helps is unclear with {count(run.n_test)}. If the difference stays as it is, roughly "
        f"{count(needed)} would tell.",
    )


def _two_digits(number: float) -> int:
    """Rounded up to two significant digits: an estimate should not look exact."""
    step = 10 ** max(0, len(str(int(number))) - 2)
    return int(-(-number // step) * step)


def _label_more(run: RunFiles) -> Step | None:
    curve = run.section("learning_curve")
    points = [mapping(point) for point in listing(curve.get("points"))]
    ahead, now = Interval.of(curve.get("forecast")), Interval.of(points[-1]) if points else None
    if ahead is None or now is None:
        return None
    shown = measure(str(curve.get("metric") or run.primary))
    gain = (ahead.value - now.value) * (-1 if shown.better == "lower" else 1)
    n = count(mapping(curve.get("forecast")).get("n"))
    text = f"{shown.difference(Interval(ahead.value - now.value))}{shown.points}"
    if gain < WORTH_LABELLING:
        return Step(
            "Do not label more of the same",
            f"The forecast for {n} training examples is {text}: the curve is flat. Clean labels or other "
            "kinds of examples may give more.",
        )
    return Step("Label more training examples", f"With {n}, {text} of {shown.inline} can be expected.")


def _weak_class(run: RunFiles) -> Step | None:
    rows = {name: mapping(row) for name, row in mapping(run.section("test").get("per_class")).items()}
    recalls = {name: Interval.of(row.get("recall")) for name, row in rows.items()}
    known = {name: recall for name, recall in recalls.items() if recall is not None}
    if len(known) < 2:
        return None
    weakest = min(known, key=lambda name: known[name].value)
    mean = sum(recall.value for recall in known.values()) / len(known)
    # Only a class that is below the mean beyond its own interval is worth somebody's afternoon.
    high = known[weakest].high
    if high is None or high >= mean:
        return None
    return Step(
        f"Look at {quoted(weakest)}",
        f"{percent(known[weakest].value, 0)} of its test examples are found, against {percent(mean, 0)} on "
        "average over classes. Check its labels, and label more of it first.",
    )


def _train(run: RunFiles) -> Step | None:
    minutes = run.plan.get("more_minutes")
    if not is_number(minutes) or run.section("training"):
        return None
    return Step(
        "Let the network learn too",
        "So far it stayed as it was pretrained. Training its last stages further on these examples is kept only if it "
        "is clearly better on examples set apart.",
        f"headstart fit DATA --minutes {count(minutes)}",
    )


def _cut_off(run: RunFiles) -> Step | None:
    preprocessing = mapping(run.plan.get("preprocessing"))
    share, known = preprocessing.get("cut_off_fraction"), KEPT_BY.get(str(preprocessing.get("kind")))
    if not is_number(share) or share <= MUCH_CUT_OFF or known is None:
        return None
    what, advice, setting = known
    return Step(
        "Let the network see more",
        f"On average {percent(share, 0)} of {what} is cut off before the network sees it. {advice}",
        f"headstart fit DATA --set {setting}" if setting else "",
    )
