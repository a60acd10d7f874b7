"""GitHub's answers: a pull request, or what a status means and what mends it."""

import re
from datetime import UTC, datetime
from typing import TYPE_CHECKING, TypeVar

from pydantic import BaseModel, ConfigDict, Field, TypeAdapter, ValidationError

from harness.publish.address import Address
from harness.publish.failure import RemoteError, without_credentials
from harness.record import HarnessError

if TYPE_CHECKING:
    from requests import Response

T = TypeVar("T")


class _Answer(BaseModel):
    """Part of an answer; what else GitHub tells is not looked at."""

    model_config = ConfigDict(frozen=True, extra="ignore")


class Pull(_Answer):
    """A pull request."""

    number: int
    html_url: str = Field(pattern=r"^https?://[\x21-\x7e]+$")


class _Because(_Answer):
    message: str = ""


class _Told(_Answer):
    message: str = ""
    errors: tuple[_Because, ...] = ()


def parse(answer: "Response", form: TypeAdapter[T]) -> T:
    """Its content. Raises `RemoteError` where it has another form."""
    try:
        return form.validate_json(answer.content)
    except ValidationError as error:
        first = error.errors()[0]
        where = ".".join(map(str, first["loc"])) or "document"
        raise RemoteError(
            f"GitHub: status {answer.status_code}, but an answer of another form: "
            f"{where} {first['msg']}"
        ) from error


def fault(answer: "Response", repository: Address, token: str) -> Exception:
    """The error that a status stands for: `HarnessError` where the user can mend it."""
    status, told = answer.status_code, words(answer, token)
    limited = _limited_until(answer)
    if limited is not None:
        return RemoteError(f"GitHub's rate limit is used up; it resets {limited}")
    needs = (
        f"“Pull requests: read and write” on {repository.path} (fine-grained token), or the scope "
        "repo or public_repo (classic token)"
    )
    if status == 401:
        return HarnessError(f"GITHUB_TOKEN: GitHub does not take it (401); it needs {needs}")
    if status in (403, 404):
        return HarnessError(
            f"GITHUB_TOKEN: not allowed, or no repository {repository.path} ({status}{told}); it "
            f"needs {needs}"
        )
    if 300 <= status < 400:
        return HarnessError(f"{repository.path}: moved ({status}); give the remote its new address")
    return RemoteError(f"GitHub: status {status}{told}")


def words(answer: "Response", token: str) -> str:
    """GitHub's own words, its message and those of its errors, without the token."""
    try:
        told = TypeAdapter(_Told).validate_json(answer.content)
    except ValidationError:
        return ""
    text = "; ".join(filter(None, (told.message, *(each.message for each in told.errors))))
    return f": {without_credentials(text.replace(token, '(GITHUB_TOKEN)'))}" if text else ""


def _limited_until(answer: "Response") -> str | None:
    """When calls are taken again; `None` where none were too many."""
    if answer.status_code not in (403, 429):
        return None
    wait, reset = answer.headers.get("retry-after"), answer.headers.get("x-ratelimit-reset")
    if wait is not None and wait.isdecimal():
        return f"in {int(wait):,} s"
    used_up = answer.headers.get("x-ratelimit-remaining") == "0"
    if used_up and reset is not None and re.fullmatch(r"\d{1,11}", reset):
        return f"at {datetime.fromtimestamp(int(reset), UTC):%Y-%m-%d %H:%M} UTC"
    return "later" if answer.status_code == 429 else None
