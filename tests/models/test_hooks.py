import pytest
import torch
from torch import Tensor
from transformer_lens.hook_points import HookPoint

from harness.models.hookpoints import FAMILIES, NAMES, Hookpoint, family_of
from harness.models.hooks import capture, hooked_modules, intervene
from harness.models.language_model import LanguageModel
from harness.models.patching import Pairs, patch_map
from harness.models.tokenization import tokenize
from harness.record import HarnessError
from tests.models.lens import hooked_transformer

LENS_NAMES = {
    "resid_pre": "hook_resid_pre",
    "resid_mid": "hook_resid_mid",
    "resid_post": "hook_resid_post",
    "attn_out": "hook_attn_out",
    "mlp_out": "hook_mlp_out",
    "mlp_in": "ln2.hook_normalized",
    "z": "attn.hook_z",
}
SENTENCES = [
    "The city of Paris is in France.",
    "When Mary and John went to the store, John gave a drink to",
    "7 times 6 is 42; naïve, isn't it?",
]


def _tokens(lm: LanguageModel, text: str = SENTENCES[0]) -> Tensor:
    return torch.tensor(tokenize(lm, [text]))


def _points(lm: LanguageModel, layer: int) -> list[Hookpoint]:
    return [Hookpoint(name, layer) for name in lm.family.sites]


@torch.inference_mode()
def test_hooks_equal_transformer_lens_on_the_same_weights(smollm2: LanguageModel) -> None:
    lens = hooked_transformer(smollm2)
    layers = (0, 1, 14, 29)
    points = [Hookpoint(name, layer) for name in LENS_NAMES for layer in layers]
    names = {str(p): f"blocks.{p.layer}.{LENS_NAMES[p.name]}" for p in points}
    for sentence in SENTENCES:
        tokens = _tokens(smollm2, sentence)
        with capture(smollm2, points) as ours:
            smollm2.hf(tokens)
        _, theirs = lens.run_with_cache(tokens, names_filter=list(names.values()))
        for point in points:
            expected = theirs[names[str(point)]]
            if point.name == "mlp_in":
                # TransformerLens folds nothing here, but names the state before the norm's gain.
                expected = expected * lens.blocks[point.layer].ln2.w
            assert ours[point].shape == expected.shape, point
            # The stream of the first token runs to 25,000, where float32 resolves 2e-3.
            limit = 1e-4 * max(1.0, float(expected.abs().max()) / 10)
            assert float((ours[point] - expected).abs().max()) < limit, point


@torch.inference_mode()
def test_a_patched_run_equals_transformer_lens_on_the_same_weights(smollm2: LanguageModel) -> None:
    """The residual stream at one place, and one head at the end, taken from another prompt."""
    lens = hooked_transformer(smollm2)
    clean = _tokens(smollm2, "When Mary and John went to the store, John gave a drink to")
    corrupted = _tokens(smollm2, "When Mary and John went to the store, Mary gave a drink to")
    mary, john = (smollm2.tokenizer.encode(name)[1] for name in (" Mary", " John"))
    pairs = Pairs(clean, corrupted, torch.tensor([[mary]]), torch.tensor([[john]]))
    _, source = lens.run_with_cache(clean)

    def difference(hook_name: str, place: int, head: int | None) -> float:
        def put(activation: Tensor, hook: HookPoint) -> Tensor:
            at = (slice(None), place) if head is None else (slice(None), place, head)
            activation[at] = source[hook.name][at]
            return activation

        logits = lens.run_with_hooks(corrupted, fwd_hooks=[(hook_name, put)])[0, -1]
        return float(logits[mary] - logits[john])

    resid = patch_map(smollm2, pairs, "resid_pre", places=[10]).patched
    heads = patch_map(smollm2, pairs, "z", places=[14]).patched
    for layer in (3, 17, 22):
        theirs = difference(f"blocks.{layer}.hook_resid_pre", 10, None)
        assert float(resid[layer, 0, 0]) == pytest.approx(theirs, abs=1e-4)
    for layer, head in ((20, 0), (23, 3)):
        theirs = difference(f"blocks.{layer}.attn.hook_z", 14, head)
        assert float(heads[layer, 0, head, 0]) == pytest.approx(theirs, abs=1e-4)


@torch.inference_mode()
def test_parts_add_up_to_the_residual_stream(tiny: LanguageModel) -> None:
    with capture(tiny, [*_points(tiny, 0), *_points(tiny, 1)]) as at:
        tiny.hf(_tokens(tiny))
    pre, post = at[Hookpoint("resid_pre", 1)], at[Hookpoint("resid_post", 1)]
    attn, mlp = at[Hookpoint("attn_out", 1)], at[Hookpoint("mlp_out", 1)]
    torch.testing.assert_close(pre + attn + mlp, post)
    torch.testing.assert_close(pre, at[Hookpoint("resid_post", 0)], rtol=0, atol=0)
    if Hookpoint("resid_mid", 1) in at:
        torch.testing.assert_close(pre + attn, at[Hookpoint("resid_mid", 1)])
    assert at[Hookpoint("z", 1)].shape[:3] == (*pre.shape[:2], tiny.n_heads)


@torch.inference_mode()
def test_hidden_states_of_transformers_are_resid_pre(tiny: LanguageModel) -> None:
    points = [Hookpoint("resid_pre", layer) for layer in range(tiny.n_layers)]
    with capture(tiny, points) as at:
        states = tiny.hf(_tokens(tiny), output_hidden_states=True).hidden_states
    for point, state in zip(points, states, strict=False):
        torch.testing.assert_close(at[point], state, rtol=0, atol=0)


@torch.inference_mode()
def test_every_intervention_changes_what_follows_and_identity_does_not(tiny: LanguageModel) -> None:
    tokens = _tokens(tiny)
    before = tiny.hf(tokens).logits
    for point in _points(tiny, 1):
        with intervene(tiny, {point: lambda activation: activation}):
            assert torch.equal(tiny.hf(tokens).logits, before), point
        with intervene(tiny, {point: torch.zeros_like}), capture(tiny, [point]) as seen:
            assert not torch.equal(tiny.hf(tokens).logits, before), point
            assert not seen[point].any(), point
        assert torch.equal(tiny.hf(tokens).logits, before), point


@torch.inference_mode()
def test_replaced_resid_mid_reaches_both_the_mlp_and_the_stream(smollm2: LanguageModel) -> None:
    """Zero after attention, and the block adds to nothing what its MLP makes of nothing."""
    mid, post, out = (Hookpoint(name, 3) for name in ("resid_mid", "resid_post", "mlp_out"))
    with intervene(smollm2, {mid: torch.zeros_like}), capture(smollm2, [post, out]) as at:
        smollm2.hf(_tokens(smollm2))
    assert not at[out].any()
    assert not at[post].any()


@torch.inference_mode()
def test_patching_resid_pre_carries_the_answer_over(smollm2: LanguageModel) -> None:
    paris = _tokens(smollm2, "The city of Paris is in")
    tokyo = _tokens(smollm2, "The city of Tokyo is in")
    point = Hookpoint("resid_pre", 5)
    with capture(smollm2, [point]) as at:
        clean = smollm2.hf(tokyo).logits
    with intervene(smollm2, {point: lambda _activation: at[point]}):
        patched = smollm2.hf(paris).logits
    torch.testing.assert_close(patched, clean, rtol=0, atol=0)
    assert not torch.allclose(smollm2.hf(paris).logits, clean, atol=1)


def test_gradient_flows_through_captured_activations(tiny: LanguageModel) -> None:
    first, second = Hookpoint("resid_post", 0), Hookpoint("resid_post", 2)
    with (
        intervene(tiny, {first: lambda activation: activation.detach().requires_grad_()}),
        capture(tiny, [first, second]) as at,
    ):
        tiny.hf(_tokens(tiny))
    (gradient,) = torch.autograd.grad(at[second].sum(), at[first])
    assert gradient.abs().sum() > 0


def test_hooks_are_gone_afterwards_also_when_the_body_raises(tiny: LanguageModel) -> None:
    tokens = _tokens(tiny)
    before = tiny.hf(tokens).logits
    edits = dict.fromkeys(_points(tiny, 0), torch.zeros_like)
    with pytest.raises(RuntimeError), intervene(tiny, edits), capture(tiny, edits):
        assert hooked_modules(tiny.hf)
        raise RuntimeError
    assert not hooked_modules(tiny.hf)
    assert torch.equal(tiny.hf(tokens).logits, before)


def test_hooks_already_set_are_removed_when_a_later_one_is_refused(tiny: LanguageModel) -> None:
    points = [Hookpoint("resid_pre", 0), Hookpoint("resid_pre", 99)]
    with pytest.raises(HarnessError, match="layers 0 to 2"), capture(tiny, points):
        pass
    assert not hooked_modules(tiny.hf)


def test_parallel_residual_has_no_resid_mid_and_says_so() -> None:
    sites = FAMILIES["gpt_neox"].sites
    assert set(NAMES) - set(sites) == {"resid_mid"}
    for family in set(FAMILIES) - {"gpt_neox"}:
        assert set(FAMILIES[family].sites) == set(NAMES)


def test_missing_name_is_refused_with_the_names_there_are(tiny: LanguageModel) -> None:
    point = Hookpoint("resid_mid", 0)
    if "resid_mid" in tiny.family.sites:
        return
    with (
        pytest.raises(HarnessError, match=r"no resid_mid; valid.*resid_post"),
        capture(tiny, [point]),
    ):
        pass


def test_unknown_architecture_is_refused() -> None:
    with pytest.raises(HarnessError, match="did you mean 'qwen2'"):
        family_of("qwen2_")


@pytest.mark.parametrize("name", NAMES)
def test_hookpoint_is_read_as_it_is_written(name: str) -> None:
    text = f"blocks.18.{name}"
    assert str(Hookpoint.parse(text)) == text


@pytest.mark.parametrize(
    ("text", "message"),
    [("blocks.1.resid_pots", "did you mean 'resid_post'"), ("resid_post", "expected blocks")],
)
def test_malformed_hookpoint_is_refused(text: str, message: str) -> None:
    with pytest.raises(HarnessError, match=message):
        Hookpoint.parse(text)
