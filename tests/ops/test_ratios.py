import pytest
import torch

from harness.ops.ratios import ratio_scores
from harness.record import HarnessError


def test_scores_have_the_ratio_of_means_as_their_mean() -> None:
    part, whole = torch.tensor([1.0, 2.0, 6.0]), torch.tensor([2.0, 4.0, 6.0])
    assert float(ratio_scores(part, whole).mean()) == pytest.approx(9 / 12)


def test_their_spread_is_the_spread_of_the_ratio_over_samples() -> None:
    """20,000 samples of 200 units, against the spread that one sample's scores foretell."""
    generator = torch.Generator().manual_seed(0)
    whole = 4 + torch.randn(20_000, 200, generator=generator, dtype=torch.float64)
    part = 0.6 * whole + torch.randn(20_000, 200, generator=generator, dtype=torch.float64)
    seen = float((part.mean(1) / whole.mean(1)).std())
    foretold = float(ratio_scores(part[0], whole[0]).std() / 200**0.5)
    assert foretold == pytest.approx(seen, rel=0.15)


def test_a_unit_whose_whole_is_nearly_zero_does_no_harm() -> None:
    part, whole = torch.tensor([1.0, 1.0, 1.0]), torch.tensor([1.0, 1.0, 1e-6])
    assert float(ratio_scores(part, whole).mean()) == pytest.approx(1.5, rel=1e-4)


def test_a_share_of_nothing_is_refused() -> None:
    with pytest.raises(HarnessError, match="zero on average"):
        ratio_scores(torch.ones(2), torch.tensor([1.0, -1.0]))
