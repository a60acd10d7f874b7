import json
from pathlib import Path

import pytest
import torch
from transformers import LlamaForCausalLM

from harness.cache_dir import cache_dir
from harness.data.fact_prompts import one_step_prompts, two_step_prompts
from harness.data.fact_texts import fact_texts
from harness.models import made
from harness.models.language_model import LanguageModel, load_model, wrap_model
from harness.models.made import how_made, made_directory
from harness.models.made_recall import measure_recall, recalled
from harness.models.made_recipe import capitals_recipe
from harness.models.made_tokenizer import word_tokenizer
from harness.models.made_training import llama_config
from harness.models.prompts import encode, token_id
from harness.models.registry import availability, resolve
from harness.models.sealed_folder import is_sealed, sealed_folder
from harness.models.weights_hash import sha256_of_file
from harness.record import HarnessError


@pytest.fixture
def stand_in(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> list[Path]:
    """A cache of its own and a training that takes no time; the trainings are listed."""
    trainings: list[Path] = []

    def train(recipe: object, config: object, rows: object, **_: object) -> LlamaForCausalLM:
        trainings.append(cache_dir())
        assert (recipe, rows) != (None, None)
        torch.manual_seed(0)
        return LlamaForCausalLM(config).eval()  # pyright: ignore[reportArgumentType]

    monkeypatch.setenv("HARNESS_CACHE", str(tmp_path))
    monkeypatch.setattr("harness.models.made_training.train_llama", train)
    monkeypatch.setattr(made, "LEAST_TWO_STEP", 0.0)
    return trainings


@pytest.fixture
def untrained() -> LanguageModel:
    """The made model's tokenizer with weights that know nothing."""
    recipe = capitals_recipe()
    tokenizer = word_tokenizer(fact_texts(), context_length=recipe.context_length)
    with torch.random.fork_rng():
        torch.manual_seed(0)
        hf = LlamaForCausalLM(llama_config(recipe, tokenizer))
    return wrap_model(hf, tokenizer, entry=resolve("capitals-4l"), sha256="untrained")


def test_model_can_be_had_without_a_network() -> None:
    assert resolve("capitals-4l") == resolve("made:capitals-4l")
    assert availability("capitals-4l") is None


def test_made_model_that_does_not_exist_is_refused() -> None:
    with pytest.raises(HarnessError, match="did you mean"):
        resolve("made:capitols-4l")


def test_model_is_made_once_and_loads_like_any_other(stand_in: list[Path]) -> None:
    first, second = load_model("capitals-4l", device="cpu"), load_model("capitals-4l", device="cpu")
    assert len(stand_in) == 1
    assert first.sha256 == second.sha256 == sha256_of_file(made_directory() / "model.safetensors")
    assert (first.n_layers, first.d_model, first.n_heads, first.context_length) == (4, 128, 4, 64)
    assert first.revision is None
    assert first.tokenizer.pad_token == "<pad>"


def test_changed_weights_are_made_again(stand_in: list[Path]) -> None:
    weights = made_directory() / "model.safetensors"
    right = weights.read_bytes()
    weights.write_bytes(right[:-1] + b"x")
    assert (made_directory() / "model.safetensors").read_bytes() == right
    assert len(stand_in) == 2


def test_folder_is_named_by_the_recipe_and_says_how_it_was_made(stand_in: list[Path]) -> None:
    found = how_made()
    assert stand_in
    assert found.recipe == capitals_recipe()
    assert found.torch == torch.__version__
    assert found.recipe.digest[:16] in made_directory().name
    text = (made_directory() / "harness-made.json").read_text()
    assert str(cache_dir()) not in text
    assert json.loads(text)["recall"]["held_out"] == found.recall.held_out


def test_training_that_did_not_learn_leaves_no_model(
    stand_in: list[Path], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(made, "LEAST_TWO_STEP", 0.95)
    with pytest.raises(AssertionError, match="two_step"):
        made_directory()
    assert stand_in
    assert not list((cache_dir() / "models").glob("*/harness-seal.json"))


def test_full_disk_is_said_and_leaves_nothing(tmp_path: Path) -> None:
    def fail(aside: Path) -> None:
        (aside / "half").write_bytes(b"half")
        raise OSError(28, "No space left on device")

    with pytest.raises(HarnessError, match=r"No space left.*HARNESS_CACHE"):
        sealed_folder(tmp_path / "made", fail)
    assert not [path for path in tmp_path.iterdir() if path.is_dir()]


def test_folder_whose_seal_is_missing_was_never_finished(tmp_path: Path) -> None:
    def fill(aside: Path) -> None:
        (aside / "weights").write_bytes(b"weights")

    folder = sealed_folder(tmp_path / "made", fill)
    assert is_sealed(folder)
    (folder / "harness-seal.json").unlink()
    assert not is_sealed(folder)
    assert is_sealed(sealed_folder(folder, fill))


def test_model_that_knows_nothing_recalls_by_chance(untrained: LanguageModel) -> None:
    found = measure_recall(untrained.hf, untrained.tokenizer)
    assert max(found.one_step, found.two_step, found.held_out) < 0.05


def test_recall_counts_likeliest_tokens_that_are_the_answer(untrained: LanguageModel) -> None:
    """A planted truth: an unembedding that always says Paris is right for France alone."""
    head = untrained.hf.lm_head.weight
    with torch.no_grad():
        state = untrained.hf.model(
            torch.tensor(encode(untrained, [one_step_prompts()[0].parts])[0].ids)[None]
        )
        head.zero_()
        head[token_id(untrained, " Paris")] = state.last_hidden_state[0, -1]
    prompts = one_step_prompts()
    assert recalled(untrained.hf, untrained.tokenizer, prompts) == pytest.approx(1 / 50)


def test_roles_are_found_as_tokens(untrained: LanguageModel) -> None:
    lyon = next(each for each in two_step_prompts() if each.subject == "Lyon")
    encoded = encode(untrained, [lyon.parts])[0]
    assert encoded.roles == {"relation": 2, "hop": 5, "subject": 7, "end": 8, "END": 8}
    assert untrained.tokenizer.convert_ids_to_tokens(encoded.ids[7]) == "Lyon"


def test_subject_of_several_tokens_is_found_at_its_last(smollm2: LanguageModel) -> None:
    prompt = next(each for each in one_step_prompts() if each.subject == "Bangladesh")
    encoded = encode(smollm2, [prompt.parts])[0]
    pieces = [smollm2.tokenizer.decode([each]) for each in encoded.ids]
    assert "".join(pieces[: encoded.roles["subject"] + 1]).endswith("The capital of Bangladesh")
    assert pieces[encoded.roles["end"]] == " is"
