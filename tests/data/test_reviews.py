import re
from collections import Counter

import pytest

from harness.data import review_words as words
from harness.data.contrasts import ContrastSet, Part, text_of
from harness.data.reviews import SHORT, Split, short, toy
from harness.record import HarnessError

SIGNS = {
    **dict.fromkeys(words.POSITIVE_ADJECTIVES, True),
    **dict.fromkeys(words.NEGATIVE_ADJECTIVES, False),
}
PARTS: tuple[Split, ...] = ("train", "test")


def every_word(word: str) -> bool:
    return re.fullmatch(r" [A-Za-z]+", word) is not None


def tokens(parts: tuple[Part, ...]) -> list[str]:
    return re.findall(r" ?\w+|[^\w ]", text_of(parts))


def roles(parts: tuple[Part, ...]) -> dict[str, str]:
    return {part.role: part.text for part in parts if part.role}


def adjectives(given: ContrastSet) -> list[str]:
    return [
        part.text
        for each in given.contrasts
        for side in (each.clean, each.corrupted)
        for part in side
        if part.role and part.role.startswith("adjective")
    ]


def test_lists_are_long_enough_and_no_word_is_of_both_signs_or_an_answer() -> None:
    assert min(len(words.POSITIVE_ADJECTIVES), len(words.NEGATIVE_ADJECTIVES)) >= 60
    assert min(len(words.POSITIVE_VERBS), len(words.NEGATIVE_VERBS)) >= 6
    alike = (
        words.POSITIVE_ADJECTIVES
        + words.NEGATIVE_ADJECTIVES
        + words.POSITIVE_VERBS
        + words.NEGATIVE_VERBS
        + words.POSITIVE_ANSWERS
        + words.NEGATIVE_ANSWERS
    )
    assert Counter(alike).most_common(1)[0][1] == 1


def test_toy_review_has_the_wording_of_the_paper() -> None:
    first = toy(part="train", seed=0, single=every_word).contrasts[0]
    named = roles(first.clean)
    assert text_of(first.clean) == (
        f"I thought this movie was{named['adjective']}, I{named['verb']} it. "
        "\nConclusion: This movie is"
    )
    assert list(named) == ["adjective", "comma", "verb", "period", "END"]


@pytest.mark.parametrize("part", PARTS)
def test_sides_of_a_toy_pair_are_of_opposite_sign_and_equal_length(part: Split) -> None:
    for each in toy(part=part, seed=0, single=every_word).contrasts:
        clean, corrupted = roles(each.clean), roles(each.corrupted)
        liking = SIGNS[clean["adjective"]]
        assert SIGNS[corrupted["adjective"]] != liking
        assert (clean["verb"] in words.POSITIVE_VERBS) == liking
        assert (corrupted["verb"] in words.NEGATIVE_VERBS) == liking
        assert (each.answers == words.POSITIVE_ANSWERS) == liking
        assert {each.answers, each.foils} == {words.POSITIVE_ANSWERS, words.NEGATIVE_ANSWERS}
        assert len(tokens(each.clean)) == len(tokens(each.corrupted)) == 17


@pytest.mark.parametrize("part", PARTS)
def test_each_adjective_stands_in_one_pair_and_half_the_clean_ones_like(part: Split) -> None:
    made = toy(part=part, seed=0, single=every_word)
    assert Counter(adjectives(made)).most_common(1)[0][1] == 1
    liking = [SIGNS[f" {each.unit}"] for each in made.contrasts]
    assert 2 * sum(liking) == len(liking)


def test_train_and_test_share_no_adjective_whatever_their_seeds() -> None:
    train = set(adjectives(toy(part="train", seed=0, single=every_word)))
    for seed in range(5):
        assert not train & set(adjectives(toy(part="test", seed=seed, single=every_word)))


def test_short_reviews_use_no_adjective_of_the_train_part() -> None:
    train = set(adjectives(toy(part="train", seed=0, single=every_word)))
    assert not train & set(adjectives(short(size=200, seed=0, single=every_word)))


def test_an_answer_that_the_model_splits_is_left_out_with_its_opposite() -> None:
    made = toy(part="test", seed=0, single=lambda word: word != " disgusting")
    assert {each.answers for each in made.contrasts} == {
        words.POSITIVE_ANSWERS[:4],
        words.NEGATIVE_ANSWERS[:4],
    }


def test_short_reviews_of_a_wording_have_equal_roles_and_lengths() -> None:
    shapes: dict[str, set[tuple[int, tuple[str, ...]]]] = {}
    for each in short(size=100, seed=0, single=every_word).contrasts:
        for side in (each.clean, each.corrupted):
            shape = (len(tokens(side)), tuple(roles(side)))
            assert sum(part.role is not None for part in side) == len(roles(side))
            shapes.setdefault(each.template, set()).add(shape)
    assert len(shapes) == len(SHORT)
    assert all(len(shape) == 1 for shape in shapes.values())
    [(_, named)] = shapes["short-1"]
    assert named == (
        *("adjective1", "comma1", "adjective2", "comma2"),
        *("adjective3", "comma3", "adjective4", "period", "END"),
    )


def test_every_clause_of_a_short_review_is_of_its_sign() -> None:
    made = short(size=100, seed=0, single=every_word).contrasts
    for each in made:
        liking = each.answers == (" Positive",)
        assert each.foils == ((" Negative",) if liking else (" Positive",))
        for side, sign in ((each.clean, liking), (each.corrupted, not liking)):
            said = [SIGNS[text] for role, text in roles(side).items() if role[:3] == "adj"]
            assert said == [sign] * len(said)
    assert Counter(each.answers for each in made) == {(" Positive",): 50, (" Negative",): 50}
    assert len({each.unit for each in made}) == 100


def test_short_reviews_end_where_the_label_follows() -> None:
    first = short(size=2, seed=0, single=every_word).contrasts[0]
    assert text_of(first.clean).startswith("Review Text: I thought the")
    assert text_of(first.clean).endswith(". \nReview Sentiment:")


def test_equal_seeds_give_equal_reviews_and_another_seed_others() -> None:
    for one, same, other in (
        [toy(part="train", seed=seed, single=every_word).sha256 for seed in (0, 0, 1)],
        [short(size=20, seed=seed, single=every_word).sha256 for seed in (0, 0, 1)],
    ):
        assert one == same != other


@pytest.mark.parametrize("size", [0, 3, 10**7])
def test_sizes_that_cannot_be_had_are_refused(size: int) -> None:
    with pytest.raises(HarnessError, match="valid: even numbers from 2 to"):
        short(size=size, seed=0, single=every_word)


def test_a_model_that_splits_most_adjectives_is_refused() -> None:
    def answers_only(word: str) -> bool:
        return word in words.POSITIVE_ANSWERS + words.NEGATIVE_ANSWERS

    with pytest.raises(HarnessError, match=r"positive train adjectives: 0 of \d+"):
        toy(part="train", seed=0, single=answers_only)


def test_a_model_that_splits_the_answers_is_refused() -> None:
    with pytest.raises(HarnessError, match="answers of toy reviews: 0 of 5 pairs"):
        toy(part="train", seed=0, single=lambda word: word not in words.POSITIVE_ANSWERS)
