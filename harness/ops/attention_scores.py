"""What a head attends to, as scores of attention patterns. Pure; knows no model.

Patterns are [batch, n_heads, query, key], rows summing to 1; tokens are ids [batch, seq] over the
same places, a start token among them if the model read one. Scores lie between 0 and 1, one for
each sequence and head. Source: Olsson et al. 2022, "In-context Learning and Induction Heads", for
prefix matching (with the erratum of 2022-09-20); the others take the same form.
"""

import torch
from jaxtyping import Bool, Float, Int
from torch import Tensor

from harness.record import HarnessError


def prefix_matching(
    pattern: Float[Tensor, "batch n_heads seq seq"], tokens: Int[Tensor, "batch seq"]
) -> Float[Tensor, "batch n_heads"]:
    """Mean attention from a token to the tokens that *followed* the same token earlier.

    The mean goes over the places whose token came before; there, the attention to all that
    followed is added up. Raises `HarnessError` where no token of a sequence comes twice.
    """
    same = _earlier_same(tokens)
    # What followed key k - 1 stands at k; a place does not count as following itself.
    followed = torch.zeros_like(same)
    followed[:, :, 1:] = same[:, :, :-1]
    return _mean_attention(pattern, followed & _earlier(tokens), of=same.any(-1))


def duplicate_token(
    pattern: Float[Tensor, "batch n_heads seq seq"], tokens: Int[Tensor, "batch seq"]
) -> Float[Tensor, "batch n_heads"]:
    """Mean attention from a token to its own earlier occurrences, where it has any.

    Raises `HarnessError` where no token of a sequence comes twice.
    """
    same = _earlier_same(tokens)
    return _mean_attention(pattern, same, of=same.any(-1))


def previous_token(
    pattern: Float[Tensor, "batch n_heads seq seq"], tokens: Int[Tensor, "batch seq"]
) -> Float[Tensor, "batch n_heads"]:
    """Mean attention from a token to the one just before it; the first token has none.

    Raises `HarnessError` for sequences of one token.
    """
    places = torch.ones_like(_earlier(tokens)).tril(-1).triu(-1)
    return _mean_attention(pattern, places.expand(len(tokens), -1, -1), of=places.any(-1))


def attention_to(
    pattern: Float[Tensor, "batch n_heads seq seq"],
    query: Int[Tensor, " batch"],
    key: Int[Tensor, " batch"],
) -> Float[Tensor, "batch n_heads"]:
    """Attention of each head from one place to another, the places given for each sequence."""
    return pattern[torch.arange(len(pattern), device=pattern.device), :, query, key]


def uniform_attention(tokens: Int[Tensor, "batch seq"]) -> Float[Tensor, "batch 1 seq seq"]:
    """The pattern of a head that attends evenly to all it can see: what chance is for a score."""
    seq = tokens.shape[1]
    even = torch.ones(seq, seq, device=tokens.device).tril()
    return (even / even.sum(-1, keepdim=True)).expand(len(tokens), 1, -1, -1)


def _earlier(tokens: Int[Tensor, "batch seq"]) -> Bool[Tensor, "1 seq seq"]:
    """True where the key stands before the query."""
    seq = tokens.shape[1]
    return torch.ones(1, seq, seq, dtype=torch.bool, device=tokens.device).tril(-1)


def _earlier_same(tokens: Int[Tensor, "batch seq"]) -> Bool[Tensor, "batch seq seq"]:
    """True where the key is an earlier occurrence of the query's token."""
    return (tokens[:, :, None] == tokens[:, None, :]) & _earlier(tokens)


def _mean_attention(
    pattern: Float[Tensor, "batch n_heads seq seq"],
    wanted: Bool[Tensor, "batch seq seq"],
    *,
    of: Bool[Tensor, "... seq"],
) -> Float[Tensor, "batch n_heads"]:
    """Attention to the wanted keys, averaged over the queries `of` which it is asked."""
    queries = of.expand(len(pattern), -1).sum(-1)
    if not bool((queries > 0).all()):
        raise HarnessError(
            "attention score: a sequence has no place to score: no token comes twice"
        )
    return torch.einsum("bhqk,bqk->bh", pattern, wanted.to(pattern.dtype)) / queries[:, None]
