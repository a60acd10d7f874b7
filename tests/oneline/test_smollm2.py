"""What the one-liners are known to show on a real model."""

from collections.abc import Iterator

import pytest
import torch

from harness.models.generation import Sampling
from harness.models.language_model import LanguageModel, load_model
from harness.oneline.lens import lens
from harness.oneline.patch import patch
from harness.oneline.steer import Wanted, steer

CLEAN = "When Mary and John went to the store, John gave a drink to"
CORRUPTED = "When Mary and John went to the store, Mary gave a drink to"
SECOND_NAME, END = 10, 14


@pytest.fixture(autouse=True, scope="module")
def one_thread() -> Iterator[None]:
    """This model is worth more threads than the tiny ones beside it."""
    yield


@pytest.fixture(scope="module")
def smollm2() -> LanguageModel:
    return load_model("smollm2-135m-instruct", device="cpu")


def test_the_capital_of_texas_comes_last_and_is_austin(smollm2: LanguageModel) -> None:
    found = lens(smollm2, "The capital of Texas is")
    assert found.answer == " Austin"
    assert found.readings[-1].top[0].probability == pytest.approx(0.306, abs=0.01)
    assert found.readings[15].answer_rank > 1000


def test_the_repeated_name_moves_from_its_own_place_to_the_end(smollm2: LanguageModel) -> None:
    found = patch(smollm2, CLEAN, CORRUPTED)
    assert (found.answer, found.foil) == (" Mary", " John")
    effects = torch.tensor(found.effects)
    assert effects[:15, SECOND_NAME].min() > 0.9
    assert effects[:15, END].abs().max() < 0.1
    assert effects[26:, SECOND_NAME].abs().max() < 0.1
    assert effects[26:, END].min() > 0.9
    others = [i for i in range(len(found.tokens)) if i not in (SECOND_NAME, END)]
    assert effects[:, others].abs().max() < 0.2


def test_the_more_love_is_added_and_hate_taken_away_the_further_it_leans(
    smollm2: LanguageModel,
) -> None:
    asked = Wanted(coefficients=(0.3, 0.6), sampling=Sampling(tokens=1, temperature=0.0))
    found = steer(smollm2, "I went up to my friend and said", [" Love"], [" Hate"], asked)
    own = [each for each in found.ways if each.direction != "random"]
    leans = [each.lean for each in sorted(own, key=lambda each: each.coefficient)]
    assert leans == sorted(leans)
    kl = {each.coefficient: each.kl_nats for each in own}
    assert kl[0] < kl[min(c for c in kl if c > 0)] < kl[max(kl)]
