"""A sparsity coefficient that is driven until the wanted L0 is met.

The controller of the paper's experiments (`coefficient_autotuner.py`): a multiplier grows by a
bounded share while the smoothed L0 is too high, shrinks while it is too low, and hardly moves
while the L0 is on its way to the target.
"""

from dataclasses import dataclass
from math import tanh

_L0_MEMORY = 0.99
_RATE_MEMORY = 0.95
_STEEPNESS = 10.0
_UNDERWAY = 0.01
"""Gain while the L0 moves towards the target."""
_LEAST, _MOST = 1e-2, 1e2


@dataclass
class Autotuner:
    """Multiplies a coefficient so that the mean L0 approaches `target`."""

    target: float
    start: int
    """Step from which the multiplier moves; the L0 is followed before."""
    gain: float
    """Largest relative change of the multiplier in a step."""
    multiplier: float = 1.0
    smoothed: float | None = None
    rate: float = 0.0

    def follow(self, l0: float, step: int) -> None:
        """Take note of a batch's L0."""
        before = l0 if self.smoothed is None else self.smoothed
        self.smoothed = _L0_MEMORY * before + (1 - _L0_MEMORY) * l0
        self.rate = _RATE_MEMORY * self.rate + (1 - _RATE_MEMORY) * (self.smoothed - before)
        if step >= self.start:
            self._move(self.smoothed - self.target)

    def _move(self, error: float) -> None:
        gain = self.gain * (_UNDERWAY if error * self.rate < 0 else 1.0)
        change = gain * tanh(abs(error) / self.target * _STEEPNESS)
        moved = self.multiplier * (1 + change if error > 0 else 1 - change)
        self.multiplier = min(max(moved, _LEAST), _MOST)
