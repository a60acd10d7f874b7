import pytest
import torch

from harness.ops.places import places


@pytest.mark.parametrize("shape", [(1, 1), (1, 7), (1, 8), (3, 8), (5, 13), (16, 64), (3, 0)])
@pytest.mark.parametrize("share", [0.0, 0.05, 0.5, 1.0])
def test_places_are_those_of_a_plain_search(shape: tuple[int, int], share: float) -> None:
    generator = torch.Generator().manual_seed(0)
    mask = torch.rand(shape, generator=generator) < share
    assert torch.equal(places(mask), mask.view(-1).nonzero().squeeze(1))


@pytest.mark.parametrize("cell", range(19))
def test_one_cell_is_found_wherever_it_lies(cell: int) -> None:
    mask = torch.zeros(1, 19, dtype=torch.bool)
    mask[0, cell] = True
    assert places(mask).tolist() == [cell]


def test_a_transposed_mask_is_read_in_its_own_order() -> None:
    mask = torch.zeros(5, 16, dtype=torch.bool)
    mask[1, 3] = mask[4, 0] = True
    assert places(mask.T).tolist() == [4, 3 * 5 + 1]


def test_rows_that_begin_within_a_word_are_read_too() -> None:
    mask = torch.zeros(4, 13, dtype=torch.bool)
    mask[0, 0] = mask[1, 2] = mask[3, 12] = True
    assert places(mask[1:]).tolist() == [2, 2 * 13 + 12]
