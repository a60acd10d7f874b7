from collections.abc import Callable
from dataclasses import replace

import pytest

from harness.models.chat import as_turn
from harness.models.language_model import LanguageModel

MakeTiny = Callable[..., LanguageModel]


@pytest.fixture(scope="module")
def llama(make_tiny: MakeTiny) -> LanguageModel:
    """With the embedded model's tokenizer and chat template."""
    return make_tiny("llama")


def test_question_header_and_answer_are_told_apart(llama: LanguageModel) -> None:
    turn = as_turn(llama, "Who are you?", "I am a model.")
    texts = [
        str(llama.tokenizer.decode(list(part)))
        for part in (
            turn.ids[: turn.prompt],
            turn.ids[turn.prompt : turn.answer],
            turn.ids[turn.answer :],
        )
    ]
    assert texts[0].endswith("Who are you?<|im_end|>\n")
    assert texts[1:] == ["<|im_start|>assistant\n", "I am a model."]
    assert str(llama.tokenizer.decode(list(turn.ids))) == turn.text


def test_the_start_token_stands_once(llama: LanguageModel) -> None:
    turn = as_turn(llama, "Who are you?", "I")
    assert turn.ids[0] == llama.tokenizer.bos_token_id
    assert turn.ids[:2] != (turn.ids[0],) * 2


def test_a_model_without_chat_template_gets_plain_text(llama: LanguageModel) -> None:
    import copy

    tokenizer = copy.deepcopy(llama.tokenizer)
    tokenizer.chat_template = None
    turn = as_turn(replace(llama, tokenizer=tokenizer), "Who are you?", "(A")
    assert turn.text == "Who are you?\n(A"
