"""The paper's numbers, and what others' replications of it come to when they are judged here."""

from collections.abc import Sequence
from math import gamma, pi, sqrt
from pathlib import Path

import pytest

from harness.examine import Outcome
from harness.expectations import Bound, Ordering, Value
from harness.measurement import Items, Measurement, Quantity
from harness.metrics import get_metric
from harness.paper import PaperSpec
from harness.replication import Replication
from harness.specs import ImportedSpec
from harness.verdict import Verdict, judge

CHECKOUT = Path(__file__).parents[2]
PAPER = PaperSpec.load(CHECKOUT / "papers/emotions/paper.yaml")
CLAIMS = {claim.id: claim for claim in PAPER.claims}
MODELS = (
    *("gemma-2-2b", "gemma-2-9b", "llama-3.1-70b", "llama-3.1-8b"),
    *("llama-3.2-1b", "qwen2.5-1.5b", "qwen2.5-7b"),
)
PRINTED = {
    "pc1-variance": 0.26,
    "pc1-valence": 0.81,
    "pc2-variance": 0.15,
    "pc2-arousal": 0.66,
    "ten-clusters": 10,
    "blissful-probe-elo": 0.71,
    "hostile-probe-elo": -0.74,
    "blissful-elo-shift": 212,
    "hostile-elo-shift": -303,
    "steering-matches-probes": 0.85,
    "valence-matches-preference": 0.76,
    "blackmail-unsteered": 0.22,
    "blackmail-desperate": 0.72,
    "blackmail-against-calm": 0.66,
    "blackmail-against-desperate": 0,
    "blackmail-calm": 0,
    "hacking-against-desperate": 0.05,
    "hacking-desperate": 0.70,
    "hacking-against-calm": 0.65,
    "hacking-calm": 0.10,
    "summation-unsteered": 0.30,
    "summation-desperate": 1,
    "summation-against-desperate": 0,
    "judged-valence-norms": 0.92,
    "judged-arousal-norms": 0.90,
    "post-training-neutral": 0.83,
    "post-training-challenging": 0.67,
    "post-training-shift": 0.90,
    "present-speaker-probes": 0.66,
    "other-speaker-arousal": -0.47,
    "other-speaker-valence": 0.07,
}


def theirs(model: str, paper: str = "emotions") -> Replication:
    return Replication.open(CHECKOUT / "replications" / paper / f"zachgoldfine44-{model}")


def outcomes(verdicts: Sequence[Verdict]) -> dict[str, Outcome]:
    return {verdict.claim: verdict.outcome for verdict in verdicts}


def rows(quantity: Quantity, scores: Sequence[float]) -> Measurement:
    return Measurement(
        experiment="planted",
        metric=quantity.metric,
        value=sum(scores) / len(scores),
        n=len(scores),
        seed=0,
        conditions=quantity.where,
        control=quantity.control,
        items=Items.pack(str(quantity), scores),
    )


def test_every_printed_number_is_a_claim_about_the_papers_own_model() -> None:
    found = {
        claim.id: claim.expects.target
        for claim in PAPER.claims
        if claim.scope == "exact" and isinstance(claim.expects, Value)
    }
    assert found == PRINTED
    cells = {cell.row: cell.value for cell in PAPER.table("mixed-probe").cells}
    assert list(cells.values()) == [0.713, 0.76, 0.386, 0.76, 0.826]


def test_chance_is_that_of_fifteen_emotions() -> None:
    assert get_metric("emotion_accuracy").chance == 1 / 15
    n = 15
    mean_absolute_r = gamma((n - 1) / 2) / (sqrt(pi) * gamma(n / 2))
    assert get_metric("pc_rating_correlation").chance == pytest.approx(mean_absolute_r, abs=5e-4)


def test_limits_of_patterns_lie_a_tenth_beyond_chance() -> None:
    bounds = [each.expects for each in PAPER.claims if isinstance(each.expects, Bound)]
    assert len(bounds) >= 7
    for bound in bounds:
        chance = get_metric(bound.quantity.metric).chance
        assert chance is not None
        assert abs(bound.limit - chance) == pytest.approx(0.1, abs=5e-4)
        assert (bound.limit > chance) == (bound.side == "at_least")
        assert (bound.limit_from or "").startswith("ours: a tenth")


@pytest.mark.parametrize(("words", "outcome"), [(0.4, "replicated"), (0.8, "not_replicated")])
def test_a_probe_must_beat_one_of_words(words: float, outcome: str) -> None:
    claim = CLAIMS["stories-beyond-words"]
    assert isinstance(claim.expects, Ordering)
    probe, control = claim.expects.descending
    assert control == probe.under("bag_of_words")
    share = {None: 0.6, "bag_of_words": words}
    made = [
        rows(
            each,
            [1.0] * round(share[each.control] * 375)
            + [0.0] * round((1 - share[each.control]) * 375),
        )
        for each in (probe, control)
    ]
    assert judge(PAPER, claim, made, exact_set_up=False).outcome == outcome


@pytest.mark.parametrize("model", MODELS)
def test_no_number_of_the_papers_own_model_is_judged_on_another(model: str) -> None:
    for claim, outcome in outcomes(theirs(model).verdicts()).items():
        if CLAIMS[claim].scope == "exact":
            assert outcome in ("not_applicable", "not_tested")


@pytest.mark.parametrize("model", MODELS)
def test_the_verdicts_on_disk_are_those_of_the_rows(model: str) -> None:
    opened = theirs(model)
    stored = opened.stored_verdicts()
    assert stored is not None
    assert stored.paper_digest == PAPER.digest
    assert outcomes(stored.verdicts) == outcomes(opened.verdicts())


@pytest.mark.parametrize("model", MODELS)
def test_what_the_papers_table_does_not_measure_is_not_set_beside_it(model: str) -> None:
    """A probe of stories is not the mixed probe, and its transfer is not in-distribution."""
    assert outcomes(theirs(model).verdicts())["mixed-probe-table"] == "not_tested"
    deviations = " ".join(each.paper + each.here for each in theirs(model).spec.deviations)
    for misread in (
        ".713 on 171 emotions",
        ".760 for hidden emotion",
        "22 % to 72 %",
        "0.5 of the mean",
    ):
        assert misread in deviations


def test_fear_falls_with_the_dose_in_the_largest_model_whatever_its_size_without_sign() -> None:
    opened = theirs("llama-3.1-70b")
    (fear,) = (
        row
        for row in opened.measurements()
        if row.metric == "intensity_rank_correlation"
        and row.conditions["emotion"] == "afraid"
        and row.control is None
    )
    assert fear.value == -1
    assert outcomes(opened.verdicts())["fear-rises-with-dose"] == "not_replicated"
    (experiment,) = opened.spec.experiments
    assert isinstance(experiment, ImportedSpec)
    said = [each.said for each in experiment.numbers if each.metric == fear.metric and each.said]
    assert [(each.value, each.success) for each in said] == [(1.0, True)]


@pytest.mark.parametrize("model", ["gemma-2-2b", "llama-3.2-1b"])
def test_fear_that_rises_with_any_number_is_no_evidence(model: str) -> None:
    found = {each.claim: each for each in theirs(model).verdicts()}["fear-rises-with-dose"]
    assert found.outcome == "inconclusive"
    assert found.reason.startswith("the control passes: harmless_quantity")


def test_accuracy_of_a_quarter_on_negations_is_no_success() -> None:
    opened = theirs("qwen2.5-1.5b", "geometry-of-truth")
    found = {each.claim: each for each in opened.verdicts()}["negation-flips-lr"]
    assert found.outcome == "inconclusive"
    (named,) = found.estimates
    assert named.estimate.mean == pytest.approx(0.26)
    assert (named.estimate.low, named.estimate.high) == (
        pytest.approx(0.183, abs=5e-4),
        pytest.approx(0.355, abs=5e-4),
    )
    (experiment,) = opened.spec.experiments
    assert isinstance(experiment, ImportedSpec)
    (number,) = (each for each in experiment.numbers if each.where["test"] == "neg_cities")
    assert number.said is not None
    assert number.said.success
    assert "replicated" not in outcomes(opened.verdicts()).values()
