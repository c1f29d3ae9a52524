"""A figure, and how it is printed."""

from __future__ import annotations

import json
import statistics
from collections.abc import Sequence
from dataclasses import asdict, dataclass

__all__ = ["Figure", "percentile"]


@dataclass(frozen=True, slots=True)
class Figure:
    """One measured number, with the limit it is held against if there is one."""

    benchmark: str
    name: str
    value: float
    unit: str
    at_most: float | None = None
    at_least: float | None = None

    def to_json(self) -> str:
        """One JSON line; ``ok`` says whether the limit is kept."""
        fields = {key: value for key, value in asdict(self).items() if value is not None}
        fields["value"] = round(self.value, 3)
        if self.at_most is not None:
            fields["ok"] = self.value <= self.at_most
        if self.at_least is not None:
            fields["ok"] = self.value >= self.at_least
        return json.dumps(fields)


def percentile(samples: Sequence[float], percent: int) -> float:
    """The percentile of a list of samples, between 1 and 99."""
    return statistics.quantiles(samples, n=100, method="inclusive")[percent - 1]
