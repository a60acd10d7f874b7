"""Which words of a list one model reads as one token.

Owns the test of a list; knows no tokenizer, for the question is handed in as a function.
"""

from collections.abc import Callable, Sequence

from harness.record import HarnessError

SingleToken = Callable[[str], bool]
"""Whether a word, given with its leading space, is one token of the model at hand."""


def keep_single(
    name: str, words: Sequence[str], single: SingleToken, least: int
) -> tuple[str, ...]:
    """Those of `words` that are one token, each with its leading space, in the order given.

    `name` says in errors what the words are. Raises `HarnessError` where fewer than `least`
    survive: then the model needs another list.
    """
    kept = tuple(word for word in words if single(word))
    if len(kept) < least:
        raise HarnessError(
            f"{name}: {len(kept)} of {len(words)} are single tokens of this model; "
            f"{least} are needed"
        )
    return kept
