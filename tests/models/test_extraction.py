import warnings
from collections.abc import Callable

import pytest
import torch
from torch import Tensor

from harness.models.extraction import extract
from harness.models.hookpoints import Hookpoint
from harness.models.hooks import capture, hooked_modules, intervene
from harness.models.language_model import LanguageModel
from harness.models.tokenization import tokenize
from harness.record import HarnessError

MakeTiny = Callable[..., LanguageModel]


def _one_by_one(
    lm: LanguageModel, texts: list[str], points: list[Hookpoint], position: int = -1
) -> dict[Hookpoint, Tensor]:
    """The plainest way there is: one text, one whole forward."""
    rows: dict[Hookpoint, list[Tensor]] = {point: [] for point in points}
    for sequence in tokenize(lm, texts):
        with torch.inference_mode(), capture(lm, points) as at:
            lm.hf(torch.tensor([sequence]))
        for point in points:
            rows[point].append(at[point][0, position])
    return {point: torch.stack(each) for point, each in rows.items()}


@pytest.mark.parametrize("packing", ["tree", "padded"])
def test_every_family_and_hookpoint_equals_one_plain_forward_a_text(
    tiny: LanguageModel, texts: list[str], packing: str
) -> None:
    points = [Hookpoint(name, layer) for name in tiny.family.sites for layer in (0, 2)]
    found = extract(tiny, texts, points, packing=packing, batch_tokens=40)
    for point, expected in _one_by_one(tiny, texts, points).items():
        assert float((found[point] - expected).abs().max()) < 1e-4, point
    assert not hooked_modules(tiny.hf)


def test_smollm2_tree_equals_padded_equals_hidden_states(smollm2: LanguageModel) -> None:
    cities = ["Paris", "Krasnodar", "San Francisco", "Santiago", "San Diego"]
    texts = [f"The city of {c} is in {n}." for c in cities for n in ("France", "the United States")]
    points = [Hookpoint("resid_post", layer) for layer in range(smollm2.n_layers - 1)]
    tree = extract(smollm2, texts, points, packing="tree")
    padded = extract(smollm2, texts, points, packing="padded")
    batch = smollm2.tokenizer(texts, return_tensors="pt", padding=True)
    last = batch["attention_mask"].sum(1) - 1
    with torch.inference_mode():
        states = smollm2.hf(**batch, output_hidden_states=True).hidden_states
    for point in points:
        expected = states[point.layer + 1][torch.arange(len(texts)), last]
        assert float((tree[point] - expected).abs().max()) < 1e-4 * 5
        assert float((padded[point] - expected).abs().max()) < 1e-4 * 5


@pytest.mark.parametrize("position", [0, 1, -1, -2])
def test_position_counts_tokens_from_either_end(
    tiny: LanguageModel, texts: list[str], position: int
) -> None:
    point = Hookpoint("resid_post", 1)
    found = extract(tiny, texts, [point], position=position)[point]
    expected = _one_by_one(tiny, texts, [point], position)[point]
    torch.testing.assert_close(found, expected, rtol=1e-4, atol=1e-4)


def test_sliding_window_shorter_than_a_text_is_respected(make_tiny: MakeTiny) -> None:
    for family in ("mistral", "gemma2", "gemma3_text"):
        lm = make_tiny(family)
        texts = ["one two three four five six seven eight nine ten " * 2 + end for end in "ab"]
        assert len(tokenize(lm, texts)[0]) > lm.hf.config.sliding_window
        point = Hookpoint("resid_post", 2)
        expected = _one_by_one(lm, texts, [point])[point]
        torch.testing.assert_close(
            extract(lm, texts, [point])[point], expected, rtol=1e-4, atol=1e-4
        )


def test_forward_stops_after_the_last_layer_needed(tiny: LanguageModel) -> None:
    passed: list[int] = []
    blocks = tiny.hf.get_submodule(tiny.family.blocks)
    handles = [
        block.register_forward_pre_hook(lambda *_args, number=number: passed.append(number))
        for number, block in enumerate(blocks.children())
    ]
    try:
        extract(tiny, ["A b c"], [Hookpoint("attn_out", 1), Hookpoint("resid_pre", 0)])
    finally:
        for handle in handles:
            handle.remove()
    assert passed == [0, 1]


def test_results_can_be_used_in_training(tiny: LanguageModel, texts: list[str]) -> None:
    point = Hookpoint("resid_post", 1)
    found = extract(tiny, texts, [point])[point]
    weight = torch.zeros(tiny.d_model, requires_grad=True)
    (found @ weight).sum().backward()
    assert not found.is_inference()
    assert weight.grad is not None


def test_bfloat16_model_gives_bfloat16_near_the_float32_ones(
    make_tiny: MakeTiny, texts: list[str]
) -> None:
    point = Hookpoint("resid_post", 1)
    exact = extract(make_tiny("llama"), texts, [point])[point]
    lm = make_tiny("llama")
    lm.hf.to(torch.bfloat16)
    found = extract(lm, texts, [point])[point]
    assert found.dtype == torch.bfloat16
    assert torch.nn.functional.cosine_similarity(found.float(), exact).min() > 0.99


def test_progress_counts_every_text_up_to_all(
    tiny: LanguageModel, texts: list[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("harness.models.extraction.SHARD_TEXTS", 3)
    said: list[tuple[int, int]] = []
    extract(
        tiny,
        texts,
        [Hookpoint("resid_pre", 0)],
        progress=lambda done, all_: said.append((done, all_)),
    )
    assert said == sorted(said)
    assert said[-1] == (len(texts), len(texts))


def test_shards_stand_in_the_given_order(
    tiny: LanguageModel, texts: list[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    point = Hookpoint("resid_post", 1)
    whole = extract(tiny, texts, [point])[point]
    monkeypatch.setattr("harness.models.extraction.SHARD_TEXTS", 2)
    found = extract(tiny, texts, [point])
    assert [len(shard) for shard in found.shards(point)] == [2, 2, 2, 1]
    torch.testing.assert_close(found[point], whole, rtol=1e-4, atol=1e-4)


def test_extraction_under_an_intervention_reads_the_changed_model(
    tiny: LanguageModel, texts: list[str]
) -> None:
    first, second = Hookpoint("resid_post", 0), Hookpoint("resid_post", 1)
    with intervene(tiny, {first: torch.zeros_like}):
        changed = extract(tiny, texts, [second])[second]
    assert not torch.allclose(changed, extract(tiny, texts, [second])[second])


@pytest.mark.parametrize(
    ("texts", "points", "message"),
    [
        ([], [Hookpoint("resid_pre", 0)], "nothing to extract"),
        (["a"], [], "nothing to extract"),
        (["a"], [Hookpoint("resid_pre", 3)], "layers 0 to 2"),
        (["a " * 100], [Hookpoint("resid_pre", 0)], "reads 1 to 64"),
    ],
)
def test_what_cannot_be_extracted_is_refused(
    tiny: LanguageModel, texts: list[str], points: list[Hookpoint], message: str
) -> None:
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        with pytest.raises(HarnessError, match=message):
            extract(tiny, texts, points)


def test_hookpoint_that_was_not_extracted_is_refused(tiny: LanguageModel) -> None:
    with pytest.raises(HarnessError, match="was not extracted"):
        extract(tiny, ["a"], [Hookpoint("resid_pre", 0)])[Hookpoint("resid_pre", 1)]
