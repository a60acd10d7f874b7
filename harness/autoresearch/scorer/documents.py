"""Which documents a tier's activations are of: thirds of one collection, cut by the secret."""

from typing import get_args

from harness.autoresearch.scorer.secret import Secret
from harness.autoresearch.task import Tier
from harness.data.package_text import texts

_DOCUMENTS = 2_400
"""Docstrings that are on every machine with this package, about a million tokens."""
_LEAST_CHARACTERS = 300
_TIERS: tuple[Tier, ...] = get_args(Tier)


def documents(secret: Secret, tier: Tier) -> list[str]:
    """A tier's, in an order of the secret's; no document is of two tiers.

    Raises `HarnessError` where the packages that they are read from have fewer.
    """
    seed = secret.run_seed(_TIERS[0], 0, "documents")
    every = texts(count=_DOCUMENTS, least=_LEAST_CHARACTERS, seed=seed).texts
    return list(every[_TIERS.index(tier) :: len(_TIERS)])
