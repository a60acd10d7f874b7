import math
from pathlib import Path

import pytest
import torch
from safetensors.torch import save_file
from torch import Tensor

from harness.models.generation import Sampling
from harness.models.hookpoints import Hookpoint
from harness.models.hooks import capture, hooked_modules
from harness.models.language_model import LanguageModel
from harness.oneline.dose import NextToken
from harness.oneline.effects import Added, kl_nats, lean, perplexity
from harness.oneline.prompt import read_prompt
from harness.oneline.steer import RANDOM_DIRECTIONS, SHARES, Wanted, steer
from harness.oneline.vector import difference_of_means, mean_activations
from harness.oneline.views.steer import view
from harness.record import HarnessError

POINT = Hookpoint("resid_post", 1)
SHORT = Wanted(coefficients=(2.0, 1.0), layer=1, sampling=Sampling(tokens=4, temperature=0.0))


def hidden(lm: LanguageModel, text: str) -> Tensor:
    """Residual stream leaving block 1 by transformers' own account."""
    with torch.inference_mode():
        return lm.hf(read_prompt(lm, text).ids, output_hidden_states=True).hidden_states[2][0]


def test_the_vector_leaves_the_first_token_out_whatever_the_lengths(tiny: LanguageModel) -> None:
    found = difference_of_means(tiny, POINT, ["a long one", "b"], ["xyz"])
    first = (hidden(tiny, "a long one")[1:].mean(0) + hidden(tiny, "b")[1:].mean(0)) / 2
    torch.testing.assert_close(found, first - hidden(tiny, "xyz")[1:].mean(0), atol=1e-6, rtol=0)


def test_a_text_that_is_a_sink_alone_and_equal_means_are_refused(tiny: LanguageModel) -> None:
    with pytest.raises(HarnessError, match="attention sink"):
        mean_activations(tiny, ["fine", ""], POINT)
    with pytest.raises(HarnessError, match="no direction"):
        difference_of_means(tiny, POINT, ["same"], ["same"])


def test_vectors_are_added_everywhere_but_at_the_first_token(tiny: LanguageModel) -> None:
    ids = read_prompt(tiny, "hello").ids
    vector = torch.full((1, tiny.d_model), 0.01)
    after = Hookpoint("resid_pre", 2)
    with capture(tiny, [after]) as at:
        Added(POINT, vector).final_resid(tiny, ids)
    moved = at[after][0] - hidden(tiny, "hello")
    torch.testing.assert_close(moved[1:], vector.expand(5, -1), atol=1e-6, rtol=0)
    assert not moved[0].any()
    assert hooked_modules(tiny.hf) == []


def test_kl_and_lean_are_those_computed_by_hand() -> None:
    base, changed = torch.tensor([0.0, 0.0]), torch.tensor([[math.log(3), 0.0], [0.0, 0.0]])
    by_hand = 0.5 * math.log(0.5 / 0.75) + 0.5 * math.log(0.5 / 0.25)
    assert kl_nats(base, changed).tolist() == pytest.approx([by_hand, 0])
    rows = torch.tensor([[1.0, 2.0, 6.0]])
    assert lean(rows, [2], [0, 1]).item() == pytest.approx(4.5)
    assert lean(rows, [2], []).item() == pytest.approx(3.0)


def test_perplexity_is_that_of_the_models_own_loss(tiny: LanguageModel) -> None:
    ids = read_prompt(tiny, "some text").ids
    with torch.inference_mode():
        loss = float(tiny.hf(ids, labels=ids).loss)
    none = Added(POINT, torch.zeros(2, tiny.d_model))
    assert perplexity(tiny, ids, none).tolist() == pytest.approx([math.exp(loss)] * 2, rel=1e-4)


def test_unsteered_is_what_the_model_says_by_itself(tiny: LanguageModel) -> None:
    found = steer(tiny, "hello", ["good"], ["bad"], SHORT)
    ids = read_prompt(tiny, "hello").ids
    theirs = tiny.hf.generate(ids, max_new_tokens=4, do_sample=False)[0, ids.shape[1] :]
    none = found.ways[0]
    assert none.continuation == tiny.tokenizer.decode(theirs, skip_special_tokens=True)
    assert (none.direction, none.coefficient, none.kl_nats) == ("none", 0, 0)
    assert none.lean is not None
    assert none.lean == pytest.approx(
        steer(tiny, "hello", ["good"], ["bad"], SHORT._replace(layer=0)).ways[0].lean
    )


def test_every_coefficient_has_its_negation_and_random_vectors_beside_it(
    tiny: LanguageModel,
) -> None:
    found = steer(tiny, "hello", ["good"], ["bad"], SHORT)
    ways = [(each.direction, each.coefficient) for each in found.ways]
    assert ways == [
        ("none", 0),
        *(("steered", 1), ("negated", -1), ("random", 1)),
        *(("steered", 2), ("negated", -2), ("random", 2)),
    ]
    assert [band.coefficient for band in found.random] == [-2, -1, 1, 2]
    for band in found.random:
        assert band.kl_nats.low <= band.kl_nats.mean <= band.kl_nats.high
    shown = [each for each in found.ways if each.direction == "random"]
    for each, band in zip(shown, found.random[2:], strict=True):
        assert band.kl_nats.low <= each.kl_nats <= band.kl_nats.high


def test_seeds_draw_other_random_vectors_and_leave_the_rest(tiny: LanguageModel) -> None:
    one, again, other = (
        steer(tiny, "hello", ["good"], ["bad"], SHORT._replace(seed=seed)) for seed in (0, 0, 1)
    )
    assert one == again
    assert one.random != other.random
    assert one.ways[1:3] == other.ways[1:3]


def test_texts_of_the_same_tokens_have_no_lean(tiny: LanguageModel) -> None:
    found = steer(tiny, "hello", ["ab"], ["ba"], SHORT)
    assert {each.lean for each in found.ways} == {None}
    assert {band.lean for band in found.random} == {None}
    assert len(view(found).drawing.figure.axes) == 2
    assert len(view(steer(tiny, "hello", ["ab"], ["cd"], SHORT)).drawing.figure.axes) == 3


def test_a_planted_direction_leans_further_than_any_random_one(planted: LanguageModel) -> None:
    """In this model the text's own tokens are read off a subspace that the vector fills."""
    ids = read_prompt(planted, " barn daisy").ids
    point = Hookpoint("resid_post", 1)
    at = NextToken.of(planted, ids, point, ([" cloud"], [" river"]))
    towards = torch.zeros(planted.d_model)
    weight = planted.hf.get_output_embeddings().weight
    towards += weight[at.towards[0]] - weight[at.away[0]]
    _, leans = at.moved(towards[None])
    random = torch.randn(RANDOM_DIRECTIONS, planted.d_model, generator=torch.Generator())
    random *= towards.norm() / random.norm(dim=-1, keepdim=True)
    (_, band) = at.bands(random, [1.0])
    assert leans is not None
    assert band.lean is not None
    assert leans[0] > 3 * band.lean.high


def test_the_usual_lengths_are_shares_of_the_residual_stream(tiny: LanguageModel) -> None:
    found = steer(tiny, "hello", ["good"], ["bad"], SHORT._replace(coefficients=()))
    added = [each.coefficient for each in found.ways if each.direction == "steered"]
    lengths = [c * found.vector_norm / found.residual_norm for c in added]
    assert lengths == pytest.approx(SHARES, rel=0.1)


@pytest.mark.parametrize(
    ("wanted", "said"),
    [
        (SHORT._replace(coefficients=(0.0,)), "above 0"),
        (SHORT._replace(coefficients=(-1.0,)), "above 0"),
        (SHORT._replace(layer=3), "has layers 0 to 2"),
        (SHORT._replace(sampling=Sampling(0)), "at least 1"),
        (SHORT._replace(sampling=Sampling(3, -1.0)), "at least 0"),
    ],
)
def test_impossible_wishes_are_refused(tiny: LanguageModel, wanted: Wanted, said: str) -> None:
    with pytest.raises(HarnessError, match=said):
        steer(tiny, "hello", ["good"], ["bad"], wanted)


def test_missing_texts_are_refused_with_the_options_that_give_them(tiny: LanguageModel) -> None:
    with pytest.raises(HarnessError, match="--negative or --negative-file"):
        steer(tiny, "hello", ["good"], [])


def test_a_vector_from_a_file_is_added_as_it_is(tiny: LanguageModel, tmp_path: Path) -> None:
    file, drawn = tmp_path / "latent.safetensors", torch.linspace(1, 2, tiny.d_model)
    save_file({str(POINT): drawn}, file)
    found = steer(tiny, "hello", [], [], SHORT._replace(vector=file))
    assert found.vector_norm == pytest.approx(float(drawn.norm()), abs=0.01)
    steered = [way for way in found.ways if way.direction == "steered"]
    assert all(way.kl_nats > 0 and way.lean is None for way in steered)


def test_a_vector_that_is_no_direction_is_refused(tiny: LanguageModel, tmp_path: Path) -> None:
    file = tmp_path / "latent.safetensors"
    save_file({str(POINT): torch.zeros(tiny.d_model)}, file)
    with pytest.raises(HarnessError, match="no direction"):
        steer(tiny, "hello", [], [], SHORT._replace(vector=file))
