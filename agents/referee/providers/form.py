"""Reading a response's body: the few fields that matter, whatever else is there."""

from typing import ClassVar, Self

from pydantic import BaseModel, ConfigDict, ValidationError

from agents.referee.plain_text import plain
from agents.referee.unanswered import Problem, Unanswered
from harness.record import HarnessError


class Form(BaseModel):
    """Part of a response. Fields that are not named are let pass: APIs gain some every month."""

    model_config: ClassVar[ConfigDict] = ConfigDict(extra="ignore", frozen=True)

    @classmethod
    def read(cls, body: str) -> Self:
        """Raises `Unanswered` for what is no such response, an HTML page for one."""
        try:
            return cls.model_validate_json(body)
        except ValidationError as error:
            raise Unanswered(
                "malformed", "the response is not in the form of the API", body=body
            ) from error


REFUSAL = Problem(kind="refusal", message="the model declined to answer")


def cut_short(why: str | None) -> Problem:
    """For a text that ends before the model was done, by the API's own word for why."""
    return Problem(kind="truncated", message=f"cut off: {plain(why or 'no reason given', 80)}")


def missing_sdk(name: str) -> HarnessError:
    """What to say where an SDK cannot be imported."""
    return HarnessError(f'the SDK {name} is not installed: pip install -e ".[agents]"')
