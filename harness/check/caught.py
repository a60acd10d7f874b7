"""Errors as text, so that all of them can be told at once."""

from collections.abc import Callable, Iterator

from harness.record import HarnessError


def caught(action: Callable[..., object], *arguments: object) -> Iterator[str]:
    """The error of an action as text; nothing where it succeeds."""
    try:
        action(*arguments)
    except HarnessError as error:
        yield str(error)
