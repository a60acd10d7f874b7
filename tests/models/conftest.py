from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
import torch
from transformers import AutoModelForCausalLM as Auto
from transformers import (
    Gemma2Config,
    Gemma3TextConfig,
    GPT2Config,
    GPTNeoXConfig,
    LlamaConfig,
    MistralConfig,
    PretrainedConfig,
    Qwen2Config,
    Qwen3Config,
)

from harness.models.hookpoints import FAMILIES
from harness.models.language_model import LanguageModel, load_model, wrap_model
from harness.models.registry import ModelEntry

MakeTiny = Callable[..., LanguageModel]

_SHAPE = {
    "vocab_size": 49152,
    "hidden_size": 32,
    "intermediate_size": 48,
    "num_hidden_layers": 3,
    "num_attention_heads": 4,
    "num_key_value_heads": 2,
    "max_position_embeddings": 64,
}
_GEMMA = {"head_dim": 8, "query_pre_attn_scalar": 8, "layer_types": ["sliding_attention"] * 3}
_GPT = {"vocab_size": 49152, "initializer_range": 0.2}
_CONFIGS: dict[str, Callable[[], PretrainedConfig]] = {
    "llama": lambda: LlamaConfig(**_SHAPE),
    "qwen2": lambda: Qwen2Config(**_SHAPE),
    "qwen3": lambda: Qwen3Config(**_SHAPE, head_dim=16),
    "mistral": lambda: MistralConfig(**_SHAPE, sliding_window=16),
    "gemma2": lambda: Gemma2Config(**_SHAPE, **_GEMMA, sliding_window=16),
    "gemma3_text": lambda: Gemma3TextConfig(**_SHAPE, **_GEMMA, sliding_window=16),
    "gpt2": lambda: GPT2Config(**_GPT, n_embd=32, n_layer=3, n_head=4, n_positions=64),
    "gpt_neox": lambda: GPTNeoXConfig(**_SHAPE, rotary_pct=0.5),
}


@pytest.fixture(autouse=True, scope="module")
def one_thread() -> Iterator[None]:
    """Tiny products gain nothing from more, and wait for each other on a busy machine."""
    before = torch.get_num_threads()
    torch.set_num_threads(1)
    yield
    torch.set_num_threads(before)


@pytest.fixture(scope="session")
def smollm2() -> LanguageModel:
    """The embedded model on the processor, in float32."""
    return load_model("smollm2-135m-instruct", device="cpu")


@pytest.fixture(scope="session", params=sorted(FAMILIES))
def tiny(request: pytest.FixtureRequest, make_tiny: MakeTiny) -> LanguageModel:
    """A random model of each family, with the tokenizer of the embedded one."""
    return make_tiny(request.param)


@pytest.fixture(scope="session")
def make_tiny(smollm2: LanguageModel) -> MakeTiny:
    """Random models by family and seed: equal ones for equal arguments."""
    return lambda family, seed=0: _tiny(family, smollm2, seed=seed)


def _tiny(family: str, smollm2: LanguageModel, *, seed: int) -> LanguageModel:
    with torch.random.fork_rng():
        torch.manual_seed(seed)
        config = _CONFIGS[family]()
        hf = Auto.from_config(config, attn_implementation=FAMILIES[family].attention)
        for parameter in hf.parameters():
            # Larger than at initialisation, so that attention and norms matter to the result.
            torch.nn.init.normal_(parameter, std=0.3)
    entry = ModelEntry(id=f"tiny-{family}", source="path:none")
    return wrap_model(hf, smollm2.tokenizer, entry=entry, sha256=f"tiny-{family}-{seed}")


@pytest.fixture
def texts() -> list[str]:
    """Shared prefixes, a repeated text, and one that is the beginning of another."""
    return [
        "The city of Paris is in France.",
        "The city of Paris is in Spain.",
        "The city of Paris",
        "Two and two make 4.",
        "The city of Paris is in France.",
        "The city of Krasnodar is in Russia.",
        "A",
    ]


@pytest.fixture
def cache(tmp_path: Path) -> Path:
    return tmp_path / "activations"
