"""Cross-layer transcoders: what training finds, what is written, what others read in it."""

from pathlib import Path

import pytest
import torch
from torch import Tensor

from harness.record import HarnessError
from harness.transcoders.cross_layer import CrossLayerTranscoder
from harness.transcoders.cross_layer_files import read_cross_layer, write_cross_layer
from harness.transcoders.cross_layer_training import (
    Run,
    batch_topk,
    folded_cross_layer,
    train_cross_layer,
)
from harness.transcoders.evaluation import measure, measure_cross_layer
from harness.transcoders.training import DEAD_AFTER, Scale, train_topk
from tests.transcoders.planted import ACTIVE, FEATURES, D, Planted, cross_layer, recipe

LAYERS = 3
RECIPE = recipe(kind="cross_layer", epochs=40)


def quiet(_done: int, _total: int) -> None: ...


@pytest.fixture(scope="module")
def unseen() -> Planted:
    return cross_layer(1_000, seed=1)


@pytest.fixture(scope="module")
def trained(tmp_path_factory: pytest.TempPathFactory) -> CrossLayerTranscoder:
    nowhere = tmp_path_factory.mktemp("trained") / "checkpoint.safetensors"
    return train_cross_layer(cross_layer().pairs, RECIPE, nowhere, quiet)


def untrained() -> CrossLayerTranscoder:
    pairs = cross_layer().pairs
    run = Run(RECIPE, layers=LAYERS, d=D)
    run.threshold = torch.zeros(LAYERS)
    scales = ([Scale.of(acts) for acts in each] for each in zip(*pairs, strict=True))
    return folded_cross_layer(run.transcoder(), *scales)


def test_a_planted_code_that_crosses_layers_is_found(
    trained: CrossLayerTranscoder, unseen: Planted
) -> None:
    found = measure_cross_layer(trained, unseen.pairs)
    assert max(each.fvu for each in found) < 0.1
    assert [each.l0 for each in found] == pytest.approx([ACTIVE] * LAYERS, rel=0.1)
    before = measure_cross_layer(untrained(), unseen.pairs)
    assert [each.fvu for each in before] == pytest.approx([1] * LAYERS, abs=0.01)
    own = train_topk(cross_layer().pairs[-1], recipe(), 2, quiet)
    assert measure(own, unseen.pairs[-1]).fvu > 0.3, "the control: the last layer alone cannot"


def test_latents_write_to_the_layers_that_planted_features_write_to(
    trained: CrossLayerTranscoder, unseen: Planted
) -> None:
    latents = trained.encode(torch.stack([pair.x for pair in unseen.pairs]))
    alive = (latents > 0).float().mean(dim=1) > 0.01
    first, between, last = trained.W_dec[0][alive[0]].norm(dim=2).T
    assert len(first) >= FEATURES // 2
    assert bool((between < 0.1 * torch.minimum(first, last)).all())
    own, last = trained.W_dec[1][alive[1]].norm(dim=2).T
    assert bool((last < 0.1 * own).all()), "the control: latents of layer 1 write to layer 1"


def test_folding_the_normalisation_changes_no_output() -> None:
    pairs = cross_layer(300).pairs
    reads, writes = ([Scale.of(acts) for acts in each] for each in zip(*pairs, strict=True))
    inside = random_transcoder(threshold=0.4)
    outside = folded_cross_layer(inside, reads, writes)
    x = torch.stack([pair.x for pair in pairs])
    normal = torch.stack([scale.normal(each) for scale, each in zip(reads, x, strict=True)])
    made = inside.decode(inside.encode(normal))
    expected = torch.stack(
        [each * scale.rms + scale.mean for each, scale in zip(made, writes, strict=True)]
    )
    torch.testing.assert_close(outside.encode(x), inside.encode(normal), atol=1e-4, rtol=0)
    scale = float(expected.abs().max())
    assert float((outside.decode(outside.encode(x)) - expected).abs().max()) < 1e-4 * scale
    assert float((inside.decode(inside.encode(x)) - expected).abs().max()) > 0.1 * scale


def test_the_decoding_is_the_sum_over_layers_that_the_definition_gives() -> None:
    transcoder = random_transcoder(threshold=0.1)
    latents = transcoder.encode(torch.randn(LAYERS, 5, D, generator=generator(1)))
    for to in range(LAYERS):
        expected = transcoder.b_dec[to].expand(5, D).clone()
        for since in range(to + 1):
            expected += latents[since] @ transcoder.W_dec[since][:, to - since]
        torch.testing.assert_close(transcoder.decode(latents)[to], expected)


def test_batch_topk_keeps_k_a_token_on_average_and_not_at_each() -> None:
    pre = torch.randn(2, 50, 30, generator=generator(0))
    pre[:, :25] += 1
    active = batch_topk(pre, 4)
    assert active.flatten(1).sum(dim=1).tolist() == [200, 200]
    assert len(active.sum(dim=2).unique()) > 1
    assert bool(pre[active].min() >= pre[0][~active[0]].min())
    assert not bool(batch_topk(-pre.abs(), 4).any()), "nothing below 0 is active"


def test_thresholds_keep_as_many_latents_as_training_had(
    trained: CrossLayerTranscoder, unseen: Planted
) -> None:
    x = torch.stack([pair.x for pair in unseen.pairs])
    pre = torch.baddbmm(trained.b_enc[:, None], x, trained.W_enc.mT)
    batch = batch_topk(pre, ACTIVE).sum()
    kept = (trained.encode(x) != 0).sum()
    assert float(kept) == pytest.approx(float(batch), rel=0.1)
    relu = trained._replace(threshold=torch.zeros_like(trained.threshold))
    assert float((relu.encode(x) != 0).sum()) > 1.5 * float(batch), "the control: a plain ReLU"


def test_dead_latents_get_a_gradient_and_living_ones_none_of_that_loss() -> None:
    run = Run(RECIPE, layers=LAYERS, d=D)
    with torch.no_grad():
        for decoder in run.decoders:
            decoder.copy_(torch.randn(decoder.shape, generator=generator(2)))
    x, y = (torch.randn(LAYERS, 8, D, generator=generator(at)) for at in (3, 4))
    assert float(run.losses(x, y).revival) == 0
    run.since += DEAD_AFTER
    run.losses(x, y).revival.backward()
    dead = run.since > DEAD_AFTER
    for layer, decoder in enumerate(run.decoders):
        assert decoder.grad is not None
        moved = decoder.grad.flatten(1).norm(dim=1)
        assert bool((moved[~dead[layer]] == 0).all()) and float(moved[dead[layer]].max()) > 0


def test_circuit_tracer_reads_the_same_transcoder(
    trained: CrossLayerTranscoder, unseen: Planted, tmp_path: Path
) -> None:
    from circuit_tracer.transcoder.cross_layer_transcoder import load_clt

    write_cross_layer(tmp_path, trained)
    for lazy in (True, False):
        theirs = load_clt(
            str(tmp_path), device=torch.device("cpu"), dtype=torch.float32, lazy_decoder=lazy
        )
        x = torch.stack([pair.x[:40] for pair in unseen.pairs])
        with torch.no_grad():
            latents = theirs.encode(x)
            output = theirs.decode(latents.to_sparse())
        expected = trained.decode(trained.encode(x))
        torch.testing.assert_close(latents, trained.encode(x), atol=1e-4, rtol=1e-4)
        torch.testing.assert_close(output, expected, atol=1e-4, rtol=1e-4)


def test_what_was_written_is_read_bit_by_bit(trained: CrossLayerTranscoder, tmp_path: Path) -> None:
    write_cross_layer(tmp_path, trained)
    found = read_cross_layer(tmp_path)
    for name in ("W_enc", "b_enc", "b_dec", "threshold"):
        assert torch.equal(getattr(found, name), getattr(trained, name))
    assert all(torch.equal(*each) for each in zip(found.W_dec, trained.W_dec, strict=True))


def test_damaged_and_missing_files_are_named(trained: CrossLayerTranscoder, tmp_path: Path) -> None:
    with pytest.raises(HarnessError, match=r"holds no W_enc_0"):
        read_cross_layer(tmp_path)
    write_cross_layer(tmp_path, trained)
    decoder = tmp_path / "W_dec_1.safetensors"
    whole = decoder.read_bytes()
    decoder.write_bytes(whole[: len(whole) // 2])
    with pytest.raises(HarnessError, match=r"W_dec_1\.safetensors: cannot be read"):
        read_cross_layer(tmp_path)
    decoder.write_bytes((tmp_path / "W_dec_0.safetensors").read_bytes())
    with pytest.raises(HarnessError, match="lacks the tensor 'W_dec_1'"):
        read_cross_layer(tmp_path)
    decoder.unlink()
    with pytest.raises(HarnessError, match=r"W_dec_1\.safetensors: cannot be read"):
        read_cross_layer(tmp_path)


def test_a_decoder_for_too_few_layers_is_refused(
    trained: CrossLayerTranscoder, tmp_path: Path
) -> None:
    decoders = (trained.W_dec[0][:, :2], *trained.W_dec[1:])
    write_cross_layer(tmp_path, trained._replace(W_dec=decoders))
    with pytest.raises(HarnessError, match=r"W_dec_0 has the shape \(40, 2, 24\); expected"):
        read_cross_layer(tmp_path)


def test_going_on_after_an_epoch_gives_the_very_same_weights(tmp_path: Path) -> None:
    pairs, short = cross_layer(600).pairs, recipe(kind="cross_layer", epochs=3)
    whole = train_cross_layer(pairs, short, tmp_path / "undisturbed", quiet)

    class Stop(Exception): ...

    def stop(done: int, total: int) -> None:
        if done == total - 1:
            raise Stop

    with pytest.raises(Stop):
        train_cross_layer(pairs, short, tmp_path / "kept", stop)
    steps: list[int] = []
    rest = train_cross_layer(pairs, short, tmp_path / "kept", lambda done, _: steps.append(done))
    assert steps == [5, 6], "the control: the first two epochs were not trained again"
    assert torch.equal(rest.W_enc, whole.W_enc) and torch.equal(rest.threshold, whole.threshold)
    assert all(torch.equal(*each) for each in zip(rest.W_dec, whole.W_dec, strict=True))
    (tmp_path / "kept").write_bytes(b"torn")
    with pytest.raises(HarnessError, match="kept: cannot be read"):
        train_cross_layer(pairs, short, tmp_path / "kept", quiet)


def random_transcoder(threshold: float) -> CrossLayerTranscoder:
    draws = generator(7)

    def normal(*shape: int) -> Tensor:
        return torch.randn(*shape, generator=draws)

    return CrossLayerTranscoder(
        W_enc=normal(LAYERS, 10, D) / D**0.5,
        b_enc=normal(LAYERS, 10) * 0.1,
        W_dec=tuple(normal(10, LAYERS - layer, D) for layer in range(LAYERS)),
        b_dec=normal(LAYERS, D),
        threshold=torch.full((LAYERS, 10), threshold),
    )


def generator(seed: int) -> torch.Generator:
    return torch.Generator().manual_seed(seed)
