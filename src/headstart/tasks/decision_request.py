"""How a user wants classes to be decided; apart from what is made of it, since a list of options needs no NumPy."""

from __future__ import annotations

from typing import Self

from pydantic import Field, model_validator

from headstart.core.config import Config

WISHES = ("recall", "precision", "threshold", "costs")


class DecisionRequest(Config):
    """How classes are to be decided; one of recall, precision, threshold and costs."""

    positive: str | None = Field(
        None, description="The class that recall, precision and threshold are about; of two classes the second by name."
    )
    recall: float | None = Field(
        None, gt=0, le=1, description="Share of the positives to be found; the threshold comes from held-out rows."
    )
    precision: float | None = Field(
        None, gt=0, le=1, description="Share of those called positive that is to be; likewise."
    )
    threshold: float | None = Field(None, ge=0, le=1, description="Probability from which on the answer is positive.")
    costs: dict[str, dict[str, float]] | list[list[float]] | None = Field(
        None,
        description="What a mistake costs: {truth: {prediction: cost}}, 1 where nothing is said, or all K rows "
        "(truth) of K numbers (prediction).",
    )

    @model_validator(mode="after")
    def _is_one_wish(self) -> Self:
        asked = [name for name in WISHES if getattr(self, name) is not None]
        if len(asked) != 1:
            got = " and ".join(asked) or "none"
            raise ValueError(f"exactly one of {', '.join(WISHES)} must be given; {got} came")
        return self
