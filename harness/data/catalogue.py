"""The data sets that can be asked for by name, and how to get them. Light to import.

Sets of *The Geometry of Truth* (Marks and Tegmark, arXiv:2310.06824).
"""

from typing import Literal, assert_never, get_args

from harness.data.statements import Source, Statement, StatementSet
from harness.problems import did_you_mean
from harness.record import HarnessError, Record

SetName = Literal[
    "cities",
    "neg_cities",
    "larger_than",
    "smaller_than",
    "sp_en_trans",
    "neg_sp_en_trans",
    "cities_cities_conj",
    "cities_cities_disj",
]

ORIGINALS_URL = (
    "https://raw.githubusercontent.com/saprmarks/geometry-of-truth/"
    "5d1c630c44f7e50bda7ad86d601ccadf9abc5ddb/datasets"
)


class KnownSet(Record):
    """A named set of statements; each can be generated here or fetched as published."""

    name: SetName
    description: str
    partner: SetName | None = None
    """The set of negated, or opposite, statements."""
    paper_size: int
    """Number of statements that the paper states."""
    original_size: int
    """Number of statements in the published file."""
    original_sha256: str
    """Hash of the published file."""

    @property
    def original_url(self) -> str:
        """Where the published file lies."""
        return f"{ORIGINALS_URL}/{self.name}.csv"


KNOWN_SETS: dict[str, KnownSet] = {
    known.name: known
    for known in (
        KnownSet(
            name="cities",
            description="The city of X is in Y.",
            partner="neg_cities",
            paper_size=1_496,
            original_size=1_496,
            original_sha256="f2560a0c1758c69935b50125111b574b71896bb75930dd87b1d8c973c1fa086e",
        ),
        KnownSet(
            name="neg_cities",
            description="The city of X is not in Y.",
            partner="cities",
            paper_size=1_496,
            original_size=1_496,
            original_sha256="66c5c84de98ca15570138c205ab0e3907b57750083fac72a4eacafc3d9ebcea7",
        ),
        KnownSet(
            name="larger_than",
            description="X is larger than Y, for two-digit numbers in words.",
            partner="smaller_than",
            paper_size=1_980,
            original_size=1_980,
            original_sha256="406d6872e97910f3af5a031600d4932b5a567b8666e7545c8b446057471ad723",
        ),
        KnownSet(
            name="smaller_than",
            description="X is smaller than Y, for two-digit numbers in words.",
            partner="larger_than",
            paper_size=1_980,
            original_size=1_980,
            original_sha256="ee6b7cf668d7e0fb3f49a84ca8d510cb7e484ae029ef86ed238362e26ef61a44",
        ),
        KnownSet(
            name="sp_en_trans",
            description="The Spanish word 'X' means 'Y'.",
            partner="neg_sp_en_trans",
            paper_size=354,
            original_size=354,
            original_sha256="9afa97c1b8af539a05f47655a80a5c7832c6fdb914885fd24cb4bcccbe2795b5",
        ),
        KnownSet(
            name="neg_sp_en_trans",
            description="The Spanish word 'X' does not mean 'Y'.",
            partner="sp_en_trans",
            paper_size=354,
            original_size=354,
            original_sha256="bec33e37047135b15cdd18c0cb0c66b65fb435ace08910cbcc220ce1ef610c96",
        ),
        KnownSet(
            name="cities_cities_conj",
            description="It is the case both that S1 and that S2, for statements of cities.",
            paper_size=1_500,
            original_size=1_498,
            original_sha256="80e9987e8abcdd56ac8256d22b8ad6c2d6211e06a6c925c32cfcb0bc93d9d56d",
        ),
        KnownSet(
            name="cities_cities_disj",
            description="It is the case either that S1 or that S2, for statements of cities.",
            paper_size=1_500,
            original_size=1_498,
            original_sha256="5f4883382bb3f8664fa9b0a51cfadec507e130bf21c94f3d04776ca923646565",
        ),
    )
}


def get_set(name: str) -> KnownSet:
    """The entry of that name. Raises `HarnessError`, with the nearest name, for any other."""
    if name not in KNOWN_SETS:
        raise HarnessError(f"unknown data set {name!r}{did_you_mean(name, list(KNOWN_SETS))}")
    return KNOWN_SETS[name]


def load_statements(
    name: str, source: str = "generated", *, size: int | None = None, seed: int = 0
) -> StatementSet:
    """The statements of a known set.

    `generated` makes `size` of them (default: as many as the paper) from `seed`, the same on every
    machine; a set and its partner get the same units from the same size and seed. `original` is the
    authors' file, whole: `seed` does not matter there and `size` is refused. Raises `HarnessError`
    for an unknown name or source, an impossible size, or a file that cannot be had.
    """
    known = get_set(name)
    if source == "generated":
        statements = _generate(known.name, size=size, seed=seed)
        return StatementSet(name=name, source="generated", statements=statements)
    if source == "original":
        if size is not None:
            raise HarnessError(f"{name}: size={size} is for generated sets; original is used whole")
        from harness.data import original

        return StatementSet(name=name, source="original", statements=original.load(known))
    choices = did_you_mean(source, list(get_args(Source)))
    raise HarnessError(f"{name}: unknown source {source!r}{choices}")


def _generate(name: SetName, *, size: int | None, seed: int) -> tuple[Statement, ...]:
    match name:
        case "cities" | "neg_cities":
            from harness.data import cities

            return cities.generate(size=size, seed=seed, negated=name == "neg_cities")
        case "larger_than" | "smaller_than":
            from harness.data import numbers

            return numbers.generate(size=size, seed=seed, larger=name == "larger_than")
        case "sp_en_trans" | "neg_sp_en_trans":
            from harness.data import translations

            return translations.generate(size=size, seed=seed, negated=name == "neg_sp_en_trans")
        case "cities_cities_conj" | "cities_cities_disj":
            from harness.data import logic

            return logic.generate(size=size, seed=seed, conjunction=name == "cities_cities_conj")
        case _:
            assert_never(name)
