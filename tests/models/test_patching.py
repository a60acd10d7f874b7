"""Patching on random models of every family, and on the planted induction circuit."""

import pytest
import torch
from torch import Tensor

from harness.models.attribution import attribution_map
from harness.models.head_sets import Head, head_mask, replacements, run_replaced
from harness.models.hookpoints import Hookpoint
from harness.models.hooks import capture, intervene
from harness.models.language_model import LanguageModel
from harness.models.patching import Component, Pairs, logit_difference, patch_map, record
from harness.models.paths import Path, direct_effects, path_effects
from harness.record import HarnessError
from tests.planted import INDUCTION_HEAD, PREVIOUS_TOKEN_HEAD, WORDS, planted_induction

SEQ, PAIRS = 9, 4


def _random_pairs() -> Pairs:
    generator = torch.Generator().manual_seed(0)
    clean = torch.randint(5, 1000, (PAIRS, SEQ), generator=generator)
    corrupted = clean.clone()
    corrupted[:, 5] = torch.randint(5, 1000, (PAIRS,), generator=generator)
    ends = torch.randint(5, 1000, (2, PAIRS, 1), generator=generator)
    return Pairs(clean, corrupted, ends[0], ends[1])


@torch.inference_mode()
def _slowly(lm: LanguageModel, pairs: Pairs, point: Hookpoint, place: int, head: int) -> Tensor:
    """The second implementation: whole runs, with a hook that changes the one place."""
    with capture(lm, [point]) as source:
        lm.hf(pairs.clean)

    def put(activation: Tensor) -> Tensor:
        changed, new = activation.clone(), source[point]
        if point.name == "z":
            changed[:, place, head] = new[:, place, head]
        else:
            changed[:, place] = new[:, place]
        return changed

    with intervene(lm, {point: put}):
        scores = lm.hf(pairs.corrupted).logits[:, -1]
    return scores.gather(1, pairs.answers)[:, 0] - scores.gather(1, pairs.foils)[:, 0]


@pytest.mark.parametrize("component", ["resid_pre", "attn_out", "mlp_out", "z"])
def test_patches_equal_whole_runs_with_a_hook(tiny: LanguageModel, component: Component) -> None:
    pairs = _random_pairs()
    found = patch_map(tiny, pairs, component)
    for layer, place, head in ((0, 5, 0), (1, 7, 2), (2, 8, 3), (1, 2, 1)):
        expected = _slowly(tiny, pairs, Hookpoint(component, layer), place, head)
        ours = found.patched[layer, place]
        ours = ours[head] if component == "z" else ours
        torch.testing.assert_close(ours, expected, atol=1e-4, rtol=1e-4)


def test_both_directions_lie_between_the_same_two_runs(tiny: LanguageModel) -> None:
    pairs = _random_pairs()
    denoised, noised = (
        patch_map(tiny, pairs, "resid_pre", direction=each) for each in ("denoise", "noise")
    )
    torch.testing.assert_close(denoised.clean, noised.clean)
    torch.testing.assert_close(denoised.corrupted, noised.corrupted)
    torch.testing.assert_close(denoised.patched[0, 5], denoised.clean, atol=1e-4, rtol=1e-4)
    torch.testing.assert_close(noised.patched[0, 5], denoised.corrupted, atol=1e-4, rtol=1e-4)
    torch.testing.assert_close(denoised.patched[0, 4], denoised.corrupted)


def test_equal_prompts_are_refused(tiny: LanguageModel) -> None:
    pairs = _random_pairs()
    with pytest.raises(HarnessError, match="nothing to patch"):
        patch_map(tiny, Pairs(pairs.clean, pairs.clean, pairs.answers, pairs.foils), "z")


def test_attribution_is_the_slope_of_a_small_patch(make_tiny) -> None:
    """In the limit of a small change attribution patching is exact."""
    lm = make_tiny("llama")
    pairs = _random_pairs()
    guess = attribution_map(lm, pairs, "resid_pre")
    point, step = Hookpoint("resid_pre", 1), 1e-3
    with torch.inference_mode(), capture(lm, [point]) as at:
        lm.hf(pairs.clean)
        clean = at[point]
        lm.hf(pairs.corrupted)
        corrupted = at[point]

    def nudge(resid: Tensor) -> Tensor:
        changed = resid.clone()
        changed[:, 6] += step * (clean - corrupted)[:, 6]
        return changed

    def difference() -> Tensor:
        scores = lm.hf(pairs.corrupted).logits[:, -1].double()
        return (scores.gather(1, pairs.answers) - scores.gather(1, pairs.foils))[:, 0]

    with torch.inference_mode():
        before = difference()
        with intervene(lm, {point: nudge}):
            after = difference()
    torch.testing.assert_close(guess[1, 6].double(), (after - before) / step, atol=2e-2, rtol=2e-2)


def test_attribution_of_every_component_has_the_shape_of_its_map(tiny: LanguageModel) -> None:
    pairs = _random_pairs()
    assert attribution_map(tiny, pairs, "mlp_out").shape == (3, SEQ, PAIRS)
    assert attribution_map(tiny, pairs, "z", direction="noise").shape == (3, SEQ, 4, PAIRS)


# --- the planted circuit: 0.1 moves the token before, 1.2 finds it and predicts what followed


def _planted_pairs(lm: LanguageModel) -> Pairs:
    """`a b c d a` goes on with b; the corrupted prompt `a b c d c` with d."""
    ids = {word: lm.tokenizer.encode(word, add_special_tokens=False)[0] for word in WORDS}
    rows = [WORDS[4 * i : 4 * i + 4] for i in range(6)]
    clean = [[0, *(ids[w] for w in row), ids[row[0]]] for row in rows]
    corrupted = [[*line[:-1], line[3]] for line in clean]
    answers, foils = ([[ids[row[k]]] for row in rows] for k in (1, 3))
    return Pairs(*map(torch.tensor, (clean, corrupted, answers, foils)))


@pytest.fixture(scope="module")
def planted() -> LanguageModel:
    return planted_induction()


@pytest.fixture(scope="module")
def control() -> LanguageModel:
    return planted_induction(planted=False)


def test_patching_heads_finds_the_planted_head_and_no_other(
    planted: LanguageModel, control: LanguageModel
) -> None:
    pairs = _planted_pairs(planted)
    found = patch_map(planted, pairs, "z")
    moved = (found.patched - found.corrupted).mean(-1)[:, -1]
    expected = torch.zeros_like(moved)
    expected[INDUCTION_HEAD] = float((found.clean - found.corrupted).mean())
    torch.testing.assert_close(moved, expected, atol=1e-3, rtol=1e-3)
    assert expected.max() > 10
    nothing = patch_map(control, pairs, "z")
    assert float((nothing.patched - nothing.corrupted).abs().max()) < 1e-4


def test_direct_effects_find_the_head_that_writes(planted: LanguageModel) -> None:
    pairs = _planted_pairs(planted)
    with torch.inference_mode():
        runs = (record(planted, pairs.clean, "z"), record(planted, pairs.corrupted, "z"))
        fell = patch_map(planted, pairs, "z").clean - direct_effects(planted, runs, pairs)
    strongest = divmod(int(fell.mean(-1).argmax()), planted.n_heads)
    assert strongest == INDUCTION_HEAD
    others = fell.mean(-1).clone()
    others[INDUCTION_HEAD] = 0
    assert float(others.abs().max()) < 1e-3


def test_path_patching_finds_who_feeds_the_induction_heads_keys(planted: LanguageModel) -> None:
    """Corrupted here: another word before the answer, so that the key no longer matches."""
    pairs = _planted_pairs(planted)
    corrupted = pairs.clean.clone()
    corrupted[:, 1] = corrupted[:, 3]
    pairs = Pairs(pairs.clean, corrupted, pairs.answers, pairs.foils)
    path = Path([Head(*INDUCTION_HEAD)], "k", place=2, acts_at=5)
    with torch.inference_mode():
        runs = (record(planted, pairs.clean, "z"), record(planted, pairs.corrupted, "z"))
        fell = patch_map(planted, pairs, "z").clean - path_effects(planted, runs, pairs, path)
    assert divmod(int(fell.mean(-1).argmax()), planted.n_heads) == PREVIOUS_TOKEN_HEAD
    assert float(fell.mean(-1)[PREVIOUS_TOKEN_HEAD]) > 5
    by_query = Path([Head(*INDUCTION_HEAD)], "q", place=5, acts_at=5)
    with torch.inference_mode():
        none = patch_map(planted, pairs, "z").clean - path_effects(planted, runs, pairs, by_query)
    assert float(none.abs().max()) < 1e-3


def test_the_planted_circuit_is_faithful_and_what_lacks_a_head_is_not(
    planted: LanguageModel,
) -> None:
    pairs = _planted_pairs(planted)
    circuit = [Head(*PREVIOUS_TOKEN_HEAD), Head(*INDUCTION_HEAD)]
    with torch.inference_mode():
        run, other = record(planted, pairs.clean, "z"), record(planted, pairs.corrupted, "z")
    whole = logit_difference(planted, run.base.resid[-1][:, -1], pairs.answers, pairs.foils)

    def kept(heads: list[Head]) -> float:
        mask = ~head_mask(planted, heads, seq=6)
        last = run_replaced(planted, run, mask, replacements(other, "zero"))
        found = logit_difference(planted, last, pairs.answers, pairs.foils)
        return float(found.mean() / whole.mean())

    assert kept(circuit) == pytest.approx(1, abs=1e-3)
    for lacking in circuit:
        assert kept([head for head in circuit if head != lacking]) == pytest.approx(0, abs=1e-2)
    assert kept([Head(0, 0), Head(1, 0)]) == pytest.approx(0, abs=1e-2)


@pytest.mark.parametrize("ablation", ["mean", "zero", "resample"])
def test_ablating_the_induction_head_ends_the_task_and_others_do_not(
    planted: LanguageModel, ablation: str
) -> None:
    pairs = _planted_pairs(planted)
    with torch.inference_mode():
        run, other = record(planted, pairs.clean, "z"), record(planted, pairs.corrupted, "z")
    instead = replacements(other, ablation)  # pyright: ignore[reportArgumentType]

    def difference(head: Head) -> float:
        last = run_replaced(planted, run, head_mask(planted, [head], seq=6), instead)
        return float(logit_difference(planted, last, pairs.answers, pairs.foils).mean())

    whole = float(
        logit_difference(planted, run.base.resid[-1][:, -1], pairs.answers, pairs.foils).mean()
    )
    assert difference(Head(*INDUCTION_HEAD)) < 0.5 * whole
    assert difference(Head(1, 0)) == pytest.approx(whole, rel=1e-4)


def test_an_unknown_head_is_refused_with_the_heads_there_are(planted: LanguageModel) -> None:
    with pytest.raises(HarnessError, match=r"head 2.0.*layers 0 to 1 with heads 0 to 3"):
        head_mask(planted, [Head(2, 0)], seq=3)
    assert Head.parse("1.2") == Head(1, 2)
    with pytest.raises(HarnessError, match=r"layer\.head"):
        Head.parse("L1H2")
