from typing import Any

import pytest

from harness.models.studied import why_not_at_hand
from harness.record import HarnessError
from harness.specs import ImportedSpec

NUMBER = {
    "file": "results/a/result.json",
    "sha256": "0" * 64,
    "reading": {"kind": "confusion_matrix", "at": "/metrics/confusion_matrix"},
    "metric": "accuracy_binary",
    "where": {"test": "cities"},
    "seed": 42,
}


def spec(*numbers: dict[str, Any], **more: Any) -> ImportedSpec:
    content = {
        "family": "imported",
        "id": "theirs",
        "model": "hf:org/model",
        "seeds": [7, 42],
        "repository": "https://github.com/someone/replications",
        "commit": "a" * 40,
        "numbers": numbers,
    }
    return ImportedSpec.model_validate({**content, **more})


def test_it_produces_what_it_lists_once_for_all_seeds() -> None:
    control = {**NUMBER, "control": "bag_of_words"}
    made = spec(NUMBER, {**NUMBER, "seed": 7}, control)
    produced = [(each.metric, each.where, each.control) for each in made.produces()]
    where = {"model": "hf:org/model", "test": "cities"}
    assert produced == [
        ("accuracy_binary", where, None),
        ("accuracy_binary", where, "bag_of_words"),
    ]


@pytest.mark.parametrize(
    "path",
    [
        "../evil.json",
        "/etc/passwd",
        "a/../../evil.json",
        "a//b.json",
        "./a.json",
        "a\\b",
        "a%2e.json",
    ],
)
def test_a_file_outside_of_the_repository_is_refused(path: str) -> None:
    with pytest.raises(ValueError, match=r"numbers\.0\.file"):
        spec({**NUMBER, "file": path})


@pytest.mark.parametrize(
    ("key", "value"),
    [
        ("repository", "http://github.com/a/b"),
        ("repository", "https://github.com.evil.example/a/b"),
        ("repository", "https://github.com/a/b?c"),
        ("commit", "main"),
    ],
)
def test_only_commits_of_github_are_fetched(key: str, value: str) -> None:
    with pytest.raises(ValueError, match=key):
        spec(NUMBER, **{key: value})


@pytest.mark.parametrize(
    ("numbers", "said"),
    [
        ((NUMBER, NUMBER), "stands twice"),
        (({**NUMBER, "seed": 3},), "seed 3 is none of 7, 42"),
        (({**NUMBER, "where": {"model": "x"}},), "the model is the experiment's"),
    ],
)
def test_rows_that_cannot_be_told_apart_are_refused(numbers: Any, said: str) -> None:
    with pytest.raises(ValueError, match=said):
        spec(*numbers)


def test_numbers_say_nothing_of_another_model() -> None:
    made = spec(NUMBER)
    assert made.moved(model="hf:org/model", data="generated") is made
    with pytest.raises(HarnessError, match="say nothing of hf:org/other"):
        made.moved(model="hf:org/other", data="generated")


def test_no_model_needs_to_be_at_hand() -> None:
    assert why_not_at_hand(spec(NUMBER, model="path:/nowhere")) is None
