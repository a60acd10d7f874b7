from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
import torch
from torch import Tensor, nn

from harness.features.chosen import choose
from harness.features.corpus import Corpus, corpus_of
from harness.features.dashboards import dashboards
from harness.features.details import FeatureDetails
from harness.models.hookpoints import Hookpoint
from harness.models.hooks import capture
from harness.models.language_model import LanguageModel, load_model
from harness.transcoders.files import Config
from harness.transcoders.sets import TranscoderSet
from harness.transcoders.transcoder import JumpReLU, Transcoder

ON_Q, SILENT, ON_Q_OR_Z, TWIN, CONSTANT = range(5)
"""Fires on `q` alone; never; on `q` and `z`; as `ON_Q`, twice as strongly; always."""
TEXTS = ("aqb zqc", "no such letter", "zz", "qq", "no such letter", "the end is q")
"""`q` stands 6 times: behind the start token, all of them count."""


@pytest.fixture(autouse=True, scope="module")
def one_thread() -> Iterator[None]:
    """Tiny products gain nothing from more, and wait for each other on a busy machine."""
    before = torch.get_num_threads()
    torch.set_num_threads(1)
    yield
    torch.set_num_threads(before)


@pytest.fixture(scope="session")
def lm(tiny_model: Path) -> LanguageModel:
    """Three random blocks over single bytes; the first attends to nothing, so that what its MLP
    reads is a function of the token alone."""
    found = load_model(f"path:{tiny_model}", device="cpu")
    nn.init.zeros_(found.hf.get_submodule("model.layers.0.self_attn.o_proj").weight)
    return found


@pytest.fixture(scope="session")
def planted(lm: LanguageModel) -> TranscoderSet:
    """The features above in layer 0; in layers 1 and 2 random ones."""
    generator = torch.Generator().manual_seed(0)
    config = Config(model_name="tiny-llama", scan="tiny-llama")
    layers = (_planted(lm), *_random(lm, generator))
    return TranscoderSet("path:/somewhere/planted", config, layers, "0" * 64, None)


@pytest.fixture(scope="session")
def corpus(lm: LanguageModel) -> Corpus:
    return corpus_of(lm, "letters", TEXTS, context=32)


@pytest.fixture(scope="session")
def look(lm: LanguageModel, planted: TranscoderSet) -> Callable[..., list[FeatureDetails]]:
    """Dashboards of features of one layer over a corpus."""

    def call(corpus: Corpus, *features: int, layer: int = 0) -> list[FeatureDetails]:
        chosen = [choose(planted.layers, layer, features or None)]
        return list(dashboards(lm, planted, corpus, chosen))

    return call


def _planted(lm: LanguageModel) -> Transcoder:
    q, z = (_alone(lm, letter) for letter in "qz")
    weights = torch.stack([q, torch.zeros_like(q), q + z, 2 * q, torch.zeros_like(q)])
    bias = torch.tensor([-0.9, -1.0, -0.9, -1.8, 1.0])
    decoder = torch.stack([q, q, z, -q, torch.zeros_like(q)])
    return Transcoder(weights, bias, decoder, torch.zeros(lm.d_model), JumpReLU(torch.zeros(5)))


def _alone(lm: LanguageModel, letter: str) -> Tensor:
    """Reads 1 from the MLP's input at the letter, and less than 0.9 from every other token's."""
    point = Hookpoint("mlp_in", 0)
    ids = torch.arange(len(lm.tokenizer))[:, None]
    with torch.inference_mode(), capture(lm, [point]) as at:
        lm.hf(ids)
    inputs = at[point][:, 0].clone()
    (number,) = lm.tokenizer.encode(letter, add_special_tokens=False)
    reader = torch.linalg.pinv(inputs.double())[:, number].float()
    reader = reader / (inputs[number] @ reader)
    others = torch.cat([inputs[:number], inputs[number + 1 :]]) @ reader
    assert float(others.max()) < 0.8, "this letter cannot be told from another"
    return reader


def _random(lm: LanguageModel, generator: torch.Generator) -> list[Transcoder]:
    d, n = lm.d_model, 24
    return [
        Transcoder(
            torch.randn(n, d, generator=generator),
            torch.randn(n, generator=generator),
            torch.randn(n, d, generator=generator),
            torch.zeros(d),
            JumpReLU(torch.zeros(n)),
        )
        for _ in range(2)
    ]
