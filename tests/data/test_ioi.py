import re
from collections import Counter
from typing import get_args

import pytest

from harness.data.contrasts import Contrast, ContrastSet, Part, text_of
from harness.data.ioi import Corruption, Order, Variant, generate
from harness.data.ioi_templates import TEMPLATES
from harness.data.ioi_words import NAMES, OBJECTS, PLACES
from harness.record import HarnessError

PLAIN_ROLES = ["IO", "S1", "S1+1", "S2", "END"]


def one_word(word: str) -> bool:
    """A model that reads each word of letters as one token."""
    return re.fullmatch(r" [A-Za-z]+", word) is not None


def tokens(parts: tuple[Part, ...]) -> list[str]:
    return re.findall(r" ?\w+|[^\w\s]", text_of(parts))


def roles(parts: tuple[Part, ...]) -> dict[str, str]:
    return {part.role: part.text for part in parts if part.role}


def made(
    corruption: Corruption = "swapped",
    variant: Variant = "plain",
    *,
    size: int = 60,
    seed: int = 3,
    templates: int | None = None,
    order: Order | None = None,
) -> ContrastSet:
    return generate(
        size=size,
        seed=seed,
        single=one_word,
        corruption=corruption,
        variant=variant,
        templates=templates,
        order=order,
    )


def sides(given: ContrastSet) -> list[tuple[Contrast, tuple[Part, ...]]]:
    return [(each, side) for each in given.contrasts for side in (each.clean, each.corrupted)]


def test_there_are_as_many_wordings_and_words_as_in_the_paper() -> None:
    assert len(TEMPLATES) == len(set(TEMPLATES)) == 15
    assert len(set(NAMES)) == len(NAMES) >= 100
    assert len(set(PLACES)) == len(set(OBJECTS)) == 20


def test_first_prompt_of_a_seed_is_the_one_written_down() -> None:
    first = made(size=1, templates=1, order="ABBA").contrasts[0]
    io, s = first.answers[0], first.foils[0]
    found = re.fullmatch(
        r"When(.+) and(.+) went to the \w+,(.+) gave a \w+ to", text_of(first.clean)
    )
    assert found is not None
    assert found.groups() == (io, s, s)


def test_equal_seeds_give_equal_sets_and_another_seed_another() -> None:
    assert made().sha256 == made().sha256
    assert made().sha256 != made(seed=4).sha256


@pytest.mark.parametrize("corruption", get_args(Corruption))
@pytest.mark.parametrize("variant", get_args(Variant))
def test_every_prompt_of_a_template_has_the_same_roles_and_length(
    corruption: Corruption, variant: Variant
) -> None:
    seen: dict[str, set[tuple[int, tuple[str, ...]]]] = {}
    for contrast, side in sides(made(corruption, variant)):
        shape = (len(tokens(side)), tuple(roles(side)))
        assert Counter(part.role for part in side if part.role).most_common(1)[0][1] == 1
        seen.setdefault(contrast.template, set()).add(shape)
    assert len(seen) == 30
    assert all(len(shapes) == 1 for shapes in seen.values())
    expected = sorted([*PLAIN_ROLES, "EXTRA"] if variant != "plain" else PLAIN_ROLES)
    assert {tuple(sorted(names)) for [(_, names)] in seen.values()} == {tuple(expected)}


def test_places_of_roles_are_the_tokens_that_they_name() -> None:
    for _, side in sides(made("unrelated", "extra_object")):
        texts = [part.text for part in side]
        assert texts[-1] == roles(side)["END"] == " to"
        following = texts[texts.index(roles(side)["S1"]) + 1]
        assert following == roles(side)["S1+1"]
        assert one_word(following)


def test_templates_and_orders_are_used_equally_often() -> None:
    counts = Counter(each.template for each in made(size=120).contrasts)
    assert len(counts) == 30
    assert set(counts.values()) == {4}


def test_order_says_which_name_comes_first() -> None:
    for order, first in (("ABBA", "IO"), ("BABA", "S1")):
        for each in made(order=order, size=30).contrasts:
            assert each.template.endswith(order)
            assert next(iter(roles(each.clean))) == first


def test_only_the_first_templates_are_used_where_fewer_are_asked_for() -> None:
    numbers = {each.template for each in made(templates=2).contrasts}
    assert numbers == {"0-ABBA", "0-BABA", "1-ABBA", "1-BABA"}


def test_no_ordered_pair_of_names_recurs() -> None:
    units = [each.unit for each in made(size=2_000).contrasts]
    assert len(set(units)) == len(units)
    assert all(io != s for io, s in (unit.split("|") for unit in units))


def test_swapping_makes_the_subject_the_answer() -> None:
    for each in made("swapped").contrasts:
        clean, corrupted = roles(each.clean), roles(each.corrupted)
        assert each.answers == (clean["IO"],)
        assert each.foils == (clean["S1"],) == (clean["S2"],)
        assert corrupted == clean | {"S2": clean["IO"]}


@pytest.mark.parametrize("variant", get_args(Variant))
def test_unrelated_names_are_three_others(variant: Variant) -> None:
    for each in made("unrelated", variant).contrasts:
        clean, corrupted = roles(each.clean), roles(each.corrupted)
        others = {corrupted[role] for role in ("IO", "S1", "S2")}
        assert len(others) == 3
        assert not others & {clean["IO"], clean["S1"]}
        assert each.answers == (clean["IO"],)


@pytest.mark.parametrize("corruption", get_args(Corruption))
def test_variants_and_corruptions_speak_of_the_same_things(corruption: Corruption) -> None:
    plain = made("swapped").contrasts
    for variant in get_args(Variant):
        for one, other in zip(plain, made(corruption, variant).contrasts, strict=True):
            assert (one.unit, one.template) == (other.unit, other.template)
            words = set(PLACES + OBJECTS)
            assert {p.text for p in one.clean} & words == {p.text for p in other.clean} & words


def test_extra_sentence_names_the_one_that_it_is_called_after() -> None:
    for variant, named, count in (("extra_subject", "S1", 3), ("extra_object", "IO", 2)):
        for each in made("swapped", variant).contrasts:
            clean = roles(each.clean)
            assert clean["EXTRA"] == clean[named]
            assert [part.text for part in each.clean].count(clean[named]) == count


def test_names_that_the_model_splits_are_not_used() -> None:
    def short(word: str) -> bool:
        return len(word) <= 6

    used = generate(size=60, seed=0, single=short, corruption="unrelated").contrasts
    assert all(len(name) <= 6 for each in used for name in each.answers + each.foils)
    assert any(len(name) > 6 for each in made().contrasts for name in each.answers)


def test_a_model_that_splits_most_names_is_refused() -> None:
    with pytest.raises(HarnessError, match=r"names of ioi: \d+ of \d+ .* 20 are needed"):
        generate(size=2, seed=0, single=lambda word: len(word) < 4, corruption="swapped")


@pytest.mark.parametrize("size", [0, 10**6])
def test_impossible_sizes_are_refused_with_the_valid_ones(size: int) -> None:
    with pytest.raises(HarnessError, match="valid: 1 to"):
        made(size=size)


@pytest.mark.parametrize("templates", [0, 16])
def test_impossible_numbers_of_templates_are_refused(templates: int) -> None:
    with pytest.raises(HarnessError, match="valid: 1 to 15"):
        made(templates=templates)
