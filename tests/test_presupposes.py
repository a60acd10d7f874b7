"""A model that does not do a task at all is no evidence on how models do it."""

import pytest

from harness.expectations import Bound
from harness.measurement import Evidence, Items, Measurement, Quantity
from harness.paper import Claim, PaperSpec
from harness.record import HarnessError
from harness.verdict import Verdict, judge

PAPER = """
id: p
title: T
authors: [A]
year: 2024
url: https://example.org/p
setup: {models: [m], data: generated}
claims:
  - id: c
    statement: Steering helps.
    source: {section: s, status: read, quote: q}
    scope: general
    presupposes:
      kind: bound
      side: at_least
      limit: 0.6
      quantity: {metric: letter_accuracy, where: {answer: letter}}
    expects:
      kind: bound
      side: at_least
      limit: 0.6
      quantity: {metric: choice_probability, where: {coefficient: 1.0}}
"""


def paper() -> PaperSpec:
    from pathlib import Path

    from harness.record import parse_yaml

    return PaperSpec.model_validate(parse_yaml(PAPER, Path("paper.yaml")))


def row(metric: str, value: float, **where: str | float) -> Measurement:
    return Measurement(
        experiment="e",
        metric=metric,
        value=value,
        n=100,
        seed=0,
        conditions=where,
        items=Items.pack("u", [value] * 100),
    )


def verdict(letters: float | None, effect: float | None) -> Verdict:
    rows = [] if letters is None else [row("letter_accuracy", letters, answer="letter")]
    rows += [] if effect is None else [row("choice_probability", effect, coefficient=1.0)]
    return judge(paper(), paper().claims[0], Evidence(rows), exact_set_up=False)


@pytest.mark.parametrize("effect", [0.9, 0.3])
def test_without_the_base_behaviour_no_effect_replicates_or_refutes(effect: float) -> None:
    found = verdict(0.5, effect)
    assert found.outcome == "inconclusive"
    assert found.reason.startswith("the base behaviour is absent: letter_accuracy[answer=letter]")
    assert found.estimates, "the effect is shown all the same"


def test_with_the_base_behaviour_the_effect_decides() -> None:
    assert verdict(0.9, 0.9).outcome == "replicated"
    assert verdict(0.9, 0.3).outcome == "not_replicated"


def test_a_base_behaviour_that_was_not_measured_decides_nothing() -> None:
    found = verdict(None, 0.9)
    assert found.outcome == "inconclusive" and "not measured" in found.reason


def test_what_was_not_measured_stays_not_tested() -> None:
    assert verdict(0.5, None).outcome == "not_tested"


def test_a_presupposition_that_chance_meets_is_refused() -> None:
    with pytest.raises((HarnessError, ValueError), match="met by chance"):
        Bound(
            kind="bound",
            side="at_least",
            limit=0.5,
            quantity=Quantity(metric="letter_accuracy"),
        )


def test_a_claim_without_presupposition_is_judged_as_ever() -> None:
    claim: Claim = paper().claims[0].model_copy(update={"presupposes": None})
    rows = Evidence([row("choice_probability", 0.9, coefficient=1.0)])
    assert judge(paper(), claim, rows, exact_set_up=False).outcome == "replicated"
