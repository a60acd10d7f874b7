"""Indirect object identification: who is given something, two names having been mentioned.

Owns the drawing of names and the making of the pairs; wordings and words have their own files.
"""

import random
import re
from typing import Literal, NamedTuple

from harness.data.contrasts import Contrast, ContrastSet, Part
from harness.data.ioi_templates import TEMPLATES, Template
from harness.data.ioi_words import NAMES, OBJECTS, PLACES
from harness.data.single_token import SingleToken, keep_single
from harness.record import HarnessError

Corruption = Literal["swapped", "unrelated"]
Variant = Literal["plain", "extra_subject", "extra_object"]
Order = Literal["ABBA", "BABA"]

ORDERS: tuple[Order, ...] = ("ABBA", "BABA")
LEAST_NAMES = 20
LEAST_WORDS = 5
_SLOT = re.compile(r"\{(\w+)\}")
_WORD = re.compile(r" \w+")


class _Names(NamedTuple):
    """Who is given something, and the two mentions of who gives it: one name in a clean prompt."""

    io: str
    s1: str
    s2: str


class _Draw(NamedTuple):
    """What the seed settles of one pair, whatever its corruption and variant."""

    clean: _Names
    unrelated: _Names
    place: str
    object: str


class _Form(NamedTuple):
    """How the prompts of one pair are worded."""

    template: Template
    order: Order
    variant: Variant


def generate(
    *,
    size: int,
    seed: int,
    single: SingleToken,
    corruption: Corruption,
    variant: Variant = "plain",
    templates: int | None = None,
    order: Order | None = None,
) -> ContrastSet:
    """`size` pairs, no two with the same ordered pair of names (`unit` = "IO|S").

    Templates (the first `templates` of them; None: all) and the orders of the first two names
    (`order`; None: both) take turns. The clean prompt names IO and S, then S again as giver, and
    goes on with IO. The corrupted one has

    - `swapped`: IO as giver, so that S is the answer;
    - `unrelated`: three other names, so that it says nothing of the answer (the paper's p_ABC).

    Roles: IO, S1, "S1+1" (the token after S1), S2, END; EXTRA where a sentence in between names
    one of the two: S in `extra_subject`, IO in `extra_object`. The sentence names whoever stands
    as S1 or IO in its own prompt. Equal size, seed, templates and order give the same names,
    places and objects in every corruption and variant, so that pairs can be compared one by one.
    All prompts of one template and variant have equally many tokens.

    Raises `HarnessError` for a size or a number of templates that cannot be had, and where the
    model reads too few names, places or objects as one token. Source: Wang et al. 2022, section 2
    and figure 8; the wording is our own.
    """
    forms = _forms(templates, order, variant)
    contrasts: list[Contrast] = []
    for index, drawn in enumerate(_draws(size, seed, single)):
        name, form = forms[index % len(forms)]
        contrasts.append(_contrast(drawn, name, form, corruption))
    return ContrastSet(name=f"ioi_{variant}_{corruption}", contrasts=tuple(contrasts))


def _forms(
    templates: int | None, order: Order | None, variant: Variant
) -> tuple[tuple[str, _Form], ...]:
    count = len(TEMPLATES) if templates is None else templates
    if not 1 <= count <= len(TEMPLATES):
        raise HarnessError(f"ioi: templates {count} is not possible; valid: 1 to {len(TEMPLATES)}")
    return tuple(
        (f"{number}-{each}", _Form(template, each, variant))
        for number, template in enumerate(TEMPLATES[:count])
        for each in ORDERS
        if order in (None, each)
    )


def _draws(size: int, seed: int, single: SingleToken) -> list[_Draw]:
    """Names, places and objects; ordered pairs of names without replacement."""
    names = keep_single("names of ioi", NAMES, single, LEAST_NAMES)
    places = keep_single("places of ioi", PLACES, single, LEAST_WORDS)
    objects = keep_single("objects of ioi", OBJECTS, single, LEAST_WORDS)
    pairs = [(io, s) for io in names for s in names if io != s]
    if not 1 <= size <= len(pairs):
        raise HarnessError(f"ioi: size {size} is not possible; valid: 1 to {len(pairs)}")
    rng = random.Random(seed)
    return [
        _Draw(
            clean=_Names(io, s, s),
            unrelated=_Names(*rng.sample([name for name in names if name not in (io, s)], 3)),
            place=rng.choice(places),
            object=rng.choice(objects),
        )
        for io, s in rng.sample(pairs, size)
    ]


def _contrast(drawn: _Draw, name: str, form: _Form, corruption: Corruption) -> Contrast:
    io, s = drawn.clean.io, drawn.clean.s1
    corrupted = drawn.clean._replace(s2=io) if corruption == "swapped" else drawn.unrelated
    return Contrast(
        clean=_prompt(drawn.clean, drawn, form),
        corrupted=_prompt(corrupted, drawn, form),
        answers=(io,),
        foils=(s,),
        unit=f"{io.strip()}|{s.strip()}",
        template=name,
    )


def _prompt(names: _Names, drawn: _Draw, form: _Form) -> tuple[Part, ...]:
    template, order, variant = form
    io, s1 = Part(names.io, "IO"), Part(names.s1, "S1")
    first, second = (io, s1) if order == "ABBA" else (s1, io)
    slots = {
        "A": first,
        "B": second,
        "S": Part(names.s2, "S2"),
        "X": Part(names.s1 if variant == "extra_subject" else names.io, "EXTRA"),
        "PLACE": Part(drawn.place),
        "OBJECT": Part(drawn.object),
    }
    opening = template.joined if variant == "plain" else template.apart + template.extra
    return _fill(opening + template.clause, slots)


def _fill(wording: str, slots: dict[str, Part]) -> tuple[Part, ...]:
    """The wording with its slots filled, the word after S1 and the last one parts of their own."""
    wording, end = wording.removesuffix(" to"), Part(" to", "END")
    parts: list[Part] = []
    # A split by a pattern with one group gives fixed text and names of slots in turn.
    for index, piece in enumerate(_SLOT.split(wording)):
        if index % 2:
            parts.append(slots[piece])
        elif parts and parts[-1].role == "S1":
            after = _WORD.match(piece)
            assert after is not None, f"no word after S1 in {wording!r}"
            parts += [Part(after[0], "S1+1"), Part(piece[after.end() :])]
        else:
            parts.append(Part(piece))
    return (*(part for part in parts if part.text), end)
