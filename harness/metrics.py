"""The catalogue of metrics: what each one means, which way is better, what chance is."""

from typing import Literal

from harness.problems import did_you_mean
from harness.record import HarnessError, Record


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


METRICS: dict[str, Metric] = {
    metric.name: metric
    for metric in (
        Metric(
            name="accuracy_binary",
            definition=(
                "mean over independent units (a city, a pair of numbers, a word) of the fraction "
                "of a unit's statements classified correctly; two balanced classes"
            ),
            unit="fraction",
            better="higher",
            low=0,
            high=1,
            chance=0.5,
        ),
        Metric(
            name="auroc",
            definition="area under the ROC curve of the probe's score, true against false",
            unit="fraction",
            better="higher",
            low=0,
            high=1,
            chance=0.5,
        ),
        Metric(
            name="direction_angle",
            definition="angle between the truth directions mu+ - mu- of two data sets",
            unit="degrees",
            better="neither",
            low=0,
            high=180,
            chance=90,
        ),
        Metric(
            name="pc_plane_angle",
            definition=(
                "angle between the truth directions mu+ - mu- of two data sets, each centred, "
                "after projection on the top two principal components of their union"
            ),
            unit="degrees",
            better="neither",
            low=0,
            high=180,
            chance=90,
        ),
        Metric(
            name="pc1_threshold_accuracy",
            definition="best accuracy of one threshold on the first principal component",
            unit="fraction",
            better="higher",
            low=0.5,
            high=1,
        ),
        Metric(
            name="chosen_layer",
            definition="layer that the selection units (never reported on) prefer",
            unit="layer",
            better="neither",
            low=0,
        ),
    )
}


def get_metric(name: str) -> Metric:
    """The metric of that name. Raises `HarnessError` with the valid names."""
    if name not in METRICS:
        raise HarnessError(f"unknown metric {name!r}{did_you_mean(name, sorted(METRICS))}")
    return METRICS[name]
