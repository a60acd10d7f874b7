"""What was asked of one referee and what came back, as it is stored. Holds no key."""

from typing import Self

from pydantic import model_validator

from agents.referee.answer import Answer
from agents.referee.panel_spec import Member
from agents.referee.prompt import Prompt
from agents.sdk.unanswered import Problem
from harness.record import Record


class Usage(Record):
    """Tokens as the provider counts them; `None` where it does not say."""

    input_tokens: int | None
    output_tokens: int | None


class Reply(Record):
    """One member's answer, or why there is none."""

    member: str
    answer: Answer | None
    problem: Problem | None
    model: str | None
    """As the provider names the model that answered; `None` where nothing came back."""
    usage: Usage | None
    seconds: float
    attempts: int

    @model_validator(mode="after")
    def _is_one_or_the_other(self) -> Self:
        assert (self.answer is None) != (self.problem is None), self.member
        return self

    @property
    def status(self) -> str:
        """`valid`, or the kind of problem."""
        return self.problem.kind if self.problem else "valid"


class Transcript(Record):
    """A reply with the request that it answers."""

    member: Member
    sdk: str
    """Name and version of the software that sent it."""
    dossier_digest: str
    prompt_digest: str
    request: Prompt
    response: str | None
    """Body of the last response, cut where it is very long; `None` where there was none."""
    earlier_problems: tuple[Problem, ...]
    """Of attempts before the last."""
    reply: Reply

    def answers(self, member: Member, dossier_digest: str, prompt_digest: str) -> bool:
        """Whether this is a valid answer to that very question by that very member."""
        asked = (self.member, self.dossier_digest, self.prompt_digest)
        return self.reply.answer is not None and asked == (member, dossier_digest, prompt_digest)
