"""Metrics of the family `attention`."""

from harness.metrics.metric import Metric

ATTENTION = (
    Metric(
        name="prefix_matching_score",
        definition=(
            "mean over sequences of repeated random tokens of the attention from each token that "
            "came before to the tokens that followed it then, added up; of several heads the mean"
        ),
        unit="fraction",
        better="higher",
        low=0,
        high=1,
    ),
    Metric(
        name="previous_token_score",
        definition=(
            "mean over sequences of repeated random tokens of the attention from each token to the "
            "one just before it; of several heads the mean"
        ),
        unit="fraction",
        better="higher",
        low=0,
        high=1,
    ),
    Metric(
        name="duplicate_token_score",
        definition=(
            "mean over sequences of repeated random tokens of the attention from each token that "
            "came before to its earlier occurrences, added up; of several heads the mean"
        ),
        unit="fraction",
        better="higher",
        low=0,
        high=1,
    ),
    Metric(
        name="copying_score",
        definition=(
            "mean over sampled tokens of 2 p - 1, with p the share of the other sampled tokens "
            "whose logit the head's output for a token (W_O W_V of the residual stream entering "
            "block 1) raises less than the token's own, ties counting half; of several heads the "
            "mean"
        ),
        unit="score",
        better="higher",
        low=-1,
        high=1,
        chance=0,
    ),
    Metric(
        name="held_apart_prefix_matching_score",
        definition=(
            "prefix-matching score on the sequences held apart, by which heads are chosen; never "
            "judged"
        ),
        unit="fraction",
        better="higher",
        low=0,
        high=1,
    ),
    Metric(
        name="next_token_loss",
        definition=(
            "mean over sequences of the mean cross-entropy of the tokens of the first block of "
            "repeated random tokens, or of all later blocks"
        ),
        unit="nats",
        better="lower",
        low=0,
    ),
    Metric(
        name="loss_increase",
        definition="next-token loss with heads ablated minus the loss of the whole model",
        unit="nats",
        better="neither",
    ),
    Metric(
        name="in_context_learning_score",
        definition=(
            "mean over texts of the mean next-token loss of tokens 476 to 525 minus that of tokens "
            "26 to 75; more negative is more in-context learning"
        ),
        unit="nats",
        better="lower",
    ),
    Metric(
        name="in_context_learning_removed",
        definition=(
            "share of the in-context learning score that is gone when heads are ablated: 1 minus "
            "the ratio of the mean scores"
        ),
        unit="share",
        better="neither",
    ),
)
