"""Metrics of the family `circuit_tracing`."""

from harness.metrics.metric import Metric

CIRCUIT_TRACING: tuple[Metric, ...] = (
    Metric(
        name="fact_accuracy",
        definition="share of prompts whose likeliest next token begins the right answer",
        unit="fraction",
        better="higher",
        low=0,
        high=1,
    ),
    Metric(
        name="answer_first",
        definition=(
            "share of prompts, all answered right before, whose likeliest next token still begins "
            "the right answer"
        ),
        unit="fraction",
        better="neither",
        low=0,
        high=1,
    ),
    Metric(
        name="answer_log_probability_lost",
        definition=(
            "natural logarithm of the answer's probability without the intervention less that "
            "under it"
        ),
        unit="nats",
        better="neither",
        chance=0,
    ),
    Metric(
        name="answer_kind_first",
        definition="share of prompts whose likeliest next token begins an answer to some prompt",
        unit="fraction",
        better="neither",
        low=0,
        high=1,
    ),
    Metric(
        name="foil_first",
        definition="share of prompts whose likeliest next token begins the foil's answer",
        unit="fraction",
        better="neither",
        low=0,
        high=1,
    ),
    Metric(
        name="foil_probability",
        definition="probability of the token that begins the foil's answer",
        unit="probability",
        better="neither",
        low=0,
        high=1,
    ),
    Metric(
        name="token_probability",
        definition="probability of the named token to come next",
        unit="probability",
        better="neither",
        low=0,
        high=1,
    ),
    Metric(
        name="supernode_activation",
        definition=(
            "summed activation of a supernode's latents at their tokens under an intervention, "
            "over that on the clean prompt; ratio of means"
        ),
        unit="share of clean",
        better="neither",
    ),
    Metric(
        name="mean_latent_activation",
        definition=(
            "mean over a supernode's latents of each one's activation under an intervention, over "
            "its activation on the clean prompt"
        ),
        unit="share of clean",
        better="neither",
    ),
    Metric(
        name="effect_agreement",
        definition=(
            "correlation, within a prompt and over its interventions and random controls, of "
            "answer_log_probability_lost with attention frozen and in the original model"
        ),
        unit="correlation",
        better="higher",
        low=-1,
        high=1,
        chance=0,
    ),
    Metric(
        name="path_share",
        definition=(
            "share of the influence of the subject's embedding on the answer's logit that is gone "
            "from the graph when a supernode's latents are taken out of it"
        ),
        unit="fraction",
        better="neither",
        low=0,
        high=1,
    ),
    Metric(
        name="replacement_score",
        definition=(
            "share of the influence of embeddings on logits, over all paths of an attribution "
            "graph, that goes through features and not through errors"
        ),
        unit="share",
        better="higher",
        low=0,
        high=1,
    ),
    Metric(
        name="completeness_score",
        definition=(
            "share of the inputs of an attribution graph's nodes, weighed by each node's "
            "influence, that come from features or embeddings and not from errors"
        ),
        unit="share",
        better="higher",
        low=0,
        high=1,
    ),
    Metric(
        name="graph_nodes",
        definition="nodes of an attribution graph after pruning",
        unit="nodes",
        better="neither",
        low=0,
    ),
    Metric(
        name="graph_edges",
        definition="edges of an attribution graph after pruning",
        unit="edges",
        better="neither",
        low=0,
    ),
    Metric(
        name="linear_identity_error",
        definition=(
            "largest difference between a feature's pre-activation and the sum of its incoming "
            "contributions and constants, over the largest pre-activation"
        ),
        unit="share",
        better="lower",
        low=0,
    ),
    Metric(
        name="base_logit_error",
        definition=(
            "largest difference between the logits of the replacement model that nothing is "
            "changed in and those of transformers"
        ),
        unit="logits",
        better="lower",
        low=0,
    ),
    Metric(
        name="ffl_excess",
        definition=(
            "feed-forward loops of a pruned graph over their mean in null graphs with the same "
            "degrees between each two layers, less 1"
        ),
        unit="share",
        better="neither",
        low=-1,
        chance=0,
    ),
    Metric(
        name="ffl_percentile",
        definition="rank of a graph's number of feed-forward loops among its null graphs, 0 to 1",
        unit="rank",
        better="neither",
        low=0,
        high=1,
        chance=0.5,
    ),
    Metric(
        name="ffl_z",
        definition=(
            "feed-forward loops less their mean in null graphs, over the standard deviation "
            "there; the z of the three open triads is minus this one"
        ),
        unit="standard deviations",
        better="neither",
        chance=0,
    ),
    Metric(
        name="transcoder_fvu",
        definition=(
            "squared error of a transcoder's reconstruction over the variance of the MLP's output, "
            "on held-out tokens"
        ),
        unit="share",
        better="lower",
        low=0,
    ),
    Metric(
        name="transcoder_l0",
        definition="mean number of active latents of a transcoder at a token, on held-out tokens",
        unit="latents",
        better="neither",
        low=0,
    ),
    Metric(
        name="transcoder_alive_fraction",
        definition="share of a transcoder's latents that are active on some held-out token",
        unit="share",
        better="higher",
        low=0,
        high=1,
    ),
)
