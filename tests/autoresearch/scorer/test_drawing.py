import pytest
import torch

from harness.autoresearch.scorer import drawing
from harness.autoresearch.scorer.synthetic import SyntheticBench


@pytest.fixture(autouse=True)
def _small_blocks(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(drawing, "_CELLS", 128 * 100)


def test_how_many_rows_are_asked_for_does_not_change_the_stream(bench: SyntheticBench) -> None:
    whole = bench.drawing("dev", 3)(700)
    assert whole.shape == (700, 64)
    assert whole.dtype == torch.float32
    pieces = bench.drawing("dev", 3)
    sizes = (1, 99, 100, 0, 250, 7, 243)
    given = [pieces(size) for size in sizes]
    assert [len(each) for each in given] == list(sizes)
    assert torch.equal(torch.cat(given), whole)
    blocks = whole.split(100)
    assert not any(torch.equal(blocks[0], other) for other in blocks[1:])


def test_the_rows_are_the_worlds_own_in_blocks(bench: SyntheticBench) -> None:
    world = bench.world("dev")
    generator = world.generator(1)
    expected = torch.cat([world.draw(100, generator) for _ in range(3)])
    assert torch.equal(drawing.Drawing(world, world.generator(1))(250), expected[:250])


def test_seeds_and_tiers_have_streams_of_their_own(bench: SyntheticBench) -> None:
    first = bench.drawing("dev", 3)(50)
    assert torch.equal(bench.drawing("dev", 3)(50), first)
    assert not torch.equal(bench.drawing("dev", 4)(50), first)
    assert not torch.equal(bench.drawing("gate", 3)(50), first)


def test_what_drawing_raises_is_raised_where_rows_are_asked_for(
    bench: SyntheticBench, monkeypatch: pytest.MonkeyPatch
) -> None:
    def broken(*_given: object) -> None:
        raise MemoryError

    given = bench.drawing("dev", 0)
    given(10)
    monkeypatch.setattr(drawing, "_draw", broken)
    with pytest.raises(MemoryError):
        given(1_000)
