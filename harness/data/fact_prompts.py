"""Prompts that ask for a fact about a country, in one step or in two.

Owns their wording, the places in them that bear roles, and which two-step facts are held out from
the texts that the made model learns from. One wording serves every model; knows no tokenizer:
`FactPrompt.parts` goes to `harness.models.prompts.encode`, which finds the tokens.
"""

import random
import re
from functools import lru_cache
from typing import Literal

from harness.data.capitals import CITIES, City, Country, gazetteer
from harness.data.contrasts import Part
from harness.record import Record

Relation = Literal["capital", "continent", "currency"]
Role = Literal["relation", "hop", "subject", "end"]

SPLIT_SEED = 0
"""Draws which cities are held out."""
HELD_OUT = CITIES // 5
"""Cities of each country whose two-step capital the made model never reads."""


class FactPrompt(Record):
    """A beginning of a sentence that one true word completes."""

    text: str
    answer: str
    """With its leading space; one token of the made model, one or several of another."""
    subject: str
    """The name that the prompt speaks of: a city in two steps, a country in one."""
    bridge: str | None
    """The country that is meant and not named; `None` in one step, where nothing is left out."""
    relation: Relation
    roles: tuple[tuple[Role, str], ...]
    """Roles and their words, in the order of the text, each a whole word of it."""
    held_out: bool
    """Whether the made model learns from no text that answers this."""

    @property
    def parts(self) -> tuple[Part, ...]:
        """The text cut after each role's word, so that a part's last token bears the role."""
        parts: list[Part] = []
        begin = 0
        for role, word in self.roles:
            found = re.compile(rf"\b{re.escape(word)}\b").search(self.text, begin)
            assert found is not None, (self.text, word)
            parts.append(Part(self.text[begin : found.end()], role))
            begin = found.end()
        return (*parts, *([Part(self.text[begin:])] if begin < len(self.text) else []))


def one_step_prompts(relation: Relation = "capital") -> tuple[FactPrompt, ...]:
    """`The capital of France is` → ` Paris`, one for each country of the gazetteer, in its order.

    Roles: relation, subject, end.
    """
    return tuple(_one_step(relation, country) for country in gazetteer().countries)


def two_step_prompts(relation: Relation = "capital") -> tuple[FactPrompt, ...]:
    """`The capital of the country containing Lyon is` → ` Paris`, one for each city.

    Roles: relation, hop, subject, end. Only capitals are held out, of `held_out_cities`: the other
    relations of those cities, and all their one-step facts, the made model does read.
    """
    facts, apart = gazetteer(), held_out_cities()
    return tuple(
        _two_step(
            relation,
            city,
            facts.country_of[city.name],
            held_out=relation == "capital" and city.name in apart,
        )
        for city in facts.cities
    )


@lru_cache(maxsize=1)
def held_out_cities() -> frozenset[str]:
    """`HELD_OUT` cities of each country, drawn by `SPLIT_SEED`."""
    rng = random.Random(SPLIT_SEED)
    by_country: dict[str, list[str]] = {}
    for city in gazetteer().cities:
        by_country.setdefault(city.country, []).append(city.name)
    return frozenset(name for names in by_country.values() for name in rng.sample(names, HELD_OUT))


def answer_of(relation: Relation, country: Country) -> str:
    """The word that tells `relation` of `country`."""
    match relation:
        case "capital":
            return country.capital
        case "continent":
            return country.continent
        case "currency":
            return country.currency


def _one_step(relation: Relation, country: Country) -> FactPrompt:
    return FactPrompt(
        text=f"The {relation} of {country.name} is",
        answer=f" {answer_of(relation, country)}",
        subject=country.name,
        bridge=None,
        relation=relation,
        roles=(("relation", relation), ("subject", country.name), ("end", "is")),
        held_out=False,
    )


def _two_step(relation: Relation, city: City, country: Country, *, held_out: bool) -> FactPrompt:
    return FactPrompt(
        text=f"The {relation} of the country containing {city.name} is",
        answer=f" {answer_of(relation, country)}",
        subject=city.name,
        bridge=country.name,
        relation=relation,
        roles=(
            ("relation", relation),
            ("hop", "country"),
            ("subject", city.name),
            ("end", "is"),
        ),
        held_out=held_out,
    )
