from dataclasses import replace

import pytest

from harness.review.rules.paper_changes import paper_changes
from tests.review.altered import altered, swap

PATH = "papers/actadd/paper.yaml"


def messages(old: str, new: str) -> list[tuple[str, int | None]]:
    given = altered({})
    own = swap(old, new)(given.paper)
    assert own != given.paper, old
    found = list(paper_changes(replace(given, own_paper=own)))
    assert {(each.rule, each.severity, each.path) for each in found} == {
        ("limit-moved", "blocker", PATH)
    }
    return [(each.message, each.line) for each in found]


def test_the_same_paper_gives_nothing() -> None:
    assert list(paper_changes(altered({}))) == []


def test_a_limit_that_moved_is_told_with_both_values_at_its_claim() -> None:
    given = altered({})
    limit = next(line for line in given.paper.splitlines() if line.strip().startswith("limit:"))
    [(message, line)] = messages(limit, limit.split("limit:")[0] + "limit: 0.0123")
    claim = message.split(":")[0]
    assert f"{claim}: expects.limit: {limit.split(':')[1].strip()} → 0.0123" == message
    assert line is not None
    assert f"id: {claim}" in given.paper.splitlines()[line - 1]


def test_controls_scope_and_setup_are_told() -> None:
    assert "controls.0: random_direction → nothing" in str(
        messages("controls: [random_direction]", "controls: []")
    )
    assert "scope: general → exact" in str(messages("scope: general", "scope: exact"))
    assert messages("year: 2", "year: 1")[0][0].startswith("year: year: 2")


def test_a_claim_that_is_gone_and_one_that_is_new_are_told() -> None:
    claim = next(
        line.split("id:")[1].strip()
        for line in altered({}).paper.splitlines()
        if line.strip().startswith("- id:")
    )
    told = " ".join(message for message, _ in messages(f"id: {claim}", "id: easier"))
    assert f"{claim}: claim: " in told
    assert "easier: claim: nothing → " in told


@pytest.mark.parametrize(
    "text", ["", "[", "a: &a [*a]", "claims: 3", "x: !!python/none 1", "\ud800"]
)
def test_a_text_that_is_no_spec_is_a_blocker(text: str) -> None:
    [found] = paper_changes(replace(altered({}), own_paper=text))
    assert (found.rule, found.severity) == ("limit-moved", "blocker")


def test_a_bomb_is_not_given_to_a_parser() -> None:
    bomb = "\n".join(
        ["a0: &a0 [x]"] + [f"a{i}: &a{i} [{', '.join([f'*a{i - 1}'] * 9)}]" for i in range(1, 12)]
    )
    [found] = paper_changes(replace(altered({}), own_paper=bomb))
    assert found.rule == "limit-moved"


def test_a_paper_that_main_does_not_have_wants_a_human_reading() -> None:
    [found] = paper_changes(replace(altered({}), paper_is_new=True))
    assert (found.rule, found.severity, found.path) == ("paper-new", "warning", PATH)
