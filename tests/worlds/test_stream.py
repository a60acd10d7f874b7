import threading
from collections.abc import Callable
from itertools import islice

import pytest
import torch
from torch import Tensor

from harness.worlds.stream import Batch, batches
from harness.worlds.world import SyntheticWorld
from tests.worlds.small import opened

ROWS = 32


@pytest.fixture(scope="module")
def world() -> SyntheticWorld:
    return opened()


def first(world: SyntheticWorld, seed: int, count: int = 12) -> list[Batch]:
    with batches(world, ROWS, world.generator(seed)) as drawn:
        return list(islice(drawn, count))


def hidden(found: list[Batch]) -> Tensor:
    return torch.stack([batch.hidden for batch in found])


def test_batches_depend_on_the_generator_alone(world: SyntheticWorld) -> None:
    once, again = hidden(first(world, 0)), hidden(first(world, 0))
    assert once.shape == (12, ROWS, 48)
    assert torch.equal(once, again)
    assert not torch.equal(once, hidden(first(world, 1)))
    assert float((once[:-1] - once[1:]).abs().amax(dim=(1, 2)).min()) > 0.1, "none comes twice"


def test_batches_do_not_depend_on_how_long_the_consumer_takes(world: SyntheticWorld) -> None:
    unhurried: list[Tensor] = []
    wait = threading.Event()
    with batches(world, ROWS, world.generator(0)) as drawn:
        for batch in islice(drawn, 12):
            unhurried.append(batch.hidden)
            wait.wait(0.01)
    assert torch.equal(torch.stack(unhurried), hidden(first(world, 0)))


def test_a_state_draws_exactly_what_came_behind_its_batch(world: SyntheticWorld) -> None:
    found = first(world, 0, 24)
    marked = [place for place, batch in enumerate(found) if batch.state is not None]
    assert marked
    assert marked[0] > 0, "the control: small batches are drawn together"
    for place in marked[:2]:
        generator, state = world.generator(99), found[place].state
        assert state is not None
        generator.set_state(state)
        with batches(world, ROWS, generator) as drawn:
            assert torch.equal(next(drawn).hidden, found[place + 1].hidden)


def test_an_error_in_sampling_is_raised_where_the_batch_is_asked_for(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    world = opened()
    draw: Callable[..., Tensor] = type(world).draw
    drawn_before: list[int] = []

    def fails_later(self: SyntheticWorld, rows: int, generator: torch.Generator) -> Tensor:
        if drawn_before:
            raise ZeroDivisionError("planted")
        drawn_before.append(rows)
        return draw(self, rows, generator)

    monkeypatch.setattr(type(world), "draw", fails_later)
    with batches(world, ROWS, world.generator(0)) as drawn:
        assert next(drawn).hidden.shape == (ROWS, 48)
        with pytest.raises(ZeroDivisionError, match="planted"):
            list(drawn)


def test_the_thread_ends_with_the_context(world: SyntheticWorld) -> None:
    before = threading.active_count()
    with batches(world, ROWS, world.generator(0)) as drawn:
        next(drawn)
        assert threading.active_count() == before + 1
    assert threading.active_count() == before


def test_the_thread_ends_when_the_consumer_raises(world: SyntheticWorld) -> None:
    before = threading.active_count()
    with (
        pytest.raises(KeyError),
        batches(world, ROWS, world.generator(0)) as drawn,
    ):
        next(drawn)
        raise KeyError("planted")
    assert threading.active_count() == before


def test_the_thread_ends_when_nothing_was_asked_for(world: SyntheticWorld) -> None:
    before = threading.active_count()
    with batches(world, ROWS, world.generator(0)):
        pass
    assert threading.active_count() == before
