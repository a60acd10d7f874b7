"""What happens in a turn of an agent, in one form for every driver. A stream ends with `Ended`."""

from typing import Annotated, Literal

from pydantic import Field, JsonValue

from harness.record import Record

How = Literal["done", "turns", "budget", "deadline", "refused", "failed"]
"""`done`: the agent stopped of itself; `refused`: the model would not; `failed`: anything else."""


class Started(Record):
    """The agent is there."""

    kind: Literal["started"] = "started"
    session: str | None
    """By which the same conversation is gone on with; `None` where it is not told yet."""
    model: str | None


class Said(Record):
    """Text of the model that is addressed to us."""

    kind: Literal["said"] = "said"
    text: str


class Called(Record):
    """The model asked for a tool."""

    kind: Literal["called"] = "called"
    call: str
    """Its id, which the `Returned` of it repeats."""
    tool: str
    arguments: dict[str, JsonValue]


class Returned(Record):
    """What a tool gave back."""

    kind: Literal["returned"] = "returned"
    call: str
    ok: bool
    output: str


class Used(Record):
    """Tokens of one answer or of a whole turn, as the agent's software counts them."""

    kind: Literal["used"] = "used"
    input_tokens: int
    """Cached ones included."""
    cached_tokens: int = 0
    output_tokens: int


class Warned(Record):
    """Something went wrong and the turn went on: a call was tried again, a permission denied."""

    kind: Literal["warned"] = "warned"
    message: str


class Unread(Record):
    """A line in a form that this version does not know; the raw line is kept."""

    kind: Literal["unread"] = "unread"
    type: str


class Ended(Record):
    """The last event of every turn."""

    kind: Literal["ended"] = "ended"
    how: How
    text: str | None = None
    """The agent's last words; `None` where it had none."""
    session: str | None = None
    message: str | None = None
    """Why, where it is not `done`."""
    reported_usd: float | None = None
    """What the agent's own software says it cost; never what is charged to the budget."""


Event = Annotated[
    Started | Said | Called | Returned | Used | Warned | Unread | Ended,
    Field(discriminator="kind"),
]
