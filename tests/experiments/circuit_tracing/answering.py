"""A model of two layers that knows capitals, with transcoders of its own: seconds to make."""

from pathlib import Path
from typing import Any

import torch

from harness.data.capitals import COUNTRIES
from harness.data.fact_prompts import two_step_prompts
from harness.data.fact_texts import RELATIONS, fact_texts
from harness.models.made_recipe import MadeRecipe
from harness.models.made_tokenizer import token_rows, word_tokenizer
from harness.models.made_training import llama_config, train_llama
from harness.specs import CircuitTracingSpec
from harness.specs.transcoders import CorpusPart, TranscoderRecipe

LATENTS, K, LAYERS = 512, 16, 2
TWO_STEP = 40
"""Prompts of two steps that are learned: those of a few countries' cities."""
_WORDINGS = 4
RECIPE = MadeRecipe(
    id="answering",
    texts_sha256="of no matter",
    n_layers=LAYERS,
    d_model=64,
    d_mlp=128,
    context_length=24,
    batch=128,
    steps=130,
    learning_rate=6e-3,
    threads=1,
)


def texts() -> tuple[str, ...]:
    """Every sentence on countries, and some that ask for capitals in two steps."""
    countries = fact_texts()[: COUNTRIES * len(RELATIONS) * _WORDINGS]
    asked = [f"{each.text}{each.answer}." for each in two_step_prompts()[:TWO_STEP]]
    return (*countries, *asked)


def save_answering_model(directory: Path) -> None:
    tokenizer = word_tokenizer(fact_texts(), context_length=RECIPE.context_length)
    learned = texts()
    model = train_llama(RECIPE, llama_config(RECIPE, tokenizer), token_rows(tokenizer, learned))
    model.save_pretrained(directory, safe_serialization=True)
    tokenizer.save_pretrained(directory)


def save_knowing_nothing(directory: Path) -> None:
    """The same model before it learned anything."""
    from transformers import LlamaForCausalLM

    tokenizer = word_tokenizer(fact_texts(), context_length=RECIPE.context_length)
    with torch.random.fork_rng():
        torch.manual_seed(0)
        LlamaForCausalLM(llama_config(RECIPE, tokenizer)).save_pretrained(directory)
    tokenizer.save_pretrained(directory)


def transcoder_recipe(model: Path) -> TranscoderRecipe:
    """Of a set that reads the sentences on countries."""
    return TranscoderRecipe(
        id="answering",
        model=f"path:{model}",
        latents=LATENTS,
        k=K,
        corpus=(CorpusPart(source="facts", tokens=4_500),),
        window=24,
        epochs=8,
        batch=256,
        learning_rate=1e-2,
        note="a test's",
    )


def spec(model: Path, transcoders: Path, **changes: Any) -> CircuitTracingSpec:
    return CircuitTracingSpec.model_validate(
        {
            "family": "circuit_tracing",
            "id": "small",
            "model": f"path:{model}",
            "transcoders": f"path:{transcoders}",
            "seeds": [0],
            "task": {"kind": "facts", "steps": "one_step", "prompts": 10},
            "max_features": 150,
            "supernode_size": 3,
            "foil_factor": 4,
            "random_draws": 2,
            "motif_graphs": 1,
            "motif_draws": 200,
            **changes,
        }
    )
