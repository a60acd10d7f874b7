"""Token ids as words; each is decoded once, for a corpus says the same ones again and again."""

from collections.abc import Sequence

from harness.models.language_model import LanguageModel


class TokenTexts:
    """The words of one tokenizer."""

    def __init__(self, lm: LanguageModel) -> None:
        self._tokenizer = lm.tokenizer
        self._known: dict[int, str] = {}
        self._spaced: bool | None = None

    def words(self, ids: Sequence[int]) -> tuple[str, ...]:
        """Each token by itself; what is part of a character shows as a replacement sign."""
        new = [each for each in dict.fromkeys(ids) if each not in self._known]
        if new:
            told = self._tokenizer.batch_decode(
                [[each] for each in new], clean_up_tokenization_spaces=False
            )
            self._known.update(zip(new, told, strict=True))
        return tuple(self._known[each] for each in ids)

    def passage(self, ids: Sequence[int]) -> tuple[str, ...]:
        """As `words`; where the tokenizer's come without the spaces between them, with those."""
        words = self.words(ids)
        if self._spaced is None and len(ids) > 1:
            whole = self._tokenizer.decode(list(ids), clean_up_tokenization_spaces=False)
            self._spaced = whole == " ".join(words)
        if not self._spaced:
            return words
        return tuple(f" {word}" if place else word for place, word in enumerate(words))
