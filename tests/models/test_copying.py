import pytest
import torch
from torch import Tensor

from harness.models.copying import copy_top5, copying_score, run_alone
from harness.models.hookpoints import Hookpoint
from harness.models.hooks import capture
from harness.models.language_model import LanguageModel
from harness.models.tokenization import start_token
from tests.models.lens import hooked_transformer
from tests.planted import INDUCTION_HEAD, N_HEADS, N_LAYERS, WORDS, planted_induction

EVERY_HEAD = [(layer, head) for layer in range(N_LAYERS) for head in range(N_HEADS)]


@pytest.fixture
def words() -> Tensor:
    return torch.arange(2, 2 + len(WORDS))


def scores(lm: LanguageModel, ids: Tensor) -> Tensor:
    """Mean over the tokens, [layer, head]."""
    alone = run_alone(lm, ids)
    return torch.stack([copying_score(lm, alone, layer).mean(0) for layer in range(lm.n_layers)])


def test_exactly_the_planted_induction_head_copies(words: Tensor) -> None:
    expected = torch.zeros(N_LAYERS, N_HEADS)
    expected[INDUCTION_HEAD] = 1
    torch.testing.assert_close(scores(planted_induction(), words), expected)


def test_without_the_planted_weights_no_head_copies(words: Tensor) -> None:
    found = scores(planted_induction(planted=False), words)
    torch.testing.assert_close(found, torch.zeros_like(found))


def test_of_the_whole_vocabulary_the_planted_head_raises_the_word_most(words: Tensor) -> None:
    lm = planted_induction()
    assert copy_top5(lm, words, [INDUCTION_HEAD]).eq(1).all()
    # Written against, the word comes last: 39 others lie above it.
    assert copy_top5(lm, words, [INDUCTION_HEAD], sign=-1).eq(0).all()


def test_a_head_that_raises_nothing_ties_with_all(words: Tensor) -> None:
    """Ties are no evidence against copying for `copy_top5`, and none for it in `copying_score`."""
    lm = planted_induction(planted=False)
    assert copy_top5(lm, words, EVERY_HEAD).shape == (len(words), len(EVERY_HEAD))
    assert scores(lm, words).abs().max() == 0


def test_the_mean_over_the_tokens_is_zero_for_a_head_that_ignores_its_input(
    tiny: LanguageModel,
) -> None:
    """For every architecture: all tokens are given one and the same residual stream."""
    ids = torch.arange(100, 140)
    alone = run_alone(tiny, ids)
    same = alone._replace(entering=alone.entering[:1].expand_as(alone.entering))
    means = copying_score(tiny, same, 1).mean(0)
    torch.testing.assert_close(means, torch.zeros_like(means), rtol=0, atol=1e-5)


@torch.inference_mode()
def test_what_is_written_is_what_the_head_writes_where_it_sees_nothing_else(
    tiny: LanguageModel,
) -> None:
    """Block 0 is given what enters block 1 by hand, in a forward pass of the whole model."""
    from harness.models.copying import _written
    from harness.models.heads import head_outputs
    from harness.models.hooks import intervene

    ids = torch.arange(200, 206)
    alone, point = run_alone(tiny, ids), Hookpoint("z", 2)
    with (
        intervene(tiny, {Hookpoint("resid_pre", 2): lambda _: alone.entering}),
        capture(tiny, [point]) as seen,
    ):
        tiny.hf(ids[:, None])
    expected = head_outputs(tiny, 2, seen[point])[:, 0]
    torch.testing.assert_close(_written(tiny, alone, 2), expected, rtol=1e-4, atol=1e-5)


@torch.inference_mode()
def test_ranks_equal_those_of_the_ov_matrices_of_transformer_lens(smollm2: LanguageModel) -> None:
    ids, layer = torch.arange(1000, 1030), 18
    lens = hooked_transformer(smollm2)
    alone = run_alone(smollm2, ids)
    start = torch.tensor(start_token(smollm2)).expand(len(ids), -1)
    _, cache = lens.run_with_cache(torch.cat([start, ids[:, None]], 1), stop_at_layer=2)
    entering = cache["resid_pre", 1][:, -1]
    torch.testing.assert_close(alone.entering[:, 0], entering, rtol=1e-3, atol=1e-3)
    written = torch.einsum(
        "td,hdk,hkm->thm", lens.blocks[layer].ln1(entering), lens.W_V[layer], lens.W_O[layer]
    )
    raised = lens.unembed(lens.ln_final(written.flatten(0, 1))).unflatten(0, written.shape[:2])
    others = raised[..., ids]
    own = others.diagonal(dim1=0, dim2=2).T[..., None]
    expected = 2 * (others < own).sum(-1) / (len(ids) - 1) - 1
    torch.testing.assert_close(copying_score(smollm2, alone, layer), expected, rtol=0, atol=0.1)
    assert (copying_score(smollm2, alone, layer) - expected).abs().mean() < 0.005
