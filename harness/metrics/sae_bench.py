"""Metrics of the family `sae_bench`, as SAELens' `eval_sae_on_synthetic_data` defines them."""

from harness.metrics.metric import Metric

SAE_BENCH = (
    Metric(
        name="mcc",
        definition=(
            "mean correlation coefficient: mean |cosine| of decoder rows and true features under "
            "the best one-to-one matching (Hungarian algorithm)"
        ),
        unit="|cosine|",
        better="higher",
        low=0,
        high=1,
    ),
    Metric(
        name="latent_f1",
        definition=(
            "mean over latents of F1 of a latent's firing as a detector of the true feature that "
            "its decoder row is most aligned with; 0 for a latent that never fires"
        ),
        unit="fraction",
        better="higher",
        low=0,
        high=1,
    ),
    Metric(
        name="latent_precision",
        definition="mean over latents of the precision of that detector; 0 where undefined",
        unit="fraction",
        better="higher",
        low=0,
        high=1,
    ),
    Metric(
        name="latent_recall",
        definition="mean over latents of the recall of that detector; 0 where undefined",
        unit="fraction",
        better="higher",
        low=0,
        high=1,
    ),
    Metric(
        name="feature_uniqueness",
        definition=(
            "number of different true features that latents are most aligned with, divided by the "
            "number of latents"
        ),
        unit="fraction",
        better="higher",
        low=0,
        high=1,
    ),
    Metric(
        name="sae_variance_explained",
        definition=(
            "1 minus the squared error of the reconstruction over the variance of the activations"
        ),
        unit="fraction",
        better="higher",
        high=1,
    ),
    Metric(
        name="sae_l0",
        definition="mean number of active latents of a sample",
        unit="latents",
        better="neither",
        low=0,
    ),
    Metric(
        name="dead_latent_fraction",
        definition="share of latents that fire on no evaluated sample",
        unit="fraction",
        better="lower",
        low=0,
        high=1,
    ),
    Metric(
        name="shrinkage",
        definition="mean ratio of the norms of reconstruction and activation; 1 is none",
        unit="ratio",
        better="neither",
        low=0,
    ),
    Metric(
        name="probe_f1",
        definition=(
            "mean over the most frequent features, as many as an SAE has latents, of F1 of a "
            "supervised logistic regression on the activations, on samples held apart"
        ),
        unit="fraction",
        better="higher",
        low=0,
        high=1,
    ),
    Metric(
        name="world_l0",
        definition="mean number of true features active in a sample",
        unit="features",
        better="neither",
        low=0,
    ),
    Metric(
        name="mean_max_cosine",
        definition="mean over true features of the largest |cosine| with another: superposition",
        unit="|cosine|",
        better="neither",
        low=0,
        high=1,
    ),
    Metric(
        name="absorption_rate",
        definition=(
            "mean over parents at a depth of the share of samples with the parent active in which "
            "its latent is silent, where a child is active minus where none is"
        ),
        unit="difference of shares",
        better="lower",
        low=-1,
        high=1,
        chance=0,
    ),
    Metric(
        name="absorption_cosine",
        definition=(
            "mean over children of parents at a depth of the cosine of the child's latent with the "
            "parent's feature: what a child's latent says of its parent"
        ),
        unit="cosine",
        better="neither",
        low=-1,
        high=1,
        chance=0,
    ),
    Metric(
        name="hedging_cosine",
        definition=(
            "mean over children of parents at a depth of the cosine of the parent's latent with "
            "the child's feature: what a parent's latent says of its children"
        ),
        unit="cosine",
        better="neither",
        low=-1,
        high=1,
        chance=0,
    ),
    Metric(
        name="feature_recovery",
        definition=(
            "mean over the features of a band of firing frequency of F1 of the latent most aligned "
            "with the feature as its detector"
        ),
        unit="fraction",
        better="higher",
        low=0,
        high=1,
    ),
)
