"""Metrics of the family `probing`."""

from harness.metrics.metric import Metric

PROBING = (
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
