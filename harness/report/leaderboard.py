"""The leaderboard as rows: SAEs that were trained here, then those that the paper prints."""

from collections.abc import Iterator

from harness.estimate import Estimate
from harness.report.benches import Bench, Published, Sae, benches, published
from harness.report.material import Material
from harness.report.wording import joined

Row = tuple[str | float | None, ...]
_SCORES = (
    "latent_f1",
    "mcc",
    "latent_precision",
    "latent_recall",
    "feature_uniqueness",
    "sae_variance_explained",
    "dead_latent_fraction",
)
HEAD = (
    *("experiment", "model", "architecture", "l0", "relative_l0", "sae_l0"),
    *(name for score in _SCORES for name in (score, f"{score}_low", f"{score}_high")),
    *("seeds", "source"),
)
"""`source` is `here` or `paper`. What was not measured, or is not printed, is empty."""


def leaderboard_rows(material: Material) -> list[Row]:
    """The best F1 at each L0 first; no rows where no SAE was evaluated here."""
    ours = [
        _ours(bench, sae) for bench in benches(material) for sae in sorted(bench.saes, key=_rank)
    ]
    if not ours:
        return []
    return [*ours, *map(_printed, sorted(published(material.paper), key=_printed_rank))]


def _rank(sae: Sae) -> tuple[float, float]:
    f1 = sae.scores.get("latent_f1")
    return sae.relative_l0, 0.0 if f1 is None else -f1.mean


def _printed_rank(each: Published) -> tuple[float, float]:
    return each.relative_l0, -each.values.get("latent_f1", 0.0)


def _ours(bench: Bench, sae: Sae) -> Row:
    measured = sae.scores["sae_l0"].mean if "sae_l0" in sae.scores else None
    return (
        *(joined(bench.experiments), bench.model, sae.architecture, sae.l0, sae.relative_l0),
        measured,
        *(field for score in _SCORES for field in _ends(sae.scores.get(score))),
        *(max(got.seeds for got in sae.scores.values()), "here"),
    )


def _ends(got: Estimate | None) -> Iterator[float | None]:
    yield from (None, None, None) if got is None else (got.mean, got.low, got.high)


def _printed(each: Published) -> Row:
    """No interval: a paper's ± is the deviation of single SAEs, not of their mean."""
    return (
        *(None, each.model, each.architecture, each.l0, each.relative_l0, None),
        *(field for score in _SCORES for field in (each.values.get(score), None, None)),
        *(None, "paper"),
    )
