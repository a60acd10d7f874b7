"""How often, and after how long, a question is asked again that got no answer."""

from agents.sdk.unanswered import Unanswered

FIRST_WAIT_SECONDS, _LONGEST_WAIT_SECONDS = 0.25, 30.0
_MOST = {"connection": 3, "server": 10}
"""Failures of one kind in a row; a server that asks for patience is given all there is."""


class Retries:
    """Of one question."""

    def __init__(self) -> None:
        self._failures: list[str] = []

    def wait_seconds(self, error: Unanswered) -> float | None:
        """Seconds until it is asked again; `None` where that helps no more.

        What the server asks for, else twice as long each time.
        """
        kind = error.problem.kind
        self._failures.append(kind)
        failures = len(self._failures)
        if not error.is_passing or self._failures.count(kind) > _MOST.get(kind, failures):
            return None
        if error.retry_after_seconds is not None:
            return error.retry_after_seconds
        return min(FIRST_WAIT_SECONDS * 2 ** (failures - 1), _LONGEST_WAIT_SECONDS)
