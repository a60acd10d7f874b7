"""Metrics of the family `patching`, and those that other interventions share with it."""

from harness.metrics.metric import Metric

PATCHING = (
    Metric(
        name="logit_difference",
        definition=(
            "mean logit of the answers minus mean logit of the foils at the last token; for "
            "indirect objects logit(IO) - logit(S)"
        ),
        unit="logits",
        better="higher",
        chance=0,
    ),
    Metric(
        name="answer_preferred",
        definition="share of prompts whose logit difference is positive",
        unit="fraction",
        better="higher",
        low=0,
        high=1,
        chance=0.5,
    ),
    Metric(
        name="answer_probability",
        definition="probability of the answer (the sum, where there are several) as next token",
        unit="fraction",
        better="higher",
        low=0,
        high=1,
    ),
    Metric(
        name="informative_fraction",
        definition=(
            "share of pairs whose clean prompt prefers the answer and whose corrupted prompt "
            "prefers the foil; only those are patched"
        ),
        unit="fraction",
        better="higher",
        low=0,
        high=1,
    ),
    Metric(
        name="logit_difference_recovered",
        definition=(
            "(patched - unpatched) / (source - unpatched) of the mean logit differences: 0 where "
            "a patch does nothing, 1 where it gives what the run that it is taken from gives"
        ),
        unit="share",
        better="neither",
        chance=0,
    ),
    Metric(
        name="attribution_rank_correlation",
        definition=(
            "Spearman correlation, over layers and places (or heads), of attribution patching's "
            "estimates with the effects of exact patching"
        ),
        unit="correlation",
        better="higher",
        low=-1,
        high=1,
        chance=0,
    ),
    Metric(
        name="direct_effect",
        definition=(
            "fall of the logit difference when only the final norm sees the heads' outputs of "
            "prompts with unrelated names: what the heads write for the answer"
        ),
        unit="logits",
        better="neither",
        chance=0,
    ),
    Metric(
        name="attention_to",
        definition="attention from one place to another, mean over the heads of a set",
        unit="fraction",
        better="neither",
        low=0,
        high=1,
    ),
    Metric(
        name="copy_top5",
        definition=(
            "share of names that are among the five tokens a head's OV circuit raises most "
            "(`sign: minus`: lowers most), given the name alone; mean over the heads of a set"
        ),
        unit="fraction",
        better="neither",
        low=0,
        high=1,
    ),
    Metric(
        name="attention_write_correlation",
        definition=(
            "Pearson correlation over prompts of attention to the answer's place with the direct "
            "effect, mean over the heads of a set"
        ),
        unit="correlation",
        better="neither",
        low=-1,
        high=1,
        chance=0,
    ),
    Metric(
        name="logit_difference_kept",
        definition="mean logit difference with the heads ablated, as a share of the intact one",
        unit="share",
        better="neither",
    ),
    Metric(
        name="faithfulness",
        definition=(
            "mean logit difference with all heads ablated but the circuit's at their places, as a "
            "share of the intact one"
        ),
        unit="share",
        better="higher",
    ),
    Metric(
        name="completeness_gap",
        definition=(
            "F(C without K) - F(M without K), as a share of F(M): what a circuit C lacks of the "
            "model M once the heads K are ablated in both"
        ),
        unit="share",
        better="neither",
    ),
    Metric(
        name="minimality",
        definition="F(C) - F(C without K), as a share of F(M): what a circuit C loses without K",
        unit="share",
        better="higher",
    ),
    Metric(
        name="found_layer",
        definition="layer of a head that prompts held apart found; its number is a condition",
        unit="layer",
        better="neither",
        low=0,
    ),
)
