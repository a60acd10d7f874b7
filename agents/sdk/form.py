"""Reading a response's body: the few fields that matter, whatever else is there."""

from typing import ClassVar, Self

from pydantic import BaseModel, ConfigDict, ValidationError

from agents.sdk.unanswered import Unanswered


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

    @classmethod
    def of(cls, parsed: object) -> Self:
        """As `read`, of what has been parsed."""
        try:
            return cls.model_validate(parsed)
        except ValidationError as error:
            raise Unanswered("malformed", "the response is not in the form of the API") from error
