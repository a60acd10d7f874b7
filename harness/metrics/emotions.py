"""Metrics of emotion concepts: probes of them, their geometry, what steering with them does."""

from harness.metrics.metric import Metric

EMOTIONS = (
    Metric(
        name="emotion_accuracy",
        definition=(
            "fraction of texts whose emotion, one of fifteen with equally many texts, a probe of "
            "activations names"
        ),
        unit="fraction",
        better="higher",
        low=0,
        high=1,
        chance=1 / 15,
    ),
    Metric(
        name="pc_rating_correlation",
        definition=(
            "absolute value of Pearson's r between emotions' places on a principal component of "
            "their vectors and their ratings; a component has no sign. Chance is the mean |r| of "
            "unrelated ratings, Γ((n-1)/2) / (√π Γ(n/2)) = 0.217 for n = 15 emotions, and "
            "less for more"
        ),
        unit="|r|",
        better="higher",
        low=0,
        high=1,
        chance=0.217,
    ),
    Metric(
        name="pc_variance_share",
        definition="share of the variance of the emotion vectors along a principal component",
        unit="share of variance",
        better="neither",
        low=0,
        high=1,
    ),
    Metric(
        name="emotion_clusters",
        definition="number of groups that the emotion vectors were divided into",
        unit="clusters",
        better="neither",
        low=1,
    ),
    Metric(
        name="emotion_correlation",
        definition="Pearson's r between two named quantities over emotions, activities or prompts",
        unit="r",
        better="higher",
        low=-1,
        high=1,
        chance=0,
    ),
    Metric(
        name="emotion_r_squared",
        definition="mean over emotions of the squared correlation of two probes' activations",
        unit="share of variance",
        better="higher",
        low=0,
        high=1,
    ),
    Metric(
        name="intensity_rank_correlation",
        definition=(
            "Spearman's rho between a quantity in a prompt and the projection of the last token's "
            "activation on an emotion vector"
        ),
        unit="rho",
        better="higher",
        low=-1,
        high=1,
        chance=0,
    ),
    Metric(
        name="danger_preferred",
        definition=(
            "fraction of pairs of prompts with one number, of which the dangerous one projects "
            "further on an emotion vector than the harmless one"
        ),
        unit="fraction",
        better="higher",
        low=0,
        high=1,
        chance=0.5,
    ),
    Metric(
        name="misbehaviour_rate",
        definition="fraction of sampled replies that show a harmful behaviour, such as blackmail",
        unit="fraction",
        better="neither",
        low=0,
        high=1,
    ),
    Metric(
        name="behaviour_probability",
        definition=(
            "probability of the written-out answer that shows a behaviour, among the answers "
            "offered; nothing is sampled"
        ),
        unit="fraction",
        better="neither",
        low=0,
        high=1,
    ),
    Metric(
        name="elo_shift",
        definition="mean change of the Elo score of activities that are steered on",
        unit="Elo points",
        better="neither",
        chance=0,
    ),
)
