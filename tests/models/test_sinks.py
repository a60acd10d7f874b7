"""Sinks are found where they are planted, and no steering vector is one in disguise."""

import pytest
import torch
from torch import Tensor

from harness.models.language_model import LanguageModel
from harness.models.resume import run_base
from harness.models.sinks import mean_without_sinks, require_ordinary, sink_mask
from harness.models.tokenization import tokenize
from harness.ops.directions import cosine
from harness.record import HarnessError

PAIRS = (
    ("I love this city, its parks, its rivers and all of its people.", "I hate it."),
    ("What a wonderful day we had at the lake with all of our friends!", "Bad day."),
)
LAYER = 15


def planted() -> Tensor:
    """Two texts of norm 1 at each position; the third position of the second is 11 long."""
    resid = torch.nn.functional.normalize(
        torch.randn(2, 8, 16, generator=torch.Generator().manual_seed(0)), dim=-1
    )
    resid[1, 2] *= 11
    return resid


def test_the_first_position_and_outliers_are_sinks_and_nothing_else() -> None:
    found = sink_mask(planted())
    assert found.nonzero().tolist() == [[0, 0], [1, 0], [1, 2]]


def test_without_the_outlier_only_the_first_position_is_a_sink() -> None:
    resid = planted()
    resid[1, 2] /= 11
    assert sink_mask(resid).nonzero().tolist() == [[0, 0], [1, 0]]


def test_padding_counts_as_sink_and_does_not_shift_the_median() -> None:
    resid = torch.cat([torch.zeros(2, 9, 16), planted()], 1)
    positions = torch.cat([torch.full((9,), -1), torch.arange(8)]).expand(2, -1)
    found = sink_mask(resid, positions)
    assert bool(found[:, :9].all())
    assert found[:, 9:].nonzero().tolist() == [[0, 0], [1, 0], [1, 2]]


def test_a_mean_without_sinks_by_hand() -> None:
    resid = torch.tensor([[[900.0], [2.0], [4.0], [6.0]]])
    assert mean_without_sinks(resid).tolist() == [[4.0]]


def test_a_text_of_sinks_alone_has_no_mean() -> None:
    with pytest.raises(AssertionError, match="sinks alone"):
        mean_without_sinks(torch.ones(1, 1, 4))


def test_a_sink_among_the_rows_of_a_fit_is_refused() -> None:
    rows = torch.nn.functional.normalize(torch.randn(9, 4), dim=-1)
    assert require_ordinary(rows, "words") is rows
    rows[3] *= 11
    with pytest.raises(HarnessError, match="words: 1 of 9 activations are attention sinks"):
        require_ordinary(rows, "words")


def test_in_smollm2_the_first_token_is_the_sink(smollm2: LanguageModel) -> None:
    resid = _resid(smollm2, PAIRS[0][0])
    norms = resid[0].norm(dim=-1)
    assert norms[0] > 100 * norms[1:].median()
    assert sink_mask(resid)[0].nonzero().flatten().tolist() == [0]


@pytest.mark.parametrize("pair", PAIRS)
def test_a_vector_from_whole_texts_is_no_image_of_the_first_token(
    smollm2: LanguageModel, pair: tuple[str, str]
) -> None:
    """Averaged over all positions of texts unlike in length, the sink is all that is left."""
    positive, negative = (_resid(smollm2, text) for text in pair)
    first = positive[0, 0]
    naive = positive.mean(1)[0] - negative.mean(1)[0]
    ours = mean_without_sinks(positive)[0] - mean_without_sinks(negative)[0]
    assert abs(float(cosine(naive, first))) > 0.99
    assert abs(float(cosine(ours, first))) < 0.5


def _resid(lm: LanguageModel, text: str) -> Tensor:
    return run_base(lm, torch.tensor([tokenize(lm, [text])[0]])).resid[LAYER + 1]
