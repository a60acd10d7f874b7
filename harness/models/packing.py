"""Lay many token sequences out as few forward passes. Pure bookkeeping: knows no model.

`pack_padded` gives every sequence a row of its own. `pack_tree` computes shared prefixes once: a
causal activation depends on the tokens up to its position only, so sequences with a common
beginning share those activations exactly. A tree of tokens becomes one row in which each token
stands at its depth and sees its ancestors and itself.
"""

from collections.abc import Iterable, Iterator, Sequence
from itertools import takewhile
from typing import NamedTuple

import torch
from jaxtyping import Bool, Int
from torch import Tensor

Tokens = tuple[int, ...]

TREE_NODES = 96
"""From 48 to 256, time on SmolLM2 differed by 10 %, no more than noise did."""
TOKEN_COST = 1500
"""What a token costs in matrix products, in units of one token's attention to another. An estimate
for d_model 576 that wider models exceed; it decides speed, never numbers."""
LONGEST_MULTIPLE = 4
"""A tree may hold this many times its longest sequence, so that long shared prefixes pay."""
MOST_TREE_NODES = 4096
"""Bounds the attention mask (64 MiB in float32), unless one sequence alone is longer."""


class PackedBatch(NamedTuple):
    """One forward pass, and where in it each sequence ends."""

    tokens: Int[Tensor, "row width"]
    depths: Int[Tensor, "row width"]
    """Position of each token in its own sequence."""
    visible: Bool[Tensor, "row width width"] | Bool[Tensor, "row width"]
    """Which tokens each token sees; or, where rows are plain sequences, which are not padding."""
    rows: Int[Tensor, " end"]
    columns: Int[Tensor, " end"]
    sequences: Int[Tensor, " end"]
    """Index of the sequence that ends at (row, column)."""


class _Tree(NamedTuple):
    tokens: list[int]
    depths: list[int]
    parents: list[int]
    """-1 for a root."""
    ends: list[int]
    """Node of each sequence's last token."""
    sequences: list[int]


def pack_padded(sequences: Sequence[Tokens], batch_tokens: int) -> Iterator[PackedBatch]:
    """Rows of nearly equal length, padded on the right; at most `batch_tokens` a batch."""
    order = sorted(range(len(sequences)), key=lambda index: len(sequences[index]), reverse=True)
    for batch in _split(order, [len(sequences[index]) for index in order], batch_tokens):
        shape = (len(batch), len(sequences[batch[0]]))
        tokens, visible = torch.zeros(shape, dtype=torch.long), torch.zeros(shape, dtype=torch.bool)
        for row, index in enumerate(batch):
            tokens[row, : len(sequences[index])] = torch.tensor(sequences[index])
            visible[row, : len(sequences[index])] = True
        yield PackedBatch(
            tokens=tokens,
            depths=torch.arange(shape[1]).expand(shape),
            visible=visible,
            rows=torch.arange(len(batch)),
            columns=torch.tensor([len(sequences[index]) - 1 for index in batch]),
            sequences=torch.tensor(batch),
        )


def pack_tree(sequences: Sequence[Tokens], batch_tokens: int) -> Iterator[PackedBatch]:
    """Rows that are trees; at most `batch_tokens` a batch, unless one tree alone is larger."""
    trees = sorted(_trees(sequences), key=lambda tree: len(tree.tokens), reverse=True)
    sizes = [len(tree.tokens) for tree in trees]
    for batch in _split(list(range(len(trees))), sizes, batch_tokens):
        yield _join([trees[index] for index in batch])


def _split(items: list[int], sizes: list[int], most: int) -> Iterator[list[int]]:
    """Cut `items`, of falling sizes, into groups of count times largest size at most `most`."""
    start = 0
    while start < len(items):
        count = max(1, most // sizes[start])
        yield items[start : start + count]
        start += count


def _trees(sequences: Sequence[Tokens]) -> Iterator[_Tree]:
    """Neighbours in sorted order share the most; a tree is a run of them of bounded size."""
    order = sorted(range(len(sequences)), key=sequences.__getitem__)
    run: list[int] = []
    nodes = longest = 0
    for index in order:
        sequence = sequences[index]
        shared = _shared(sequences[run[-1]], sequence) if run else 0
        longest = max(longest, len(sequence))
        if run and not _joins(nodes, longest, shared, len(sequence)):
            yield _tree(sequences, run)
            run, nodes, shared, longest = [], 0, 0, len(sequence)
        run.append(index)
        nodes += len(sequence) - shared
    if run:
        yield _tree(sequences, run)


def _joins(nodes: int, longest: int, shared: int, length: int) -> bool:
    """Whether a sequence costs less within a tree of `nodes` than in a row of its own."""
    new = length - shared
    fits = nodes + new <= min(max(TREE_NODES, LONGEST_MULTIPLE * longest), MOST_TREE_NODES)
    extra_attention = (nodes + new) ** 2 - nodes**2 - length**2
    return fits and shared * TOKEN_COST >= extra_attention


def _tree(sequences: Sequence[Tokens], run: Iterable[int]) -> _Tree:
    tree = _Tree([], [], [], [], [])
    path: list[int] = []
    before: Tokens = ()
    for index in run:
        sequence = sequences[index]
        del path[_shared(before, sequence) :]
        for depth in range(len(path), len(sequence)):
            tree.parents.append(path[-1] if path else -1)
            path.append(len(tree.tokens))
            tree.tokens.append(sequence[depth])
            tree.depths.append(depth)
        tree.ends.append(path[-1])
        tree.sequences.append(index)
        before = sequence
    return tree


def _join(trees: Sequence[_Tree]) -> PackedBatch:
    """Trees as rows; padding sees only itself, so that no softmax runs over nothing."""
    shape = (len(trees), max(len(tree.tokens) for tree in trees))
    tokens, depths = torch.zeros(shape, dtype=torch.long), torch.zeros(shape, dtype=torch.long)
    visible = torch.eye(shape[1], dtype=torch.bool).repeat(shape[0], 1, 1)
    for row, tree in enumerate(trees):
        size = len(tree.tokens)
        tokens[row, :size] = torch.tensor(tree.tokens)
        depths[row, :size] = torch.tensor(tree.depths)
        for node, parent in enumerate(tree.parents):
            if parent >= 0:
                visible[row, node] |= visible[row, parent]
    return PackedBatch(
        tokens=tokens,
        depths=depths,
        visible=visible,
        rows=torch.tensor([row for row, tree in enumerate(trees) for _ in tree.ends]),
        columns=torch.tensor([end for tree in trees for end in tree.ends]),
        sequences=torch.tensor([index for tree in trees for index in tree.sequences]),
    )


def _shared(first: Tokens, second: Tokens) -> int:
    """Length of the common beginning."""
    pairs = zip(first, second, strict=False)
    return sum(1 for _ in takewhile(lambda pair: pair[0] == pair[1], pairs))
