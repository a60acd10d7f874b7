import torch

from harness.ops.interventions import ablate, add, component, project, swap

RESID = torch.tensor([[[1.0, 2.0], [3.0, 4.0], [5.0, 6.0]]])
OTHER = torch.tensor([[[9.0, 0.0], [7.0, 0.0], [8.0, 0.0]]])
MASK = torch.tensor([[False, True, False]])
FIRST = torch.tensor([1.0, 0.0])


def test_a_multiple_of_the_vector_is_added_where_the_mask_says() -> None:
    moved = add(RESID, torch.tensor([1.0, -1.0]), 2.0, MASK)
    assert moved.tolist() == [[[1, 2], [5, 2], [5, 6]]]


def test_coefficient_zero_returns_the_very_tensor() -> None:
    assert add(RESID, torch.full((2,), 1e9), 0.0, MASK) is RESID


def test_a_vector_may_differ_by_position() -> None:
    by_position = torch.tensor([[0.0, 0.0], [10.0, 0.0], [20.0, 0.0]])
    moved = add(RESID, by_position, 1.0, torch.ones(1, 3, dtype=torch.bool))
    assert moved.tolist() == [[[1, 2], [13, 4], [25, 6]]]


def test_ablation_sets_the_component_to_the_mean_and_leaves_the_rest() -> None:
    assert ablate(RESID, FIRST, MASK).tolist() == [[[1, 2], [0, 4], [5, 6]]]
    assert ablate(RESID, FIRST, MASK, mean=7.0).tolist() == [[[1, 2], [7, 4], [5, 6]]]


def test_projection_keeps_nothing_but_the_component() -> None:
    assert project(RESID, FIRST, MASK).tolist() == [[[1, 2], [3, 0], [5, 6]]]


def test_ablation_and_projection_add_up_to_the_stream() -> None:
    resid = torch.randn(2, 3, 5, generator=torch.Generator().manual_seed(0))
    direction = torch.nn.functional.normalize(torch.arange(5.0), dim=0)
    everywhere = torch.ones(2, 3, dtype=torch.bool)
    parts = ablate(resid, direction, everywhere) + project(resid, direction, everywhere)
    torch.testing.assert_close(parts, resid)


def test_a_swap_takes_the_component_of_the_other_prompt_and_nothing_else() -> None:
    assert swap(RESID, OTHER, FIRST, MASK).tolist() == [[[1, 2], [7, 4], [5, 6]]]


def test_swapping_with_itself_changes_nothing() -> None:
    torch.testing.assert_close(swap(RESID, RESID, FIRST, MASK), RESID)


def test_components_along_a_unit_vector() -> None:
    along = torch.tensor([0.6, 0.8])
    torch.testing.assert_close(component(RESID, along), torch.tensor([[2.2, 5.0, 7.8]]))
