"""Lay a question and the beginning of its answer out as a chat, where the model has a layout."""

from typing import NamedTuple, cast

from harness.models.language_model import LanguageModel
from harness.models.tokenization import tokenize
from harness.record import HarnessError


class Turn(NamedTuple):
    """A question and the beginning of its answer, as text and as token ids."""

    text: str
    ids: tuple[int, ...]
    prompt: int
    """Tokens of the question; the next one is the first of the answer's header."""
    answer: int
    """Tokens of question and header; the next one is the first of the answer itself."""


def as_turn(lm: LanguageModel, question: str, answer: str) -> Turn:
    """The model's own chat template; plain text under each other where it has none.

    Raises `HarnessError` where the rendered question is no beginning of the whole.
    """
    asked, header = _rendered(lm, question)
    whole, prompt, opened = tokenize(lm, [header + answer, asked, header])
    if whole[: len(opened)] != opened or opened[: len(prompt)] != prompt:
        raise HarnessError(f"{lm.ref}: a token of the chat spans question and answer")
    return Turn(header + answer, whole, len(prompt), len(opened))


def _rendered(lm: LanguageModel, question: str) -> tuple[str, str]:
    """The question alone, and with the header of an answer."""
    if not lm.tokenizer.chat_template:
        return question, f"{question}\n"
    messages = [{"role": "user", "content": question}]
    render = lm.tokenizer.apply_chat_template
    asked = render(messages, tokenize=False, add_generation_prompt=False)
    header = render(messages, tokenize=False, add_generation_prompt=True)
    return cast(str, asked), cast(str, header)
