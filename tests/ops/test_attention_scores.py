import pytest
import torch
from beartype import beartype
from hypothesis import given, settings
from hypothesis import strategies as st
from jaxtyping import jaxtyped
from torch import Tensor

from harness.ops import attention_scores
from harness.record import HarnessError

checked = jaxtyped(typechecker=beartype)
prefix_matching = checked(attention_scores.prefix_matching)
duplicate_token = checked(attention_scores.duplicate_token)
previous_token = checked(attention_scores.previous_token)
attention_to = checked(attention_scores.attention_to)
uniform_attention = checked(attention_scores.uniform_attention)

ABCAB = torch.tensor([[5, 6, 7, 5, 6]])


def one_hot(keys: list[int]) -> Tensor:
    """A head whose query i attends to keys[i] alone, [1, 1, seq, seq]."""
    return torch.eye(len(keys))[torch.tensor(keys)][None, None]


def random_pattern(batch: int, heads: int, seq: int, seed: int = 0) -> Tensor:
    generator = torch.Generator().manual_seed(seed)
    raw = torch.rand(batch, heads, seq, seq, generator=generator).tril()
    return raw / raw.sum(-1, keepdim=True)


def test_each_score_is_one_for_the_head_that_does_just_that_and_zero_for_the_others() -> None:
    heads = {
        "prefix": one_hot([0, 0, 0, 1, 2]),
        "duplicate": one_hot([0, 0, 0, 0, 1]),
        "previous": one_hot([0, 0, 1, 2, 3]),
    }
    every = torch.cat(list(heads.values()), 1)
    assert prefix_matching(every, ABCAB).tolist() == [[1, 0, 0]]
    assert duplicate_token(every, ABCAB).tolist() == [[0, 1, 0]]
    # Of the other two heads, only their queries 1 happen to attend one back.
    assert previous_token(every, ABCAB).tolist() == [[0.25, 0.25, 1]]


def test_attention_that_followed_in_every_earlier_repeat_is_added_up() -> None:
    tokens = torch.tensor([[1, 2, 1, 2, 1]])
    pattern = torch.zeros(1, 1, 5, 5)
    pattern[..., 4, 1], pattern[..., 4, 3], pattern[..., 4, 0] = 0.25, 0.5, 0.25
    # Three places have an earlier occurrence; only the last attends to what followed: 0.25 + 0.5.
    assert prefix_matching(pattern, tokens).item() == pytest.approx(0.75 / 3)


def test_attending_to_itself_is_not_attending_to_what_followed_earlier() -> None:
    assert prefix_matching(one_hot([0, 1]), torch.tensor([[3, 3]])).item() == 0


@settings(max_examples=20, deadline=None)
@given(st.integers(0, 10_000))
def test_scores_equal_a_plain_loop_over_places(seed: int) -> None:
    generator = torch.Generator().manual_seed(seed)
    tokens = torch.randint(4, (2, 9), generator=generator)
    tokens[:, -1] = tokens[:, 0]
    pattern = random_pattern(2, 3, 9, seed)
    for b in range(2):
        ids = tokens[b].tolist()
        wanted, same, places = torch.zeros(3), torch.zeros(3), 0
        for q in range(9):
            before = [j for j in range(q) if ids[j] == ids[q]]
            places += bool(before)
            for j in before:
                same += pattern[b, :, q, j]
                wanted += pattern[b, :, q, j + 1] if j + 1 < q else 0
        torch.testing.assert_close(prefix_matching(pattern, tokens)[b], wanted / places)
        torch.testing.assert_close(duplicate_token(pattern, tokens)[b], same / places)


def test_previous_token_is_the_mean_of_the_diagonal_below() -> None:
    pattern = random_pattern(2, 3, 7)
    below = pattern.diagonal(-1, 2, 3).mean(-1)
    torch.testing.assert_close(previous_token(pattern, torch.arange(14).view(2, 7)), below)


def test_uniform_attention_on_the_papers_sequences_scores_three_hundredths() -> None:
    tokens = torch.cat([torch.tensor([100]), torch.arange(25).repeat(4)])[None]
    chance = prefix_matching(uniform_attention(tokens), tokens).item()
    by_hand = sum(block / (25 * block + i + 2) for block in (1, 2, 3) for i in range(25)) / 75
    assert chance == pytest.approx(by_hand, rel=1e-6)
    assert 0.02 < chance < 0.04


def test_attention_between_two_places_is_read_for_each_sequence() -> None:
    pattern = random_pattern(2, 3, 5)
    found = attention_to(pattern, torch.tensor([4, 2]), torch.tensor([1, 0]))
    assert torch.equal(found, torch.stack([pattern[0, :, 4, 1], pattern[1, :, 2, 0]]))


def test_a_sequence_without_repetition_has_no_score_rather_than_zero() -> None:
    with pytest.raises(HarnessError, match="no token comes twice"):
        prefix_matching(random_pattern(1, 2, 4), torch.arange(4)[None])
