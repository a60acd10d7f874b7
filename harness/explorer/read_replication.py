"""A replication's folder as the feed tells it. Verdicts are judged anew from the rows on disk."""

from collections.abc import Iterable, Iterator, Sequence

from pydantic import HttpUrl

from harness.explorer.feed import (
    ClaimOutcome,
    Execution,
    FeedDeviation,
    FeedReplication,
    Number,
    Origin,
    Weights,
)
from harness.manifest import Manifest
from harness.paper import Claim
from harness.report.estimates import Shown, controls, is_table, shown
from harness.report.material import Material
from harness.report.sections.outcome import counts, models, outcome_sentence
from harness.report.wording import words
from harness.specs import ExperimentSpec, ImportedSpec
from harness.verdict import Verdict


def feed_replication(
    material: Material, *, files: Sequence[str], thumbnail: str | None
) -> FeedReplication:
    """The replication; `files` are those that the site holds of it."""
    experiments, spec = material.spec.experiments, material.spec
    by_claim = {verdict.claim: verdict for verdict in material.verdicts}
    return FeedReplication(
        paper=spec.paper,
        id=spec.id,
        authors=spec.authors,
        origins=tuple(dict.fromkeys(_origins(spec.experiments))),
        models=tuple(models(material)),
        families=tuple(dict.fromkeys(each.family for each in experiments)),
        seeds=tuple(sorted({seed for each in experiments for seed in each.seeds})),
        summary=outcome_sentence(material),
        counts=dict(counts(material)),
        claims=tuple(
            _outcome(material, claim, by_claim[claim.id]) for claim in material.paper.claims
        ),
        deviations=tuple(
            FeedDeviation(what=each.what, paper=each.paper, here=each.here, why=each.why)
            for each in spec.deviations
        ),
        untested=dict(spec.untested),
        failures=tuple(f"{each.experiment}: {each.error}" for each in material.failures),
        execution=_execution(material.manifest) if material.manifest else None,
        folder=material.folder,
        files=tuple(files),
        thumbnail=thumbnail,
    )


def _origins(experiments: Iterable[ExperimentSpec]) -> Iterator[Origin]:
    for each in experiments:
        if isinstance(each, ImportedSpec):
            yield Origin(repository=HttpUrl(each.repository), commit=each.commit)


def _outcome(material: Material, claim: Claim, verdict: Verdict) -> ClaimOutcome:
    found = shown(material.paper, claim, verdict.estimates)
    return ClaimOutcome(
        claim=claim.id,
        outcome=verdict.outcome,
        reason=verdict.reason,
        here=_here(material, claim, found),
        numbers=tuple(map(_number, found)),
        controls=tuple(
            _number(each, words(control.name))
            for control in controls(material, claim)
            for each in control.estimates
        ),
    )


def _here(material: Material, claim: Claim, found: Sequence[Shown]) -> str:
    """One number as it is; of several the first, with how many more there are."""
    if not found:
        return ""
    if is_table(claim):
        total = len(list(material.paper.quantities(claim)))
        return f"{len(found)} of {total} cells measured"
    more = f" and {len(found) - 1} more" if len(found) > 1 else ""
    return f"{found[0].text}{more}"


def _number(of: Shown, control: str | None = None) -> Number:
    got = of.estimate
    return Number(
        name=of.name if control is None else f"{control}: {of.name}".removesuffix(": "),
        quantity=of.full_name,
        text=of.text,
        mean=got.mean,
        low=got.low,
        high=got.high,
        n=got.n,
        seeds=got.seeds,
    )


def _execution(manifest: Manifest) -> Execution:
    runs = list(manifest.experiments.values())
    return Execution(
        harness_version=manifest.harness_version,
        commit=manifest.commit,
        dirty=manifest.dirty,
        finished_utc=max((run.finished_utc for run in runs), default=None),
        devices=tuple(dict.fromkeys(run.device for run in runs)),
        seconds=sum(run.seconds for run in runs),
        weights=tuple(
            Weights(name=name, sha256=used.sha256, quantization=used.quantization)
            for name, used in manifest.models.items()
        ),
    )
