"""Latents set to values: held against circuit-tracer's own interventions."""

import pytest
import torch
from torch import Tensor
from torch.testing import assert_close

from harness.circuits.changes import Change, Place, active_latents, run_changed
from harness.circuits.replacement import Replacement, open_replacement
from harness.models.hookpoints import Hookpoint
from harness.models.hooks import capture, hooked_modules
from harness.models.language_model import LanguageModel
from harness.record import HarnessError
from harness.transcoders.sets import TranscoderSet
from tests.circuits.conftest import TEXT
from tests.circuits.random_transcoders import K, random_transcoders


@pytest.fixture(scope="module")
def changes(lm: LanguageModel, transcoders: TranscoderSet, tokens: Tensor) -> list[Change]:
    """In every layer, at several tokens, two in one place, of latents active and not active."""
    active = active_latents(lm, transcoders, tokens[None])
    strongest, weakest = (
        int(at) for at in (active[0][0, 3].argmax(), (active[2][0, 8] == 0).nonzero()[0])
    )
    found = [
        Change((0, 3, strongest), -3.0),
        Change((1, 5, 7), 2.5),
        Change((1, 5, 9), -1.0),
        Change((1, 2, 1), 4.0),
        Change((2, 8, weakest), 4.0),
    ]
    assert active[0][0, 3, strongest] > 0 and active[2][0, 8, weakest] == 0
    return found


@pytest.fixture(scope="module")
def watched(transcoders: TranscoderSet) -> list[Place]:
    """Every latent of the last layer at the last token, and some below that are set."""
    return [*((2, 8, latent) for latent in range(transcoders.latents)), (1, 5, 7), (1, 5, 11)]


def logits_of(lm: LanguageModel, tokens: Tensor) -> Tensor:
    with torch.inference_mode():
        return lm.hf(tokens[None]).logits[0, -1]


@pytest.mark.parametrize("frozen", [True, False])
def test_logits_and_activations_are_those_of_circuit_tracer(
    replacement: Replacement,
    tokens: Tensor,
    changes: list[Change],
    watched: list[Place],
    frozen: bool,
) -> None:
    # Without freezing, circuit-tracer batches a tensor of tokens wrongly and a text rightly.
    given = tokens if frozen else TEXT
    theirs, activations = replacement.model.feature_intervention(
        given, [(*each.place, each.value) for each in changes], freeze_attention=frozen
    )
    assert activations is not None
    lm, transcoders = replacement.lm, replacement.transcoders
    assert isinstance(transcoders, TranscoderSet)
    ours = run_changed(lm, transcoders, tokens, [changes], watched=watched, freeze_attention=frozen)
    assert_close(ours.logits[0], theirs[0, -1].cpu(), atol=1e-6, rtol=0)
    expected = torch.stack([activations[place] for place in watched]).cpu()
    assert_close(ours.activations[0], expected, atol=1e-5, rtol=0)
    clean = run_changed(lm, transcoders, tokens, [[]], watched=watched, freeze_attention=frozen)
    assert float((clean.logits - ours.logits).abs().max()) > 1e-3, "the control: nothing changed"
    assert float((clean.activations - ours.activations).abs().max()) > 1e-2


def test_freezing_attention_makes_a_difference(
    lm: LanguageModel, transcoders: TranscoderSet, tokens: Tensor, changes: list[Change]
) -> None:
    frozen, free = (
        run_changed(lm, transcoders, tokens, [changes], freeze_attention=each).logits
        for each in (True, False)
    )
    assert float((frozen - free).abs().max()) > 1e-5


@pytest.mark.parametrize("frozen", [True, False])
def test_a_run_without_changes_is_the_model_as_it_is(
    lm: LanguageModel, transcoders: TranscoderSet, tokens: Tensor, frozen: bool
) -> None:
    outcome = run_changed(lm, transcoders, tokens, [[], []], freeze_attention=frozen)
    for row in outcome.logits:
        assert_close(row, logits_of(lm, tokens), atol=1e-6, rtol=0)
    assert outcome.activations.shape == (2, 0)


@pytest.mark.parametrize("frozen", [True, False])
def test_a_batch_of_runs_is_each_run_alone(
    lm: LanguageModel,
    transcoders: TranscoderSet,
    tokens: Tensor,
    changes: list[Change],
    watched: list[Place],
    frozen: bool,
) -> None:
    runs = [changes, [], changes[:2], [Change(changes[0].place, 9.0)], changes[3:]]
    together = run_changed(lm, transcoders, tokens, runs, watched=watched, freeze_attention=frozen)
    for number, run in enumerate(runs):
        alone = run_changed(
            lm, transcoders, tokens, [run], watched=watched, freeze_attention=frozen
        )
        assert_close(together.logits[number], alone.logits[0], atol=1e-6, rtol=0)
        assert_close(together.activations[number], alone.activations[0], atol=1e-5, rtol=0)
    assert len({tuple(row.tolist()) for row in together.logits}) == len(runs)


def test_a_latent_set_to_its_own_activation_changes_nothing(
    lm: LanguageModel, transcoders: TranscoderSet, tokens: Tensor
) -> None:
    active = active_latents(lm, transcoders, tokens[None])[1][0]
    latent = int(active[4].argmax())
    value = float(active[4, latent])
    same, more = run_changed(
        lm,
        transcoders,
        tokens,
        [[Change((1, 4, latent), value)], [Change((1, 4, latent), value + 3)]],
        freeze_attention=False,
    ).logits
    assert_close(same, logits_of(lm, tokens), atol=1e-6, rtol=0)
    assert float((more - same).abs().max()) > 1e-3


def test_a_change_adds_the_decoder_row_times_what_is_missing(
    lm: LanguageModel, transcoders: TranscoderSet, tokens: Tensor
) -> None:
    """In the last layer, at the last token, only the final norm and the unembedding follow."""
    last, latent = len(tokens) - 1, 5
    before = float(active_latents(lm, transcoders, tokens[None])[2][0, last, latent])
    added = (7.0 - before) * transcoders.layers[2].W_dec[latent]
    point = Hookpoint("resid_post", 2)
    with torch.inference_mode(), capture(lm, [point]) as at:
        lm.hf(tokens[None])
        expected = lm.hf.lm_head(lm.hf.model.norm(at[point][0, -1] + added))
    found = run_changed(
        lm, transcoders, tokens, [[Change((2, last, latent), 7.0)]], freeze_attention=True
    )
    assert_close(found.logits[0], expected, atol=1e-6, rtol=0)


def test_latents_are_watched_before_they_are_set(
    lm: LanguageModel, transcoders: TranscoderSet, tokens: Tensor
) -> None:
    """A latent that is set keeps the activation that it had; one above it does not."""
    active = active_latents(lm, transcoders, tokens[None])
    below = (0, 4, int(active[0][0, 4].argmax()))
    above = [(2, 8, latent) for latent in active[2][0, 8].nonzero().flatten().tolist()]
    outcome = run_changed(
        lm,
        transcoders,
        tokens,
        [[Change(below, 50.0)]],
        watched=[below, *above],
        freeze_attention=False,
    )
    before = torch.stack([active[place[0]][0, place[1], place[2]] for place in (below, *above)])
    assert float(outcome.activations[0, 0]) == pytest.approx(float(before[0]), abs=1e-5)
    assert float((outcome.activations[0, 1:] - before[1:]).abs().max()) > 1e-2


@pytest.mark.parametrize(
    ("place", "said"),
    [
        ((3, 1, 0), "layer 3 .*valid: 0 to 2"),
        ((0, 9, 0), "position 9 .*valid: 0 to 8"),
        ((0, 1, 64), "latent 64 .*valid: 0 to 63"),
        ((-1, 1, 0), "layer -1"),
        ((0, 1, -1), "latent -1"),
    ],
)
def test_a_latent_that_is_not_there_is_refused(
    lm: LanguageModel, transcoders: TranscoderSet, tokens: Tensor, place: Place, said: str
) -> None:
    with pytest.raises(HarnessError, match=said):
        run_changed(lm, transcoders, tokens, [[Change(place, 1.0)]], freeze_attention=False)
    with pytest.raises(HarnessError, match=said):
        run_changed(lm, transcoders, tokens, [[]], watched=[place], freeze_attention=False)
    assert hooked_modules(lm.hf) == []


@pytest.mark.parametrize("frozen", [True, False])
def test_no_hook_is_left_behind_even_where_the_model_fails(
    lm: LanguageModel, transcoders: TranscoderSet, tokens: Tensor, frozen: bool
) -> None:
    change = [[Change((0, 3, 1), 2.0)]]
    run_changed(lm, transcoders, tokens, change, freeze_attention=frozen)
    assert hooked_modules(lm.hf) == []

    class Planted(Exception): ...

    def fail(*_: object) -> None:
        raise Planted

    handle = lm.hf.lm_head.register_forward_hook(fail)
    with pytest.raises(Planted):
        run_changed(lm, transcoders, tokens, change, freeze_attention=frozen)
    handle.remove()
    assert hooked_modules(lm.hf) == []
    assert_close(
        run_changed(lm, transcoders, tokens, [[]], freeze_attention=frozen).logits[0],
        logits_of(lm, tokens),
        atol=1e-6,
        rtol=0,
    )


def test_active_latents_are_those_of_circuit_tracer(
    replacement: Replacement, tokens: Tensor
) -> None:
    """circuit-tracer's TopK has as many active latents as ours: none is lost on the way there."""
    lm, transcoders = replacement.lm, replacement.transcoders
    assert isinstance(transcoders, TranscoderSet)
    _, theirs = replacement.model.get_activations(tokens)
    ours = torch.cat(active_latents(lm, transcoders, tokens[None]))
    assert_close(ours, theirs.detach().cpu(), atol=1e-5, rtol=0)
    assert not bool(ours[:, 0].any())
    counted = (ours[:, 1:] != 0).sum(-1)
    assert int(counted.max()) == K
    assert torch.equal(counted, (theirs[:, 1:] != 0).sum(-1).cpu())


def test_active_latents_of_a_batch_are_those_of_each_row(
    lm: LanguageModel, transcoders: TranscoderSet, tokens: Tensor
) -> None:
    batch = torch.stack([tokens, tokens.flip(0)])
    together = active_latents(lm, transcoders, batch)
    for row, each in enumerate(batch):
        alone = active_latents(lm, transcoders, each[None])
        for layer in range(lm.n_layers):
            assert_close(together[layer][row], alone[layer][0], atol=1e-5, rtol=0)


@pytest.mark.parametrize("frozen", [True, False])
def test_the_first_token_is_no_part_of_the_transcoders_as_in_circuit_tracer(
    replacement: Replacement, tokens: Tensor, frozen: bool
) -> None:
    """Latents there are 0 and are set from 0; the model's own sink stays as it is."""
    lm, transcoders = replacement.lm, replacement.transcoders
    assert isinstance(transcoders, TranscoderSet)
    point = Hookpoint("mlp_in", 1)
    with torch.inference_mode(), capture(lm, [point]) as at:
        lm.hf(tokens[None])
    there = transcoders.layers[1].encode(at[point][0, 0])
    latent = int(there.argmax())
    assert float(there[latent]) > 0, "the control: it is active on what stands there"
    place = (1, 0, latent)
    found = run_changed(
        lm,
        transcoders,
        tokens,
        [[Change(place, 5.0)], [Change(place, 0.0)]],
        watched=[place],
        freeze_attention=frozen,
    )
    theirs, _ = replacement.model.feature_intervention(
        tokens if frozen else TEXT, [(*place, 5.0)], freeze_attention=frozen
    )
    assert_close(found.logits[0], theirs[0, -1].cpu(), atol=1e-6, rtol=0)
    assert_close(found.logits[1], logits_of(lm, tokens), atol=1e-6, rtol=0)
    assert found.activations.tolist() == [[0], [0]]


def test_a_linear_path_beside_the_latents_is_left_as_it_is(
    lm: LanguageModel, tokens: Tensor
) -> None:
    skipping = random_transcoders(lm, skip=True)
    change = Change((1, 5, 7), 2.5)
    theirs, _ = open_replacement(lm, skipping).model.feature_intervention(
        tokens, [(*change.place, change.value)], freeze_attention=True
    )
    ours = run_changed(lm, skipping, tokens, [[change]], freeze_attention=True).logits
    assert_close(ours[0], theirs[0, -1].cpu(), atol=1e-6, rtol=0)
    assert float((ours[0] - logits_of(lm, tokens)).abs().max()) > 1e-3
