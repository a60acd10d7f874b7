"""How long a training run took, seen from its progress."""

import time
from collections.abc import Callable


class TrainingClock:
    """Hands progress on, and sees whether the run began at its first step or went on."""

    def __init__(self, told: Callable[[int, int], None]) -> None:
        self._told = told
        self._began = self._last = time.perf_counter()
        self._first: int | None = None
        self._done = 0

    def told(self, done: int, total: int) -> None:
        """Called with the steps done after each step."""
        self._first = done if self._first is None else self._first
        self._done, self._last = done, time.perf_counter()
        self._told(done, total)

    @property
    def seconds(self) -> float | None:
        """`None` for a run that went on from a checkpoint: what it had taken is unknown."""
        return self._last - self._began if self._first == 1 else None

    @property
    def steps_per_second(self) -> float | None:
        """`None` where no step was left to do."""
        if self._first is None:
            return None
        return (self._done - self._first + 1) / (self._last - self._began)
