"""Next tokens by name, each once, with their probabilities."""

from collections import Counter
from collections.abc import Sequence

from harness.models.language_model import LanguageModel
from harness.oneline.prompt import token_text


def by_name(lm: LanguageModel, ids: Sequence[int], chances: Sequence[float]) -> dict[str, float]:
    """Probability by token, in the order given.

    Tokens that show as one text, such as bytes of a character, are told apart by their ids.
    """
    texts = [token_text(lm, each) for each in ids]
    alike = Counter(texts)
    names = [
        text if alike[text] == 1 else f"{text} (token {each})"
        for text, each in zip(texts, ids, strict=True)
    ]
    return dict(zip(names, chances, strict=True))
