"""What a metric is: what it means, which way is better, what chance is."""

from typing import Literal

from harness.record import Record


class Metric(Record):
    """One formula under one name."""

    name: str
    definition: str
    unit: str
    """`fraction`, `degrees`, `layer`, ..."""
    better: Literal["higher", "lower", "neither"]
    low: float | None = None
    high: float | None = None
    chance: float | None = None
    """Value that a predictor with no information gets, where there is one."""

    @property
    def is_proportion(self) -> bool:
        """Whether the value is a mean of scores in [0, 1], so that Wilson's interval applies."""
        return self.unit == "fraction" and (self.low, self.high) == (0.0, 1.0)

    def allows(self, value: float) -> bool:
        """Whether a value is within the range, rounding errors forgiven."""
        above = self.low is None or value >= self.low - 1e-9
        return above and (self.high is None or value <= self.high + 1e-9)
