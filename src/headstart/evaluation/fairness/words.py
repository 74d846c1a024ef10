"""What was found about a column, in sentences for people who train no models."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from headstart.evaluation.fairness.aspects import Aspect
from headstart.evaluation.fairness.judged import Judged

SHOWN = 3  # differences told of one column before "and n more"
FINE = 0.02  # differences of less than two points are told with a decimal
Found = Mapping[str, Any]
# {who} and {others} are told as numbers of a hundred; {it} is the positive class
RATES = {
    "accuracy": "For {group} the model is right in {who} of 100 cases, for the others in {others}",
    "exact_match": "For {group} all labels are right in {who} of 100 cases, for the others in {others}",
    "label_accuracy": "For {group} {who} of 100 labels are right, for the others {others}",
    "selection_rate": "For {group} the model says {it} in {who} of 100 cases, for the others in {others}",
    "true_positive_rate": "Of those that are {it} the model finds {who} of 100 for {group}, {others} of the others",
    "false_positive_rate": "Of those that are not {it} the model takes {who} of 100 for it for {group}, "
    "{others} of the others",
}
NUMBERS = {
    "rmse": "For {group} predictions are off by {who} (root mean square), for the others by {others}",
    "mean_error": "For {group} predictions are off by {who} on the average, above 0 being too high, for the others by "
    "{others}",
}
IN_SHORT = {
    "accuracy": "in how often the model is right",
    "exact_match": "in how often all labels are right",
    "rmse": "in how far predictions are off",
    "selection_rate": "in how often it says {it}",
}
ALSO = "selection_rate"  # told beside the primary aspect where nothing is shown: an even accuracy says nothing of it


def verdict(column: str, found: Sequence[Found], judged: Judged, positive: str, total: int) -> str:
    """What can be claimed about a column, and what cannot be excluded.

    Args:
        column: Its name.
        found: Its comparisons, as ``against_rest.corrected`` wrote them.
        judged: Of all examples.
        positive: What the positive class is called.
        total: Comparisons in the whole report, which these were corrected for.
    """
    if not found:
        return f"Nothing can be said about {column}: no group has enough examples beside enough others."
    claimed = [each for each in found if each["differs"]]
    first = [each for each in found if each["metric"] == judged.primary.name]
    told = sorted(claimed, key=lambda each: (each["metric"] != judged.primary.name, each["p_value"]))
    sentences = [_claim(each, positive, total) for each in told[:SHOWN]]
    if first and not any(each["differs"] for each in first):
        sentences.insert(0, _nothing(f"No difference between the groups of {column}", first, judged.primary, positive))
    also = [each for each in found if each["metric"] == ALSO]
    if also and not any(each["differs"] for each in also):
        aspect = next(aspect for aspect in judged.aspects if aspect.name == ALSO)
        sentences.append(_nothing(f"No difference by {column}", also, aspect, positive))
    if len(told) > SHOWN:
        sentences.append(f"{len(told) - SHOWN} more differences between groups of {column} are in the table.")
    return " ".join(sentences)


def overall(verdicts: Mapping[str, bool | None]) -> str:
    """Where differences were found; by column True, False, or None where nothing could be compared.

    >>> overall({"sex": True, "age": False, "id": None})
    'Differences by sex were found; none could be shown by age. By id nothing could be compared.'
    """
    yes, no, nothing = ([name for name, is_found in verdicts.items() if is_found is one] for one in (True, False, None))
    parts = [f"Differences by {_listed(yes)} were found"] if yes else []
    if no:
        parts.append(
            f"none could be shown by {_listed(no)}" if yes else f"No difference by {_listed(no)} could be shown"
        )
    sentences = [f"{'; '.join(parts)}."] if parts else []
    if nothing:
        sentences.append(f"By {_listed(nothing)} nothing could be compared.")
    return " ".join(sentences)


def _listed(names: Sequence[str]) -> str:
    return names[0] if len(names) == 1 else f"{', '.join(names[:-1])} and {names[-1]}"


def _claim(each: Found, positive: str, total: int) -> str:
    bounds = each["difference_corrected"]
    if each["metric"] in NUMBERS:
        words = NUMBERS[each["metric"]].format(
            group=_who(each), who=_figure(each["value"]), others=_figure(each["others"])
        )
        size = _figure(abs(bounds["value"]))
        ends = [_figure(end) for end in _ends(bounds)]
    else:
        digits = _digits(bounds["value"])
        words = RATES[each["metric"]].format(
            group=_who(each),
            who=f"{100 * each['value']:.{digits}f}",
            others=f"{100 * each['others']:.{digits}f}",
            it=repr(positive),
        )
        size = f"{100 * abs(bounds['value']):.{digits}f} points"
        ends = [f"{100 * end:.{digits}f}" for end in _ends(bounds)]
    reach = f"{ends[0]} to {ends[1]}" if ends else f"p = {each['p_corrected']:.2g}"
    sure = f"{reach}, after correction for {total} comparisons" if total > 1 else f"95 % interval {reach}"
    return f"{words} (difference {size}, {sure}{_in_truth(each)})."


def _in_truth(each: Found) -> str:
    """Groups that differ in truth may well be given different answers."""
    if "base_rate" not in each:
        return ""
    digits = _digits(each["base_rate"] - each["others_base_rate"])
    rates = (f"{100 * each[key]:.{digits}f}" for key in ("base_rate", "others_base_rate"))
    return "; in truth {} and {}".format(*rates)


def _nothing(begin: str, found: Sequence[Found], aspect: Aspect, positive: str) -> str:
    largest = max(found, key=lambda each: abs(each["difference"]["value"]))
    is_number = largest["metric"] in NUMBERS
    value = abs(largest["difference"]["value"])
    size = _figure(value) if is_number else f"{100 * value:.{_digits(value)}f} points"
    reach = [max(abs(end) for end in _ends(each["difference_corrected"])) for each in found if _ends_known(each)]
    beyond = ""
    if reach:
        most = _figure(max(reach)) if is_number else f"{100 * max(reach):.0f} points"
        beyond = f"; a difference of up to {most} cannot be excluded"
    about = IN_SHORT[aspect.name].format(it=repr(positive))
    return (
        f"{begin} {about} could be shown (largest: {_who(largest)} against the others, {size}, "
        f"n = {largest['n']:,} and {largest['n_others']:,}){beyond}."
    )


def _ends_known(each: Found) -> bool:
    return each["difference_corrected"]["low"] is not None


def _ends(bounds: Found) -> list[float]:
    """The limits of a difference's size, smaller first; none where there are no limits."""
    if bounds["low"] is None:
        return []
    return sorted([bounds["low"], bounds["high"]] if bounds["value"] > 0 else [-bounds["high"], -bounds["low"]])


def _who(each: Found) -> str:
    return f"{each['column']} = {each['group']}"


def _digits(difference: float) -> int:
    return 0 if abs(difference) >= FINE else 1


def _figure(value: float) -> str:
    """Three figures; whole from a thousand on."""
    return f"{value:,.0f}" if abs(value) >= 1000 else f"{value:.3g}"
