"""Metrics of the family `steering`."""

from harness.metrics.metric import Metric

STEERING: tuple[Metric, ...] = (
    Metric(
        name="choice_probability",
        definition=(
            "probability of the answer that matches the behaviour, among the two answers of a "
            "question; each letter matches in half of the questions"
        ),
        unit="fraction",
        better="neither",
        low=0,
        high=1,
        chance=0.5,
    ),
    Metric(
        name="choice_shift",
        definition=(
            "choice_probability with the vector added less that with it subtracted, question by "
            "question"
        ),
        unit="difference of fractions",
        better="higher",
        low=-1,
        high=1,
        chance=0,
    ),
    Metric(
        name="letter_accuracy",
        definition=(
            "share of questions 'Which choice says ...?' whose letter the model prefers to the "
            "other letter: whether it can use letters at all"
        ),
        unit="fraction",
        better="higher",
        low=0,
        high=1,
        chance=0.5,
    ),
    Metric(
        name="behaviour_rating",
        definition="rating of open-ended answers for a behaviour, 0 to 10, by a judge model",
        unit="points",
        better="neither",
        low=0,
        high=10,
    ),
    Metric(
        name="behaviour_rate",
        definition="share of continuations that mention the topic",
        unit="fraction",
        better="neither",
        low=0,
        high=1,
    ),
    Metric(
        name="toxicity",
        definition="mean toxicity of continuations, as a classifier scores it",
        unit="score",
        better="lower",
        low=0,
        high=1,
    ),
    Metric(
        name="conversion_success",
        definition="share of reviews whose continuation has the opposite sentiment",
        unit="fraction",
        better="higher",
        low=0,
        high=1,
    ),
    Metric(
        name="log_perplexity",
        definition="mean negative log probability of a token; perplexity is its exponential",
        unit="nats a token",
        better="lower",
        low=0,
    ),
    Metric(
        name="sign_flips",
        definition=(
            "share of pairs whose logit difference changes its sign when the component along the "
            "direction is taken from the other prompt; of pairs whose signs were right before"
        ),
        unit="fraction",
        better="higher",
        low=0,
        high=1,
    ),
    Metric(
        name="accuracy_kept",
        definition="share of prompts answered right under ablation, of those answered right before",
        unit="fraction",
        better="higher",
        low=0,
        high=1,
    ),
    Metric(
        name="above_chance_lost",
        definition=(
            "share of the accuracy above chance that ablation takes, of prompts answered right "
            "before: (1 - accuracy_kept) / 0.5"
        ),
        unit="share of 0.5",
        better="neither",
        low=0,
        high=2,
    ),
    Metric(
        name="direction_cosine",
        definition="cosine of the angle between two directions",
        unit="cosine",
        better="neither",
        low=-1,
        high=1,
        chance=0,
    ),
    Metric(
        name="truth_gap",
        definition=(
            "P(TRUE) - P(FALSE) after true statements less the same after false ones, in mean; "
            "what an indirect effect is a share of"
        ),
        unit="difference of fractions",
        better="higher",
        low=-2,
        high=2,
        chance=0,
    ),
    Metric(
        name="indirect_effect",
        definition=(
            "normalised indirect effect: what steering moves P(TRUE) - P(FALSE) by towards the "
            "other class, as a share of the gap between the classes; ratio of means"
        ),
        unit="share of the gap",
        better="higher",
        chance=0,
    ),
    Metric(
        name="vector_norm",
        definition="length of the vector that coefficient 1 adds, in the residual stream's units",
        unit="norm",
        better="neither",
        low=0,
    ),
    Metric(
        name="resid_norm",
        definition=(
            "mean length of the residual stream where the vector is added, attention sinks left out"
        ),
        unit="norm",
        better="neither",
        low=0,
    ),
)
