"""Wordings of the prompts about giving, each as one sentence and as two. Written for this project.

`{A}` and `{B}` are the two names in the order they come in, `{S}` the giver's second mention and
`{X}` the name of the sentence in between. Every slot takes its word with the leading space, so no
sentence begins with a slot. A plain word of one token follows `{A}` and `{B}`, and every prompt
ends in " to". All verbs are of giving to a person: after one like "took a map to" a place may as
well follow.
"""

from typing import NamedTuple


class Template(NamedTuple):
    """One wording; what is said twice is the same but for the joint of the sentences."""

    joined: str
    """The first clause as part of one sentence, with all that stands before `{S}`."""
    apart: str
    """The same as a sentence of its own."""
    extra: str
    """A sentence about one of the two, between `apart` and `clause`."""
    clause: str
    """The giving, up to the word that a name follows."""


TEMPLATES = (
    Template(
        joined="When{A} and{B} went to the{PLACE},",
        apart="Today{A} and{B} went to the{PLACE}.",
        extra="{X} had a good day.",
        clause="{S} gave a{OBJECT} to",
    ),
    Template(
        joined="After{A} and{B} met near the{PLACE},",
        apart="Later{A} and{B} met near the{PLACE}.",
        extra="{X} was in a good mood.",
        clause="{S} handed a{OBJECT} to",
    ),
    Template(
        joined="While{A} and{B} were working at the{PLACE},",
        apart="Yesterday{A} and{B} were working at the{PLACE}.",
        extra="{X} felt a little tired.",
        clause="{S} handed the{OBJECT} to",
    ),
    Template(
        joined="Once{A} and{B} came back from the{PLACE},",
        apart="At noon{A} and{B} came back from the{PLACE}.",
        extra="{X} was very hungry.",
        clause="{S} gave the{OBJECT} to",
    ),
    Template(
        joined="While{A} and{B} were leaving the{PLACE},",
        apart="In the evening{A} and{B} were leaving the{PLACE}.",
        extra="{X} was ready to go home.",
        clause="{S} offered a{OBJECT} to",
    ),
    Template(
        joined="As{A} and{B} walked around the{PLACE},",
        apart="This morning{A} and{B} walked around the{PLACE}.",
        extra="{X} liked the sunny weather.",
        clause="{S} showed a{OBJECT} to",
    ),
    Template(
        joined="Then{A} and{B} waited outside the{PLACE}, and",
        apart="Then{A} and{B} waited outside the{PLACE}.",
        extra="{X} was getting cold.",
        clause="{S} passed a{OBJECT} to",
    ),
    Template(
        joined="Because{A} and{B} got lost near the{PLACE},",
        apart="Last night{A} and{B} got lost near the{PLACE}.",
        extra="{X} did not mind at all.",
        clause="{S} gave a{OBJECT} to",
    ),
    Template(
        joined="Since{A} and{B} were alone at the{PLACE},",
        apart="By then{A} and{B} were alone at the{PLACE}.",
        extra="{X} had plenty of time.",
        clause="{S} lent a{OBJECT} to",
    ),
    Template(
        joined="When{A} and{B} stopped by the{PLACE},",
        apart="Again{A} and{B} stopped by the{PLACE}.",
        extra="{X} knew the way.",
        clause="{S} passed the{OBJECT} to",
    ),
    Template(
        joined="After{A} and{B} had cleaned the{PLACE},",
        apart="Finally{A} and{B} had cleaned the{PLACE}.",
        extra="{X} was glad of a rest.",
        clause="{S} handed the{OBJECT} to",
    ),
    Template(
        joined="While{A} and{B} were talking about the{PLACE},",
        apart="On Monday{A} and{B} were talking about the{PLACE}.",
        extra="{X} laughed a lot.",
        clause="{S} offered the{OBJECT} to",
    ),
    Template(
        joined="Last week{A} and{B} visited the{PLACE}, where",
        apart="Last week{A} and{B} visited the{PLACE}.",
        extra="{X} had been there before.",
        clause="{S} lent the{OBJECT} to",
    ),
    Template(
        joined="On Sunday{A} and{B} drove to the{PLACE}, and",
        apart="On Sunday{A} and{B} drove to the{PLACE}.",
        extra="{X} enjoyed the trip.",
        clause="{S} gave the{OBJECT} to",
    ),
    Template(
        joined="The day{A} and{B} first saw the{PLACE},",
        apart="That day{A} and{B} first saw the{PLACE}.",
        extra="{X} was happy about it.",
        clause="{S} showed the{OBJECT} to",
    ),
)
