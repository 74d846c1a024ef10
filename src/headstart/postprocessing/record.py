"""What of the postprocessing is written to a bundle's manifest; its arrays stand beside the head's."""

from __future__ import annotations

from pydantic import ConfigDict, Field

from headstart.core.config import Config


class PostprocessingRecord(Config):
    """Everything but arrays. Keys that a later version adds within the same schema are passed over."""

    model_config = ConfigDict(frozen=True, extra="ignore")

    calibrator: str = Field("none", description="Map that outputs go through; none where the head holds it already.")
    coverage: float = Field(0.9, gt=0, lt=1, description="How often sets hold the truth.")
    set_thresholds: tuple[float, ...] | None = Field(
        None, description="Probability from which on a class is in the set: one, or one for each class."
    )
    wanted_accuracy: float | None = Field(None, description="Of what is answered.")
    answer_from: float | None = Field(
        None, description="Probability of the prediction from which on the model answers; below it abstains."
    )
    out_of_domain: str | None = Field(None, description="Measure of strangeness, by name.")
    unknown_below: float | None = Field(
        None, description='Knowledge (nats, ``unknown.knowledge``) below which the prediction is "unknown".'
    )
    false_alarms: float = Field(
        0.05, gt=0, lt=1, description="Share of inputs of the same kind that are called out of domain."
    )
