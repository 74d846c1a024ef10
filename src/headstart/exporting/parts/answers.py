"""From what the file gives to what is said of an input."""

from __future__ import annotations

from typing import Any

import numpy as np


def answer(values: np.ndarray, facts: dict[str, Any]) -> dict[str, Any]:
    """One row (K,) of probabilities, or a number (1,), in words."""
    names, rule = facts["class_names"], facts["decision"]
    if facts["kind"] == "real":
        reach = rule["half_width"]
        found = [float(values[0])] + ([] if reach is None else [float(values[0] - reach), float(values[0] + reach)])
        if rule["is_logarithm"]:
            found = [max(0.0, float(np.expm1(min(each, 700.0)))) for each in found]
        return dict(zip(("prediction", "low", "high"), found, strict=False))
    probabilities = dict(zip(names, map(float, values), strict=True))
    if facts["kind"] == "multilabel":
        least = rule["thresholds"] or [0.5] * len(names)
        given = [name for name, p, t in zip(names, values, least, strict=True) if p >= t]
        return {"prediction": "|".join(given), "probabilities": probabilities}
    chosen = decided(np.asarray(values, np.float64), rule)
    return {"prediction": names[chosen], "probability": float(values[chosen]), "probabilities": probabilities}


def decided(p: np.ndarray, rule: dict[str, Any]) -> int:
    """The most probable class, or what the model's rule makes of the probabilities."""
    if "values" in rule:  # grades: the one nearest to the expected grade
        return int(np.abs(p @ np.array(rule["values"]) - np.array(rule["values"])).argmin())
    if "costs" in rule:  # the class of least expected cost
        return int((p @ np.array(rule["costs"])).argmin())
    if "factors" in rule:  # rare classes count as much as common ones
        return int((p * np.array(rule["factors"])).argmax())
    if "threshold" in rule:
        if p[rule["positive"]] >= rule["threshold"]:
            return int(rule["positive"])
        return int(np.where(np.arange(len(p)) == rule["positive"], -1.0, p).argmax())
    return int(p.argmax())
