"""Planted activations through splits, fits and items to a verdict; then controls and scopes."""

from collections.abc import Callable, Mapping, Sequence
from typing import Any, cast

import pytest
import torch
from torch import Tensor

from harness.data.statements import Statement, StatementSet
from harness.experiments.context import no_progress
from harness.experiments.probing import transfer
from harness.experiments.probing.activations import ActivationTable
from harness.experiments.probing.rows import Rows, split_rows
from harness.measurement import Condition, Items, Measurement
from harness.paper import PaperSpec
from harness.specs import ProbingSpec
from harness.verdict import Verdict, judge

D, CITIES = 32, 200
BOTH = "cities+neg_cities"


def statements(name: str, cities: int = CITIES, telltale: str = "") -> StatementSet:
    """Each city in its country (true) and in another (false); `neg_` negates, so labels flip."""
    found: list[Statement] = []
    for city in range(cities):
        for country, lies_there in ((city % 7, True), ((city + 1) % 7, False)):
            label = lies_there != name.startswith("neg_")
            verb = "is not in" if name.startswith("neg_") else "is in"
            word = telltale if label else ""
            text = f"{word} The city c{city} {verb} country {country}."
            found.append(Statement(text, label, f"c{city}", None, f"{city}|{country}"))
    return StatementSet(name=name, source="generated", statements=tuple(found))


class Planted:
    """Gaussian clouds whose classes lie apart along the direction given for each set."""

    def __init__(self, sets: Mapping[str, StatementSet], along: Mapping[str, Tensor]) -> None:
        generator = torch.Generator().manual_seed(0)
        self.activations: dict[str, Tensor] = {}
        for name, each in sets.items():
            sign = torch.tensor(each.labels).float()[:, None] * 2 - 1
            noise = torch.randn(len(sign), D, generator=generator)
            self.activations[name] = sign * along[name] + noise + 5

    def at(self, _layer: int) -> Callable[[Rows], Tensor]:
        def centred(rows: Rows) -> Tensor:
            x = self.activations[rows.name][rows.places]
            return x - x.mean(0)

        return centred


def axis(place: int, strength: float) -> Tensor:
    return strength * torch.eye(D)[place]


def measure(
    along: Mapping[str, Tensor],
    *,
    cities: int = CITIES,
    telltale: str = "",
    controls: Sequence[str] = ("shuffled_labels", "bag_of_words", "random_direction"),
) -> list[Measurement]:
    sets = {name: statements(name, cities, telltale) for name in ("cities", "neg_cities")}
    spec = ProbingSpec.model_validate(
        {
            "family": "probing",
            "id": "planted",
            "model": "m",
            "seeds": [0, 1, 2, 3, 4],
            "layer": 0,
            "probes": ["mass_mean", "logistic_regression", "lda"],
            "train": ["cities", BOTH],
            "test": ["cities", "neg_cities"],
            "controls": controls,
        }
    )
    table = cast("ActivationTable", Planted(sets, along))
    return list(transfer.matrix(spec, split_rows(spec, sets), table, 0, no_progress))


def quantity(test: str, train: str = "cities", probe: str = "mass_mean") -> dict[str, Any]:
    where = {"train": train, "test": test, "probe": probe}
    return {"metric": "accuracy_binary", "where": where}


def at_least(limit: float, test: str = "cities", **changes: str) -> dict[str, Any]:
    asked = quantity(test, **changes)
    return {"kind": "bound", "quantity": asked, "side": "at_least", "limit": limit}


def verdict(
    expects: dict[str, Any],
    measured: Sequence[Measurement],
    *controls: str,
    scope: str = "general",
    failures: Sequence[str] = (),
) -> Verdict:
    source = {"section": "1", "quote": "q", "status": "read"}
    claim = {"id": "c", "statement": "s", "source": source, "scope": scope, "expects": expects}
    spec = PaperSpec.model_validate(
        {
            "id": "p",
            "title": "t",
            "authors": ["a"],
            "year": 2024,
            "url": "https://example.org/",
            "setup": {"models": ["other"], "data": "original"},
            "claims": [{**claim, "controls": controls}],
        }
    )
    return judge(spec, spec.claims[0], measured, exact_set_up=False, failures=failures)


@pytest.fixture(scope="module")
def planted() -> list[Measurement]:
    """Truth lies along one axis in both sets."""
    return measure({"cities": axis(0, 1.5), "neg_cities": axis(0, 1.5)})


@pytest.fixture(scope="module")
def flipped() -> list[Measurement]:
    """As if the labels of neg_cities were flipped."""
    return measure({"cities": axis(0, 1.5), "neg_cities": axis(0, -1.5)})


@pytest.fixture(scope="module")
def without_truth() -> list[Measurement]:
    return measure({"cities": axis(0, 0), "neg_cities": axis(0, 0)})


@pytest.mark.parametrize("probe", ["mass_mean", "logistic_regression", "lda"])
@pytest.mark.parametrize("test", ["cities", "neg_cities"])
def test_planted_truth_direction_is_replicated(
    planted: list[Measurement], test: str, probe: str
) -> None:
    controls = ("shuffled_labels", "bag_of_words", "random_direction")
    got = verdict(at_least(0.75, test, probe=probe), planted, *controls)
    assert got.outcome == "replicated", got.reason
    assert [each.name.split(":")[0] for each in got.controls] == list(controls)


@pytest.mark.parametrize("probe", ["mass_mean", "logistic_regression", "lda"])
def test_labels_flipped_in_neg_cities_are_caught(flipped: list[Measurement], probe: str) -> None:
    assert verdict(at_least(0.75, probe=probe), flipped).outcome == "replicated"
    assert verdict(at_least(0.75, "neg_cities", probe=probe), flipped).outcome == "not_replicated"
    below = {**at_least(0.25, "neg_cities", probe=probe), "side": "at_most"}
    assert verdict(below, flipped, "shuffled_labels").outcome == "replicated"


@pytest.mark.parametrize("probe", ["mass_mean", "logistic_regression", "lda"])
def test_labels_that_mean_nothing_are_not_replicated(
    without_truth: list[Measurement], probe: str
) -> None:
    assert verdict(at_least(0.7, probe=probe), without_truth).outcome == "not_replicated"


def test_shuffled_labels_judged_as_the_real_thing_are_not_replicated(
    planted: list[Measurement], without_truth: list[Measurement]
) -> None:
    """Where classes lie far apart, shuffled labels find the axis, now one way, now another."""

    def posing(rows: list[Measurement]) -> list[Measurement]:
        shuffled = [row for row in rows if row.control == "shuffled_labels"]
        return [row.model_copy(update={"control": None}) for row in shuffled]

    assert verdict(at_least(0.7), posing(without_truth)).outcome == "not_replicated"
    assert verdict(at_least(0.7), posing(planted)).outcome in ("inconclusive", "not_replicated")


def test_training_on_both_sets_repairs_transfer_where_polarity_misleads() -> None:
    """Truth along one axis, polarity along another: alone, cities learns the sum of the two."""
    truth, polarity = axis(0, 1.2), axis(1, 2.4)
    mixed = measure({"cities": truth + polarity, "neg_cities": truth - polarity}, controls=())
    both, alone = quantity("neg_cities", BOTH), quantity("neg_cities")
    repaired = {"kind": "ordering", "descending": [both, alone]}
    assert verdict(repaired, mixed).outcome == "replicated"
    reversed_order = {"kind": "ordering", "descending": [alone, both]}
    assert verdict(reversed_order, mixed).outcome == "not_replicated"


def test_too_few_cities_are_inconclusive_with_the_number_needed() -> None:
    few = measure({"cities": axis(0, 0.8), "neg_cities": axis(0, 0.8)}, cities=10, controls=())
    got = verdict(at_least(0.6), few)
    assert got.outcome == "inconclusive"
    assert "would settle it, against" in got.reason


def test_control_that_passes_makes_it_inconclusive() -> None:
    """The true statements hold a word that the false ones lack: bag of words tells them apart."""
    told = measure({"cities": axis(0, 1.5), "neg_cities": axis(0, 1.5)}, telltale="Indeed")
    got = verdict(at_least(0.75), told, "shuffled_labels", "bag_of_words")
    assert got.outcome == "inconclusive"
    assert got.reason.startswith("the control passes: bag_of_words gives 1 [")


def test_control_that_was_not_measured_makes_it_inconclusive(planted: list[Measurement]) -> None:
    got = verdict(at_least(0.75), planted, "untrained_model")
    assert (got.outcome, got.reason) == (
        "inconclusive",
        "control untrained_model was not measured",
    )


def hits(share: float, control: str | None = None, *, n: int = 100, **asked: str) -> Measurement:
    """A row by hand: the first units are right."""
    scores = [1.0] * round(share * n) + [0.0] * (n - round(share * n))
    where: dict[str, Condition] = {**quantity("cities", **asked)["where"]}
    return Measurement(
        experiment="e",
        metric="accuracy_binary",
        value=round(share * n) / n,
        n=n,
        seed=0,
        conditions=where,
        control=control,
        items=Items.pack(f"units of {control}", scores),
    )


def test_control_that_is_not_clearly_behind_makes_it_inconclusive() -> None:
    near, far = hits(0.72, "shuffled_labels"), hits(0.5, "shuffled_labels")
    got = verdict(at_least(0.7), [hits(0.82), near], "shuffled_labels")
    assert got.outcome == "inconclusive"
    assert "not clearly ahead of the control shuffled_labels" in got.reason
    assert verdict(at_least(0.7), [hits(0.82), far], "shuffled_labels").outcome == "replicated"


def test_control_of_a_value_must_clearly_fail() -> None:
    stated = {"tolerance": 0.1, "tolerance_from": "stated"}
    value = {"kind": "value", "quantity": quantity("cities"), "target": 0.8, **stated}
    real = hits(0.8, n=1000)
    for share, outcome in ((0.5, "replicated"), (0.7, "inconclusive"), (0.8, "inconclusive")):
        control = hits(share, "bag_of_words", n=1000)
        assert verdict(value, [real, control], "bag_of_words").outcome == outcome


def test_one_control_of_two_that_passes_is_enough_to_withdraw() -> None:
    rows = [hits(0.9), hits(0.5, "shuffled_labels"), hits(0.9, "bag_of_words")]
    assert verdict(at_least(0.7), rows, "shuffled_labels").outcome == "replicated"
    for order in (("shuffled_labels", "bag_of_words"), ("bag_of_words", "shuffled_labels")):
        assert verdict(at_least(0.7), rows, *order).outcome == "inconclusive"


def test_missing_measurement_is_not_tested_and_never_a_number() -> None:
    got = verdict(at_least(0.7), [hits(0.9, train="other")])
    assert (got.outcome, got.estimates) == ("not_tested", ())


def test_failure_is_named_where_it_left_a_claim_untested() -> None:
    got = verdict(at_least(0.7), [], failures=["transfer: out of memory"])
    assert got.outcome == "not_tested"
    assert "failed: transfer: out of memory" in got.reason
    tested = verdict(at_least(0.7), [hits(0.9)], failures=["transfer: out of memory"])
    assert "out of memory" not in tested.reason


def test_number_of_the_papers_own_model_is_shown_beside_ours_and_not_judged() -> None:
    got = verdict(at_least(0.7), [hits(0.5)], scope="exact")
    assert got.outcome == "not_applicable"
    assert got.estimates[0].estimate.mean == 0.5
    assert verdict(at_least(0.7), [hits(0.5)]).outcome == "not_replicated"


def test_judging_twice_gives_one_verdict(planted: list[Measurement]) -> None:
    backwards = planted[::-1]
    for expects in (at_least(0.75), at_least(0.95, "neg_cities")):
        assert verdict(expects, planted, "shuffled_labels") == verdict(
            expects, backwards, "shuffled_labels"
        )
