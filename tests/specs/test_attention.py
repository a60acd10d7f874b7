from collections import Counter
from typing import Any

import pytest
from pydantic import ValidationError

from harness.specs import AttentionSpec


def spec(**changes: Any) -> AttentionSpec:
    given: dict[str, Any] = {"family": "attention", "id": "x", "model": "m", "seeds": [0]}
    return AttentionSpec.model_validate({**given, **changes})


def test_no_quantity_is_promised_twice() -> None:
    promised = Counter(map(str, spec(texts=10).produces([0, 1])))
    assert max(promised.values()) == 1


def test_rows_of_one_metric_bear_the_same_conditions() -> None:
    keys: dict[str, set[frozenset[str]]] = {}
    for quantity in spec(texts=10).produces():
        keys.setdefault(quantity.metric, set()).add(frozenset(quantity.where))
    assert {metric: len(found) for metric, found in keys.items()} == dict.fromkeys(keys, 1)


def test_every_score_has_random_heads_beside_it_and_shuffling_where_tokens_matter() -> None:
    controls: dict[str, set[str | None]] = {}
    for quantity in spec().produces():
        controls.setdefault(quantity.metric, set()).add(quantity.control)
    shuffled = {metric for metric, found in controls.items() if "shuffled_tokens" in found}
    assert shuffled == {"prefix_matching_score", "duplicate_token_score", "next_token_loss"}
    scores = [metric for metric in controls if metric.endswith("_score")]
    assert all("random_heads" in controls[metric] for metric in scores)


def test_nothing_is_promised_of_what_is_not_asked_for() -> None:
    metrics = {quantity.metric for quantity in spec(patterns=[], scores=["copying"]).produces()}
    assert metrics == {"copying_score", "next_token_loss"}


@pytest.mark.parametrize(
    ("field", "value"),
    [("top", [5, 5]), ("scores", []), ("patterns", ["kept", "kept"]), ("block", 1), ("top", [0])],
)
def test_settings_without_meaning_are_refused(field: str, value: Any) -> None:
    with pytest.raises(ValidationError):
        spec(**{field: value})
