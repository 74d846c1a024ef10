"""Kinds of change that are told apart; each gets the same part of the false alarms that are allowed."""

from __future__ import annotations

from typing import Literal

Family = Literal["features", "quality", "columns", "predictions", "classes", "domain", "latency", "measured"]
LEVEL = 0.005  # share of windows without any change that raise an alarm, all tests together
ALLOWED = 0.05  # of the examples may be exchanged for others before that is a change worth an alarm
SLOW = 0.01  # of the requests may be slower than the limit that the server was told
ALLOWED_CLASSES = 0.02  # of predicted classes: predictions move less than classes do, since some are confused
NAMES: dict[str, str] = {
    "features": "what the model sees",
    "quality": "quality of the inputs",
    "columns": "columns",
    "predictions": "predictions and how sure they are",
    "classes": "how often each class is predicted",
    "domain": "inputs of another kind",
    "latency": "how long answers take",
    "measured": "measured mistakes",
}
