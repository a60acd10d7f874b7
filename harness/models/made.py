"""`capitals-4l`: a language model that the harness makes itself, once, and keeps in the cache.

It recalls capitals in one step (of a country) and in two (of the country that contains a city).
Owns the folder; `made_recipe.py` says what is made, `made_training.py` how.
"""

import time
from collections.abc import Generator
from contextlib import contextmanager
from pathlib import Path

from harness.cache_dir import cache_dir
from harness.models.made_recall import Recall
from harness.models.made_recipe import MadeRecipe, capitals_recipe
from harness.models.made_training import Told
from harness.models.sealed_folder import sealed_folder
from harness.record import Record

LEAST_TWO_STEP = 0.95
"""Of two-step prompts that were learned from; below, the recipe did not work here."""
_MADE = "harness-made.json"


class Made(Record):
    """How a copy of the model came about."""

    recipe: MadeRecipe
    torch: str
    """Its version. Another one, or another processor, may give weights that differ in rounding."""
    seconds: float
    recall: Recall


def made_directory() -> Path:
    """Folder with the model in transformers' own format; two to three minutes the first time.

    Raises `HarnessError` where it cannot be written.
    """
    recipe = capitals_recipe()
    directory = cache_dir() / "models" / f"{recipe.id}-{recipe.digest[:16]}"
    return sealed_folder(directory, lambda aside: _make(recipe, aside))


def how_made() -> Made:
    """What is known of the model in the cache, which is made first where it is not there."""
    return Made.load(made_directory() / _MADE)


def _make(recipe: MadeRecipe, target: Path) -> None:
    import torch

    from harness.data.fact_texts import fact_texts
    from harness.models.made_recall import measure_recall
    from harness.models.made_tokenizer import token_rows, word_tokenizer
    from harness.models.made_training import llama_config, train_llama

    tokenizer = word_tokenizer(fact_texts(), context_length=recipe.context_length)
    began = time.perf_counter()
    with _bar(f"making {recipe.id}") as told:
        model = train_llama(
            recipe,
            llama_config(recipe, tokenizer),
            token_rows(tokenizer, fact_texts()),
            told=told,
        )
    made = Made(
        recipe=recipe,
        torch=torch.__version__,
        seconds=time.perf_counter() - began,
        recall=measure_recall(model, tokenizer),
    )
    assert made.recall.two_step >= LEAST_TWO_STEP, made
    model.save_pretrained(target, safe_serialization=True)
    tokenizer.save_pretrained(target)
    made.dump(target / _MADE)


@contextmanager
def _bar(title: str) -> Generator[Told]:
    """A progress bar with an estimate of the time left, on standard error."""
    from rich.console import Console
    from rich.progress import Progress

    with Progress(console=Console(stderr=True)) as drawn:
        task = drawn.add_task(title, total=None)
        yield lambda done, total: drawn.update(task, completed=done, total=total)
