"""Earlier trials that speak of something, or that changed nearly the same."""

from collections import Counter
from collections.abc import Sequence
from math import log
from typing import NamedTuple

from harness.autoresearch.ledger.alike import is_diff, likeness
from harness.autoresearch.ledger.words import words
from harness.autoresearch.proposers.proposer import Remembered

NEAR = 0.9
"""From this likeness on a proposer is told of an earlier trial."""
_SATURATION, _LENGTH = 1.2, 0.75


class Hit(NamedTuple):
    """A trial that was found."""

    trial: Remembered
    score: float
    """Of `search` without a scale, above 0; of `similar` and `nearest` a likeness from 0 to 1."""


def search(memory: Sequence[Remembered], query: str) -> list[Hit]:
    """The trials that have any of the words of a query, the best first, of equal ones the latest.

    Ranked by Okapi BM25 (Robertson and Zaragoza 2009, "The Probabilistic Relevance Framework",
    eq. 3.15, k1 = 1.2, b = 0.75) over title, reason, idea, diff and the reason of its end. A name
    like `learning_rate` counts as itself and as its words.
    """
    documents = [Counter(words(_text(trial))) for trial in memory]
    wanted = set(words(query))
    if not documents or not wanted:
        return []
    usual = sum(document.total() for document in documents) / len(documents)
    held = {word: sum(word in document for document in documents) for word in wanted}
    rarity = {word: log(1 + (len(documents) - n + 0.5) / (n + 0.5)) for word, n in held.items()}
    hits = [
        Hit(trial, sum(rarity[word] * _weight(document, word, usual) for word in wanted))
        for trial, document in zip(memory, documents, strict=True)
    ]
    return _best([hit for hit in hits if hit.score > 0])


def similar(memory: Sequence[Remembered], diff_or_text: str, *, most: int = 5) -> list[Hit]:
    """The trials that are most like a diff, or like a text, with the likeness from 0 to 1.

    A diff is held against diffs, any other text against all that is known of a trial.
    """
    of_diff = is_diff(diff_or_text)
    hits = [
        Hit(trial, likeness(diff_or_text, trial.diff if of_diff else _text(trial)))
        for trial in memory
    ]
    return _best([hit for hit in hits if hit.score > 0])[:most]


def nearest(memory: Sequence[Remembered], candidate_diff: str) -> Hit | None:
    """The earlier trial that changed nearly the same; `None` where none did."""
    found = similar(memory, candidate_diff, most=1) if is_diff(candidate_diff) else []
    return found[0] if found and found[0].score >= NEAR else None


def _best(hits: list[Hit]) -> list[Hit]:
    return sorted(hits, key=lambda hit: (-hit.score, -hit.trial.trial))


def _text(trial: Remembered) -> str:
    return "\n".join((trial.title, trial.reason, trial.idea or "", trial.why, trial.diff))


def _weight(document: Counter[str], word: str, usual: float) -> float:
    times = document[word]
    length = 1 - _LENGTH + _LENGTH * document.total() / usual
    return times * (_SATURATION + 1) / (times + _SATURATION * length)
