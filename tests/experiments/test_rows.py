from collections import Counter
from typing import Any

import pytest
import torch

from harness.data.statements import Statement, StatementSet
from harness.experiments.probing.rows import Rows, Split, split_rows
from harness.record import HarnessError
from harness.specs import ProbingSpec


def statements(name: str, units: range, source: Any = "original") -> StatementSet:
    """Two statements a unit, one true; two units share a country."""
    found = [
        Statement(f"{name} {unit} {label}", label, f"u{unit}", f"land{unit // 2}", f"{unit}{label}")
        for unit in units
        for label in (True, False)
    ]
    return StatementSet(name=name, source=source, statements=tuple(found))


def spec(**changes: Any) -> ProbingSpec:
    given: dict[str, Any] = {
        "family": "probing",
        "id": "e",
        "model": "m",
        "seeds": [0],
        "layer": 0,
        "probes": ["mass_mean"],
        "train": ["cities"],
        "test": ["cities"],
    }
    return ProbingSpec.model_validate({**given, **changes})


def sets() -> dict[str, StatementSet]:
    return {
        "cities": statements("cities", range(40)),
        "neg_cities": statements("neg_cities", range(20, 60)),
    }


def folds_by(split: Split, seed: int) -> dict[str, set[int]]:
    """The folds in which each group stands, over all reported sets."""
    found: dict[str, set[int]] = {}
    for rows in split.reported.values():
        for group, fold in zip(rows.groups, split.folds(rows, seed).tolist(), strict=True):
            found.setdefault(group, set()).add(fold)
    return found


@pytest.mark.parametrize("kind", ["unit", "country"])
@pytest.mark.parametrize("seed", [0, 1])
def test_no_group_stands_on_both_sides_in_any_set(kind: str, seed: int) -> None:
    found = folds_by(split_rows(spec(split=kind), sets()), seed)
    assert len(found) == (60 if kind == "unit" else 30)
    assert all(len(folds) == 1 for folds in found.values())
    sizes = Counter(fold for folds in found.values() for fold in folds)
    assert set(sizes) == set(range(5))


def test_split_by_statement_tears_units_apart() -> None:
    """The control of the test above."""
    split = split_rows(spec(split="statement"), sets())
    rows = split.reported["cities"]
    by_unit: dict[int, set[int]] = {}
    for unit, fold in zip(rows.units.tolist(), split.folds(rows, 0).tolist(), strict=True):
        by_unit.setdefault(unit, set()).add(fold)
    assert sum(len(folds) == 2 for folds in by_unit.values()) > 20


def test_seed_moves_the_folds() -> None:
    split = split_rows(spec(), sets())
    assert folds_by(split, 0) != folds_by(split, 1)


def test_units_that_choose_the_layer_are_never_reported_on() -> None:
    split = split_rows(spec(layer="validation"), sets())
    chosen = {group for rows in split.selection.values() for group in rows.groups}
    told = {group for rows in split.reported.values() for group in rows.groups}
    assert not chosen & told
    assert len(chosen) == 15
    assert len(chosen | told) == 60


def test_with_a_fixed_layer_every_row_is_reported() -> None:
    split = split_rows(spec(), sets())
    assert split.selection == {}
    assert [len(rows.texts) for rows in split.reported.values()] == [80, 80]


def test_a_set_without_countries_is_grouped_by_unit() -> None:
    bare = statements("cities", range(10))
    bare = bare.model_copy(
        update={"statements": tuple(one._replace(country=None) for one in bare.statements)}
    )
    rows = split_rows(spec(split="country"), {"cities": bare}).reported["cities"]
    assert set(rows.groups) == {f"u{unit}" for unit in range(10)}


def test_unbalanced_set_is_refused() -> None:
    whole = statements("cities", range(10))
    mostly_true = whole.model_copy(update={"statements": whole.statements[::2]})
    with pytest.raises(HarnessError, match="classes must be"):
        split_rows(spec(), {"cities": mostly_true})


def test_statement_that_stands_twice_is_refused_only_where_we_generated_it() -> None:
    once = statements("cities", range(10), "generated")
    twice = once.model_copy(update={"statements": once.statements * 2})
    with pytest.raises(HarnessError, match="occurs more than once"):
        split_rows(spec(), {"cities": twice})
    published = twice.model_copy(update={"source": "original"})
    assert len(split_rows(spec(), {"cities": published}).reported["cities"].texts) == 40


def test_rows_keep_their_places_and_number_their_units() -> None:
    whole = statements("cities", range(3))
    rows = Rows.of(whole, ["g"] * 6, [False, True, True, True, False, True])
    assert rows.texts == tuple(whole.texts[place] for place in (1, 2, 3, 5))
    assert rows.places.tolist() == [1, 2, 3, 5]
    assert rows.units.tolist() == [0, 1, 1, 2]
    assert rows.labels.tolist() == [False, True, False, False]
    assert rows.unit_count == 3


def test_mean_by_unit_by_hand() -> None:
    rows = Rows.of(
        statements("cities", range(3)), ["g"] * 6, [False, True, True, True, False, True]
    )
    scores = torch.tensor([[1, 1, 0, 0], [0, 1, 1, 1]])
    assert rows.mean_by_unit(scores).tolist() == [[1, 0.5, 0], [0, 1, 1]]


def test_other_rows_or_other_texts_have_another_digest() -> None:
    whole, other = statements("cities", range(3)), statements("cities", range(1, 4))
    keep = [True] * 6
    digests = {
        Rows.of(whole, ["g"] * 6, keep).digest,
        Rows.of(whole, ["g"] * 6, [*keep[:4], False, False]).digest,
        Rows.of(other, ["g"] * 6, keep).digest,
    }
    assert len(digests) == 3
    assert Rows.of(whole, ["g"] * 6, keep).digest in digests
