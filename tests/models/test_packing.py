from collections.abc import Iterator

from hypothesis import given
from hypothesis import strategies as st
from torch import Tensor

from harness.models.packing import PackedBatch, Tokens, pack_padded, pack_tree

SEQUENCES = st.lists(
    st.lists(st.integers(0, 3), min_size=1, max_size=12).map(tuple), min_size=1, max_size=40
)


def _seen(batch: PackedBatch) -> Iterator[tuple[int, Tokens, list[int]]]:
    """What each end attends to: (sequence, tokens by depth, depths)."""
    for row, column, sequence in zip(batch.rows, batch.columns, batch.sequences, strict=True):
        mask: Tensor = batch.visible[row, column]
        depths, tokens = batch.depths[row][mask], batch.tokens[row][mask]
        order = depths.argsort()
        yield int(sequence), tuple(tokens[order].tolist()), depths[order].tolist()


@given(SEQUENCES)
def test_in_a_tree_each_end_sees_its_own_sequence_and_nothing_else(sequences: list[Tokens]) -> None:
    seen = [each for batch in pack_tree(sequences, 64) for each in _seen(batch)]
    assert sorted(index for index, _, _ in seen) == list(range(len(sequences)))
    for index, tokens, depths in seen:
        assert tokens == sequences[index]
        assert depths == list(range(len(tokens)))


@given(SEQUENCES)
def test_in_a_tree_every_node_sees_its_ancestors_at_all_smaller_depths(
    sequences: list[Tokens],
) -> None:
    for batch in pack_tree(sequences, 64):
        for row in range(len(batch.tokens)):
            for node, mask in enumerate(batch.visible[row]):
                seen = mask.nonzero().flatten().tolist()
                assert seen[-1] == node, "a node sees itself and nothing behind it"
                if batch.depths[row, node]:
                    parent = seen[-2]
                    assert batch.visible[row, parent].nonzero().flatten().tolist() == seen[:-1]


@given(SEQUENCES)
def test_padded_rows_are_the_sequences(sequences: list[Tokens]) -> None:
    found: dict[int, Tokens] = {}
    for batch in pack_padded(sequences, 64):
        assert batch.tokens.numel() <= 64
        for row, column, index in zip(batch.rows, batch.columns, batch.sequences, strict=True):
            found[int(index)] = tuple(batch.tokens[row, : column + 1].tolist())
            assert int(batch.visible[row].sum()) == column + 1
    assert found == dict(enumerate(sequences))


def test_shared_prefix_is_computed_once() -> None:
    sequences = [(1, 2, 3, last) for last in range(10, 20)]
    (batch,) = pack_tree(sequences, 768)
    assert batch.tokens.numel() == 3 + 10


def test_long_shared_prefix_still_pays() -> None:
    """Ten texts behind a prompt of 300 tokens stand in one tree."""
    prompt = tuple(range(300))
    batches = list(pack_tree([(*prompt, 1000 + n, 7) for n in range(10)], 768))
    assert sum(batch.tokens.numel() for batch in batches) == 300 + 10 * 2


def test_batches_are_bounded_unless_one_sequence_alone_is_longer() -> None:
    sequences = [tuple(range(start, start + 50)) for start in range(0, 5000, 50)]
    sequences.append(tuple(range(10_000, 11_000)))
    sizes = [batch.tokens.numel() for batch in pack_tree(sequences, 256)]
    assert max(sizes) == 1000, "texts that share nothing gain nothing from one tree"
    assert sorted(sizes)[-2] <= 256
