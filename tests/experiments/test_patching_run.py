"""The family `patching` from spec to rows, on a small model with the embedded one's tokenizer."""

from pathlib import Path
from typing import Any

import pytest
import torch
from pydantic import ValidationError
from transformers import AutoTokenizer, LlamaConfig, LlamaForCausalLM

from harness.experiments import patching
from harness.experiments.context import Context
from harness.experiments.patching.maps import informative
from harness.experiments.patching.task import head_prompts
from harness.experiments.uninformative import Uninformative
from harness.measurement import Measurement
from harness.models.embedded import embedded_directory
from harness.models.language_model import LanguageModel, wrap_model
from harness.models.patching import Pairs
from harness.models.registry import ModelEntry
from harness.specs import PatchingSpec
from tests.planted import WORDS, planted_induction

HEADS = {
    "name_movers": {"by": "direct_effect", "top": 1},
    "s_inhibition": {"by": "path", "into": "name_movers", "through": "q", "top": 1},
    "induction": {"by": "path", "into": "s_inhibition", "through": "v", "at": "S2", "top": 1},
    "backup": {"by": "backup", "into": "name_movers", "top": 2},
}


def spec(**changes: Any) -> PatchingSpec:
    given: dict[str, Any] = {
        "family": "patching",
        "id": "small",
        "model": "smollm2-135m-instruct",
        "seeds": [0],
        "prompts": 6,
        "templates": 1,
        "head_templates": 1,
        "variants": ["plain", "extra_object"],
        "heads": HEADS,
        "selection_prompts": 6,
        "head_prompts": 8,
        "knockouts": ["name_movers", "name_movers+backup"],
        "circuit": ["name_movers", "s_inhibition", "induction"],
        "random_draws": 2,
    }
    return PatchingSpec.model_validate({**given, **changes})


@pytest.fixture(scope="module")
def tiny_with_words() -> LanguageModel:
    """A random Llama of five layers with the tokenizer of the embedded model."""
    embedded = AutoTokenizer.from_pretrained(embedded_directory(), local_files_only=True)
    config = LlamaConfig(
        vocab_size=49152,
        hidden_size=32,
        intermediate_size=48,
        num_hidden_layers=5,
        num_attention_heads=4,
        num_key_value_heads=2,
        max_position_embeddings=64,
    )
    with torch.random.fork_rng():
        torch.manual_seed(0)
        hf = LlamaForCausalLM(config)
        for parameter in hf.parameters():
            torch.nn.init.normal_(parameter, std=0.3)
    entry = ModelEntry(id="tiny", source="path:none")
    return wrap_model(hf, embedded, entry=entry, sha256="tiny")


@pytest.fixture
def tiny_llama(tiny_with_words: LanguageModel, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(patching, "load_model", lambda *_args, **_kwargs: tiny_with_words)


def run(asked: PatchingSpec, tmp_path: Path) -> list[Measurement]:
    return list(patching.run(asked, Context(tmp_path / "artifact", device="cpu")))


@pytest.mark.usefixtures("tiny_llama")
def test_a_run_measures_exactly_what_its_spec_promises(tmp_path: Path) -> None:
    asked = spec()
    rows = run(asked, tmp_path)
    for quantity in asked.produces():
        assert sum(row.matches(quantity) for row in rows) == 1, quantity
    promised = list(asked.produces())
    extra = [row for row in rows if not any(row.matches(each) for each in promised)]
    assert {row.metric for row in extra} == {"found_layer"}


@pytest.mark.usefixtures("tiny_llama")
def test_the_same_seed_gives_the_same_rows_and_another_seed_others(tmp_path: Path) -> None:
    asked = spec(variants=["plain"])
    once, again = run(asked, tmp_path), run(asked, tmp_path)
    assert [row.value for row in once] == [row.value for row in again]
    other = run(spec(variants=["plain"], seeds=[1]), tmp_path)
    assert [row.value for row in once] != [row.value for row in other]


def test_heads_are_found_on_prompts_that_are_not_reported_on(
    tmp_path: Path, tiny_with_words: LanguageModel
) -> None:
    context = Context(tmp_path / "artifact", device="cpu")
    apart, reported = head_prompts(spec(), tiny_with_words, 0, context)
    units = [{each.unit for each in part.contrasts} for part in (apart, reported)]
    assert (len(units[0]), len(units[1])) == (6, 8)
    assert not units[0] & units[1]


@pytest.mark.usefixtures("tiny_llama")
def test_a_head_is_in_one_class_only(tmp_path: Path) -> None:
    found = [row for row in run(spec(), tmp_path) if row.metric == "found_layer"]
    heads = [(row.value, row.conditions["head"]) for row in found]
    assert len(set(heads)) == len(heads) == 5


def test_a_model_that_cannot_do_the_task_is_refused_as_uninformative() -> None:
    """The untreated case: the same pairs on the model that has the circuit are all informative."""
    able, unable = planted_induction(), planted_induction(planted=False)
    ids = [able.tokenizer.encode(word, add_special_tokens=False)[0] for word in WORDS]
    rows = [ids[i : i + 4] for i in range(12)]
    pairs = Pairs(
        clean=torch.tensor([[0, a, b, c, d, a] for a, b, c, d in rows]),
        corrupted=torch.tensor([[0, a, b, c, d, c] for a, b, c, d in rows]),
        answers=torch.tensor([[b] for _, b, _, _ in rows]),
        foils=torch.tensor([[d] for _, _, _, d in rows]),
    )
    with pytest.raises(Uninformative, match="0 of 12 pairs are informative"):
        informative(unable, pairs)
    kept, share = informative(able, pairs)
    assert len(kept.clean) == 12
    assert share.tolist() == [1.0] * 12


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"heads": {"a": {"by": "path", "top": 1}}}, "by path needs a class under `into`"),
        ({"heads": {"a": {"by": "direct_effect", "top": 1, "into": "a"}}}, "takes no class"),
        ({"heads": {"a": {"by": "backup", "top": 1, "into": "b"}}}, "'b' is no class above it"),
        ({"knockouts": ["name_mover"]}, "did you mean 'name_movers'"),
        ({"circuit": ["name_movers", "name_movers"]}, "stands twice"),
        ({"maps": ["mlp"]}, "mlp_out"),
        ({"ablation": "median"}, "'mean', 'zero' or 'resample'"),
    ],
)
def test_a_spec_that_makes_no_sense_is_refused(changes: dict[str, Any], message: str) -> None:
    with pytest.raises(ValidationError, match=message):
        spec(**changes)
